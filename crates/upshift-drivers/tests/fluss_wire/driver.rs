//! What the driver refuses.

use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, codes};
use upshift_engine::driver::{Driver as _, Fault};
use upshift_model::digest::Digest;
use upshift_model::fluss::Site;
use upshift_model::host::{Host, Reach};
use upshift_model::ids::{AttemptKey, StepId, SystemName};
use upshift_model::proof::Bindings;
use upshift_model::record::{Baseline, Intent};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Releasable, Step};

#[tokio::test]
async fn a_step_of_another_system_is_refused_and_not_ignored() {
    let site = Site {
        zookeeper: "127.0.0.1:1".to_owned(),
        root: "/fluss".to_owned(),
        hosts: Vec::new(),
        target_home: None,
        java_home: None,
        servers: std::collections::BTreeMap::new(),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let driver = FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now));
    let step = Step {
        id: StepId::new("1.1"),
        effect: Effect::Release {
            what: Releasable::RestorePointFiles {
                location: "file:/sp/1".to_owned(),
                sha256: Digest::zero(),
            },
        },
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(1),
        tries: 1,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    };
    let bound = Bindings::default();
    let intent = Intent {
        key: AttemptKey::derive(&"r".into(), &step.id, 1),
        attempt: 1,
        baseline: Baseline::default(),
        deadline: now,
    };
    let stands = driver.standing(&step, &bound, None).await.map(drop);
    let tried = driver.attempt(&step, &bound, &intent).await;
    for said in [stands, tried] {
        let Err(Fault::Refused(failure)) = said else {
            panic!("{said:?}")
        };
        assert_eq!(failure.code, codes::NOT_IN_THE_PLAN);
    }
}

#[tokio::test]
async fn two_hosts_of_one_name_are_refused_before_anything_is_asked() {
    let host = || Host {
        name: "ts1".to_owned(),
        reach: Reach::Local,
    };
    let site = Site {
        zookeeper: "127.0.0.1:1".to_owned(),
        root: "/fluss".to_owned(),
        hosts: vec![host(), host()],
        servers: std::collections::BTreeMap::new(),
        target_home: None,
        java_home: None,
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let driver = FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now));
    let Err(Fault::Refused(failure)) = driver.observe().await else {
        panic!("it was looked at")
    };
    assert_eq!(
        (failure.code, failure.what.as_str()),
        (codes::HOSTS, "two hosts are named ts1")
    );
}
