//! The calls that change something, and what Flink's answers to them are taken for.

use std::collections::BTreeMap;
use std::io::Write as _;

use upshift_drivers::flink::{DisposalStatus, FlinkClient, JobState, RunJar, SavepointForm, SavepointStatus};
use upshift_drivers::wire::{Http, Secrets};
use upshift_engine::driver::Fault;
use upshift_model::endpoint::Endpoint;
use upshift_model::ids::AttemptKey;
use upshift_model::restore::RestorePointKind;
use upshift_model::version::Version;

use crate::server::{Server, transcript};

const RELEASES: [&str; 4] = ["1.16.3", "1.18.1", "1.20.5", "2.3.0"];
const NO_JOB: &str = "11111111111111111111111111111111";

fn client(url: &str) -> FlinkClient {
    FlinkClient::new(Http::new(&Endpoint::plain(url), Secrets::none()).unwrap())
}

fn v(text: &str) -> Version {
    text.parse().unwrap()
}

fn key() -> AttemptKey {
    AttemptKey::derive(&"run".into(), &"2.1".into(), 1)
}

fn refused(fault: Fault) -> (String, String) {
    match fault {
        Fault::Refused(failure) => (
            failure.code.to_string(),
            failure.far_side.unwrap_or_else(String::new),
        ),
        other => panic!("{other:?}"),
    }
}

/// The job that the walk of a recording stopped.
fn stopped_job(release: &str) -> String {
    let line = transcript(release)
        .into_keys()
        .find(|line| line.starts_with("POST") && line.ends_with("/savepoints"));
    line.unwrap().split('/').nth(2).unwrap().to_owned()
}

/// The path by which the walk of a recording ran its jar.
fn uploaded(release: &str) -> String {
    let line = transcript(release)
        .into_keys()
        .find(|line| line.starts_with("POST") && line.ends_with("/run"));
    line.unwrap().split('/').nth(2).unwrap().to_owned()
}

#[tokio::test]
async fn completed_is_not_success() {
    for release in RELEASES {
        let (server, job) = (Server::recorded(release).await, stopped_job(release));
        let client = client(&server.url);
        let trigger = |n: char| format!("{}{n}", "a".repeat(31));
        match client.savepoint(&job, &trigger('1')).await.unwrap() {
            Some(SavepointStatus::Completed { location }) => {
                assert!(location.starts_with("file:/data/sp/savepoint-"))
            }
            other => panic!("{release}: {other:?}"),
        }
        match client.savepoint(&job, &trigger('2')).await.unwrap() {
            Some(SavepointStatus::Failed { cause }) => assert_eq!(
                cause, "IOException: Failed to create savepoint directory at file:/proc/nowhere",
                "{release}"
            ),
            other => panic!("{release}: {other:?}"),
        }
        match client.savepoint(NO_JOB, &trigger('3')).await.unwrap() {
            Some(SavepointStatus::Failed { cause }) => {
                assert_eq!(
                    cause,
                    format!("FlinkJobNotFoundException: Could not find Flink job ({NO_JOB})"),
                    "{release}"
                );
            }
            other => panic!("{release}: {other:?}"),
        }
        assert_eq!(
            client.savepoint(&job, &trigger('5')).await.unwrap(),
            None,
            "{release}"
        );
    }
}

#[tokio::test]
async fn what_the_server_does_not_know_is_none_and_no_fault() {
    for release in RELEASES {
        let (server, job) = (Server::recorded(release).await, stopped_job(release));
        let client = client(&server.url);
        assert_eq!(client.job_status(NO_JOB).await.unwrap(), None, "{release}");
        assert_eq!(client.job(NO_JOB).await.unwrap(), None, "{release}");
        assert_eq!(
            client.job_status(&job).await.unwrap(),
            Some(JobState::Finished),
            "{release}"
        );
        assert!(!client.cancel(NO_JOB).await.unwrap(), "{release}");
        assert!(!client.cancel(&job).await.unwrap(), "{release}");
        assert!(!client.delete_jar("nothing.jar").await.unwrap(), "{release}");
    }
}

#[tokio::test]
async fn a_refused_submission_says_what_helps() {
    for release in RELEASES {
        let (server, jar) = (Server::recorded(release).await, uploaded(release));
        let client = client(&server.url);
        let configuration = BTreeMap::new();
        let run = RunJar {
            job_id: &key(),
            entry_class: None,
            args: &[],
            parallelism: Some(2),
            savepoint: Some("file:/data/sp/savepoint-1"),
            allow_non_restored_state: false,
            configuration: &configuration,
        };
        // The recording's answers in order: run, the same id again, no such savepoint, state left over.
        assert_eq!(
            client.run_jar(&v(release), &jar, &run).await.unwrap(),
            format!("{}1", "b".repeat(31))
        );
        let said = async || refused(client.run_jar(&v(release), &jar, &run).await.unwrap_err());
        let (code, cause) = said().await;
        assert_eq!(code, "UP-FLINK-0402");
        assert!(cause.starts_with("Duplicate"), "{release}: {cause}");
        let (_, cause) = said().await;
        assert!(
            cause.contains("Cannot find checkpoint or savepoint"),
            "{release}: {cause}"
        );
        let (_, cause) = said().await;
        assert!(
            cause.contains("Cannot map checkpoint/savepoint state for operator"),
            "{release}: {cause}"
        );
    }
}

#[tokio::test]
async fn bodies_are_built_for_the_servers_release() {
    let none = BTreeMap::new();
    let some = BTreeMap::from([("pipeline.max-parallelism".to_owned(), "128".to_owned())]);
    let run = |savepoint, configuration| RunJar {
        job_id: Box::leak(Box::new(key())),
        entry_class: Some("com.example.Orders"),
        args: Box::leak(Box::new(["--a b".to_owned()])),
        parallelism: None,
        savepoint,
        allow_non_restored_state: false,
        configuration,
    };
    let fields = |version: &str, run: &RunJar<'_>| {
        let body = run.body(&v(version)).unwrap();
        body.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let restored = run(Some("file:/sp"), &none);
    assert_eq!(
        fields("1.16.3", &restored),
        "allowNonRestoredState entryClass jobId programArgsList restoreMode savepointPath"
    );
    assert_eq!(fields("1.19.3", &restored), fields("1.16.3", &restored));
    assert_eq!(
        fields("1.20.5", &restored),
        "allowNonRestoredState claimMode entryClass jobId programArgsList savepointPath"
    );
    assert_eq!(fields("2.3.0", &restored), fields("1.20.5", &restored));
    let configured = run(None, &some);
    assert_eq!(
        fields("1.18.1", &configured),
        "allowNonRestoredState entryClass flinkConfiguration jobId programArgsList"
    );
    let (code, _) = refused(configured.body(&v("1.16.3")).unwrap_err());
    assert_eq!(code, "UP-FLINK-0406");
    let form = SavepointForm::try_from(RestorePointKind::Checkpoint).unwrap_err();
    assert_eq!(form.code.as_str(), "UP-FLINK-0407");
}

#[tokio::test]
async fn a_trigger_carries_the_key_of_its_try() {
    let server = Server::always(202, "application/json", "{\"request-id\":\"x\"}").await;
    let client = client(&server.url);
    client
        .stop_with_savepoint("j1", "file:///sp", SavepointForm::Native, &key())
        .await
        .unwrap();
    assert_eq!(server.last().line, "POST /jobs/j1/stop");
    assert_eq!(
        server.last().json(),
        serde_json::json!({
            "targetDirectory": "file:///sp", "drain": false, "formatType": "NATIVE", "triggerId": key().as_hex(),
        })
    );
    client
        .trigger_savepoint("j1", "file:///sp", SavepointForm::Canonical, &key())
        .await
        .unwrap();
    assert_eq!(server.last().line, "POST /jobs/j1/savepoints");
    assert_eq!(
        server.last().json(),
        serde_json::json!({
            "target-directory": "file:///sp", "cancel-job": false, "formatType": "CANONICAL",
            "triggerId": key().as_hex(),
        })
    );
    assert_eq!(client.dispose_savepoint("file:/sp/1").await.unwrap(), "x");
    assert_eq!(
        server.last().json(),
        serde_json::json!({ "savepoint-path": "file:/sp/1" })
    );
}

#[tokio::test]
async fn a_disposal_that_failed_is_told_from_one_that_worked() {
    let answers = |path: &str, body: &str| {
        (
            format!("GET /savepoint-disposal/{path}"),
            vec![(200, body.to_owned())],
        )
    };
    let server = Server::answering(BTreeMap::from([
        answers("1", "{\"status\":{\"id\":\"IN_PROGRESS\"},\"operation\":null}"),
        answers("2", "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{}}"),
        answers("3", "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"class\":\"x.Y\",\"stack-trace\":\"x.Y: no\\n\\tat a.b(C)\\nCaused by: x.Z: gone\\n\"}}}"),
    ]))
    .await;
    let client = client(&server.url);
    assert_eq!(
        client.disposal("1").await.unwrap(),
        Some(DisposalStatus::InProgress)
    );
    assert_eq!(
        client.disposal("2").await.unwrap(),
        Some(DisposalStatus::Completed)
    );
    assert_eq!(
        client.disposal("3").await.unwrap(),
        Some(DisposalStatus::Failed {
            cause: "Z: gone".to_owned()
        })
    );
    assert_eq!(client.disposal("4").await.unwrap(), None);
}

#[tokio::test]
async fn a_jar_is_uploaded_whole_and_its_id_kept() {
    let server = Server::always(
        200,
        "application/json",
        "{\"filename\":\"/data/web/1234_job.jar\",\"status\":\"success\"}",
    )
    .await;
    let dir = tempfile::tempdir().unwrap();
    let jar = dir.path().join("job.jar");
    let bytes: Vec<u8> = (0..300_000u32).map(|i| i.to_le_bytes()[1]).collect();
    std::fs::File::create(&jar).unwrap().write_all(&bytes).unwrap();
    assert_eq!(
        client(&server.url)
            .upload_jar(&jar, "upshift-ab12.jar")
            .await
            .unwrap(),
        "1234_job.jar"
    );
    let asked = server.last();
    let form = String::from_utf8_lossy(&asked.body);
    assert!(
        form.contains("name=\"jarfile\"; filename=\"upshift-ab12.jar\""),
        "{}",
        &form[..200]
    );
    assert!(asked.body.windows(bytes.len()).any(|window| window == bytes));
    match client(&server.url)
        .upload_jar(&dir.path().join("absent.jar"), "x.jar")
        .await
        .unwrap_err()
    {
        Fault::Transient(why) => assert!(why.contains("absent.jar"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.asked().len(), 1);
}
