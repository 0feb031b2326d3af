//! Real servers of 0.6.0, 0.7.0 and 0.9.1: what ZooKeeper and the servers tell of a cluster, a canary through every
//! bucket, a server that is stopped and one that is killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use upshift_drivers::fluss::rpc::{
    Buckets, Canary, CanaryError, Connection, End, RpcError, fingerprint, log_ends, prove,
};
use upshift_drivers::fluss::{Walk, both_sides, facts, keepers, read_tree};
use upshift_lab::{Cache, FlussCluster, FlussHome, FlussOptions, Java, Sandbox};
use upshift_model::fluss::{Facts, Health, Light, Reason, Role, TabletServer, health};

/// Servers register within seconds; two loaded cores take their time.
const PATIENCE: Duration = Duration::from_secs(120);
/// A leader waits so long for a follower that does not fetch, and then does without it: 30 s, where nobody says less.
const MAX_LAG: (&str, &str) = ("log.replica.max-lag-time", "10s");
/// Longer than that.
const LAG: Duration = Duration::from_secs(20);
/// So many restarts free whoever is stuck.
const FREED: u32 = 6;

async fn look(cluster: &FlussCluster) -> Facts {
    let servers = cluster.zookeeper();
    let walk = Walk {
        servers: &servers,
        root: "/fluss",
        door: None,
    };
    match read_tree(walk, |_| ()).await {
        Ok(tree) => facts(&tree, servers.clone()),
        Err(error) => panic!("{error}"),
    }
}

/// Looks until it is as wanted.
async fn until(
    cluster: &FlussCluster,
    what: &str,
    wanted: impl Fn(&Facts, &Health) -> bool,
) -> (Facts, Health) {
    let seen = within(cluster, PATIENCE, wanted).await;
    seen.unwrap_or_else(|health| panic!("waited in vain for {what}: {health:?}"))
}

/// The same, or the last that was seen.
async fn within(
    cluster: &FlussCluster,
    patience: Duration,
    wanted: impl Fn(&Facts, &Health) -> bool,
) -> Result<(Facts, Health), Health> {
    let began = Instant::now();
    loop {
        let facts = look(cluster).await;
        let health = health(&facts);
        if wanted(&facts, &health) {
            return Ok((facts, health));
        }
        if began.elapsed() >= patience {
            return Err(health);
        }
        pause().await;
    }
}

/// Looks until every replica is in sync on three servers. That servers of up to 0.9 get there by themselves is not what is
/// judged here: their leaders may never take a follower back (#2146), or leave themselves out (#3698), and a follower may
/// never fetch from one that it called while that was down (#1721). Whoever is at fault is restarted, as an operator would.
async fn whole(cluster: &mut FlussCluster, home: &FlussHome) -> Facts {
    let began = Instant::now();
    let mut freed = 0;
    loop {
        let is_whole =
            |facts: &Facts, health: &Health| health.light == Light::Green && registered(facts) == 3;
        let health = match within(cluster, LAG, is_whole).await {
            Ok((facts, _)) => return facts,
            Err(health) => health,
        };
        // One after the other: where it was the others' fault, too, the next look tells.
        if let Some(id) = at_fault(cluster).await.first() {
            restart(cluster, *id, home);
            freed += 1;
        }
        assert!(
            freed <= FREED && began.elapsed() < PATIENCE * 4,
            "never whole, {freed} restarts: {health:?}"
        );
    }
}

/// Servers tell clients of the leaders that ZooKeeper has, each of `servers` and of all its buckets.
async fn both_sides_agree(cluster: &FlussCluster, servers: usize) {
    let seen = look(cluster).await;
    let again = || async { Ok(look(cluster).await) };
    let (seen, both) = both_sides(seen, again).await;
    assert_eq!(both.differences(&seen), Vec::<String>::new());
    assert_eq!(both.gaps(&seen), []);
    assert_eq!(both.told.len(), servers + 1, "{both:?}");
    for one in &both.told {
        assert_eq!(one.held.known().map(|held| held.same), Some(seen.buckets.len()));
    }
}

fn restart(cluster: &mut FlussCluster, id: u32, home: &FlussHome) {
    cluster.stop_tablet_server(id).expect("stopped");
    cluster.start_tablet_server(id, home).expect("started");
}

async fn pause() {
    tokio::time::interval_at(tokio::time::Instant::now() + Duration::from_millis(300), PATIENCE)
        .tick()
        .await;
}

fn registered(facts: &Facts) -> usize {
    facts
        .tablet_servers
        .known()
        .map_or(0, std::collections::BTreeMap::len)
}

/// Writes and reads, again while leaders are being chosen.
async fn canary(canary: &Canary, number: i64) -> upshift_drivers::fluss::rpc::Proved {
    let proved = try_canary(canary, number, PATIENCE).await;
    proved.unwrap_or_else(|error| panic!("{error}"))
}

async fn try_canary(
    canary: &Canary,
    number: i64,
    patience: Duration,
) -> Result<upshift_drivers::fluss::rpc::Proved, CanaryError> {
    let began = Instant::now();
    loop {
        match prove(canary, number).await {
            Ok(proved) => return Ok(proved),
            Err(
                error @ (CanaryError::NoLeader { .. }
                | CanaryError::NoTable { .. }
                | CanaryError::Lost { .. }),
            ) => {
                if began.elapsed() > patience {
                    return Err(error);
                }
                pause().await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Buckets of new tables are led by every server: a follower that cannot fetch from the one that came back lags behind
/// on them. Up to 0.7 one that called it while it was down may never fetch from it again (#1721), and only a restart
/// of the follower helps.
async fn freed(cluster: &mut FlussCluster, home: &FlussHome, place: &Canary) {
    for round in 0..FREED {
        place.remove().await.expect("removed");
        place.make().await.expect("made");
        let proved = try_canary(place, 100 + i64::from(round), LAG).await;
        let at_fault = at_fault(cluster).await;
        if proved.is_ok() && at_fault.is_empty() {
            return;
        }
        for id in at_fault {
            restart(cluster, id, home);
            whole(cluster, home).await;
        }
    }
    panic!("followers of new tables lag for ever");
}

/// Servers whose restart frees a replica: its own where its log ends before its leader's, else the leader's that does not
/// count it in, or not even itself. Nobody while a server is away, which may still come.
async fn at_fault(cluster: &FlussCluster) -> BTreeSet<u32> {
    let facts = look(cluster).await;
    let mut at_fault = BTreeSet::new();
    if registered(&facts) < 3 {
        return at_fault;
    }
    for bucket in &facts.buckets {
        let led = bucket.leadership.known().and_then(Option::as_ref);
        let Some((leader, isr)) = led.and_then(|of| Some((of.leader?, &of.isr))) else {
            continue;
        };
        let of = Buckets {
            table: bucket.id.table,
            partition: bucket.id.partition,
            buckets: vec![bucket.id.bucket],
        };
        if !isr.contains(&leader) {
            at_fault.insert(number(leader));
        }
        // The leader first.
        let Some(least) = end(cluster, &of, leader).await else {
            continue;
        };
        for id in bucket.assigned.iter().filter(|id| **id != leader) {
            match end(cluster, &of, *id).await {
                Some(end) if end >= least && isr.contains(id) => {}
                Some(end) if end >= least => drop(at_fault.insert(number(leader))),
                _ => drop(at_fault.insert(number(*id))),
            }
        }
    }
    at_fault
}

fn number(id: i32) -> u32 {
    u32::try_from(id).expect("a number")
}

/// Where a server's log of a bucket ends; none where it does not hold it.
async fn end(cluster: &FlussCluster, of: &Buckets, id: i32) -> Option<i64> {
    let mut server = Connection::open(&cluster.tablet_server(number(id))).await.ok()?;
    let told = log_ends(&mut server, of, End::OfReplica(id)).await.ok()?;
    told.get(&of.buckets[0]).copied()
}

async fn story(version: &str, line: (u32, u32), format: u32) {
    let cache = Cache::open().expect("a cache");
    let java = Java::ready(&cache).expect("Java");
    let home = FlussHome::ready(&cache, version).expect("Fluss");
    let sandbox = Sandbox::new(&cache, &format!("real-fluss-{version}")).expect("a sandbox");
    let mut options = FlussOptions::default();
    let (key, value) = MAX_LAG;
    options.configuration.insert(key.to_owned(), value.to_owned());
    let mut cluster =
        FlussCluster::start(&home, &java, &sandbox.path("cluster"), &options).expect("a cluster");

    begins(&cluster).await;
    let seen = comes_up(&cluster, format).await;
    tells_its_release(&cluster, line).await;
    let place = Canary {
        coordinator: cluster.coordinator(),
        database: "upshift_canary".to_owned(),
        buckets: 3,
        replicas: 3,
    };
    place.make().await.expect("made");
    let proved = canary(&place, 42).await;
    assert_eq!((proved.buckets, proved.leaders), (6, vec![0, 1, 2]));
    whole(&mut cluster, &home).await;
    let (_, green) = until(&cluster, "full replicas", |_, health| {
        health.light == Light::Green && health.counts.in_sync == 18
    })
    .await;
    assert_eq!((green.counts.buckets, green.counts.led), (6, 6));
    both_sides_agree(&cluster, 3).await;
    metadata_is_kept(&cluster).await;

    stopped_and_back(&mut cluster, &home, &place, registered_at(&seen, 2)).await;
    freed(&mut cluster, &home, &place).await;

    killed(&mut cluster, &home, &place).await;
    place.remove().await.expect("removed");
}

/// A killed server stays registered until its session ends, and then it is no longer counted. Leaders that take over may
/// have the faults of [`whole`] and take no write: with one server away no restart frees them, so that it is brought back.
async fn killed(cluster: &mut FlussCluster, home: &FlussHome, place: &Canary) {
    for _ in 0..FREED {
        cluster.kill_tablet_server(0).expect("killed");
        until(cluster, "the session's end", |facts, health| {
            registered(facts) == 2 && health.light == Light::Yellow
        })
        .await;
        if try_canary(place, 44, LAG * 2).await.is_ok() {
            return;
        }
        cluster.start_tablet_server(0, home).expect("started");
        whole(cluster, home).await;
        freed(cluster, home, place).await;
    }
    panic!("no write comes through while a server is away");
}

/// ZooKeeper says which release it is of, and the number of the next table counts those that were made.
async fn metadata_is_kept(cluster: &FlussCluster) {
    let servers = cluster.zookeeper();
    let walk = Walk {
        servers: &servers,
        root: "/fluss",
        door: None,
    };
    let all = keepers(walk).await;
    let state = all[0].state.known().expect("it answers");
    assert!(state.line().is_some_and(|line| line >= (3, 6)), "{state:?}");
    assert!(state.words().ends_with(", standalone"), "{state:?}");
    let seen = look(cluster).await;
    let newest = seen.tables.keys().max().copied();
    let next = seen.table_sequence.known().copied().flatten();
    assert_eq!(next, newest.map(|id| id + 1));
}

/// Servers listen before the first of them has written anything.
async fn begins(cluster: &FlussCluster) {
    let began = Instant::now();
    let servers = cluster.zookeeper();
    let walk = Walk {
        servers: &servers,
        root: "/fluss",
        door: None,
    };
    while let Err(error) = read_tree(walk, |_| ()).await {
        assert!(began.elapsed() < PATIENCE, "{error}");
        pause().await;
    }
}

/// Three servers and a coordinator, each registered as its release does it.
async fn comes_up(cluster: &FlussCluster, format: u32) -> Facts {
    let all_up = |facts: &Facts, _: &Health| {
        registered(facts) == 3 && facts.active.known().is_some_and(Option::is_some)
    };
    let (seen, first) = until(cluster, "three servers", all_up).await;
    assert_eq!((first.light, first.counts.buckets), (Light::Green, 0));
    let servers = seen.tablet_servers.known().expect("seen");
    let registers = |one: &TabletServer| one.format == format;
    assert!(
        servers.values().all(|one| one.known().is_some_and(registers)),
        "{servers:?}"
    );
    seen
}

/// Each process by the calls that it knows.
async fn tells_its_release(cluster: &FlussCluster, line: (u32, u32)) {
    let found = fingerprint(&cluster.coordinator(), Role::Coordinator)
        .await
        .expect("an answer");
    assert_eq!(found.line, Some(line));
    let found = fingerprint(&cluster.tablet_server(1), Role::TabletServer)
        .await
        .expect("an answer");
    assert_eq!(found.line, Some(line));
    let open = Connection::open(&cluster.tablet_server(0)).await.expect("open");
    assert!(
        !open.apis().contains_key(&1005),
        "a tablet server makes no tables"
    );
    let nobody = fingerprint("127.0.0.1:1", Role::Coordinator).await;
    assert!(matches!(nobody, Err(RpcError::Unreachable { .. })));
}

/// A server that is away is named by its buckets while data goes on; back it has another registration.
async fn stopped_and_back(
    cluster: &mut FlussCluster,
    home: &FlussHome,
    place: &Canary,
    before: jiff::Timestamp,
) {
    let pid = cluster.tablet_server_process(2).expect("it runs").0;
    cluster.stop_tablet_server(2).expect("stopped");
    let (_, yellow) = until(cluster, "yellow", |facts, health| {
        registered(facts) == 2 && health.light == Light::Yellow
    })
    .await;
    let away = |reason: &Reason| matches!(reason, Reason::Short(short) if short.away == [2] && short.behind.is_empty());
    assert!(yellow.reasons.iter().all(away), "{:?}", yellow.reasons);
    let (_, led) = until(cluster, "leaders elsewhere", |_, health| health.counts.led == 6).await;
    assert_eq!(led.counts.in_sync, 12);
    let refused = place
        .make()
        .await
        .expect_err("three replicas on two servers")
        .to_string();
    assert!(refused.contains("larger than available"), "{refused}");
    let proved = canary(place, 43).await;
    assert_eq!(proved.leaders, [0, 1]);
    both_sides_agree(cluster, 2).await;

    cluster.start_tablet_server(2, home).expect("started");
    let again = whole(cluster, home).await;
    both_sides_agree(cluster, 3).await;
    assert!(registered_at(&again, 2) > before);
    assert_ne!(cluster.tablet_server_process(2).expect("it runs").0, pid);
}

fn registered_at(facts: &Facts, id: i32) -> jiff::Timestamp {
    let servers = facts.tablet_servers.known().expect("seen");
    servers[&id].known().expect("understood").registered_at
}

#[tokio::test]
async fn servers_of_0_6() {
    story("0.6.0", (0, 6), 1).await;
}

#[tokio::test]
async fn servers_of_0_7() {
    story("0.7.0", (0, 7), 3).await;
}

#[tokio::test]
async fn servers_of_0_9() {
    story("0.9.1-incubating", (0, 9), 3).await;
}
