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
use super::zookeeper::zookeeper;

async fn driver(stop: &str, start: &str) -> FlussDriver {
    let nodes = vec![
        ("/fluss", vec!["coordinators", "tabletservers"], 0),
        ("/fluss/coordinators", Vec::new(), 0),
        ("/fluss/tabletservers", vec!["ids"], 0),
        ("/fluss/tabletservers/ids", Vec::new(), 0),
    ];
    let program = |script: &str| ["sh", "-c", script].map(str::to_owned).to_vec();
    let site = Site {
        zookeeper: zookeeper(nodes, Arc::default()).await,
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
