//! Programs of every kind, and SQL that comes from drafts: saved as another, validated, deployed.

use expect_test::expect;
use serde_json::json;
use upshift_engine::request::Ask;
use upshift_model::span::Millis;

use crate::stage::{Person, Run, Stage};
use crate::telling::{goes_on, told};

const SCRIPT: &str = "-- emulator runs paper.jar\nINSERT INTO snk SELECT k, COUNT(*) FROM src GROUP BY k;";

async fn drafts(stage: &Stage) -> String {
    let all = stage.client.drafts().await.expect("a list");
    let mut told: Vec<String> = all
        .iter()
        .map(|one| {
            format!(
                "{} in {} on {}",
                one.name(),
                one.folder().unwrap_or("no folder"),
                one.engine_version()
            )
        })
        .collect();
    told.sort();
    told.join("; ")
}

#[tokio::test]
async fn python_and_sql_scripts_are_copied_as_they_are() {
    let python = json!({ "kind": "PYTHON", "pythonArtifact": {
        "pythonArtifactUri": "oss://b/orders.py", "entryModule": "orders", "mainArgs": "--p 2",
        "additionalDependencies": ["file:///no/connector.jar"], "additionalPythonLibraries": ["oss://b/lib.whl"],
    } });
    let sql = json!({ "kind": "SQLSCRIPT", "sqlArtifact": { "sqlScript": SCRIPT } });
    for artifact in [python, sql] {
        let stage = Stage::running(artifact.clone()).await;
        let (stage, run) = goes_on(stage, &[], Person::Accepts, |_| {}).await;
        let story = run.story().await;
        assert!(story.ends_with("Finalized; left: \n"), "{artifact}: {story}");
        assert_eq!(stage.picture().await, "orders-upg vvr-8.0.11-flink-1.17: RUNNING");
        let made = &stage
            .client
            .deployments(&Default::default())
            .await
            .expect("a list")[0];
        assert_eq!(
            made.get("artifact"),
            Some(&artifact),
            "nothing of it is lost on the way"
        );
    }
}

#[tokio::test]
async fn sql_from_a_draft_is_saved_as_another_validated_and_deployed() {
    let stage = Stage::drafted(SCRIPT).await;
    let (stage, run) = goes_on(stage, &[], Person::Accepts, |stage| {
        stage.declaration.clone_folder = Some("folder-2".to_owned());
    })
    .await;
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 done
        1.2 done
        1.3 done
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
        Finalized; left: draft ID of orders, which upshift never deletes: the SQL in it is somebody's
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]],
    )
    .await;
    expect!["orders in folder-1 on vvr-8.0.9-flink-1.17; orders-upg in folder-2 on vvr-8.0.11-flink-1.17"]
        .assert_eq(&drafts(&stage).await);
    let asked = stage.emulator.inside().asked;
    let count = |action: &str| asked.get(action).copied().unwrap_or(0);
    // One draft and one deployment were there before: made by hand.
    assert_eq!(
        (
            count("CreateDeploymentDraft"),
            count("DeployDeploymentDraftAsync")
        ),
        (2, 2),
        "{asked:?}"
    );
    assert_eq!(
        (count("ValidateDeploymentDraftAsync"), count("CreateDeployment")),
        (1, 0),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_draft_that_the_new_engine_does_not_take_touches_nothing() {
    let stage = Stage::drafted(SCRIPT).await;
    let (stage, run) = goes_on(stage, &["invalid-draft"], Person::Accepts, |_| {}).await;
    told(&stage, &run, expect![[r#"
        1.1 done
        1.2 failed: UP-RC-0311: the service does not validate the new draft (SQL validation failed: Table 'src' not found)
        halted: UP-RC-0311: the service does not validate the new draft (SQL validation failed: Table 'src' not found)
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
    "#]]).await;
    run.post(Ask::RollBack { accept_replay: true }).await;
    run.process().await;
    told(&stage, &run, expect![[r#"
        1.1 done
        1.2 failed: UP-RC-0311: the service does not validate the new draft (SQL validation failed: Table 'src' not found)
        halted: UP-RC-0311: the service does not validate the new draft (SQL validation failed: Table 'src' not found)
        goes back
        back.1.1 done
        RolledBack; left: 
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
    "#]]).await;
    expect!["orders in folder-1 on vvr-8.0.9-flink-1.17"].assert_eq(&drafts(&stage).await);
}

#[tokio::test]
async fn a_ticket_that_never_ends_is_given_up() {
    let mut stage = Stage::drafted(SCRIPT).await;
    stage.declaration.lists_lag = Millis(50);
    let mut sealed = stage.plan().await;
    for step in sealed.plan.waves[0].lanes[0].steps.iter_mut() {
        step.give_up = Millis(400);
    }
    stage.emulator.inject("ticket-hangs".parse().expect("a fault"));
    let run = Run::open(sealed.plan.seal(), Person::Accepts).await;
    run.process().await;
    let story = run.story().await;
    assert!(
        story.contains("halted: UP-RUN-0003") && story.contains("ticket ID to validate is RUNNING"),
        "{story}"
    );
}

/// Each of them is done once, though nobody heard of it.
#[tokio::test]
async fn answers_about_drafts_are_lost() {
    for action in [
        "CreateDeploymentDraft",
        "ValidateDeploymentDraftAsync",
        "DeployDeploymentDraftAsync",
    ] {
        let stage = Stage::drafted(SCRIPT).await;
        let fault = format!("lost-answer@{action}*1");
        let (stage, run) = goes_on(stage, &[&fault], Person::GoesBack, |_| {}).await;
        let (story, inside) = (run.story().await, stage.emulator.inside());
        assert!(
            story.contains("no answer") && story.contains("RolledBack"),
            "{action}: {story}"
        );
        assert_eq!((inside.deployments, inside.jobs), (2, 3), "{action}: {story}");
        let wanted =
            "orders in folder-1 on vvr-8.0.9-flink-1.17; orders-upg in folder-1 on vvr-8.0.11-flink-1.17";
        assert_eq!(drafts(&stage).await, wanted, "{action}");
        assert!(
            story.contains("draft orders-upg (ID), of which that deployment came"),
            "{story}"
        );
        let counted = inside.asked.get("CreateDeploymentDraft").copied();
        assert_eq!(counted, Some(2), "{action}");
        if action == "DeployDeploymentDraftAsync" {
            assert_eq!(
                inside.asked.get(action).copied(),
                Some(2),
                "found by the draft that it names"
            );
        }
    }
}

#[tokio::test]
async fn a_draft_that_was_edited_is_not_what_runs() {
    let stage = Stage::drafted(SCRIPT).await;
    let sealed = stage.plan().await;
    let draft = stage.client.drafts().await.expect("a list")[0].id().to_owned();
    let edited = json!({ "artifact": { "kind": "SQLSCRIPT", "sqlArtifact": { "sqlScript": format!("{SCRIPT} -- more") } } });
    stage.client.update_draft(&draft, edited).await.expect("an edit");
    let run = Run::open(sealed, Person::Accepts).await;
    run.process().await;
    told(
        &stage,
        &run,
        expect![[r#"
        1.1 refused: UP-RC-0302: draft orders was edited since orders was deployed
        1.1 failed: UP-RC-0302: draft orders was edited since orders was deployed
        halted: UP-RC-0302: draft orders was edited since orders was deployed
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
    "#]],
    )
    .await;
}

/// The ticket is lost, and what it was for does not come: nobody can tell whether it goes on, so a person is asked.
#[tokio::test]
async fn a_deployment_whose_ticket_was_lost_is_not_asked_for_again() {
    let mut stage = Stage::drafted(SCRIPT).await;
    stage.declaration.lists_lag = Millis(50);
    let mut sealed = stage.plan().await;
    for step in sealed.plan.waves[0].lanes[0].steps.iter_mut() {
        step.give_up = Millis(2_000);
    }
    for fault in [
        "lost-answer@DeployDeploymentDraftAsync*1",
        "ticket-hangs@DeployDeploymentDraftAsync",
    ] {
        stage.emulator.inject(fault.parse().expect("a fault"));
    }
    let run = Run::open(sealed.plan.seal(), Person::Accepts).await;
    run.process().await;
    let asked = |stage: &Stage| stage.emulator.inside().asked["DeployDeploymentDraftAsync"];
    assert_eq!(asked(&stage), 2, "one by hand, and one of the run");
    // The person has looked, and nothing of it goes on.
    stage.emulator.heal();
    run.post(Ask::Resume).await;
    run.process().await;
    told(&stage, &run, expect![[r#"
        1.1 done
        1.2 done
        1.3 no answer
        1.3 failed: UP-RC-0315: draft ID may have been deployed: its ticket was lost, and no deployment of it was seen
        halted: UP-RC-0315: draft ID may have been deployed: its ticket was lost, and no deployment of it was seen
        1.3 done
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
        Finalized; left: draft ID of orders, which upshift never deletes: the SQL in it is somebody's
        --
        orders-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]]).await;
    assert_eq!(asked(&stage), 3);
}
