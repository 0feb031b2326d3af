//! Each condition on the world, broken: what is said of it, and under which code.

use std::collections::BTreeSet;

use upshift_engine::driver::Standing;
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::fit::Acceptance;
use upshift_model::flink::{
    GraphExtent, GraphOperator, GraphOrigin, IdFrom, JobGraph, JobGraphs, Probe, ProbeAsk, ProbeExpect,
};
use upshift_model::gate::Gate;
use upshift_model::ids::Code;
use upshift_model::observed::Observed;
use upshift_model::span::Millis;
use upshift_model::step::Effect;

use crate::server::{Server, ok};
use crate::world::{ID, World, checkpoints, contradicted, failed, job, jobs, old, slot, step};

const OVERVIEW: &str = r#"{"taskmanagers":1,"slots-total":4,"slots-available":2,"jobs-running":0,"jobs-finished":0,
    "jobs-cancelled":0,"jobs-failed":0,"flink-version":"1.18.1","flink-commit":"a8c8b1c"}"#;

async fn sample(world: &World, watch: Vec<Expectation>) -> Standing {
    let gate = Gate::Soak {
        watch,
        hold_for: Millis(1),
        every: Millis(1),
        fail_after: 1,
        blind_for: Millis(1),
    };
    world.look(&step(Effect::Hold { gate }), None).await
}

#[tokio::test]
async fn another_release_is_drift_and_too_few_slots_are_waited_for() {
    let server = Server::answering(|_| ok(OVERVIEW)).await;
    let world = World::at(&server.url);
    let version = "1.20.5".parse().unwrap();
    let standing = world
        .before(Expectation::ReleaseIs {
            component: old(),
            version,
        })
        .await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0312"));
    let standing = world
        .before(Expectation::SlotsFree {
            cluster: old(),
            at_least: 3,
        })
        .await;
    assert!(matches!(standing, Standing::Waiting(_)), "{standing:?}");
}

#[tokio::test]
async fn jobs_that_are_not_the_ones_of_the_plan_are_drift() {
    let server = Server::answering(|_| ok(jobs("0ther000000000000000000000000000", "RUNNING", 2))).await;
    let world = World::at(&server.url);
    let other = Expectation::NoOtherJobs {
        cluster: old(),
        named: BTreeSet::from([job()]),
    };
    assert_eq!(
        contradicted(&world.before(other).await).code,
        Code::new("UP-FLINK-0323")
    );
    let gone = Expectation::JobIs {
        cluster: old(),
        job: job(),
        id: ID.to_owned(),
    };
    assert_eq!(
        contradicted(&world.before(gone).await).code,
        Code::new("UP-FLINK-0302")
    );
}

#[tokio::test]
async fn a_job_with_a_task_that_does_not_run_is_a_bad_sample() {
    let server = Server::answering(|_| ok(jobs(ID, "RUNNING", 1))).await;
    let running = Expectation::JobRunning {
        cluster: old(),
        job: job(),
    };
    let standing = sample(&World::at(&server.url), vec![running]).await;
    assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0324"));
}

#[tokio::test]
async fn a_restore_from_something_else_is_told_from_one_written_otherwise() {
    let restored = |path: &str| {
        checkpoints(
            "null",
            "null",
            &format!(r#"{{"id":7,"restore_timestamp":5,"is_savepoint":true,"external_path":"{path}"}}"#),
        )
    };
    let from = Expectation::RestoredFrom {
        cluster: old(),
        job: job(),
        slot: slot(),
    };
    for (path, good) in [("file:///sp/a", true), ("file:/sp/b", false)] {
        let told = restored(path);
        let server = Server::answering(move |_| ok(told.clone())).await;
        let mut world = World::at(&server.url);
        world.fill("file:/sp/a");
        let standing = sample(&world, vec![from.clone()]).await;
        match good {
            true => assert!(matches!(standing, Standing::Underway(_)), "{standing:?}"),
            false => assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0318")),
        }
    }
}

#[tokio::test]
async fn before_the_first_checkpoint_a_sample_is_neither_good_nor_bad() {
    let server = Server::answering(|_| ok(checkpoints("null", "null", "null"))).await;
    let completed = Expectation::CheckpointCompleted {
        cluster: old(),
        job: job(),
    };
    let standing = sample(&World::at(&server.url), vec![completed]).await;
    assert!(matches!(standing, Standing::Waiting(_)), "{standing:?}");
}

#[tokio::test]
async fn restarts_and_exceptions_fail_a_sample() {
    let server = Server::answering(|asked| match asked.path.contains("metrics") {
        true => ok(r#"[{"id":"numRestarts","value":"2"}]"#),
        false => ok(
            r#"{"exceptionHistory":{"entries":[{"exceptionName":"a.B","stacktrace":"a.B: why\n\tat a.b(C.java:1)\n","timestamp":1}],"truncated":false}}"#,
        ),
    })
    .await;
    let world = World::at(&server.url);
    let standing = sample(
        &world,
        vec![Expectation::NoRestarts {
            cluster: old(),
            job: job(),
        }],
    )
    .await;
    assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0319"));
    let standing = sample(
        &world,
        vec![Expectation::NoExceptions {
            cluster: old(),
            job: job(),
        }],
    )
    .await;
    assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0320"));
    assert_eq!(failed(&standing).far_side.as_deref(), Some("B: why"));
}

#[tokio::test]
async fn a_probe_that_misses_fails_a_sample() {
    let server = Server::answering(|_| ok("7")).await;
    let mut world = World::at(&server.url);
    world.probe(Probe {
        ask: ProbeAsk::Http(Endpoint::plain(server.url.clone())),
        expect: ProbeExpect::AtLeastMilli(8_000),
        timeout: Millis(5_000),
    });
    let standing = sample(
        &world,
        vec![Expectation::ProbeHolds {
            probe: "p".to_owned(),
        }],
    )
    .await;
    assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0321"));
}

#[tokio::test]
async fn a_savepoint_is_held_against_what_will_be_started_from_it() {
    let mut world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    world.fill(&location);
    let fits = |criteria: FitCriteria| Expectation::Fits {
        slot: slot(),
        criteria: Box::new(criteria),
    };
    // `counter`, whose state the recorded job has, and an operator that nobody has.
    let counter = "0da08f51eaa85fc298e176a139b3649a".to_owned();
    let sound = FitCriteria {
        metadata_versions: Some((2, 4)),
        operators_with_state: [counter.clone()].into(),
        max_parallelism: [(counter.clone(), 2)].into(),
        ..FitCriteria::default()
    };
    assert!(matches!(world.before(fits(sound)).await, Standing::Ready(_)));
    let flaws = [
        (
            FitCriteria {
                metadata_versions: Some((5, 6)),
                ..FitCriteria::default()
            },
            "metadata version 4",
            "UP-FLINK-0220",
        ),
        (
            FitCriteria {
                operators_with_state: ["f".repeat(32)].into(),
                ..FitCriteria::default()
            },
            "no state of",
            "UP-FLINK-0224",
        ),
        (
            FitCriteria {
                graphs: Some(graph_of(&"f".repeat(32))),
                ..FitCriteria::default()
            },
            "would be lost",
            "UP-FLINK-0210",
        ),
        (
            FitCriteria {
                max_parallelism: [(counter, 128)].into(),
                ..FitCriteria::default()
            },
            "2 in the snapshot, 128 in the job as wanted",
            "UP-FLINK-0228",
        ),
    ];
    for (criteria, said, code) in flaws {
        let standing = world.before(fits(criteria)).await;
        let failure = contradicted(&standing);
        assert_eq!(failure.code, Code::new(code), "{}", failure.what);
        assert!(failure.what.contains(said), "{}", failure.what);
    }
}

#[tokio::test]
async fn a_savepoint_that_changed_since_it_was_taken_does_not_fit() {
    let mut world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    world.fill(&location);
    let point = world.bound.slots.get_mut(&slot()).expect("filled");
    point.metadata_digest = Some(Digest::of_bytes(b"what it was"));
    let criteria = FitCriteria::default();
    let standing = world
        .before(Expectation::Fits {
            slot: slot(),
            criteria: Box::new(criteria),
        })
        .await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0322"));
}

#[tokio::test]
async fn a_store_that_is_not_proven_halts_before_the_stop_unless_that_was_accepted() {
    let mut world = World::at("http://127.0.0.1:1");
    world.fill("hdfs://namenode/sp/savepoint-5eed00-0c6fe017700a");
    let mut criteria = FitCriteria {
        job: "orders".to_owned(),
        metadata_versions: Some((2, 4)),
        ..FitCriteria::default()
    };
    let fits = |criteria: &FitCriteria| Expectation::Fits {
        slot: slot(),
        criteria: Box::new(criteria.clone()),
    };
    let standing = world.before(fits(&criteria)).await;
    let failure = contradicted(&standing);
    assert_eq!(failure.code, Code::new("UP-READ-0001"));
    assert!(failure.what.contains("HDFS"), "{}", failure.what);
    criteria.accepted.insert(Acceptance {
        code: Code::new("UP-FLINK-0247"),
        subject: "job orders".to_owned(),
    });
    let standing = world.before(fits(&criteria)).await;
    assert!(matches!(standing, Standing::Ready(_)), "{standing:?}");
}

#[tokio::test]
async fn state_that_a_waiver_names_may_be_lost_by_uid_or_by_id() {
    let mut world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    world.fill(&location);
    let criteria = FitCriteria {
        graphs: Some(graph_of("e5a72f353fc1e6bbf3bd96a41384998c")),
        may_lose: ["counter".to_owned(), "tally".to_owned()].into(),
        ..FitCriteria::default()
    };
    let standing = world
        .before(Expectation::Fits {
            slot: slot(),
            criteria: Box::new(criteria),
        })
        .await;
    assert!(matches!(standing, Standing::Ready(_)), "{standing:?}");
}

#[tokio::test]
async fn a_changed_file_is_drift_and_missing_room_is_waited_for() {
    let world = World::at("http://127.0.0.1:1");
    let file = Expectation::FileIs {
        path: world.path("orders job.jar"),
        sha256: Digest::of_bytes(b"x"),
    };
    assert_eq!(
        contradicted(&world.before(file).await).code,
        Code::new("UP-FLINK-0310")
    );
    let room = Expectation::DiskFree {
        path: world.path("not/yet/there"),
        at_least: u64::MAX,
    };
    assert!(matches!(world.before(room).await, Standing::Waiting(_)));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ports = vec![listener.local_addr().unwrap().port()];
    assert!(matches!(
        world.before(Expectation::PortsFree { ports }).await,
        Standing::Waiting(_)
    ));
}

/// A job whose only operator has this id, as its own jar tells.
fn graph_of(id: &str) -> JobGraphs {
    let operator = GraphOperator {
        id: id.to_owned(),
        also: None,
        id_from: IdFrom::Uid,
        uid: None,
        name: None,
        parallelism: None,
        max_parallelism: None,
        place: None,
        key_serializer: None,
    };
    let origin = GraphOrigin::Probe {
        home: "/srv/flink".into(),
        version: "1.20.5".parse().expect("a version"),
        offline: true,
        java: 17,
    };
    JobGraphs {
        declared: None,
        wanted: Observed::Known(JobGraph {
            origin,
            extent: GraphExtent::All,
            operators: vec![operator],
        }),
        running: None,
    }
}
