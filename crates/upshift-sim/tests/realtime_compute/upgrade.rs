//! A clone-and-switch by the driver's client, on paper: the state machines of the service.

use serde_json::{Value, json};
use upshift_drivers::realtime_compute::{
    Draft, From, JobState, Mark, RealtimeCompute, RestoreKind, Savepoint, SavepointOrigin, SavepointState,
    Start, Stop, Ticket, codes, only,
};
use upshift_engine::driver::Fault;
use upshift_model::ids::AttemptKey;

use crate::support::{MAJOR, NEW, client, emulator, job_is, orders, running, savepoint_is, until, world};

fn mark(step: &str) -> Mark {
    Mark::of(&AttemptKey::derive(&"run".into(), &step.into(), 1))
}

fn from(deployment: &str, savepoint: &str) -> Start {
    Start {
        deployment: deployment.to_owned(),
        from: From::Savepoint(savepoint.to_owned()),
        queue: None,
    }
}

fn said(fault: Fault) -> String {
    match fault {
        Fault::Refused(failure) => {
            assert_eq!(failure.code, codes::REFUSED);
            failure.far_side.expect("what the service said")
        }
        other => panic!("expected a refusal, found {other}"),
    }
}

#[tokio::test]
async fn a_deployment_is_cloned_saved_stopped_and_started_from_its_savepoint() {
    let service = emulator(world(&[]));
    let client = client(&service);
    let (old, job) = running(&client).await;

    let clone = client
        .create_deployment(old.copy_for("orders-upg", NEW, &mark("1.1")))
        .await
        .expect("a clone");
    let read = client
        .deployment(clone.id())
        .await
        .expect("an answer")
        .expect("the clone");
    assert_eq!((read.name(), read.engine_version()), ("orders-upg", NEW));
    assert_eq!(
        read.get("localVariables"),
        Some(&json!([{ "name": "v", "value": "1" }]))
    );
    assert_eq!(read.label("team"), Some("a"));

    let point = client
        .create_savepoint(old.id(), Some(true), &mark("2.1").description())
        .await
        .expect("taken on");
    let point = savepoint_is(&client, &point.savepoint_id, SavepointState::Completed).await;
    assert_eq!(
        (point.native_format, &point.savepoint_origin),
        (Some(true), &SavepointOrigin::UserRequest)
    );

    let refused = client.delete_deployment(old.id()).await.expect_err("it runs");
    assert!(said(refused).starts_with("Emulator.JobNotOver"));
    client.stop_job(&job, Stop::Plainly).await.expect("taken on");
    job_is(&client, &job, JobState::Cancelled).await;
    let kept = client.savepoints(old.id()).await.expect("a list");
    assert!(
        kept.iter()
            .any(|one| one.savepoint_origin == SavepointOrigin::RetainedCheckpoint)
    );

    let started = client
        .start_job(&from(clone.id(), &point.savepoint_id))
        .await
        .expect("taken on");
    let runs = job_is(&client, &started.job_id, JobState::Running).await;
    assert_eq!(runs.engine_version.as_deref(), Some(NEW));
    assert_eq!(runs.restore_strategy.kind, RestoreKind::FromSavepoint);
    let again = client
        .start_job(&from(clone.id(), &point.savepoint_id))
        .await
        .expect_err("it runs");
    assert!(said(again).starts_with("Emulator.JobRuns"));
    restored_from(&client, &started.job_id, &point).await;
    cleaned_up(&client, old.id(), &point.savepoint_id).await;
}

/// Flink itself says where the state came from.
async fn restored_from(client: &RealtimeCompute, job: &str, point: &Savepoint) {
    let path = format!("/jobs/{}/checkpoints", job.replace('-', ""));
    let stats = client
        .flink(job, &path)
        .await
        .expect("an answer")
        .expect("Flink's");
    assert_eq!(
        stats["latest"]["restored"]["external_path"],
        json!(point.savepoint_location)
    );
}

/// What is deleted is gone, and deleting it again does nothing.
async fn cleaned_up(client: &RealtimeCompute, old: &str, savepoint: &str) {
    assert!(client.delete_deployment(old).await.expect("deleted"));
    assert!(client.delete_savepoint(savepoint).await.expect("deleted"));
    assert!(!client.delete_savepoint(savepoint).await.expect("gone already"));
    assert_eq!(client.deployment(old).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_stop_with_savepoint_ends_finished_and_leaves_one() {
    let service = emulator(world(&[]));
    let client = client(&service);
    let (old, job) = running(&client).await;
    client
        .stop_job(&job, Stop::WithSavepoint)
        .await
        .expect("taken on");
    job_is(&client, &job, JobState::Finished).await;
    let whole = |all: &Vec<Savepoint>| {
        all.iter().any(|one| {
            one.savepoint_origin == SavepointOrigin::StopWithSavepoint
                && one.status.state == SavepointState::Completed
        })
    };
    until(|| client.savepoints(old.id()), whole).await;
    let none = client
        .create_savepoint(old.id(), None, "late")
        .await
        .expect_err("nothing runs");
    assert!(said(none).starts_with("Emulator.JobNotRunning"));
}

#[tokio::test]
async fn a_change_merges_what_it_holds_and_what_is_fixed_stays() {
    let service = emulator(world(&[]));
    let client = client(&service);
    let made = client.create_deployment(orders()).await.expect("made");
    let changed = client
        .update_deployment(made.id(), only("engineVersion", NEW))
        .await
        .expect("changed");
    assert_eq!(changed.engine_version(), NEW);
    assert_eq!(
        changed.get("localVariables"),
        made.get("localVariables"),
        "nothing else changed"
    );
    assert_eq!(changed.get("deploymentHasChanged"), Some(&Value::Bool(true)));
    // What the vendor's client does beside: an empty list empties.
    let wiped = json!({ "engineVersion": NEW, "localVariables": [] });
    let wiped = client.update_deployment(made.id(), wiped).await.expect("changed");
    assert_eq!(wiped.get("localVariables"), Some(&json!([])));
    for (change, why) in [
        (only("executionMode", "BATCH"), "Emulator.Immutable"),
        (
            only("artifact", json!({ "kind": "PYTHON" })),
            "Emulator.Immutable",
        ),
        (
            only("engineVersion", "vvr-99.1-flink-9.9"),
            "Emulator.NoSuchEngine",
        ),
    ] {
        let refused = client.update_deployment(made.id(), change).await.expect_err(why);
        assert!(said(refused).starts_with(why));
    }
    let twin = client
        .create_deployment(orders())
        .await
        .expect_err("the name is taken");
    assert!(said(twin).starts_with("Emulator.NameTaken"));
    let mut ancient = orders();
    (ancient["name"], ancient["engineVersion"]) = (json!("ancient"), json!("vvr-4.0.18-flink-1.13"));
    let ancient = client.create_deployment(ancient).await.expect("made");
    let start = Start {
        deployment: ancient.id().to_owned(),
        from: From::Nothing { start_at: None },
        queue: None,
    };
    let job = client.start_job(&start).await.expect("started").job_id;
    job_is(&client, &job, JobState::Running).await;
    let native = client
        .create_savepoint(ancient.id(), Some(true), "x")
        .await
        .expect_err("below engine 6");
    assert!(said(native).starts_with("Emulator.NoNativeSavepoint"));
}

#[tokio::test]
async fn a_draft_is_saved_as_another_validated_and_deployed() {
    let service = emulator(world(&[]));
    let client = client(&service);
    let original = client
        .create_draft(draft("-- emulator runs paper.jar --p 1\nINSERT …"))
        .await
        .expect("a draft");
    assert_eq!(
        client
            .draft_lock(original.id())
            .await
            .expect("a lock")
            .holder_name
            .as_deref(),
        Some("emulator")
    );
    let copy = original.save_as("orders-sql-upg", Some("folder-2"), MAJOR, &mark("1.1"));
    let copy: Draft = client.create_draft(copy).await.expect("saved as another");
    assert_eq!(copy.get("parentId"), Some(&json!("folder-2")));
    assert_eq!(
        client
            .draft_marked(&mark("1.1"))
            .await
            .expect("an answer")
            .expect("ours")
            .id(),
        copy.id()
    );

    let ticket = client
        .validate_draft(copy.id(), "default-queue")
        .await
        .expect("a ticket");
    let valid = until(|| client.validation(&ticket), done)
        .await
        .expect("a ticket");
    assert_eq!(valid.success, Some(true));
    let ticket = client
        .deploy_draft(copy.id(), "default-queue")
        .await
        .expect("a ticket");
    let result = until(|| client.deploy_result(&ticket), done)
        .await
        .expect("a ticket");
    let deployed = result.deployment_id.expect("a deployment");
    let deployed = client
        .deployment(&deployed)
        .await
        .expect("an answer")
        .expect("it is there");
    assert_eq!(
        (deployed.name(), deployed.engine_version()),
        ("orders-sql-upg", MAJOR)
    );
    assert_eq!(
        deployed.get("referencedDeploymentDraftId"),
        Some(&json!(copy.id()))
    );
    assert_eq!(deployed.label(Mark::LABEL), Some(mark("1.1").as_str()));
}

fn draft(script: &str) -> Value {
    json!({
        "name": "orders-sql", "parentId": "folder-1", "engineVersion": NEW, "executionMode": "STREAMING",
        "artifact": { "kind": "SQLSCRIPT", "sqlArtifact": { "sqlScript": script } }, "labels": {},
    })
}

fn done(ticket: &Option<Ticket>) -> bool {
    ticket.as_ref().is_some_and(Ticket::is_finished)
}

#[tokio::test]
async fn a_script_that_names_no_jar_is_refused_in_so_many_words() {
    let service = emulator(world(&[]));
    let client = client(&service);
    let mut plain = draft("INSERT …");
    plain["name"] = json!("plain");
    let plain = client.create_draft(plain).await.expect("a draft");
    let ticket = client
        .deploy_draft(plain.id(), "default-queue")
        .await
        .expect("a ticket");
    let result = until(|| client.deploy_result(&ticket), done)
        .await
        .expect("a ticket");
    assert_eq!(result.success, Some(false));
    assert!(
        result
            .message
            .expect("why")
            .starts_with("the emulator reads no SQL")
    );
    assert!(client.delete_draft(plain.id()).await.expect("deleted"));
}
