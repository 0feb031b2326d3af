//! Holds the simulated cluster of Fluss to real ones: what it tells of itself when all is well, and with one tablet server
//! stopped in an orderly way, is what recorded clusters of 0.6, 0.7, 0.9.1 and 1.0 told. Compared is what plans and gates go by;
//! names, numbers of tables and times are each cluster's own.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use upshift_drivers::fluss::facts;
use upshift_formats::fluss::read_dump;
use upshift_model::fluss::{Facts, Light, Reason, health};
use upshift_model::inventory;
use upshift_sim::direct::Clockwork;
use upshift_sim::direct::fluss::FlussFace;
use upshift_sim::fluss::{Hop, Shape, StopAs, World};

/// The server that is stopped.
const STOPPED: i32 = 2;
/// Longer than it takes to end, and than leaders take to move; less than a follower has before it is left out.
const AFTER: Duration = Duration::from_secs(20);

/// What decides.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    coordinator: (u32, Option<i64>),
    servers: Vec<(i32, u32)>,
    light: Light,
    // Buckets, those that are led, replicas that count as in sync.
    counts: [usize; 3],
    // Servers that are away and replicas that are behind, of each bucket that is short.
    short: BTreeSet<(Vec<i32>, Vec<i32>)>,
    led_by: BTreeSet<i32>,
    // Whether a bucket that has another leader has another epoch, and one that has the same has the same.
    epochs_follow_leaders: bool,
    coordinator_epochs: BTreeSet<i32>,
    other: (bool, bool, usize),
}

fn told(before: &Facts, now: &Facts) -> Told {
    let known = |facts: &Facts| facts.tablet_servers.known().expect("seen").clone();
    let health = health(now);
    let short = health.reasons.iter().map(|reason| match reason {
        Reason::Short(short) => (short.away.clone(), short.behind.clone()),
        other => panic!("{other:?}"),
    });
    let tables: Vec<i64> = now.tables.keys().copied().collect();
    let buckets = now
        .buckets
        .iter()
        .filter(|bucket| tables.contains(&bucket.id.table));
    let led = |facts: &Facts, id| {
        let bucket = facts.buckets.iter().find(|bucket| bucket.id == id);
        let leadership = bucket.expect("a bucket").leadership.known();
        leadership.and_then(Option::as_ref).expect("seen").clone()
    };
    let of: Vec<_> = buckets
        .map(|bucket| (led(before, bucket.id), led(now, bucket.id)))
        .collect();
    Told {
        coordinator: (
            now.active
                .known()
                .and_then(Option::as_ref)
                .expect("a coordinator")
                .format,
            now.coordinator_epoch.known().copied().flatten(),
        ),
        servers: known(now)
            .into_iter()
            .map(|(id, of)| (id, of.known().expect("understood").format))
            .collect(),
        light: health.light,
        counts: [health.counts.buckets, health.counts.led, health.counts.in_sync],
        short: short.collect(),
        led_by: of.iter().filter_map(|(_, now)| now.leader).collect(),
        epochs_follow_leaders: of.iter().all(|(before, now)| {
            let moved = before.leader != now.leader;
            now.leader_epoch - before.leader_epoch == i32::from(moved)
        }),
        coordinator_epochs: of.iter().map(|(_, now)| now.coordinator_epoch).collect(),
        other: (
            now.rebalance.known().is_some_and(Option::is_none),
            now.tags.known().is_some_and(std::collections::BTreeMap::is_empty),
            now.gaps.len(),
        ),
    }
}

fn recorded(release: &str, state: &str) -> Facts {
    let file = format!("../../fixtures/fluss/zk-{release}-{state}.json");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let bytes = std::fs::read(&file).expect("a fixture");
    facts(&read_dump(&bytes).expect("a dump"), "recorded")
}

fn simulated(face: &FlussFace) -> Facts {
    match face.seen().expect("it answers").facts {
        inventory::Facts::Fluss(system) => system.cluster,
        other => panic!("{other:?}"),
    }
}

async fn as_recorded(hop: Hop, release: &str, runs: &str) {
    let shape = Shape {
        hop,
        ..Shape::default()
    };
    let time = Clockwork::begin(1_800_000_000_000);
    let mut world = World::new(&shape, time.now());
    for server in world.servers.values_mut() {
        server.release = runs.to_owned();
        server.process.as_mut().expect("it runs").release = runs.to_owned();
        server.registration.as_mut().expect("registered").release = runs.to_owned();
    }
    // What the first coordinator of 1.0 leaves.
    world.epoch = (runs == "1.0.0").then_some(0);
    let world = Arc::new(Mutex::new(world));
    let face = FlussFace::new(Arc::clone(&world), Arc::default(), time, None);

    let real = recorded(release, "healthy");
    let ours = simulated(&face);
    assert_eq!(told(&ours, &ours), told(&real, &real), "{release}, all is well");

    let pid = face.world().servers[&STOPPED]
        .process
        .as_ref()
        .expect("it runs")
        .pid;
    face.world().terminate(STOPPED, pid, StopAs::Covered, time.now());
    tokio::time::advance(AFTER).await;
    let (real_now, ours_now) = (recorded(release, "one-down"), simulated(&face));
    let told = told(&ours, &ours_now);
    assert_eq!(told, self::told(&real, &real_now), "{release}, one is stopped");
    assert_eq!(
        (told.light, told.counts),
        (Light::Yellow, [6, 6, 12]),
        "{release}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_simulated_cluster_tells_what_clusters_of_0_6_told() {
    as_recorded(Hop::ZeroSixToZeroSeven, "0.6.0", "0.6.0").await;
}

#[tokio::test(start_paused = true)]
async fn the_simulated_cluster_tells_what_clusters_of_0_7_told() {
    as_recorded(Hop::ZeroSevenToZeroNine, "0.7.0", "0.7.0").await;
}

#[tokio::test(start_paused = true)]
async fn the_simulated_cluster_tells_what_clusters_of_0_9_told() {
    as_recorded(Hop::ZeroSevenToZeroNine, "0.9.1", "0.9.1-incubating").await;
}

#[tokio::test(start_paused = true)]
async fn the_simulated_cluster_tells_what_clusters_of_1_0_told() {
    as_recorded(Hop::ZeroNineToOneZero, "1.0", "1.0.0").await;
}
