//! What a gate says of how a server ended and of the operator's own probes, and how leaders are spread.

use std::collections::BTreeMap;
use std::sync::Arc;

use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, codes};
use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Access, Act, CLEAN, Condition, Site, clean_end_of};
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::probe::{Probe, ProbeAsk, ProbeExpect, baseline_of};
use upshift_model::proof::Bindings;
use upshift_model::span::Millis;
use upshift_model::step::{Canary, Effect, Preparation, Releasable, Step};

use super::driver::{intent, step};
use super::rpc::{recorded, success};
use super::server::{Reply, serve};
use super::zookeeper::{Held, zookeeper_with};

const REBALANCE: &str = "/fluss/cluster/rebalance";

fn probe(script: &str, expect: ProbeExpect) -> Probe {
    Probe {
        ask: ProbeAsk::Command(["sh", "-c", script].map(str::to_owned).to_vec()),
        expect,
        timeout: Millis::from_secs(10),
    }
}

/// A driver with a ZooKeeper in which only a coordinator and a rebalance can be registered.
async fn driver(held: &Held, probes: BTreeMap<String, Probe>) -> FlussDriver {
    let nodes = vec![
        ("/fluss", vec!["coordinators", "tabletservers", "cluster"], 0),
        ("/fluss/coordinators", vec!["active"], 0),
        ("/fluss/coordinators/active", Vec::new(), 0),
        ("/fluss/cluster", vec!["rebalance"], 0),
        (
            REBALANCE,
            Vec::new(),
            if held.lock().expect("unharmed").contains_key(REBALANCE) {
                0
            } else {
                -101
            },
        ),
        ("/fluss/tabletservers", vec!["ids"], 0),
        ("/fluss/tabletservers/ids", Vec::new(), 0),
    ];
    let site = Site {
        zookeeper: zookeeper_with(nodes, held.clone(), Arc::default()).await,
        root: "/fluss".to_owned(),
        access: Access::default(),
        hosts: Vec::new(),
        target_home: None,
        java_home: None,
        probes,
        tiering: None,
        staged: Vec::new(),
        switches: BTreeMap::new(),
        servers: BTreeMap::new(),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now))
}

fn gate(watch: Expectation) -> Step {
    step(Effect::Hold {
        gate: Gate::Soak {
            watch: vec![watch],
            hold_for: Millis::ZERO,
            every: Millis(500),
            fail_after: 1,
            blind_for: Millis::from_secs(1),
        },
    })
}

fn bound(name: BindingName, value: &str) -> Bindings {
    Bindings {
        values: BTreeMap::from([(name, value.to_owned())]),
        ..Bindings::default()
    }
}

fn held(address: &str, rebalance: Option<(&str, i32)>) -> Held {
    let (host, port) = address.split_once(':').unwrap_or(("127.0.0.1", "1"));
    let active = format!(r#"{{"version":2,"id":"one","listeners":"FLUSS://{host}:{port}"}}"#);
    let mut nodes = BTreeMap::from([("/fluss/coordinators/active", active)]);
    nodes.extend(rebalance.map(|(id, status)| (REBALANCE, told(id, status))));
    Arc::new(std::sync::Mutex::new(nodes))
}

fn told(id: &str, status: i32) -> String {
    format!(r#"{{"version":1,"rebalance_id":{id:?},"rebalance_status":{status},"rebalance_plan":[]}}"#)
}

/// As of a cluster whose servers have a listener for each other that is not reached from here.
#[tokio::test]
async fn a_coordinator_is_called_by_the_listener_that_answers_from_here() {
    let calls = Arc::new(std::sync::Mutex::new(0));
    let counted = calls.clone();
    let hello = recorded("0.9.1", "coordinator");
    let address = serve(move |frame| match frame[..2] {
        [0x03, 0xe8] => success(frame, &hello),
        _ => {
            *counted.lock().expect("unharmed") += 1;
            Reply::Close
        }
    })
    .await;
    let active =
        format!(r#"{{"version":2,"id":"one","listeners":"INTERNAL://127.0.0.1:1,CLIENT://{address}"}}"#);
    let nodes = BTreeMap::from([("/fluss/coordinators/active", active)]);
    let driver = driver(&Arc::new(std::sync::Mutex::new(nodes)), BTreeMap::new()).await;
    let what = Releasable::Canary {
        what: Canary {
            name: "upshift_canary".to_owned(),
            parts: 1,
            copies: 1,
        },
    };
    let step = step(Effect::Release { what });
    let tried = driver.attempt(&step, &Bindings::default(), &intent(&[])).await;
    assert!(matches!(tried, Err(Fault::Ambiguous(_))), "{tried:?}");
    assert_eq!(
        *calls.lock().expect("unharmed"),
        1,
        "it was asked to drop a table"
    );
}

/// UP-FLUSS-0413.
#[tokio::test]
async fn a_server_that_left_no_mark_or_was_not_seen_fails_its_gate_at_once() {
    let driver = driver(&held("", None), BTreeMap::new()).await;
    let gate = gate(Expectation::Fluss(Condition::CleanEnd { server: 1 }));
    let clean = bound(clean_end_of(1), CLEAN);
    let done = driver.standing(&gate, &clean, None).await;
    assert!(matches!(done, Ok(Standing::Done(_))), "{done:?}");
    let missing = bound(clean_end_of(1), "it left no .fluss_cleanshutdown");
    let another = bound(clean_end_of(2), CLEAN);
    for bound in [missing, another, Bindings::default()] {
        let Ok(Standing::Failed(failure)) = driver.standing(&gate, &bound, None).await else {
            panic!("{bound:?}")
        };
        assert_eq!(failure.code, codes::NO_CLEAN_END);
        assert!(failure.what.contains("tablet server 1"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_probe_that_misses_is_waited_for_and_a_ratio_refers_to_the_value_from_before() {
    let name = || "progress".to_owned();
    let half = ProbeExpect::AtLeastRatioOfBaselineMilli(500);
    let driver = driver(
        &held("", None),
        BTreeMap::from([(name(), probe("echo 60", half))]),
    )
    .await;
    let gate = gate(Expectation::ProbeHolds { probe: name() });
    for (before, holds) in [("100", true), ("121", false)] {
        let said = driver
            .standing(&gate, &bound(baseline_of("progress"), before), None)
            .await;
        assert_eq!(matches!(said, Ok(Standing::Done(_))), holds, "{said:?}");
        assert_eq!(matches!(said, Ok(Standing::Waiting(_))), !holds, "{said:?}");
    }
    // Without a value from before it cannot be told, and so does not hold.
    let said = driver.standing(&gate, &Bindings::default(), None).await;
    assert!(matches!(said, Ok(Standing::Waiting(_))), "{said:?}");
    let baseline = step(Effect::Prepare {
        what: Preparation::Baseline {
            probe: name(),
            into: baseline_of("progress"),
        },
    });
    let Ok(Standing::Done(proof)) = driver.standing(&baseline, &Bindings::default(), None).await else {
        panic!("it answers")
    };
    let mut taken = Bindings::default();
    taken.absorb(&proof);
    assert_eq!(taken.value(&baseline_of("progress")), Some("60"));
    let unknown = step(Effect::Prepare {
        what: Preparation::Baseline {
            probe: "another".to_owned(),
            into: baseline_of("another"),
        },
    });
    let said = driver.standing(&unknown, &Bindings::default(), None).await;
    assert!(matches!(said, Err(Fault::Refused(_))), "{said:?}");
}

fn spread() -> Step {
    step(Effect::Fluss {
        what: Act::SpreadLeaders,
    })
}

/// UP-FLUSS-0414.
#[tokio::test]
async fn leaders_are_spread_when_a_rebalance_that_was_not_there_before_is_completed() {
    let bound = Bindings::default();
    let fresh = driver(&held("", None), BTreeMap::new()).await;
    let Ok(Standing::Ready(baseline)) = fresh.standing(&spread(), &bound, None).await else {
        panic!("nothing was asked for")
    };
    assert_eq!(baseline.0.get("rebalance_before").map(String::as_str), Some(""));

    let none = intent(&[("rebalance_before", "")]);
    let older = intent(&[("rebalance_before", "a")]);
    // Nobody has taken it on: it is asked for again.
    let again = fresh.standing(&spread(), &bound, Some(&none)).await;
    assert!(matches!(again, Ok(Standing::Ready(_))), "{again:?}");
    for (status, with) in [
        (0, "underway"),
        (1, "underway"),
        (2, "failed"),
        (3, "done"),
        (4, "failed"),
        (5, "failed"),
        (9, "underway"),
    ] {
        let driver = driver(&held("", Some(("a", status))), BTreeMap::new()).await;
        let said = driver.standing(&spread(), &bound, Some(&none)).await;
        let word = match &said {
            Ok(Standing::Underway(_)) => "underway",
            Ok(Standing::Done(_)) => "done",
            Ok(Standing::Failed(failure)) => {
                assert_eq!(failure.code, codes::NOT_SPREAD);
                "failed"
            }
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!(word, with, "{status}");
        // The same one was there before the try: somebody else's.
        let said = driver.standing(&spread(), &bound, Some(&older)).await;
        match status {
            0 | 1 | 9 => assert!(matches!(said, Ok(Standing::Waiting(_))), "{status}: {said:?}"),
            _ => assert!(matches!(said, Ok(Standing::Ready(_))), "{status}: {said:?}"),
        }
    }
}

#[tokio::test]
async fn a_coordinator_that_cannot_spread_leaders_or_refuses_is_told_of() {
    for (release, refuses) in [("0.7.0", false), ("0.9.1", true)] {
        let answer = recorded(release, "coordinator");
        let address = serve(move |frame| match i16::from_be_bytes([frame[0], frame[1]]) {
            1000 => success(frame, &answer),
            1049 if refuses => super::server::Reply::Bytes(super::server::framed(
                &[&[1], &frame[4..8], &[8, 46, 18, 2, b'n', b'o']].concat(),
            )),
            other => panic!("{other} was asked of {release}"),
        })
        .await;
        let driver = driver(&held(&address, None), BTreeMap::new()).await;
        let said = driver
            .attempt(
                &spread(),
                &Bindings::default(),
                &intent(&[("rebalance_before", "")]),
            )
            .await;
        let Err(Fault::Refused(failure)) = said else {
            panic!("{release}: {said:?}")
        };
        assert_eq!(failure.code, codes::NOT_SPREAD);
    }
}
