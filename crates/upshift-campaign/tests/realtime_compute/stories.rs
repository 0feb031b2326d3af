//! What goes wrong with a managed service, one story each: what upshift says, and what there is in the end.

use expect_test::{Expect, expect};
use upshift_engine::request::Ask;
use upshift_model::policy::Strategy;

use crate::stage::{MAJOR, Person, Stage, waiver};
use crate::telling::{goes, to_major, told};

#[tokio::test]
async fn nothing_goes_wrong() {
    let (stage, run) = goes(&[], Person::Accepts, |_| {}).await;
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
    let asked = stage.emulator.inside().asked;
    assert_eq!(
        (asked["CreateDeployment"], asked["CreateSavepoint"]),
        (2, 1),
        "{asked:?}"
    );
    assert_eq!(
        (asked["StopJob"], asked["StartJobWithParams"]),
        (1, 2),
        "{asked:?}"
    );
    assert_eq!(
        stage.emulator.inside().savepoints,
        0,
        "both were deleted after the word"
    );
}

#[tokio::test]
async fn a_major_version_in_place_and_back_again() {
    let (stage, run) = goes(&[], Person::GoesBack, |stage| {
        to_major(stage);
        stage.declaration.strategy = Strategy::InPlace;
    })
    .await;
    told(&stage, &run, expect![[r#"
        1.1 done
        1.2 done
        1.3 done
        1.4 done
        1.5 done
        2.1 done
        asks: finalize?
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        back.1.4 done
        RolledBack; left: before/orders: canonical savepoint paper:/…, which the service keeps until somebody deletes it
        --
        orders vvr-8.0.9-flink-1.17: RUNNING CANCELLED CANCELLED
    "#]]).await;
}

#[tokio::test]
async fn both_run_until_the_copy_is_accepted() {
    let (stage, run) = goes(&[], Person::Accepts, |stage| {
        stage.declaration.strategy = Strategy::DoubleRun;
        stage.declaration.delete_originals = false;
    })
    .await;
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        Finalized; left: deployment orders (ID), the original, stopped; nobody asked for it to be deleted
        --
        orders vvr-8.0.9-flink-1.17: CANCELLED
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
}

#[tokio::test]
async fn state_is_given_up_where_somebody_wants_it_so() {
    let (stage, run) = goes(&[], Person::GoesBack, |stage| {
        stage.declaration.strategy = Strategy::WithoutState;
        stage.declaration.waivers = vec![waiver("UP-RC-0118", "deployment orders")];
        MAJOR.clone_into(&mut stage.declaration.target);
    })
    .await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: before/orders: canonical savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING CANCELLED
        orders-upg vvr-11.7-jdk11-flink-1.20: CANCELLED
    "#]]).await;
}

#[tokio::test]
async fn mode_1_state_that_does_not_fit() {
    let (stage, run) = goes(&["incompatible-state*1"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 failed: UP-RC-0306: job ID of orders-upg was started and failed (JobInitializationFailed: cannot map savepoint state to the new program)
        halted: UP-RC-0306: job ID of orders-upg was started and failed (JobInitializationFailed: cannot map savepoint state to the new program)
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: S/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING FINISHED
        orders-upg vvr-8.0.11-flink-1.17: FAILED
    "#]]).await;
}

#[tokio::test]
async fn mode_2_a_job_that_restarts_for_ever() {
    let (stage, run) = goes(&["restart-loop*1"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 failed: UP-RC-0307: job ID is RUNNING by the service's word, RESTARTING by Flink's, after N restarts
        halted: UP-RC-0307: job ID is RUNNING by the service's word, RESTARTING by Flink's, after N restarts
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: S/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING FINISHED
        orders-upg vvr-8.0.11-flink-1.17: CANCELLED
    "#]]).await;
}

#[tokio::test]
async fn no_first_checkpoint() {
    let (stage, run) = goes(&["no-checkpoint*1"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        halted: UP-RC-0309: no checkpoint of job ID has completed, 3 have failed
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: S/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING FINISHED
        orders-upg vvr-8.0.11-flink-1.17: CANCELLED
    "#]]).await;
}

#[tokio::test]
async fn mode_3_a_savepoint_fails_and_is_asked_for_anew() {
    let (stage, run) = goes(&["savepoint-fails*1"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 failed: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: step 2.1: savepoint ID came to nothing; the service lists it until somebody deletes it
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]]).await;
    // For good: the job was never touched.
    let (stage, run) = goes(&["savepoint-fails"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 failed: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        2.1 failed: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        halted: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
        orders-upg vvr-8.0.11-flink-1.17: 
    "#]]).await;
    stage.emulator.heal();
    run.post(Ask::RollBack { accept_replay: true }).await;
    run.process().await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 failed: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        2.1 failed: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        halted: UP-RC-0304: savepoint ID came to nothing (CheckpointException: Checkpoint expired before completing.)
        goes back
        back.1.1 done
        RolledBack; left: step 2.1: savepoint ID came to nothing; the service lists it until somebody deletes it; step 2.1: savepoint ID came to nothing; the service lists it until somebody deletes it
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
    "#]]).await;
}

#[tokio::test]
async fn mode_4_an_engine_cannot_read_newer_state() {
    let (stage, run) = goes(&["newer-savepoint*1"], Person::Accepts, to_major).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 failed: UP-RC-0306: job ID of orders-upg was started and failed (JobInitializationFailed: Unsupported savepoint version: it was written by a newer engine)
        halted: UP-RC-0306: job ID of orders-upg was started and failed (JobInitializationFailed: Unsupported savepoint version: it was written by a newer engine)
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: before/orders: canonical savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING CANCELLED
        orders-upg vvr-11.7-jdk11-flink-1.20: FAILED
    "#]]).await;
}

#[tokio::test]
async fn mode_5_the_gateway_sheds_load() {
    // What is shed at a look is looked at again; what is shed at an act is told, and tried again once it is clear that
    // nothing came of it.
    let faults = [
        "throttled@GetJob*2",
        "throttled@CreateDeployment*1",
        "throttled-plainly@CreateSavepoint*1",
        "unavailable@StopJob*1",
        "throttled@StartJobWithParams*1",
    ];
    let (stage, run) = goes(&faults, Person::Accepts, |_| {}).await;
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 not sent
        1.1 done
        2.1 not sent
        2.1 done
        2.2 no answer
        2.2 done
        2.3 not sent
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
    assert_eq!(once(&stage), (1, 0, 2), "each effect is there once");
    // Whatever it strikes.
    let faults = ["throttled*4", "throttled-plainly*4", "unavailable*4"];
    let (stage, run) = goes(&faults, Person::Accepts, |_| {}).await;
    assert_eq!(once(&stage), (1, 0, 2), "{}", run.story().await);
    assert!(run.story().await.contains("Finalized"), "{}", run.story().await);
    assert_eq!(stage.picture().await, "orders-upg vvr-8.0.11-flink-1.17: RUNNING");
}

/// Deployments, savepoints and jobs that there are.
fn once(stage: &Stage) -> (usize, usize, usize) {
    let inside = stage.emulator.inside();
    (inside.deployments, inside.savepoints, inside.jobs)
}

#[tokio::test]
async fn mode_7_a_no_comes_as_a_status() {
    let (stage, run) = goes(&["no-as-status", "queue-full*1"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 failed: UP-RC-0306: job ID of orders-upg was started and failed (KubernetesDeploymentNotProgressing: exceeded quota: resourcequota)
        halted: UP-RC-0306: job ID of orders-upg was started and failed (KubernetesDeploymentNotProgressing: exceeded quota: resourcequota)
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: S/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING FINISHED
        orders-upg vvr-8.0.11-flink-1.17: FAILED
    "#]]).await;
}

#[tokio::test]
async fn mode_8_the_key_may_not_do_it() {
    let (stage, run) = goes(&["denied@StopJob"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 refused: UP-RC-0404: POST ADDRESS: the key is not allowed to do stream:StopJob (NoPermission: not authorized (request ID))
        2.2 failed: UP-RC-0404: POST ADDRESS: the key is not allowed to do stream:StopJob (NoPermission: not authorized (request ID))
        halted: UP-RC-0404: POST ADDRESS: the key is not allowed to do stream:StopJob (NoPermission: not authorized (request ID))
        goes back
        back.1.1 done
        RolledBack; left: before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
    "#]]).await;
    stage.emulator.heal();
    run.post(Ask::Resume).await;
    run.process().await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 refused: UP-RC-0404: POST ADDRESS: the key is not allowed to do stream:StopJob (NoPermission: not authorized (request ID))
        2.2 failed: UP-RC-0404: POST ADDRESS: the key is not allowed to do stream:StopJob (NoPermission: not authorized (request ID))
        halted: UP-RC-0404: POST ADDRESS: the key is not allowed to do stream:StopJob (NoPermission: not authorized (request ID))
        goes back
        back.1.1 done
        RolledBack; left: before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
    "#]]).await;
}

#[tokio::test]
async fn mode_9_the_queue_is_full() {
    let (stage, run) = goes(&["queue-full*1"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 failed: UP-RC-0306: job ID of orders-upg was started and failed (KubernetesDeploymentNotProgressing: exceeded quota: resourcequota)
        halted: UP-RC-0306: job ID of orders-upg was started and failed (KubernetesDeploymentNotProgressing: exceeded quota: resourcequota)
        goes back
        back.1.1 done
        back.1.2 done
        back.1.3 done
        RolledBack; left: S/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders-upg (ID) with its logs and events: delete it before another try
        --
        orders vvr-8.0.9-flink-1.17: RUNNING FINISHED
        orders-upg vvr-8.0.11-flink-1.17: FAILED
    "#]]).await;
}

#[tokio::test]
async fn mode_10_what_was_just_stopped_cannot_be_deleted_yet() {
    let (stage, run) = goes(&["delete-refused"], Person::Accepts, |_| {}).await;
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 not sent
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
}

#[tokio::test]
async fn mode_11_lists_lag() {
    let (stage, run) = goes(&["lists-lag"], Person::Accepts, |stage| {
        stage.declaration.lists_lag = upshift_model::span::Millis::from_secs(10);
    })
    .await;
    stage.emulator.heal();
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
    let asked = stage.emulator.inside().asked;
    assert_eq!(
        (asked["CreateDeployment"], asked["CreateSavepoint"]),
        (2, 1),
        "{asked:?}"
    );
    assert_eq!(
        (asked["StopJob"], asked["StartJobWithParams"]),
        (1, 2),
        "{asked:?}"
    );
}

#[tokio::test]
async fn mode_12_new_words() {
    let (stage, run) = goes(&["new-words"], Person::Accepts, |_| {}).await;
    stage.emulator.heal();
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
}

/// Mode 6: each of them is done once, though nobody heard of it.
#[tokio::test]
async fn mode_6_answers_are_lost_and_every_effect_is_there_once() {
    acts_without_answer(
        "lost-answer",
        expect![[r#"
        CreateDeployment
        1.1 no answer
        1.1 done
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING

        CreateSavepoint
        1.1 done
        2.1 no answer
        2.1 done
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING

        StopJob
        1.1 done
        2.1 done
        2.2 no answer
        2.2 done
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING

        StartJobWithParams
        1.1 done
        2.1 done
        2.2 done
        2.3 no answer
        2.3 done
        2.4 done
        3.1 done
        asks: finalize?
        4.1 done
        5.1 done
        5.2 done
        5.3 done
        Finalized; left: 
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING

    "#]],
    )
    .await;
}

/// One upgrade for each call that acts, whose answer tells nothing; all are told together.
pub(crate) async fn acts_without_answer(fault: &str, expected: Expect) {
    let mut all = String::new();
    for action in [
        "CreateDeployment",
        "CreateSavepoint",
        "StopJob",
        "StartJobWithParams",
    ] {
        let (stage, run) = goes(&[&format!("{fault}@{action}*1")], Person::Accepts, |_| {}).await;
        all += &format!("{action}\n{}--\n{}\n\n", run.story().await, stage.picture().await);
        let asked = |action: &str| stage.emulator.inside().asked[action];
        assert_eq!(
            (asked("CreateDeployment"), asked("CreateSavepoint")),
            (2, 1),
            "{action}"
        );
        assert_eq!(
            (asked("StopJob"), asked("StartJobWithParams")),
            (1, 2),
            "{action}"
        );
        assert_eq!(once(&stage), (1, 0, 2), "{action}");
    }
    expected.assert_eq(&all);
}

/// The guide names a story for each failure mode, and each of them is here.
#[test]
fn the_guide_tells_where_every_failure_mode_is_tried() {
    let guide = include_str!("../../../../docs/realtime-compute.md");
    let sources = [include_str!("stories.rs"), include_str!("gateway.rs")].concat();
    let words = guide.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let named: Vec<&str> = words.filter(|word| word.starts_with("mode_")).collect();
    for mode in 1..=12 {
        let of = format!("mode_{mode}_");
        assert!(
            named.iter().any(|name| name.starts_with(&of)),
            "{of} in the guide"
        );
    }
    for name in named {
        assert!(
            sources.contains(&format!("async fn {name}(")),
            "{name} is a story"
        );
    }
}
