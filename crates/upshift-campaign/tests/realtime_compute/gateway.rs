//! Mode 8 and 5: clocks, signatures and nonces that the gateway does not take, and a budget of calls that all lanes share.

use expect_test::{Expect, expect};
use upshift_engine::request::Ask;
use upshift_model::policy::OnFailedGate;

use crate::stage::{Person, Run, Stage};
use crate::stories::acts_without_answer;
use crate::telling::{goes, told};

/// The gateway refuses one action until somebody has mended it; then the run goes on where it halted.
async fn refused_and_mended(fault: &str, expected: Expect) {
    let (stage, run) = goes(&[fault], Person::Accepts, |stage| {
        stage.declaration.policy.on_failed_gate = OnFailedGate::Ask;
    })
    .await;
    let here = stage.picture().await;
    assert!(here.contains("orders vvr-8.0.9-flink-1.17: RUNNING"), "{here}");
    stage.emulator.heal();
    run.post(Ask::Resume).await;
    run.process().await;
    told(&stage, &run, expected).await;
    let asked = stage.emulator.inside().asked;
    assert_eq!(
        (asked["CreateSavepoint"], asked["StartJobWithParams"]),
        (1, 2),
        "{asked:?}"
    );
}

#[tokio::test]
async fn mode_8_clocks_are_too_far_apart() {
    refused_and_mended("clock-ahead@CreateSavepoint", expect![[r#"
        1.1 done
        2.1 refused: UP-RC-0403: POST ADDRESS: the clocks of this machine and of the service are too far apart (InvalidTimeStamp.Expired: timestamp expired (request ID))
        2.1 failed: UP-RC-0403: POST ADDRESS: the clocks of this machine and of the service are too far apart (InvalidTimeStamp.Expired: timestamp expired (request ID))
        halted: UP-RC-0403: POST ADDRESS: the clocks of this machine and of the service are too far apart (InvalidTimeStamp.Expired: timestamp expired (request ID))
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
    "#]]).await;
}

#[tokio::test]
async fn mode_8_the_signature_is_not_accepted() {
    refused_and_mended("signature-refused@StopJob", expect![[r#"
        1.1 done
        2.1 done
        2.2 refused: UP-RC-0402: POST ADDRESS: the service does not accept the signature: the secret does not belong to the key (SignatureDoesNotMatch: signature mismatch (request ID))
        2.2 failed: UP-RC-0402: POST ADDRESS: the service does not accept the signature: the secret does not belong to the key (SignatureDoesNotMatch: signature mismatch (request ID))
        halted: UP-RC-0402: POST ADDRESS: the service does not accept the signature: the secret does not belong to the key (SignatureDoesNotMatch: signature mismatch (request ID))
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
    "#]]).await;
}

/// The gateway says that it has seen the request: what became of the first is not known, and is looked for.
#[tokio::test]
async fn mode_8_a_nonce_was_used_before() {
    acts_without_answer(
        "nonce-used",
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

/// The same upgrade of three deployments, with a budget that all lanes share.
#[tokio::test]
async fn lanes_share_one_budget_of_calls() {
    let mut stage = Stage::of(&["orders", "payments", "returns"]).await;
    stage.declaration.width = 3;
    stage.declaration.calls_per_second = 40;
    let plan = stage.plan().await;
    let before: u64 = stage.emulator.inside().asked.values().sum();
    stage.emulator.inject("throttled*6".parse().expect("a fault"));
    let begun = crate::stage::now();
    let run = Run::open(plan, Person::Accepts).await;
    run.process().await;
    let took = crate::stage::now().duration_since(begun).as_millis();
    let story = run.story().await;
    assert!(story.contains("Finalized"), "{story}");
    let sent = stage.emulator.inside().asked.values().sum::<u64>() - before;
    // Up to a second's worth goes at once, and a read that was shed is sent again without a place in the row. A slow
    // machine sends less: that is no fault.
    assert!(sent > 80, "{sent} calls say something of a budget");
    assert!(
        i128::from(sent) <= took * 40 / 1000 + 40 + 12,
        "{sent} calls in {took} ms"
    );
}
