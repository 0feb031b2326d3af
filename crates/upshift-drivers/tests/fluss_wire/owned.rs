//! The operator's own programs: each is run once for a try, and 0 is its owner's word.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, codes};
use upshift_engine::driver::{Driver as _, Standing};
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Access, Act, Condition, Part, Site, Tiering, lake_before};
use upshift_model::gate::Gate;
use upshift_model::ids::SystemName;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step};

use super::driver::{intent, step};
use super::zookeeper::{Held, zookeeper, zookeeper_with};

async fn driver(stop: &str, start: &str) -> FlussDriver {
    let nodes = vec![
        ("/fluss", vec!["coordinators", "tabletservers"], 0),
        ("/fluss/coordinators", Vec::new(), 0),
        ("/fluss/tabletservers", vec!["ids"], 0),
        ("/fluss/tabletservers/ids", Vec::new(), 0),
    ];
    driver_of(zookeeper(nodes, Arc::default()).await, stop, start)
}

fn driver_of(zookeeper: String, stop: &str, start: &str) -> FlussDriver {
    let program = |script: &str| ["sh", "-c", script].map(str::to_owned).to_vec();
    let site = Site {
        zookeeper,
        root: "/fluss".to_owned(),
        access: Access::default(),
        hosts: Vec::new(),
        target_home: None,
        java_home: None,
        probes: BTreeMap::new(),
        tiering: Some(Tiering {
            stop: program(stop),
            start: Vec::new(),
            target_start: program(start),
        }),
        staged: Vec::new(),
        switches: BTreeMap::new(),
        servers: BTreeMap::new(),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now))
}

fn run(part: Part) -> Step {
    step(Effect::Fluss {
        what: Act::Run { part },
    })
}

async fn stands(driver: &FlussDriver, step: &Step, intent: Option<&Intent>) -> Standing {
    let stands = driver.standing(step, &Bindings::default(), intent).await;
    stands.unwrap_or_else(|fault| panic!("{fault}"))
}

#[expect(clippy::disallowed_methods, reason = "a program is waited for")]
async fn over(driver: &FlussDriver, step: &Step, intent: &Intent) -> Standing {
    for _ in 0..300 {
        match stands(driver, step, Some(intent)).await {
            Standing::Underway(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => return other,
        }
    }
    panic!("it runs for half a minute")
}

#[tokio::test]
async fn a_program_is_run_once_for_a_try_and_its_end_decides() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = folder.path().join("count");
    let driver = driver(
        &format!("echo once >> {}", count.display()),
        "echo no jar; exit 3",
    )
    .await;
    let stop = run(Part::StopTiering);
    let Standing::Ready(baseline) = stands(&driver, &stop, None).await else {
        panic!("nothing was run")
    };
    assert_eq!(baseline.0.get("lake").map(String::as_str), Some("{}"));
    let one = intent(&[("lake", "{}")]);
    for _ in 0..2 {
        let tried = driver.attempt(&stop, &Bindings::default(), &one).await;
        tried.unwrap_or_else(|fault| panic!("{fault}"));
    }
    let Standing::Done(proof) = over(&driver, &stop, &one).await else {
        panic!("it ended with 0")
    };
    assert!(proof.binds.is_empty());
    assert_eq!(std::fs::read_to_string(count).expect("it ran"), "once\n");

    let start = run(Part::StartTiering { wanted: true });
    let other = intent(&[("lake", "{}")]);
    let tried = driver.attempt(&start, &Bindings::default(), &other).await;
    tried.unwrap_or_else(|fault| panic!("{fault}"));
    let Standing::Failed(failure) = over(&driver, &start, &other).await else {
        panic!("it ended with 3")
    };
    assert_eq!(failure.code, codes::PROGRAM);
    assert!(failure.far_side.expect("what it wrote").contains("no jar"));
}

#[tokio::test]
async fn without_anything_new_in_the_lake_tiering_is_waited_for() {
    let driver = driver("true", "true").await;
    let gate = step(Effect::Hold {
        gate: Gate::Soak {
            watch: vec![Expectation::Fluss(Condition::LakeAdvanced)],
            hold_for: Millis::ZERO,
            every: Millis(500),
            fail_after: 1,
            blind_for: Millis::from_secs(1),
        },
    });
    let waits = |stands: Standing, why: &str| {
        let Standing::Waiting(progress) = stands else {
            panic!("{stands:?}")
        };
        assert!(progress.what.contains(why), "{}", progress.what);
    };
    waits(stands(&driver, &gate, None).await, "is not known");
    let bound = Bindings {
        values: BTreeMap::from([(lake_before(), "{\"1\":4}".to_owned())]),
        ..Bindings::default()
    };
    let seen = driver.standing(&gate, &bound, None).await;
    waits(
        seen.unwrap_or_else(|fault| panic!("{fault}")),
        "no snapshot in the lake is newer",
    );
}

const TABLE: &str = "/fluss/metadata/databases/lab/tables/orders";
const LAKE: &str = "/fluss/tabletservers/tables/7/laketable";

/// A ZooKeeper with one table that has a lake behind it.
async fn with_a_lake(held: &Held) -> String {
    let nodes = vec![
        ("/fluss", vec!["coordinators", "tabletservers", "metadata"], 0),
        ("/fluss/coordinators", Vec::new(), 0),
        ("/fluss/tabletservers", vec!["ids", "tables"], 0),
        ("/fluss/tabletservers/ids", Vec::new(), 0),
        ("/fluss/tabletservers/tables", vec!["7"], 0),
        ("/fluss/tabletservers/tables/7", vec!["laketable"], 0),
        (LAKE, Vec::new(), 0),
        ("/fluss/metadata", vec!["databases"], 0),
        ("/fluss/metadata/databases", vec!["lab"], 0),
        ("/fluss/metadata/databases/lab", vec!["tables"], 0),
        ("/fluss/metadata/databases/lab/tables", vec!["orders"], 0),
        (TABLE, Vec::new(), 0),
    ];
    zookeeper_with(nodes, held.clone(), Arc::default()).await
}

fn snapshot(held: &Held, number: i64) {
    let text = format!(
        r#"{{"version":2,"lake_snapshots":[{{"snapshot_id":{number},"tiered_offsets":"/remote/{number}"}}]}}"#
    );
    held.lock().expect("unharmed").insert(LAKE, text);
}

#[tokio::test]
async fn a_newer_snapshot_in_the_lake_than_before_it_was_started_is_tiering_that_is_back() {
    let held = Held::default();
    let table = r#"{"version":1,"table_id":7,"bucket_count":1,"partition_key":[],"properties":{"table.datalake.enabled":"true"},"custom_properties":{},"created_time":1,"modified_time":1}"#;
    held.lock().expect("unharmed").insert(TABLE, table.to_owned());
    held.lock()
        .expect("unharmed")
        .insert("/fluss/metadata/databases/lab", r#"{"version":1}"#.to_owned());
    held.lock().expect("unharmed").insert(
        "/fluss/tabletservers/tables/7",
        r#"{"version":1,"buckets":{}}"#.to_owned(),
    );
    snapshot(&held, 4);
    let driver = driver_of(with_a_lake(&held).await, "true", "true");
    // What was there is noted before the start, and bound when the program has ended.
    let start = run(Part::StartTiering { wanted: true });
    let Standing::Ready(baseline) = stands(&driver, &start, None).await else {
        panic!("nothing was run")
    };
    assert_eq!(baseline.0.get("lake").map(String::as_str), Some("{\"7\":4}"));
    let gate = step(Effect::Hold {
        gate: Gate::Soak {
            watch: vec![Expectation::Fluss(Condition::LakeAdvanced)],
            hold_for: Millis::ZERO,
            every: Millis(500),
            fail_after: 1,
            blind_for: Millis::from_secs(1),
        },
    });
    let bound = Bindings {
        values: BTreeMap::from([(lake_before(), baseline.0["lake"].clone())]),
        ..Bindings::default()
    };
    let seen = async || {
        let seen = driver.standing(&gate, &bound, None).await;
        seen.unwrap_or_else(|fault| panic!("{fault}"))
    };
    assert!(matches!(seen().await, Standing::Waiting(_)), "nothing is newer");
    snapshot(&held, 5);
    let Standing::Done(proof) = seen().await else {
        panic!("5 is newer than 4")
    };
    let said = proof.facts.join("\n");
    assert!(said.contains("snapshot 5 of lab.orders, 4 before"), "{said}");
}
