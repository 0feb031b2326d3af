//! What must be true of a cluster, held against a fresh look at its metadata.

use std::collections::{BTreeMap, BTreeSet};

use upshift_engine::driver::Fault;
use upshift_model::expect::Expectation;
use upshift_model::fluss::{
    BucketFacts, BucketId, Condition, Facts, Light, Novelty, Reason, ServerId, Site, health,
};
use upshift_model::ids::ComponentId;
use upshift_model::observed::Gap;
use upshift_model::record::Failure;

use super::codes;

/// So many reasons are told.
const TOLD: usize = 3;

/// The answer to one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It holds; in words.
    Met(String),
    /// It does not hold yet; what is missing.
    NotYet(String),
    /// It does not hold at this moment.
    Bad(Failure),
}

pub(super) fn evaluate(site: &Site, facts: &Facts, expectation: &Expectation) -> Result<Seen, Fault> {
    let Expectation::Fluss(condition) = expectation else {
        return Err(Fault::Refused(failure(
            codes::NOT_IN_THE_PLAN,
            format!("{expectation:?} is not asked of Fluss"),
        )));
    };
    match condition {
        Condition::Whole => whole(site, facts),
        Condition::OkToStop {
            server,
            min_in_sync,
            but,
        } => ok_to_stop(site, facts, *server, *min_in_sync, but),
        Condition::Covered { server, own } => covered(site, facts, *server, own),
        Condition::Settled => settled(facts),
        Condition::Registered { servers } => registered(site, facts, servers),
        Condition::EpochZero => epoch_zero(facts),
        Condition::NothingNewer { kinds } => nothing_newer(facts, kinds),
        Condition::CarriedOver { server } => Err(Fault::Refused(failure(
            codes::NOT_IN_THE_PLAN,
            format!("the server.yaml of {server} is asked of before a step only"),
        ))),
        Condition::Staged { host } => Err(Fault::Refused(failure(
            codes::NOT_IN_THE_PLAN,
            format!("what lies on {host} is asked of before a step only"),
        ))),
        Condition::LakeAdvanced => Err(Fault::Refused(failure(
            codes::NOT_IN_THE_PLAN,
            "whether the lake advances is asked of at a gate only".to_owned(),
        ))),
        // Told by what the run has bound: not by a look at the metadata.
        Condition::CleanEnd { server } => Err(Fault::Refused(failure(
            codes::NOT_IN_THE_PLAN,
            format!("the end of tablet server {server} is asked of at a gate only"),
        ))),
    }
}

/// Enough for one that must be restarted because a replica is stuck: nothing that was acknowledged is only on it, but for
/// what upshift wrote into tables of its own.
fn covered(site: &Site, facts: &Facts, server: i32, own: &BTreeSet<String>) -> Result<Seen, Fault> {
    if let Some(bad) = away(site, facts, Some(server))? {
        return Ok(Seen::Bad(bad));
    }
    let bare = bare(facts, server, own).map_err(|gap| transient(&gap))?;
    if let Some(bucket) = bare.first() {
        return Ok(Seen::NotYet(format!(
            "{}: no replica is in sync but the one on tablet server {server}",
            facts.bucket_name(*bucket)
        )));
    }
    Ok(Seen::Met(format!(
        "every bucket with another replica has one in sync beside tablet server {server}"
    )))
}

/// Buckets with other replicas of which only the one on this server counts, but for those of upshift's own databases.
pub(super) fn bare(facts: &Facts, server: i32, own: &BTreeSet<String>) -> Result<Vec<BucketId>, Gap> {
    if let Some(gap) = facts.gaps.first() {
        return Err(gap.clone());
    }
    let registered = facts.tablet_servers.as_result().map_err(Gap::clone)?;
    let is_own = |bucket: &BucketFacts| {
        let table = facts.tables.get(&bucket.id.table);
        table.is_some_and(|table| own.contains(&table.database))
    };
    let mut bare = Vec::new();
    for bucket in &facts.buckets {
        if !bucket.assigned.contains(&server) || bucket.assigned.len() < 2 || is_own(bucket) {
            continue;
        }
        let leadership = bucket.leadership.as_result().map_err(Gap::clone)?;
        let isr = leadership.as_ref().map_or(&[][..], |leadership| &leadership.isr);
        let mut counts = isr.iter().filter(|id| registered.contains_key(id));
        if counts.all(|id| *id == server) {
            bare.push(bucket.id);
        }
    }
    Ok(bare)
}

fn whole(site: &Site, facts: &Facts) -> Result<Seen, Fault> {
    if let Some(bad) = away(site, facts, None)? {
        return Ok(Seen::Bad(bad));
    }
    let health = health(facts);
    let counts = health.counts;
    let said = format!(
        "{} of {} buckets led, {} of {} replicas in sync",
        counts.led, counts.buckets, counts.in_sync, counts.replicas
    );
    match health.light {
        Light::Green => Ok(Seen::Met(said)),
        Light::Unknown => Err(Fault::Transient(first_gap(&health.reasons))),
        Light::Yellow | Light::Red => {
            let words: Vec<String> = health
                .reasons
                .iter()
                .take(TOLD)
                .map(|reason| reason.words(facts))
                .collect();
            Ok(Seen::NotYet(format!("{said}: {}", words.join("; "))))
        }
    }
}

fn first_gap(reasons: &[Reason]) -> String {
    let gap = reasons.iter().find_map(|reason| match reason {
        Reason::Unseen(gap) => Some(gap.to_string()),
        _ => None,
    });
    gap.unwrap_or_else(|| "not all of it was seen".to_owned())
}

/// A server of the plan that is not registered; `but` may be.
pub(super) fn away(site: &Site, facts: &Facts, but: Option<i32>) -> Result<Option<Failure>, Fault> {
    away_of(site, facts, |id| {
        but.is_none_or(|but| id != ServerId::TabletServer(but))
    })
}

/// The same of those servers that are wanted.
fn away_of(site: &Site, facts: &Facts, wanted: impl Fn(ServerId) -> bool) -> Result<Option<Failure>, Fault> {
    let registered = facts.tablet_servers.as_result().map_err(transient)?;
    let active = facts.active.as_result().map_err(transient)?;
    let missing: Vec<String> = site
        .servers
        .values()
        .filter(|server| match server.id {
            ServerId::TabletServer(id) => !registered.contains_key(&id),
            ServerId::Coordinator => active.is_none(),
        })
        .filter(|server| wanted(server.id))
        .map(|server| server.id.to_string())
        .collect();
    Ok((!missing.is_empty()).then(|| {
        failure(
            codes::SERVER_AWAY,
            format!(
                "{} not registered: nothing more is taken down",
                missing.join(", ")
            ),
        )
    }))
}

/// Nobody is away whom the run has not stopped.
fn registered(site: &Site, facts: &Facts, servers: &BTreeSet<ComponentId>) -> Result<Seen, Fault> {
    Ok(
        match away_of(site, facts, |id| servers.contains(&id.component()))? {
            Some(bad) => Seen::Bad(bad),
            None => Seen::Met("every server that is still to be stopped is registered".to_owned()),
        },
    )
}

fn ok_to_stop(
    site: &Site,
    facts: &Facts,
    server: i32,
    least: u32,
    but: &BTreeSet<String>,
) -> Result<Seen, Fault> {
    if let Some(bad) = away(site, facts, Some(server))? {
        return Ok(Seen::Bad(bad));
    }
    if let Some(gap) = facts.gaps.first() {
        return Err(transient(gap));
    }
    let registered = facts.tablet_servers.as_result().map_err(transient)?;
    let least = usize::try_from(least).unwrap_or(usize::MAX).max(1);
    for bucket in &facts.buckets {
        let name = facts.bucket_name(bucket.id);
        let isr = in_sync(bucket, registered)?;
        let others: Vec<i32> = bucket
            .assigned
            .iter()
            .copied()
            .filter(|id| *id != server)
            .collect();
        if let Some(behind) = others.iter().find(|id| !isr.contains(id)) {
            return Ok(Seen::NotYet(format!(
                "{name}: the replica on tablet server {behind} is not in sync"
            )));
        }
        if bucket.assigned.contains(&server) && others.len() < least && !but.contains(&name) {
            return Ok(Seen::Bad(failure(
                codes::NOT_OK_TO_STOP,
                format!(
                    "{name} has {} replicas beside tablet server {server}, {least} must be in sync; the plan does not know of it",
                    others.len()
                ),
            )));
        }
    }
    Ok(Seen::Met(format!(
        "every bucket can do without tablet server {server}"
    )))
}

fn in_sync(
    bucket: &BucketFacts,
    registered: &std::collections::BTreeMap<
        i32,
        upshift_model::observed::Observed<upshift_model::fluss::TabletServer>,
    >,
) -> Result<BTreeSet<i32>, Fault> {
    let leadership = bucket.leadership.as_result().map_err(transient)?;
    let isr = leadership.as_ref().map_or(&[][..], |leadership| &leadership.isr);
    Ok(isr
        .iter()
        .copied()
        .filter(|id| registered.contains_key(id))
        .collect())
}

fn settled(facts: &Facts) -> Result<Seen, Fault> {
    let rebalance = facts.rebalance.as_result().map_err(transient)?;
    let tags = facts.tags.as_result().map_err(transient)?;
    if let Some(open) = rebalance.as_ref().filter(|rebalance| rebalance.is_open()) {
        return Ok(Seen::NotYet(open.to_string()));
    }
    match tags.iter().next() {
        Some((server, tag)) => Ok(Seen::NotYet(format!("tablet server {server} is tagged {tag}"))),
        None => Ok(Seen::Met("no rebalance, no server tagged".to_owned())),
    }
}

/// An epoch never goes back by itself: what is not so now comes to be so by nobody's waiting.
fn epoch_zero(facts: &Facts) -> Result<Seen, Fault> {
    let highest = facts.highest_coordinator_epoch();
    match highest.map_err(|gap| transient(&gap))? {
        0 => Ok(Seen::Met("no epoch of a coordinator is above zero".to_owned())),
        epoch => Ok(Seen::Bad(failure(
            codes::EPOCH,
            format!(
                "/coordinators/epoch or a bucket bears epoch {epoch}: a coordinator of before 1.0 would elect no leader; it is left as it is"
            ),
        ))),
    }
}

/// Nobody's waiting changes a table back, either.
fn nothing_newer(facts: &Facts, kinds: &BTreeMap<Novelty, String>) -> Result<Seen, Fault> {
    for (kind, why) in kinds {
        let tables = facts.tables.values();
        let has = tables.filter(|table| kind.is_in(table) == Some(true));
        let names: Vec<String> = has
            .map(|table| format!("{}.{}", table.database, table.name))
            .collect();
        if !names.is_empty() {
            let more = match names.len().saturating_sub(TOLD) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = names[..names.len().min(TOLD)].join(", ");
            return Ok(Seen::Bad(failure(
                codes::NOT_READ,
                format!("{names}{more}: {why}; the coordinator is left as it is"),
            )));
        }
        if kind.is_anywhere(facts).is_none() {
            return Err(Fault::Transient(format!(
                "not every table was seen: whether this is so is not known: {why}"
            )));
        }
    }
    Ok(Seen::Met(
        "no table has what the older release does not read".to_owned(),
    ))
}

pub(super) fn transient(gap: &Gap) -> Fault {
    Fault::Transient(gap.to_string())
}

pub(super) fn failure(code: upshift_model::ids::Code, what: String) -> Failure {
    Failure {
        code,
        what,
        far_side: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use upshift_formats::fluss::read_dump;
    use upshift_model::fluss::{Access, Launch, Server};
    use upshift_model::observed::Observed;

    use super::*;

    /// Three servers of 0.9.1 with two tables of three replicas, as they were recorded.
    fn healthy() -> Facts {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fluss/zk-0.9.1-healthy.json");
        let bytes = std::fs::read(file).expect("a fixture");
        crate::fluss::facts(&read_dump(&bytes).expect("a dump"), "recorded".to_owned())
    }

    fn site() -> Site {
        let launch = || Launch {
            version: "0.9.1".parse().expect("a version"),
            conf: "/srv".into(),
            start: Vec::new(),
        };
        let ids = [ServerId::Coordinator]
            .into_iter()
            .chain((0..3).map(ServerId::TabletServer));
        let server = |id: ServerId| {
            let (old, new) = (launch(), launch());
            (
                id.component(),
                Server {
                    id,
                    host: None,
                    old,
                    new,
                },
            )
        };
        Site {
            zookeeper: String::new(),
            root: "/fluss".to_owned(),
            access: Access::default(),
            hosts: Vec::new(),
            target_home: None,
            java_home: None,
            probes: BTreeMap::new(),
            tiering: None,
            staged: Vec::new(),
            switches: BTreeMap::new(),
            servers: ids.map(server).collect::<BTreeMap<_, _>>(),
        }
    }

    fn ok_to_stop(server: i32, min_in_sync: u32, but: BTreeSet<String>) -> Expectation {
        Expectation::Fluss(Condition::OkToStop {
            server,
            min_in_sync,
            but,
        })
    }

    fn code(seen: Result<Seen, Fault>) -> upshift_model::ids::Code {
        match seen {
            Ok(Seen::Bad(failure)) => failure.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_server_may_be_stopped_while_all_others_hold_every_bucket() {
        let (site, facts) = (site(), healthy());
        let whole = Expectation::Fluss(Condition::Whole);
        assert!(matches!(evaluate(&site, &facts, &whole), Ok(Seen::Met(_))));
        let ask = |facts: &Facts, server, least| {
            evaluate(&site, facts, &ok_to_stop(server, least, BTreeSet::new()))
        };
        assert!(matches!(ask(&facts, 1, 2), Ok(Seen::Met(_))));
        // Three in sync are wanted, and two are left.
        assert_eq!(code(ask(&facts, 1, 3)), codes::NOT_OK_TO_STOP);
        let all = facts
            .buckets
            .iter()
            .map(|bucket| facts.bucket_name(bucket.id))
            .collect();
        assert!(matches!(
            evaluate(&site, &facts, &ok_to_stop(1, 3, all)),
            Ok(Seen::Met(_))
        ));

        let mut behind = facts;
        if let upshift_model::observed::Observed::Known(Some(of)) = &mut behind.buckets[0].leadership {
            of.isr.retain(|id| *id != 2);
        }
        let Ok(Seen::NotYet(what)) = ask(&behind, 1, 2) else {
            panic!("server 2 is behind")
        };
        assert!(what.contains("tablet server 2 is not in sync"), "{what}");
        // The one that is behind may be stopped: that takes nothing away.
        assert!(matches!(ask(&behind, 2, 2), Ok(Seen::Met(_))));
        assert!(matches!(evaluate(&site, &behind, &whole), Ok(Seen::NotYet(_))));
    }

    #[test]
    fn a_server_is_restarted_only_where_every_bucket_has_another_replica_in_sync() {
        let (site, mut facts) = (site(), healthy());
        let but = |own: &[&str], facts: &Facts| {
            let own = own.iter().map(|name| (*name).to_owned()).collect();
            let wanted = Expectation::Fluss(Condition::Covered { server: 2, own });
            evaluate(&site, facts, &wanted)
        };
        let ask = |facts: &Facts| but(&["upshift_canary"], facts);
        if let upshift_model::observed::Observed::Known(Some(of)) = &mut facts.buckets[0].leadership {
            of.isr.retain(|id| *id != 0);
        }
        // One that lags is no reason against it: that is what the restart is for.
        assert!(matches!(ask(&facts), Ok(Seen::Met(_))));
        if let upshift_model::observed::Observed::Known(Some(of)) = &mut facts.buckets[0].leadership {
            of.isr = vec![2];
        }
        let Ok(Seen::NotYet(what)) = ask(&facts) else {
            panic!("only server 2 has it")
        };
        assert!(what.contains("but the one on tablet server 2"), "{what}");
        // A table that upshift made itself holds nothing that anybody misses.
        let database = facts.tables[&facts.buckets[0].id.table].database.clone();
        assert!(matches!(but(&[&database], &facts), Ok(Seen::Met(_))));
    }

    #[test]
    fn an_epoch_above_zero_is_told_wherever_it_stands_and_one_that_was_not_seen_is_no_zero() {
        let (site, seen) = (site(), healthy());
        let ask = |facts: &Facts| evaluate(&site, facts, &Expectation::Fluss(Condition::EpochZero));
        assert!(matches!(ask(&seen), Ok(Seen::Met(_))));
        let mut own = seen.clone();
        own.coordinator_epoch = Observed::Known(Some(1));
        assert_eq!(code(ask(&own)), codes::EPOCH);
        let mut bears = seen.clone();
        if let Observed::Known(Some(of)) = &mut bears.buckets[0].leadership {
            of.coordinator_epoch = 2;
        }
        assert_eq!(code(ask(&bears)), codes::EPOCH);
        let mut unseen = seen;
        unseen.coordinator_epoch = Observed::unknown("the coordinator's epoch", "NoAuth");
        assert!(matches!(ask(&unseen), Err(Fault::Transient(_))));
    }

    #[test]
    fn a_table_that_the_older_release_does_not_read_is_named_and_one_that_was_not_seen_is_not_passed() {
        let (site, seen) = (site(), healthy());
        let why = "cannot be read by 0.8".to_owned();
        let kinds = BTreeMap::from([
            (Novelty::ChangedSchemas, why.clone()),
            (Novelty::NewTableKinds, why),
        ]);
        let wanted = Expectation::Fluss(Condition::NothingNewer { kinds });
        let ask = |facts: &Facts| evaluate(&site, facts, &wanted);
        assert!(matches!(ask(&seen), Ok(Seen::Met(_))));
        let with = |change: &dyn Fn(&mut upshift_model::fluss::TableFacts)| {
            let mut facts = seen.clone();
            change(facts.tables.values_mut().next().expect("a table"));
            facts
        };
        let changed = with(&|table| table.schemas = Observed::Known(2));
        let Ok(Seen::Bad(failure)) = ask(&changed) else {
            panic!("its schema was changed")
        };
        assert_eq!(failure.code, codes::NOT_READ);
        assert!(failure.what.contains("lab."), "{}", failure.what);
        let sums_up = with(&|table| {
            let engine = ("table.merge-engine".to_owned(), "aggregation".to_owned());
            table.properties.extend([engine]);
        });
        assert_eq!(code(ask(&sums_up)), codes::NOT_READ);
        let unseen = with(&|table| table.schemas = Observed::unknown("schemas", "NoAuth"));
        assert!(matches!(ask(&unseen), Err(Fault::Transient(_))));
    }

    #[test]
    fn nothing_is_taken_down_while_another_server_is_away() {
        let (site, mut facts) = (site(), healthy());
        if let upshift_model::observed::Observed::Known(servers) = &mut facts.tablet_servers {
            servers.remove(&0);
        }
        let ask = |server| evaluate(&site, &facts, &ok_to_stop(server, 2, BTreeSet::new()));
        assert_eq!(code(ask(1)), codes::SERVER_AWAY);
        assert!(matches!(ask(0), Ok(Seen::Met(_))), "it is the one that is away");
        assert_eq!(
            code(evaluate(&site, &facts, &Expectation::Fluss(Condition::Whole))),
            codes::SERVER_AWAY
        );
    }
}
