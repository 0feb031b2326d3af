//! Our client asks what the vendor's client asks: method, path, query, headers that matter, body.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upshift_drivers::realtime_compute::sign::{Unsigned, hash};
use upshift_drivers::realtime_compute::{
    Deployment, Draft, Filter, From, Mark, RealtimeCompute, Start, Stop, only,
};
use upshift_engine::driver::Fault;
use upshift_model::ids::AttemptKey;

use crate::captured::{Captured, folder};
use crate::server::{Reply, Server, references};

const OLD: &str = "11111111-1111-4111-8111-111111111111";
const NEW: &str = "22222222-2222-4222-8222-222222222222";
const JOB: &str = "33333333-3333-4333-8333-333333333333";
const POINT: &str = "55555555-5555-4555-8555-555555555555";
const DRAFT: &str = "66666666-6666-4666-8666-666666666666";
const TICKET: &str = "77777777-7777-4777-8777-777777777777";

/// Those that upshift does not send, and why.
const NOT_OURS: [(&str, &str); 5] = [
    (
        "05-ListDeployments-noWorkspaceHeader",
        "upshift always names the workspace",
    ),
    (
        "19-StartJobWithParams-latest-state",
        "the newest state may be another engine's",
    ),
    ("20-StartJob-legacy", "deprecated by the vendor"),
    ("23-StopJob-STOP_WITH_DRAIN", "a drain ends a job for good"),
    ("41-ListEditableNamespace", "the file names its namespace"),
];

/// The other generations of the vendor's client ask the same things in other forms.
const TWINS: [(&str, &str); 11] = [
    ("async/FlinkApiProxy", "27-FlinkApiProxy-checkpoints"),
    ("async/GetDeploymentsByName", "07-GetDeploymentsByName"),
    ("async/ListDeployments-filters", ""),
    ("async/StartJobWithParams", ""),
    ("async/StopJob", "21-StopJob-NONE"),
    ("sdk-1.7.0/CreateSavepoint", ""),
    ("sdk-1.7.0/GetJob", "24-GetJob"),
    ("sdk-1.7.0/ListDeployments-filters", ""),
    ("sdk-1.7.0/StartJobWithParams", ""),
    ("sdk-1.7.0/StopJob", "21-StopJob-NONE"),
    ("sdk-1.7.0/UpdateDeployment", ""),
];

fn mark() -> Mark {
    Mark::of(&AttemptKey::derive(&"run".into(), &"1.1".into(), 1))
}

fn start(deployment: &str, from: From, queue: Option<&str>) -> Start {
    Start {
        deployment: deployment.to_owned(),
        from,
        queue: queue.map(str::to_owned),
    }
}

/// Asks what the capture of this name asks. The body of a capture that creates something is what a copy
/// is made of, as the service would have told it.
async fn ask(client: &RealtimeCompute, name: &str, body: &Value) -> Result<(), Fault> {
    let filter = |pairs: &[(&'static str, &str)]| Filter {
        more: pairs.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
        ..Filter::default()
    };
    match name {
        "01-ListEngineVersionMetadata" => client.engine_versions().await.map(drop),
        "02-ListDeploymentTargets" => client.deployment_targets().await.map(drop),
        "03-ListDeployments" => client.deployments(&Filter::default()).await.map(drop),
        "04-ListDeployments-filters" => {
            let mut wanted = filter(&[
                ("executionMode", "STREAMING"),
                ("sortName", "gmt_create"),
                ("status", "RUNNING"),
            ]);
            wanted.name = Some("orders agg/状态".to_owned());
            wanted.label = Some(("team".to_owned(), vec!["a".to_owned(), "b".to_owned()]));
            client.deployments(&wanted).await.map(drop)
        }
        "async/ListDeployments-filters" | "sdk-1.7.0/ListDeployments-filters" => {
            let mut wanted = match name.starts_with("async") {
                true => filter(&[("labelValueArray", "a;b")]),
                false => Filter::default(),
            };
            wanted.name = Some("orders agg/状态".to_owned());
            client.deployments(&wanted).await.map(drop)
        }
        "06-GetDeployment" => client.deployment(OLD).await.map(drop),
        "07-GetDeploymentsByName" => client.deployments_named("orders agg").await.map(drop),
        "08-CreateDeployment-jar-clone" | "09-CreateDeployment-sql-unicode" => {
            let original = Deployment::of(told(body)).expect("an object");
            let (name, engine) = (
                body["name"].as_str().expect("text"),
                body["engineVersion"].as_str().expect("text"),
            );
            client
                .create_deployment(original.copy_for(name, engine, &mark()))
                .await
                .map(drop)
        }
        "10-UpdateDeployment" | "sdk-1.7.0/UpdateDeployment" => {
            let change = only("engineVersion", body["engineVersion"].clone());
            client.update_deployment(OLD, change).await.map(drop)
        }
        "11-DeleteDeployment" => client.delete_deployment(OLD).await.map(drop),
        other => ask_of_state(client, other, body).await,
    }
}

/// The same of savepoints and jobs.
async fn ask_of_state(client: &RealtimeCompute, name: &str, body: &Value) -> Result<(), Fault> {
    match name {
        "12-CreateSavepoint-native" => client
            .create_savepoint(OLD, Some(true), "pre-upgrade")
            .await
            .map(drop),
        "13-CreateSavepoint-standard" | "43-CreateSavepoint-sts" | "sdk-1.7.0/CreateSavepoint" => {
            let description = body["description"].as_str().unwrap_or("pre-upgrade");
            client
                .create_savepoint(OLD, Some(false), description)
                .await
                .map(drop)
        }
        "14-GetSavepoint" => client.savepoint(POINT).await.map(drop),
        "15-ListSavepoints" => client.savepoints(OLD).await.map(drop),
        "16-DeleteSavepoint" => client.delete_savepoint(POINT).await.map(drop),
        "17-StartJobWithParams-none" => {
            let from = From::Nothing {
                start_at: Some(1_767_225_600_000),
            };
            client.start_job(&start(NEW, from, None)).await.map(drop)
        }
        "18-StartJobWithParams-from-savepoint" => {
            let from = From::Savepoint(POINT.to_owned());
            client
                .start_job(&start(NEW, from, Some("default-queue")))
                .await
                .map(drop)
        }
        "async/StartJobWithParams" | "sdk-1.7.0/StartJobWithParams" => client
            .start_job(&start(OLD, From::Savepoint(POINT.to_owned()), None))
            .await
            .map(drop),
        "21-StopJob-NONE" => client.stop_job(JOB, Stop::Plainly).await.map(drop),
        "22-StopJob-STOP_WITH_SAVEPOINT" => client.stop_job(JOB, Stop::WithSavepoint).await.map(drop),
        "24-GetJob" | "42-GetJob-sts" => client.job(JOB).await.map(drop),
        "25-ListJobs" => client.jobs(OLD).await.map(drop),
        "26-DeleteJob" => client.delete_job(JOB).await.map(drop),
        "27-FlinkApiProxy-checkpoints" => {
            let path = format!("/jobs/{}/checkpoints", JOB.replace('-', ""));
            client.flink(JOB, &path).await.map(drop)
        }
        "28-GetEvents" => client.events(OLD).await.map(drop),
        "29-GetLatestJobStartLog" => client.start_log(OLD).await.map(drop),
        "30-GetJobDiagnosis" => client.diagnosis(OLD, JOB).await.map(drop),
        other => ask_of_drafts(client, other, body).await,
    }
}

/// The same of drafts.
async fn ask_of_drafts(client: &RealtimeCompute, name: &str, body: &Value) -> Result<(), Fault> {
    match name {
        "31-GetDeploymentDraft" => client.draft(DRAFT).await.map(drop),
        "32-ListDeploymentDrafts" => client.drafts().await.map(drop),
        "33-CreateDeploymentDraft-saveas" => {
            let original = Draft::of(told(body)).expect("an object");
            let (name, engine) = (
                body["name"].as_str().expect("text"),
                body["engineVersion"].as_str().expect("text"),
            );
            client
                .create_draft(original.save_as(name, Some("0"), engine, &mark()))
                .await
                .map(drop)
        }
        "34-UpdateDeploymentDraft" => {
            let change = only("engineVersion", body["engineVersion"].clone());
            client.update_draft(DRAFT, change).await.map(drop)
        }
        "35-ValidateDeploymentDraftAsync" => client.validate_draft(DRAFT, "default-queue").await.map(drop),
        "36-GetValidateDeploymentDraftResult" => client.validation(TICKET).await.map(drop),
        "37-DeployDeploymentDraftAsync" => client.deploy_draft(DRAFT, "default-queue").await.map(drop),
        "38-GetDeployDeploymentDraftResult" => client.deploy_result(TICKET).await.map(drop),
        "39-GetDeploymentDraftLock" => client.draft_lock(DRAFT).await.map(drop),
        "40-DeleteDeploymentDraft" => client.delete_draft(DRAFT).await.map(drop),
        other => panic!("nobody says what {other} asks"),
    }
}

/// What the service tells of a deployment or draft that such a body created: what it fills in itself, and
/// a field that upshift has never heard of.
fn told(body: &Value) -> Value {
    let mut told = body.clone();
    for (name, value) in [
        match body.get("parentId") {
            Some(_) => ("deploymentDraftId", json!(DRAFT)),
            None => ("deploymentId", json!(OLD)),
        },
        ("workspace", json!("w")),
        ("namespace", json!("n")),
        ("createdAt", json!("1767225600")),
        ("jobSummary", json!({ "running": 1 })),
        ("name", json!("original")),
        ("engineVersion", json!("vvr-8.0.9-flink-1.17")),
        ("description", Value::Null),
        ("kept", json!({ "deep": [1, "two"] })),
    ] {
        told[name] = value;
    }
    told
}

/// The body of a capture, less the empty lists that the vendor's client always sends.
fn wanted(name: &str, body: &Value) -> Value {
    let mut wanted = body.clone();
    let Some(fields) = wanted.as_object_mut() else {
        return wanted;
    };
    let creates = name.contains("-Create") && !name.contains("Savepoint");
    if creates {
        fields.insert("kept".to_owned(), json!({ "deep": [1, "two"] }));
        let labels = fields.entry("labels").or_insert_with(|| json!({}));
        labels["upshift"] = json!(mark().as_str());
    } else {
        fields.retain(|_, value| *value != json!([]));
    }
    if name.contains("StartJobWithParams") && fields["restoreStrategy"]["kind"] == "FROM_SAVEPOINT" {
        fields["restoreStrategy"]["allowNonRestoredState"] = json!(false);
    }
    if name.contains("CreateSavepoint") {
        fields
            .entry("description")
            .or_insert_with(|| json!("pre-upgrade"));
    }
    wanted
}

fn captures() -> BTreeSet<String> {
    let root = folder().join("requests");
    let mut names = BTreeSet::new();
    for below in ["", "async/", "sdk-1.7.0/"] {
        for entry in std::fs::read_dir(root.join(below))
            .expect("the captures")
            .flatten()
        {
            let name = entry.file_name().to_string_lossy().into_owned();
            names.extend(name.strip_suffix(".http").map(|name| format!("{below}{name}")));
        }
    }
    names
}

/// Ours pages through everything, so only the number and the size of a page may differ.
fn but_pages(query: &[(String, String)]) -> Vec<&(String, String)> {
    query
        .iter()
        .filter(|(name, _)| name != "pageIndex" && name != "pageSize")
        .collect()
}

fn compare(name: &str, theirs: &Captured, ours: &Captured) {
    assert_eq!(ours.method, theirs.method, "{name}");
    let path = theirs.path.replace(':', "%3A");
    assert_eq!(ours.path, path, "{name}");
    assert_eq!(but_pages(&ours.query), but_pages(&theirs.query), "{name}");
    for header in [
        "x-acs-action",
        "x-acs-version",
        "workspace",
        "content-type",
        "accept",
        "x-acs-security-token",
    ] {
        let theirs = theirs
            .headers
            .get(header)
            .filter(|v| *v != "application/octet-stream");
        assert_eq!(ours.headers.get(header), theirs, "{header} of {name}");
    }
    let json = |body: &[u8]| serde_json::from_slice(body).unwrap_or(Value::Null);
    assert_eq!(json(&ours.body), wanted(name, &json(&theirs.body)), "{name}");
    assert_eq!(ours.authorization("Credential"), "testAK", "{name}");
    let names: Vec<&str> = ours.authorization("SignedHeaders").split(';').collect();
    let unsigned: Vec<_> = ours
        .headers
        .keys()
        .filter(|k| !names.contains(&k.as_str()))
        .collect();
    assert!(
        unsigned
            .iter()
            .all(|k| ["authorization", "content-length"].contains(&k.as_str())),
        "{name}: not signed: {unsigned:?}"
    );
    let headers: Vec<_> = names
        .iter()
        .map(|n| ((*n).to_owned(), ours.headers[*n].clone()))
        .collect();
    let unsigned = Unsigned {
        method: &ours.method,
        path: &ours.path,
        query: &ours.query,
        headers: &headers,
        payload: &hash(&ours.body),
    };
    assert_eq!(
        unsigned.signature("testSK"),
        ours.authorization("Signature"),
        "{name}"
    );
    assert_eq!(ours.headers["x-acs-content-sha256"], hash(&ours.body), "{name}");
}

#[tokio::test]
async fn every_captured_request_is_ours_too() {
    // What matters is what was asked; the answer fits nothing, and so nothing is asked again.
    let server = Server::start(|_| Reply::With(400, Vec::new(), "{\"Code\":\"Enough\"}".to_owned()));
    let mut nonces = BTreeSet::new();
    let mut reproduced = 0;
    for name in captures() {
        if NOT_OURS.iter().any(|(not, _)| *not == name) {
            continue;
        }
        let same = TWINS.iter().find(|(one, twin)| *one == name && !twin.is_empty());
        let asks = same.map_or(name.as_str(), |(_, twin)| *twin);
        let theirs = Captured::read(&format!("{name}.http"));
        let token = name.ends_with("-sts").then_some("TOKEN");
        let client = server.client_with(references(token));
        let body = serde_json::from_slice(&theirs.body).unwrap_or(Value::Null);
        ask(&client, asks, &body)
            .await
            .expect_err("the answer fits nothing");
        let asked = server.asked();
        let ours = asked.last().expect("something was asked");
        compare(&name, &theirs, ours);
        nonces.insert(ours.headers["x-acs-signature-nonce"].clone());
        reproduced += 1;
    }
    assert_eq!(reproduced, 54 - NOT_OURS.len());
    assert_eq!(nonces.len(), reproduced, "every request has a nonce of its own");
    assert_eq!(server.asked().len(), reproduced, "nothing was asked twice");
}
