//! Savepoints whose answers are lost, forgotten or lies.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::ids::Code;
use upshift_model::proof::Binding;
use upshift_model::record::{Baseline, Intent};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::step::{Effect, Step, StopWhat};

use crate::server::{Asked, Reply, Server, ok, unknown};
use crate::world::{
    ID, TRIGGERED, World, checkpoints, contradicted, failed, intent, job, jobs, old, ready, slot,
};
use crate::world::{snapshot, step};

fn stop() -> Step {
    let form = RestorePointKind::SavepointCanonical;
    step(Effect::Stop {
        what: StopWhat::JobInto {
            job: job(),
            on: old(),
            form,
            into: slot(),
        },
    })
}

fn take() -> Step {
    let form = RestorePointKind::SavepointNative;
    step(Effect::TakeRestorePoint {
        of: job(),
        on: old(),
        form,
        into: slot(),
    })
}

/// What was there before the step, with no savepoint of the job on disk.
fn begun() -> Intent {
    let facts = [
        ("job", ID.to_owned()),
        ("job_started_ms", "1795227633599".to_owned()),
        ("server_now_ms", (TRIGGERED - 20).to_string()),
        ("own_now_ms", (TRIGGERED - 10).to_string()),
    ];
    intent(Baseline(
        facts
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    ))
}

fn is_trigger(asked: &Asked) -> bool {
    asked.path.contains("/savepoints/")
}

/// A server that does not know the trigger, and says these things of the job.
async fn forgetful(jobs: String, checkpoints: String) -> Server {
    Server::answering(move |asked| match asked.path.as_str() {
        _ if is_trigger(asked) => unknown("There is no savepoint operation"),
        "/jobs/overview" => ok(jobs.clone()),
        path if path.ends_with("/checkpoints") => ok(checkpoints.clone()),
        path if path.ends_with("/status") => unknown("job"),
        path => panic!("unexpected {path}"),
    })
    .await
}

fn filled(standing: Standing) -> RestorePoint {
    let Standing::Done(proof) = standing else {
        panic!("expected Done, found {standing:?}")
    };
    match proof.binds.into_iter().next() {
        Some(Binding::Restore { point, .. }) => point,
        other => panic!("expected a restore point, found {other:?}"),
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_under_the_same_key_and_not_asked_again() {
    let world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    let (place, statistics) = (
        location.clone(),
        checkpoints("null", &snapshot(&location, "SYNC_SAVEPOINT", false), "null"),
    );
    let server = Server::answering(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => Reply::Silence,
        ("GET", "/jobs/overview") => ok(jobs(ID, "RUNNING", 2)),
        _ if is_trigger(asked) => ok(format!(
            r#"{{"status":{{"id":"COMPLETED"}},"operation":{{"location":"{place}"}}}}"#
        )),
        (_, path) if path.ends_with("/status") => ok(r#"{"status":"FINISHED"}"#),
        (_, path) if path.ends_with("/checkpoints") => ok(statistics.clone()),
        (_, path) => panic!("unexpected {path}"),
    })
    .await;
    let mut world = World {
        bound: world.bound,
        site: world.site,
        dir: world.dir,
    };
    world
        .site
        .clusters
        .get_mut(&old())
        .unwrap()
        .rest
        .url
        .clone_from(&server.url);

    let intent = intent(ready(world.look(&stop(), None).await));
    assert!(matches!(
        world.attempt(&stop(), &intent).await,
        Err(Fault::Ambiguous(_))
    ));
    let point = filled(world.look(&stop(), Some(&intent)).await);

    assert_eq!(point.location, location);
    assert_eq!(point.triggered_at.as_millisecond(), TRIGGERED);
    assert_eq!(point.took.map(|took| took.0), Some(44));
    assert_eq!(point.metadata_version, Some(4));
    let changes = server.changes();
    assert_eq!(changes.len(), 1);
    assert!(
        changes[0]
            .body
            .contains(&format!(r#""triggerId":"{}""#, intent.key))
    );
}

#[tokio::test]
async fn completed_with_a_failure_cause_is_a_failure() {
    let server = Server::answering(|asked| match asked.path.as_str() {
        _ if is_trigger(asked) => ok(
            r#"{"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"class":"java.util.concurrent.CompletionException","stack-trace":"java.util.concurrent.CompletionException: x\n\tat a.b(C.java:1)\nCaused by: org.apache.flink.runtime.checkpoint.CheckpointException: An Exception occurred while triggering the checkpoint. IO-problem detected.\n\tat a.b(C.java:2)\n"}}}"#,
        ),
        path if path.ends_with("/status") => ok(r#"{"status":"RUNNING"}"#),
        path => panic!("unexpected {path}"),
    })
    .await;
    let standing = World::at(&server.url).look(&take(), Some(&begun())).await;
    let failure = failed(&standing);
    assert_eq!(failure.code, Code::new("UP-FLINK-0301"));
    let cause =
        "CheckpointException: An Exception occurred while triggering the checkpoint. IO-problem detected.";
    assert_eq!(failure.far_side.as_deref(), Some(cause));
}

#[tokio::test]
async fn a_savepoint_that_failed_with_its_job_gone_is_drift() {
    let server = Server::answering(|asked| match asked.path.as_str() {
        _ if is_trigger(asked) => ok(
            r#"{"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"class":"a.FlinkJobNotFoundException","stack-trace":"a.FlinkJobNotFoundException: no\n"}}}"#,
        ),
        _ => unknown("job"),
    })
    .await;
    let standing = World::at(&server.url).look(&stop(), Some(&begun())).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0302"));
}

#[tokio::test]
async fn a_savepoint_that_the_server_names_and_that_is_not_there_is_not_done() {
    let world = World::at("http://127.0.0.1:1");
    let missing = format!("file:{}/sp/savepoint-5eed00-nowhere", world.dir.path().display());
    let server = Server::answering(move |asked| match asked.path.as_str() {
        _ if is_trigger(asked) => ok(format!(
            r#"{{"status":{{"id":"COMPLETED"}},"operation":{{"location":"{missing}"}}}}"#
        )),
        path if path.ends_with("/status") => ok(r#"{"status":"FINISHED"}"#),
        _ => ok(checkpoints("null", "null", "null")),
    })
    .await;
    let mut world = world;
    world
        .site
        .clusters
        .get_mut(&old())
        .unwrap()
        .rest
        .url
        .clone_from(&server.url);
    let standing = world.look(&stop(), Some(&begun())).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0303"));
}

#[tokio::test]
async fn a_forgotten_trigger_with_nothing_new_anywhere_may_be_sent_again() {
    let server = forgetful(jobs(ID, "RUNNING", 2), checkpoints("null", "null", "null")).await;
    let world = World::at(&server.url);
    let begun = begun();
    for step in [stop(), take()] {
        assert_eq!(ready(world.look(&step, Some(&begun)).await), begun.baseline);
    }
}

#[tokio::test]
async fn a_forgotten_stop_is_found_in_the_statistics_of_the_server() {
    let world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    let told = checkpoints("null", &snapshot(&location, "SYNC_SAVEPOINT", false), "null");
    let server = forgetful(jobs(ID, "FINISHED", 0), told).await;
    let mut world = world;
    world
        .site
        .clusters
        .get_mut(&old())
        .unwrap()
        .rest
        .url
        .clone_from(&server.url);
    assert_eq!(
        filled(world.look(&stop(), Some(&begun())).await).location,
        location
    );
}

#[tokio::test]
async fn after_a_restart_of_the_job_manager_the_disk_tells_whether_the_job_stopped() {
    let server = forgetful(r#"{"jobs":[]}"#.to_owned(), String::new()).await;
    let world = World::at(&server.url);
    let standing = world.look(&stop(), Some(&begun())).await;
    assert_eq!(
        contradicted(&standing).code,
        Code::new("UP-FLINK-0302"),
        "nothing on disk: the state is lost"
    );

    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    let point = filled(world.look(&stop(), Some(&begun())).await);
    assert_eq!(
        (point.location, point.triggered_at.as_millisecond()),
        (location, TRIGGERED - 20)
    );
}

#[tokio::test]
async fn somebody_elses_savepoint_is_not_taken_for_the_last_act_of_the_job() {
    let server = forgetful(r#"{"jobs":[]}"#.to_owned(), String::new()).await;
    let world = World::at(&server.url);
    world.savepoint("savepoint-5eed00-9f078dbae4cd", "savepoint");
    let standing = world.look(&stop(), Some(&begun())).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0304"));

    world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    let standing = world.look(&stop(), Some(&begun())).await;
    assert_eq!(
        contradicted(&standing).code,
        Code::new("UP-FLINK-0304"),
        "two are one too many"
    );
}

#[tokio::test]
async fn savepoints_from_before_the_step_are_not_evidence() {
    let server = forgetful(jobs(ID, "RUNNING", 2), checkpoints("null", "null", "null")).await;
    let world = World::at(&server.url);
    world.savepoint("savepoint-5eed00-9f078dbae4cd", "savepoint");
    let begun = intent(ready(world.look(&take(), None).await));
    assert_eq!(ready(world.look(&take(), Some(&begun)).await), begun.baseline);
    std::fs::create_dir(world.path("sp/savepoint-5eed00-aaaaaaaaaaaa")).unwrap();
    let standing = world.look(&take(), Some(&begun)).await;
    assert!(
        matches!(standing, Standing::Waiting(_)),
        "begun and not complete: {standing:?}"
    );
}

#[tokio::test]
async fn where_the_savepoint_directory_cannot_be_seen_a_new_job_manager_leaves_it_open() {
    let server = forgetful(
        jobs(ID, "RUNNING", 2).replace("33599", "39999"),
        checkpoints("null", "null", "null"),
    )
    .await;
    let mut world = World::at(&server.url);
    world.site.savepoints = "s3://bucket/sp".to_owned();
    let standing = world.look(&take(), Some(&begun())).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0304"));
}

#[tokio::test]
async fn only_a_checkpoint_that_outlives_its_job_is_adopted() {
    let world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("chk-7", "savepoint");
    let adopt = step(Effect::AdoptCheckpoint {
        of: job(),
        on: old(),
        into: slot(),
    });
    for (state, discarded, done) in [
        ("CANCELED", false, true),
        ("CANCELED", true, false),
        ("RUNNING", false, false),
    ] {
        let told = checkpoints(&snapshot(&location, "CHECKPOINT", discarded), "null", "null");
        let server = Server::answering(move |asked| match asked.path.as_str() {
            path if path.ends_with("/status") => ok(format!(r#"{{"status":"{state}"}}"#)),
            _ => ok(told.clone()),
        })
        .await;
        let mut world = World::at(&server.url);
        world.bound = upshift_model::proof::Bindings::default();
        match world.look(&adopt, None).await {
            Standing::Done(_) => assert!(done, "{state} {discarded}"),
            Standing::Waiting(_) => assert_eq!(state, "RUNNING"),
            other => {
                assert!(!done, "{other:?}");
                assert_eq!(contradicted(&other).code, Code::new("UP-FLINK-0305"));
            }
        }
    }
}
