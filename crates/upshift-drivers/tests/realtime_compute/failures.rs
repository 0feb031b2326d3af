//! The service says no in two shapes, sheds load, and writes one thing in several types.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use upshift_drivers::realtime_compute::{
    Deployment, EngineStatus, Filter, JobState, Mark, SavepointState, Stop, codes,
};
use upshift_engine::driver::Fault;
use upshift_model::ids::{AttemptKey, Code};

use crate::server::{Reply, Server};

fn code(fault: Fault) -> Code {
    match fault {
        Fault::Refused(failure) => failure.code,
        other => panic!("expected a refusal, found {other}"),
    }
}

fn answering(name: &'static str) -> Server {
    Server::start(move |_| Reply::made(name))
}

#[tokio::test]
async fn what_the_service_does_not_know_is_none_in_both_shapes() {
    for shape in ["business-fail-200", "gw-404-business-code"] {
        let client = answering(shape).client();
        assert_eq!(client.job("x").await.expect(shape), None, "{shape}");
        assert!(!client.delete_savepoint("x").await.expect(shape), "{shape}");
        let stopped = client.stop_job("x", Stop::Plainly).await.expect_err(shape);
        assert_eq!(code(stopped), codes::NOT_KNOWN, "{shape}");
    }
}

#[tokio::test]
async fn refusals_are_told_apart_by_their_code() {
    for (answer, expected) in [
        ("gw-400-signature", codes::KEYS_REFUSED),
        ("gw-404-ak", codes::KEYS_REFUSED),
        ("gw-400-timestamp", codes::CLOCKS_APART),
        ("gw-403-noperm", codes::NOT_ALLOWED),
    ] {
        let client = answering(answer).client();
        assert_eq!(
            code(client.job("x").await.expect_err(answer)),
            expected,
            "{answer}"
        );
    }
    let client = answering("gw-403-noperm").client();
    let text = client.job("x").await.expect_err("refused").to_string();
    assert!(
        text.ends_with("the key is not allowed to do stream:StartJobWithParams"),
        "{text}"
    );
    let quota =
        json!({ "success": false, "errorCode": "990201", "errorMessage": "exceeded quota" }).to_string();
    let server = Server::start(move |_| Reply::With(200, Vec::new(), quota.clone()));
    let refused = server
        .client()
        .stop_job("x", Stop::Plainly)
        .await
        .expect_err("refused");
    assert_eq!(code(refused), codes::REFUSED);
    let server = Server::start(|_| Reply::With(200, Vec::new(), "<html>login</html>".to_owned()));
    assert_eq!(
        code(server.client().job("x").await.expect_err("no JSON")),
        codes::NOT_THE_SERVICE
    );
}

#[tokio::test]
async fn a_read_that_is_turned_away_is_asked_again_and_a_change_is_not() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::With(
            429,
            vec![("x-acs-retry-after".to_owned(), "20".to_owned())],
            "{\"Code\":\"Throttling.User\",\"Message\":\"flow control\"}".to_owned(),
        ),
        _ => Reply::made("job-running"),
    });
    let job = server
        .client()
        .job("x")
        .await
        .expect("the second try")
        .expect("a job");
    assert_eq!(job.status.current_job_status, JobState::Running);
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert_ne!(
        asked[0].headers["x-acs-signature-nonce"], asked[1].headers["x-acs-signature-nonce"],
        "a nonce is never used twice"
    );

    for shed in ["gw-429-throttled-retry-after", "gw-400-throttled"] {
        let server = answering(shed);
        let fault = server
            .client()
            .stop_job("x", Stop::Plainly)
            .await
            .expect_err("turned away");
        assert!(
            matches!(fault, Fault::Transient(_)),
            "turned away before it was begun: {fault}"
        );
        assert_eq!(server.asked().len(), 1, "{shed}");
    }
    let text = answering("gw-429-throttled-retry-after")
        .client()
        .stop_job("x", Stop::Plainly)
        .await
        .expect_err("turned away")
        .to_string();
    assert!(text.ends_with("it wants to be left alone for 1500 ms"), "{text}");
}

#[tokio::test]
async fn a_change_that_may_have_happened_is_said_to() {
    for unsure in ["gw-503", "gw-400-nonce"] {
        let fault = answering(unsure)
            .client()
            .stop_job("x", Stop::Plainly)
            .await
            .expect_err(unsure);
        assert!(matches!(fault, Fault::Ambiguous(_)), "{unsure}: {fault}");
    }
    let server = Server::start(|_| Reply::Lost);
    let fault = server
        .client()
        .stop_job("x", Stop::Plainly)
        .await
        .expect_err("no answer");
    assert!(matches!(fault, Fault::Ambiguous(_)), "{fault}");
    assert_eq!(server.asked().len(), 1, "sent once");
}

#[tokio::test]
async fn words_that_nobody_knows_are_kept_and_mean_nothing() {
    let job = json!({
        "jobId": "j", "deploymentId": "d", "brandNew": {"a": 1}, "startTime": "1767225600",
        "status": {
            "currentJobStatus": "HIBERNATING",
            "running": {"observedFlinkJobRestarts": "7", "observedFlinkJobStatus": "RESTARTING"},
            "failure": null,
        },
        "restoreStrategy": {"kind": "FROM_THE_MOON", "allowNonRestoredState": "false"},
    });
    let server = Server::start(move |_| Reply::data(job.clone()));
    let job = server.client().job("j").await.expect("an answer").expect("a job");
    let state = &job.status.current_job_status;
    assert_eq!(state, &JobState::Other("HIBERNATING".to_owned()));
    assert!(!state.is_over());
    let running = job.status.running.expect("what Flink says");
    assert_eq!(running.observed_flink_job_restarts, Some(7));
    assert_eq!(job.restore_strategy.kind.word(), "FROM_THE_MOON");
    assert_eq!(job.restore_strategy.allow_non_restored_state, Some(false));
    assert_eq!(job.start_time, Some(1_767_225_600));

    let engines = answering("engine-version-meta")
        .client()
        .engine_versions()
        .await
        .expect("engines");
    let status = |at: usize| engines.engine_version_metadata[at].status.clone();
    assert_eq!(
        (status(0), status(5)),
        (EngineStatus::Expired, EngineStatus::Beta)
    );
    assert_eq!(
        EngineStatus::from("RECOMMENDED"),
        EngineStatus::Other("RECOMMENDED".to_owned())
    );
    let point = answering("savepoint-failed")
        .client()
        .savepoint("s")
        .await
        .expect("an answer")
        .expect("one");
    assert_eq!(point.status.state, SavepointState::Failed);
    let why = point.status.failure.expect("why");
    assert_eq!(why.message.as_deref(), Some("expired before completing"));
    let proxied = answering("flink-proxy-checkpoints-string")
        .client()
        .flink("j", "/x")
        .await;
    assert_eq!(
        proxied.expect("an answer").expect("JSON inside text")["counts"]["restored"],
        1
    );
}

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    let server = Server::start(|request| {
        let index: usize = request.query[0].1.parse().expect("pageIndex");
        let count = if index < 3 { 100 } else { 50 };
        let items: Vec<_> = (0..count)
            .map(|n| json!({ "name": format!("{index}-{n}") }))
            .collect();
        let body = json!({ "success": true, "data": items, "pageIndex": index, "totalSize": "250" });
        Reply::With(200, Vec::new(), body.to_string())
    });
    let all = server
        .client()
        .deployments(&Filter::default())
        .await
        .expect("three pages");
    assert_eq!((all.len(), all[249].name()), (250, "3-49"));
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_copy_keeps_what_upshift_does_not_know_and_leaves_what_is_the_services() {
    let original = Deployment::of(json!({
        "deploymentId": "d", "name": "orders", "engineVersion": "vvr-8.0.9-flink-1.17",
        "workspace": "w", "jobSummary": {}, "createdAt": "1", "labels": {"team": "a"},
        "newInMarch": {"x": [true, null]}, "flinkConf": {"n": 2},
    }))
    .expect("an object");
    let mark = Mark::of(&AttemptKey::derive(&"run".into(), &"1.1".into(), 1));
    assert_eq!(
        original.copy_for("orders-upg", "vvr-8.0.11-flink-1.17", &mark),
        json!({
            "name": "orders-upg", "engineVersion": "vvr-8.0.11-flink-1.17",
            "labels": {"team": "a", "upshift": mark.as_str()},
            "newInMarch": {"x": [true, null]}, "flinkConf": {"n": 2},
        })
    );
}
