//! Several deployments side by side: what the failure of one means for the others, and where a queue runs full.

use expect_test::expect;

use crate::stage::{Person, Run, Stage, waiver};

#[tokio::test]
async fn one_of_several_fails_and_the_others_go_on() {
    let mut stage = Stage::of(&["orders", "payments", "returns"]).await;
    stage.declaration.policy.on_lane_failure = upshift_model::policy::OnLaneFailure::Park;
    stage.declaration.delete_originals = false;
    let plan = stage.plan().await;
    stage
        .emulator
        .inject("incompatible-state*1".parse().expect("a fault"));
    let run = Run::open(plan, Person::Accepts).await;
    run.process().await;
    // Lanes that run side by side tell in any order.
    let mut lines: Vec<String> = run
        .story()
        .await
        .lines()
        .map(|line| format!("{line}\n"))
        .collect();
    lines.sort();
    expect![[r#"
        1.a.1 done
        1.b.1 done
        1.c.1 done
        2.a.1 done
        2.a.2 done
        2.a.3 failed: UP-RC-0306: job ID of orders-upg was started and failed (JobInitializationFailed: cannot map savepoint state to the new program)
        2.b.1 done
        2.b.2 done
        2.b.3 done
        2.b.4 done
        2.c.1 done
        2.c.2 done
        2.c.3 done
        2.c.4 done
        3.b.1 done
        3.c.1 done
        4.1 done
        5.b.1 done
        5.b.2 done
        5.c.1 done
        5.c.2 done
        Finalized; left: orders was parked and is where its lane failed; S/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; before/orders: native savepoint paper:/…, which the service keeps until somebody deletes it; deployment orders (ID), the original, stopped; nobody asked for it to be deleted; deployment payments (ID), the original, stopped; nobody asked for it to be deleted; deployment returns (ID), the original, stopped; nobody asked for it to be deleted
        asks: finalize?
    "#]]
    .assert_eq(&lines.concat());
    expect![[r#"
        orders vvr-8.0.9-flink-1.17: FINISHED
        orders-upg vvr-8.0.11-flink-1.17: FAILED
        payments vvr-8.0.9-flink-1.17: FINISHED
        payments-upg vvr-8.0.11-flink-1.17: RUNNING
        returns vvr-8.0.9-flink-1.17: FINISHED
        returns-upg vvr-8.0.11-flink-1.17: RUNNING
    "#]]
    .assert_eq(&(stage.picture().await + "\n"));
}

/// Three at a time on a queue that holds one job more: by then somebody else has taken the room that the check saw. Starts
/// find none; the policy decides what that means for the others.
#[tokio::test]
async fn lanes_that_find_no_room_stop_what_the_policy_says() {
    use upshift_model::policy::OnLaneFailure::{All, Park};
    // With `All` the first that finds none ends the others, whether they were started by then or not: a second one would be
    // left for the way back.
    for (policy, full, running) in [
        (Park, 2, ["payments-upg"].as_slice()),
        (All, 1, &["orders", "payments", "returns"]),
    ] {
        let mut stage = Stage::of(&["orders", "payments", "returns"]).await;
        stage.declaration.width = 3;
        stage.declaration.delete_originals = false;
        stage.declaration.policy.on_lane_failure = policy;
        stage.declaration.waivers = ["orders", "payments", "returns"]
            .map(|name| waiver("UP-RC-0117", &format!("deployment {name}")))
            .to_vec();
        let plan = stage.plan().await;
        // Which lanes come first is a matter of time.
        stage
            .emulator
            .inject(format!("queue-full*{full}").parse().expect("a fault"));
        let run = Run::open(plan, Person::Accepts).await;
        run.process().await;
        let (story, picture) = (run.story().await, stage.picture().await);
        let failed = story.matches("exceeded quota: resourcequota").count();
        assert!(failed >= full, "{policy:?}: {story}");
        let runs = picture.lines().filter(|line| line.contains(": RUNNING")).count();
        assert_eq!(runs, running.len(), "{policy:?}: {picture}\n{story}");
        match policy {
            Park => {
                assert_eq!(story.matches("was parked").count(), 2, "{story}");
                assert_eq!(
                    picture.matches("-upg vvr-8.0.11-flink-1.17: RUNNING").count(),
                    1,
                    "{picture}"
                );
                assert!(story.contains("Finalized"), "{story}");
            }
            All => {
                for name in running {
                    let original = format!("{name} vvr-8.0.9-flink-1.17: RUNNING");
                    assert!(picture.contains(&original), "{original}: {picture}\n{story}");
                }
                assert!(story.contains("RolledBack"), "{story}");
            }
        }
    }
}
