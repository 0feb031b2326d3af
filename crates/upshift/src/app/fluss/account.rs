//! What is told of a cluster: its health and why, its servers, its tables, and the ways back.

use std::collections::BTreeMap;

use serde::Serialize;
use upshift_model::fluss::{
    BothSides, BucketFacts, Counts, Facts, Health, Light, Line, OwnCount, TableFacts, health,
    lines_of_coordinator, lines_of_tablet_server, stuck_leaders,
};
use upshift_model::observed::{Gap, Observed};
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::ways_back::{WayBack, half_way, ways_back};

use crate::exit::Exit;

/// What is told of a cluster.
#[derive(Debug, Serialize)]
pub struct Account {
    /// Where its metadata was read.
    pub cluster: String,
    /// `green`, `yellow`, `unknown`, `red`.
    pub health: &'static str,
    /// Why it is not green.
    pub why_not_green: Vec<String>,
    /// What a green light does not say.
    pub notes: Vec<String>,
    /// Buckets.
    pub buckets: usize,
    /// Buckets with a leader that is registered and in sync.
    pub led: usize,
    /// Replicas.
    pub replicas: usize,
    /// Replicas in sync.
    pub in_sync: usize,
    /// The coordinator that leads.
    pub coordinator: Option<CoordinatorAccount>,
    /// Other coordinators.
    pub standbys: Vec<CoordinatorAccount>,
    /// `/coordinators/epoch`.
    pub coordinator_epoch: Option<i64>,
    /// Tablet servers.
    pub tablet_servers: Vec<ServerAccount>,
    /// Tables.
    pub tables: Vec<TableAccount>,
    /// What servers tell clients of who leads, beside ZooKeeper; none where they were not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldAccount>,
    /// Every bucket.
    pub bucket_list: Vec<BucketAccount>,
    /// What could not be seen.
    pub gaps: Vec<String>,
    /// Tablet servers that are a release ahead of the coordinator.
    pub half_way: Vec<i32>,
    /// The ways back.
    #[serde(skip)]
    pub ways_back: Vec<WayBack>,
}

/// What servers tell clients of who leads, beside ZooKeeper.
#[derive(Debug, Serialize)]
pub struct ToldAccount {
    /// Each server that was asked, and of how many buckets it tells what ZooKeeper says; none where it did not answer.
    pub servers: Vec<(String, Option<usize>)>,
    /// Where the two differ, both sides named.
    pub differences: Vec<String>,
    /// What was not told.
    pub not_told: Vec<String>,
    /// What the coordinator counts itself, in words.
    pub own_count: Option<String>,
}

/// A coordinator.
#[derive(Debug, Serialize)]
pub struct CoordinatorAccount {
    /// Its id of this start.
    pub id: String,
    /// Where it answers.
    pub listeners: Vec<String>,
    /// Release lines that register so.
    pub lines: Vec<String>,
}

/// A tablet server.
#[derive(Debug, Serialize)]
pub struct ServerAccount {
    /// Its number.
    pub id: i32,
    /// Where it answers.
    pub listeners: Vec<String>,
    /// Its rack.
    pub rack: Option<String>,
    /// When it registered.
    pub registered_at: Option<jiff::Timestamp>,
    /// Release lines that register so.
    pub lines: Vec<String>,
    /// Its tag.
    pub tag: Option<String>,
    /// Buckets that it leads.
    pub leads: usize,
    /// Replicas that it should hold.
    pub replicas: usize,
    /// Replicas of it that are in sync.
    pub in_sync: usize,
    /// What could not be seen of it.
    pub unseen: Option<String>,
}

/// A table.
#[derive(Debug, Serialize)]
pub struct TableAccount {
    /// `lab.orders`.
    pub name: String,
    /// Its number.
    pub id: i64,
    /// `log`, `primary key`, `unknown`.
    pub kind: &'static str,
    /// Buckets of it, or of each partition.
    pub buckets: u32,
    /// Partitions; none where it is not partitioned.
    pub partitions: Option<usize>,
    /// The fewest replicas that a bucket of it has; none without buckets.
    pub replicas: Option<usize>,
    /// Buckets with a snapshot of their key-value store; none for a log table.
    pub kv_snapshots: Option<usize>,
    /// Buckets that are there.
    pub bucket_count: usize,
    /// The lake behind it, in words.
    pub lake: Option<String>,
    /// How many schemas it has had.
    pub schemas: Option<usize>,
}

/// A bucket.
#[derive(Debug, Serialize)]
pub struct BucketAccount {
    /// `lab.orders bucket 0`.
    pub name: String,
    /// Servers that should hold it.
    pub assigned: Vec<i32>,
    /// Its leader.
    pub leader: Option<i32>,
    /// Replicas in sync as written.
    pub isr: Vec<i32>,
    /// Epoch of its leader.
    pub leader_epoch: Option<i32>,
    /// Epoch of the coordinator that wrote it.
    pub coordinator_epoch: Option<i32>,
    /// The newest snapshot of its key-value store.
    pub kv_snapshot: Option<i64>,
}

/// The exit code of an account: whoever waits for green waits for 0.
pub fn exit_of(account: &Account) -> Exit {
    match account.health {
        "green" => Exit::Done,
        "unknown" => Exit::Unknown,
        _ => Exit::Blocked,
    }
}

/// Tells what was seen in ZooKeeper and, where the servers were asked, on both sides; the ways back of the release lines
/// `of`, where those are known.
pub fn account(facts: &Facts, both: Option<&BothSides>, library: &Library, of: &[Line]) -> Account {
    let Health {
        light: in_metadata,
        reasons,
        counts,
    } = health(facts);
    let told = both.map(|both| told(both, facts));
    let (light, mut why) = (in_metadata, Vec::new());
    let light = light.max(both.map_or(Light::Green, |both| light_of(both, facts)));
    why.extend(told.iter().flat_map(|told| told.differences.clone()));
    if both.is_some_and(BothSides::calls_itself_ill) && in_metadata == Light::Green {
        why.push("the coordinator calls the cluster ill that ZooKeeper shows as whole".to_owned());
    }
    why.extend(reasons.iter().map(|reason| reason.words(facts)));
    let not_told = told.iter().flat_map(|told| &told.not_told);
    why.extend(not_told.map(|gap| format!("not seen: {gap}")));
    let Counts {
        buckets,
        led,
        replicas,
        in_sync,
        ..
    } = counts;
    let lines = lines(lines_of_coordinator(facts));
    let of_coordinator = |one: &upshift_model::fluss::Coordinator| CoordinatorAccount {
        id: one.id.clone(),
        listeners: one.listeners.iter().map(ToString::to_string).collect(),
        lines: lines.clone(),
    };
    let active = facts.active.known().and_then(Option::as_ref);
    let all = facts.coordinators.known().into_iter().flatten();
    let standbys = all.filter(|one| active.is_none_or(|active| active.id != one.id));
    Account {
        cluster: facts.metadata.clone(),
        health: light.word(),
        why_not_green: why,
        notes: notes(facts, light, &counts),
        buckets,
        led,
        replicas,
        in_sync,
        coordinator: active.map(of_coordinator),
        standbys: standbys.map(of_coordinator).collect(),
        coordinator_epoch: facts.coordinator_epoch.known().copied().flatten(),
        tablet_servers: servers(facts),
        tables: facts
            .tables
            .iter()
            .map(|(id, table)| self::table(facts, *id, table))
            .collect(),
        told,
        bucket_list: facts
            .buckets
            .iter()
            .map(|bucket| self::bucket(facts, bucket))
            .collect(),
        gaps: gaps(facts).iter().map(ToString::to_string).collect(),
        half_way: half_way(facts),
        ways_back: ways_back(library, facts, of),
    }
}

/// What the servers' own words come to.
fn light_of(both: &BothSides, facts: &Facts) -> Light {
    let differs = !both.differences(facts).is_empty() || both.calls_itself_ill();
    match (differs, both.gaps(facts).is_empty()) {
        (true, _) => Light::Red,
        (false, false) => Light::Unknown,
        (false, true) => Light::Green,
    }
}

fn told(both: &BothSides, facts: &Facts) -> ToldAccount {
    let servers = both.told.iter().map(|one| {
        let same = one.held.known().map(|held| held.same);
        (one.server.to_string(), same)
    });
    let count = both.own_count.as_ref().and_then(Observed::known);
    ToldAccount {
        servers: servers.collect(),
        differences: both.differences(facts),
        not_told: both.gaps(facts).iter().map(ToString::to_string).collect(),
        own_count: count.map(OwnCount::words),
    }
}

/// What a person has to know beside the light.
fn notes(facts: &Facts, light: Light, counts: &Counts) -> Vec<String> {
    let mut notes = Vec::new();
    if light == Light::Green && counts.buckets == 0 {
        notes.push(
            "there are no buckets: green says nothing of whether data can be written and read".to_owned(),
        );
    }
    if counts.single > 0 {
        notes.push(format!(
            "{} of {} buckets have one replica: whoever stops its server stops them, and health stays green before and after",
            counts.single, counts.buckets
        ));
    }
    if let Some(Some(rebalance)) = facts.rebalance.known()
        && rebalance.is_open()
    {
        notes.push(format!("{rebalance}: no server is to be stopped meanwhile"));
    }
    for leader in stuck_leaders(facts) {
        notes.push(format!(
            "{}; where that lasts for longer than half a minute it takes nobody back before it starts anew: upshift explain UP-FLUSS-0412",
            leader.words(facts)
        ));
    }
    for (server, tag) in facts.tags.known().into_iter().flatten() {
        notes.push(format!(
            "tablet server {server} is tagged {tag}: the next rebalance empties it"
        ));
    }
    for dropped in &facts.dropped {
        let what = match (dropped.table, dropped.partition) {
            (_, Some(partition)) => format!("partition {partition}"),
            (Some(table), None) => format!("table {table}"),
            (None, None) => "a table".to_owned(),
        };
        notes.push(format!(
            "{what} is dropped, its replicas are not all deleted yet; it does not count"
        ));
    }
    notes
}

fn servers(facts: &Facts) -> Vec<ServerAccount> {
    let registered = facts.tablet_servers.known();
    let all: BTreeMap<i32, _> = registered
        .into_iter()
        .flatten()
        .map(|(id, server)| (*id, Some(server)))
        .collect();
    // Servers that hold replicas and are not registered belong into the picture.
    let assigned = facts
        .buckets
        .iter()
        .flat_map(|bucket| bucket.assigned.iter().copied());
    let mut all = all;
    for id in assigned {
        all.entry(id).or_insert(None);
    }
    let one = |(id, found): (i32, Option<&Observed<upshift_model::fluss::TabletServer>>)| {
        let server = found.and_then(Observed::known);
        let isr_has = |bucket: &&BucketFacts| leadership(bucket).is_some_and(|l| l.isr.contains(&id));
        let is_there = found.is_some();
        ServerAccount {
            id,
            listeners: server.map_or_else(Vec::new, |s| {
                s.listeners.iter().map(ToString::to_string).collect()
            }),
            rack: server.and_then(|server| server.rack.clone()),
            registered_at: server.map(|server| server.registered_at),
            lines: server.map_or_else(Vec::new, |server| lines(lines_of_tablet_server(server.format))),
            tag: facts
                .tags
                .known()
                .and_then(|tags| tags.get(&id))
                .map(ToString::to_string),
            leads: facts
                .buckets
                .iter()
                .filter(|b| leadership(b).and_then(|l| l.leader) == Some(id))
                .count(),
            replicas: facts
                .buckets
                .iter()
                .filter(|bucket| bucket.assigned.contains(&id))
                .count(),
            in_sync: facts
                .buckets
                .iter()
                .filter(isr_has)
                .filter(|b| is_there && b.assigned.contains(&id))
                .count(),
            unseen: match (found, registered) {
                (Some(Observed::Unknown(gap)), _) => Some(gap.to_string()),
                (None, Some(_)) => Some("not registered".to_owned()),
                (None, None) => Some("registrations were not seen".to_owned()),
                (Some(Observed::Known(_)), _) => None,
            },
        }
    };
    all.into_iter().map(one).collect()
}

fn leadership(bucket: &BucketFacts) -> Option<&upshift_model::fluss::Leadership> {
    bucket.leadership.known().and_then(Option::as_ref)
}

fn table(facts: &Facts, id: i64, table: &TableFacts) -> TableAccount {
    let buckets: Vec<&BucketFacts> = facts
        .buckets
        .iter()
        .filter(|bucket| bucket.id.table == id)
        .collect();
    let kind = match table.primary_key.known().map(Vec::is_empty) {
        Some(true) => "log",
        Some(false) => "primary key",
        None => "unknown",
    };
    let with_snapshot = buckets
        .iter()
        .filter(|bucket| bucket.kv_snapshot.known().is_some_and(Option::is_some));
    let lake = match (
        table.lake.enabled,
        table.lake.node.known().and_then(Option::as_ref),
    ) {
        (false, None) => None,
        (_, Some(node)) => Some(match node.snapshot {
            Some(snapshot) => format!("lake snapshot {snapshot} (node format {})", node.format),
            None => format!("lake without a snapshot yet (node format {})", node.format),
        }),
        (true, None) => Some("lake, nothing tiered yet".to_owned()),
    };
    TableAccount {
        name: facts.table_name(id),
        id,
        kind,
        buckets: table.buckets,
        partitions: match table.partitioned_by.is_empty() {
            true => None,
            false => table.partitions.known().map(BTreeMap::len),
        },
        replicas: buckets.iter().map(|bucket| bucket.assigned.len()).min(),
        kv_snapshots: (kind == "primary key").then(|| with_snapshot.count()),
        bucket_count: buckets.len(),
        lake,
        schemas: table.schemas.known().copied(),
    }
}

fn bucket(facts: &Facts, bucket: &BucketFacts) -> BucketAccount {
    let of = leadership(bucket);
    BucketAccount {
        name: facts.bucket_name(bucket.id),
        assigned: bucket.assigned.clone(),
        leader: of.and_then(|leadership| leadership.leader),
        isr: of.map_or_else(Vec::new, |leadership| leadership.isr.clone()),
        leader_epoch: of.map(|leadership| leadership.leader_epoch),
        coordinator_epoch: of.map(|leadership| leadership.coordinator_epoch),
        kv_snapshot: bucket
            .kv_snapshot
            .known()
            .and_then(Option::as_ref)
            .map(|snapshot| snapshot.id),
    }
}

/// Every gap, wherever it stands.
fn gaps(facts: &Facts) -> Vec<Gap> {
    let own = [
        facts.active.gap(),
        facts.coordinators.gap(),
        facts.coordinator_epoch.gap(),
        facts.tablet_servers.gap(),
        facts.tags.gap(),
        facts.rebalance.gap(),
        facts.dynamic_options.gap(),
        facts.acls.gap(),
    ];
    let servers = facts
        .tablet_servers
        .known()
        .into_iter()
        .flatten()
        .filter_map(|(_, server)| server.gap());
    let of_table = |table: &TableFacts| {
        [
            table.primary_key.gap().cloned(),
            table.schemas.gap().cloned(),
            table.partitions.gap().cloned(),
            table.lake.node.gap().cloned(),
        ]
    };
    let buckets = facts
        .buckets
        .iter()
        .flat_map(|bucket| [bucket.leadership.gap(), bucket.kv_snapshot.gap()]);
    let mut all: Vec<Gap> = own.into_iter().flatten().chain(servers).cloned().collect();
    all.extend(facts.tables.values().flat_map(of_table).flatten());
    all.extend(buckets.flatten().cloned());
    all.extend(facts.gaps.iter().cloned());
    all.sort();
    all.dedup();
    all
}

fn lines(lines: &[(u32, u32)]) -> Vec<String> {
    lines
        .iter()
        .map(|(major, minor)| format!("{major}.{minor}"))
        .collect()
}
