//! Jobs and their jars: nothing is uploaded, started or cancelled twice, and what the server says of a
//! job that does not come up is passed on.

use std::sync::atomic::{AtomicBool, Ordering};

use upshift_engine::driver::{Fault, Standing};
use upshift_model::ids::Code;
use upshift_model::proof::Binding;
use upshift_model::record::Baseline;
use upshift_model::step::{Effect, ForeignId, StartWhat, Step, StopWhat};

use crate::server::{Reply, Server, ok};
use crate::world::{
    ID, World, contradicted, failed, intent, job, jobs, old, put, ready, refused, slot, step, upload,
};

fn start() -> Step {
    step(Effect::Start {
        what: StartWhat::Job {
            job: job(),
            on: old(),
            jar: Some("jar/orders@old".into()),
            from: Some(slot()),
            may_drop_state: false,
            into: "id/orders@old".into(),
        },
    })
}

fn uploaded(url: &str) -> World {
    let mut world = World::at(url);
    world
        .bound
        .values
        .insert("jar/orders@old".into(), "abc_job.jar".to_owned());
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    world.fill(&location);
    world
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_found_by_its_name() {
    let begun = intent(Baseline::default());
    let name = format!("{}-orders_job.jar", begun.key);
    let listed = format!(
        r#"{{"address":"x","files":[{{"id":"f3a5_{name}","name":"{name}","uploaded":1795177839214,"entry":[]}}]}}"#
    );
    let taken = AtomicBool::new(false);
    let server = Server::answering(move |asked| match asked.method.as_str() {
        "POST" => {
            taken.store(true, Ordering::SeqCst);
            Reply::Silence
        }
        _ if taken.load(Ordering::SeqCst) => ok(listed.clone()),
        _ => ok(r#"{"address":"x","files":[]}"#.to_owned()),
    })
    .await;
    let world = World::at(&server.url);
    assert_eq!(ready(world.look(&upload(), None).await), Baseline::default());
    assert!(matches!(
        world.attempt(&upload(), &begun).await,
        Err(Fault::Ambiguous(_))
    ));
    // Repeated under its key, it is found and not sent once more.
    assert!(world.attempt(&upload(), &begun).await.is_ok());
    let Standing::Done(proof) = world.look(&upload(), Some(&begun)).await else {
        panic!("not done")
    };
    let value = format!("f3a5_{name}");
    assert_eq!(
        proof.binds,
        [Binding::Value {
            name: "jar/orders@old".into(),
            value
        }]
    );
    assert_eq!(server.changes().len(), 1);
    assert!(server.changes()[0].body.contains(&format!("filename=\"{name}\"")));
}

#[tokio::test]
async fn another_jar_than_the_one_of_the_plan_is_not_uploaded() {
    let world = World::at("http://127.0.0.1:1");
    put(&world.path("orders job.jar"), b"another one");
    let standing = world.look(&upload(), None).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0310"));
}

#[tokio::test]
async fn a_second_request_with_the_same_job_id_is_no_refusal() {
    for exception in [
        "client.DuplicateJobSubmissionException",
        "client.DuplicateApplicationSubmissionException",
    ] {
        let body = format!(
            r#"{{"errors":["org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.\n\tat a.b(C.java:1)\nCaused by: org.apache.flink.runtime.{exception}: Job has already been submitted.\n\tat a.b(C.java:1)\n"]}}"#
        );
        let server = Server::answering(move |_| Reply::Json(400, body.clone())).await;
        assert_eq!(
            uploaded(&server.url)
                .attempt(&start(), &intent(Baseline::default()))
                .await,
            Ok(())
        );
    }
}

#[tokio::test]
async fn a_restore_that_is_refused_says_why() {
    let server = Server::answering(|_| {
        Reply::Json(400, r#"{"errors":["a.RestHandlerException: Could not execute application.\n\tat a.b(C.java:1)\nCaused by: java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint file:/sp/s. Max parallelism mismatch\n\tat a.b(C.java:1)\n"]}"#.to_owned())
    })
    .await;
    let begun = intent(Baseline::default());
    let failure = refused(uploaded(&server.url).attempt(&start(), &begun).await);
    assert_eq!(failure.code, Code::new("UP-FLINK-0315"));
    let cause = "IllegalStateException: Failed to rollback to checkpoint/savepoint file:/sp/s. Max parallelism mismatch";
    assert_eq!(failure.far_side.as_deref(), Some(cause));
    let sent: serde_json::Value = serde_json::from_str(&server.changes()[0].body).unwrap();
    assert_eq!(sent["jobId"], begun.key.as_hex());
    assert_eq!(sent["claimMode"], "NO_CLAIM");
    assert_eq!(sent["allowNonRestoredState"], false);
}

#[tokio::test]
async fn a_job_of_the_same_name_is_not_started_a_second_time() {
    let server = Server::answering(|_| ok(jobs("0ther000000000000000000000000000", "RESTARTING", 0))).await;
    let world = uploaded(&server.url);
    for begun in [None, Some(intent(Baseline::default()))] {
        let standing = world.look(&start(), begun.as_ref()).await;
        assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0317"));
    }
}

#[tokio::test]
async fn a_job_that_fails_after_it_was_taken_is_failed_with_its_cause() {
    let begun = intent(Baseline::default());
    let key = begun.key.as_hex().to_owned();
    for state in ["FAILED", "RESTARTING"] {
        let key = key.clone();
        let server = Server::answering(move |asked| match asked.path.as_str() {
            "/jobs/overview" => ok(jobs(&key, state, 0)),
            path if path.ends_with("/execution-result") => ok(
                r#"{"status":{"id":"COMPLETED"},"job-execution-result":{"id":"x","application-status":"FAILED","failure-cause":{"class":"a.B","stack-trace":"a.B: outer\n\tat a.b(C.java:1)\nCaused by: org.apache.flink.util.StateMigrationException: no\n\tat a.b(C.java:1)\n"}}}"#,
            ),
            path if path.ends_with("/exceptions") => ok(
                r#"{"exceptionHistory":{"entries":[{"exceptionName":"a.B","stacktrace":"a.B: outer\n\tat a.b(C.java:1)\nCaused by: org.apache.flink.util.StateMigrationException: no\n\tat a.b(C.java:1)\n","timestamp":1}],"truncated":false}}"#,
            ),
            path => panic!("unexpected {path}"),
        })
        .await;
        let standing = uploaded(&server.url).look(&start(), Some(&begun)).await;
        assert_eq!(failed(&standing).code, Code::new("UP-FLINK-0316"));
        assert_eq!(
            failed(&standing).far_side.as_deref(),
            Some("StateMigrationException: no")
        );
    }
}

#[tokio::test]
async fn a_job_is_started_when_all_of_its_tasks_run() {
    let begun = intent(Baseline::default());
    for (running, done) in [(1, false), (2, true)] {
        let key = begun.key.as_hex().to_owned();
        let server = Server::answering(move |_| ok(jobs(&key, "RUNNING", running))).await;
        let standing = uploaded(&server.url).look(&start(), Some(&begun)).await;
        assert_eq!(matches!(standing, Standing::Done(_)), done, "{standing:?}");
    }
}

#[tokio::test]
async fn a_job_that_is_over_or_not_there_needs_no_cancelling() {
    let cancel = |id| {
        step(Effect::Stop {
            what: StopWhat::JobCancel {
                job: job(),
                on: old(),
                id,
            },
        })
    };
    for (state, id, done) in [
        ("CANCELED", ID, true),
        ("RUNNING", "0000", true),
        ("RUNNING", ID, false),
    ] {
        let server = Server::answering(move |_| ok(jobs(ID, state, 0))).await;
        let standing = World::at(&server.url)
            .look(&cancel(ForeignId::Seen(id.to_owned())), None)
            .await;
        assert_eq!(
            matches!(standing, Standing::Done(_)),
            done,
            "{state} {id}: {standing:?}"
        );
    }
    // Never bound: a job of the name is meant, but not the one that ran before the upgrade.
    let server = Server::answering(|_| ok(jobs(ID, "RUNNING", 2))).await;
    let unbound = cancel(ForeignId::Bound("id/orders@old".into()));
    assert!(matches!(
        World::at(&server.url).look(&unbound, None).await,
        Standing::Done(_)
    ));
}
