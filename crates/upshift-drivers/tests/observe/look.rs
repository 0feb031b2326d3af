//! What one look finds, and what it says of what it cannot see.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::wire::Secrets;
use upshift_engine::driver::{Driver as _, Fault};
use upshift_model::endpoint::{Auth, Endpoint};
use upshift_model::flink::{ConfEntry, Facts, HomeFacts, JobDetails, ShadowPorts, Target};
use upshift_model::inventory::{self, Inventory};
use upshift_model::observed::Observed;

use crate::server::Server;
use crate::site::{NOON, clock, command, declaration, installation, looking, site};

fn facts(inventory: &Inventory) -> &Facts {
    let inventory::Facts::Flink(facts) = &inventory.facts else {
        panic!("of Flink")
    };
    facts
}

fn file(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

/// Jobs of a look, one line each.
fn jobs(facts: &Facts) -> Vec<String> {
    let details = |details: &JobDetails| {
        let history = details.checkpoints.known().unwrap();
        let settings = details.checkpointing.known().unwrap();
        format!(
            "{} vertices, max {:?}, {} restarts, exceptions {}, every {}, restored {} from {}, newest completed {}",
            details.vertices.len(),
            details.vertices[0].max_parallelism.unwrap(),
            details.restarts.known().unwrap(),
            details.last_exception_at.known().unwrap().is_some(),
            settings.interval.unwrap(),
            history.restored,
            history.restored_from.as_deref().unwrap_or("nothing"),
            history.latest_completed.is_some(),
        )
    };
    let line = |job: &upshift_model::flink::JobFacts| {
        let told = job
            .details
            .known()
            .map_or_else(|| job.details.gap().unwrap().reason.clone(), details);
        format!("{} {} {}: {told}", &job.id[30..], job.name, job.state)
    };
    facts.source.jobs.known().unwrap().iter().map(line).collect()
}

async fn check(release: &str, commit: &str, savepoint: &str, over: &str, more: bool) {
    let server = Server::recorded(release).await;
    let inventory = looking(&declaration(&server.url)).observe().await.unwrap();
    assert_eq!(inventory.taken_at.as_second(), NOON);
    let facts = facts(&inventory);
    let source = &facts.source;
    assert_eq!(
        (source.version.as_str(), source.commit.as_deref()),
        (release, Some(commit))
    );
    assert_eq!(source.slots_total.known(), Some(&4));
    assert_eq!(source.task_managers.known().unwrap().len(), 1);
    assert_eq!(
        source.config.known().unwrap()["taskmanager.numberOfTaskSlots"],
        "4"
    );
    assert_eq!(source.web_submit.known(), Some(&true));
    assert_eq!(
        source.jars.known().unwrap().values().collect::<Vec<_>>(),
        ["job.jar"]
    );
    // No process of the recorded cluster runs here, and its configuration gives no sign.
    assert!(
        source
            .deployment
            .gap()
            .unwrap()
            .reason
            .contains("neither YARN nor Kubernetes nor Mesos")
    );
    let running = |id: &str| {
        format!(
            "b{id} lab-base-all RUNNING: 2 vertices, max 128, 0 restarts, exceptions false, every 1 s, restored 1 from \
             {savepoint}, newest completed true"
        )
    };
    let mut expected = vec![
        format!("{over} lab-base-all FINISHED: it is over"),
        running("1"),
        "b2 lab-base-all FAILED: it is over".to_owned(),
        "b3 lab-removed-all FAILED: it is over".to_owned(),
    ];
    expected.extend(more.then(|| running("4")));
    assert_eq!(jobs(facts), expected);
}

#[tokio::test]
async fn the_releases_of_four_lines_are_read() {
    check(
        "1.16.3",
        "5df8156",
        "file:/data/sp/savepoint-d533bd-fca194aa76c4",
        "ac",
        false,
    )
    .await;
    check(
        "1.18.1",
        "a8c8b1c",
        "file:/data/sp/savepoint-f46383-202677d89b06",
        "01",
        true,
    )
    .await;
    check(
        "1.20.5",
        "0980485",
        "file:/data/sp/savepoint-a02391-365dc5417cca",
        "0d",
        true,
    )
    .await;
    check(
        "2.3.0",
        "c0f8d1a",
        "file:/data/sp/savepoint-7695dd-c162f764984f",
        "e5",
        true,
    )
    .await;
}

#[tokio::test]
async fn two_looks_at_the_same_world_are_the_same() {
    let server = Server::recorded("1.18.1").await;
    let driver = looking(&declaration(&server.url));
    let source = |inventory: &Inventory| facts(inventory).source.clone();
    assert_eq!(
        source(&driver.observe().await.unwrap()),
        source(&driver.observe().await.unwrap())
    );
}

#[tokio::test]
async fn a_plan_and_its_declaration_look_at_the_same() {
    let server = Server::recorded("1.18.1").await;
    let declared = looking(&declaration(&server.url)).observe().await.unwrap();
    let planned = site(&server.url, "1.18.1");
    let driver = FlinkDriver::for_plan("orders".into(), &planned, Secrets::none(), clock()).unwrap();
    assert_eq!(
        facts(&driver.observe().await.unwrap()).source,
        facts(&declared).source
    );
}

#[tokio::test]
async fn files_and_ports_of_this_machine_are_seen() {
    let (old, new) = (Server::recorded("1.18.1").await, Server::recorded("1.20.5").await);
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path);
    file(&at("old/lib/flink-dist-1.18.1.jar"), "");
    file(&at("conf/flink-conf.yaml"), "rest.port: 8081\n");
    let mut declared = declaration(&old.url);
    declared.current = Some(installation(&at("old"), &at("conf"), "1.18.1"));
    declared.target = Target::Release {
        installation: installation(&at("new"), &at("newconf"), "1.20.5"),
        shadow: Some(ShadowPorts {
            rest: Endpoint::plain(&new.url),
            rpc_port: 1,
            blob_port: 2,
        }),
    };
    declared.savepoints = format!("file://{}", at("sp").display());
    let inventory = looking(&declared).observe().await.unwrap();
    let Facts { target, host, .. } = facts(&inventory);
    let home = |facts: &Option<Observed<HomeFacts>>| match facts.as_ref().unwrap().as_result() {
        Ok(facts) => facts.version.to_string(),
        Err(gap) => gap.reason.clone(),
    };
    assert_eq!(
        target.as_ref().unwrap().known().unwrap().version.as_str(),
        "1.20.5"
    );
    assert_eq!(home(&host.current_home), "1.18.1");
    assert!(home(&host.target_home).contains("No such file"));
    assert!(
        host.target_home_free
            .as_ref()
            .unwrap()
            .known()
            .is_some_and(|free| *free > 0)
    );
    assert_eq!(
        host.target_conf_entries.as_ref().unwrap().known(),
        Some(&BTreeSet::new())
    );
    let dir = host.savepoint_dir.known().unwrap();
    assert!(!dir.exists && dir.writable);
    let busy: Vec<_> = host
        .ports
        .iter()
        .map(|(port, busy)| (*port, *busy.known().unwrap()))
        .collect();
    assert_eq!(busy, [(1, false), (2, false), (new.port, true)]);
}

#[tokio::test]
async fn configuration_is_shown_with_its_lines_and_without_its_secrets() {
    let server = Server::recorded("1.18.1").await;
    let root = tempfile::tempdir().unwrap();
    let conf = root.path().join("conf");
    file(
        &conf.join("flink-conf.yaml"),
        "rest.port: 8081\ns3.secret-key: hush\nrest.port: 8082\n",
    );
    file(&conf.join("log4j.properties"), "");
    let mut declared = declaration(&server.url);
    declared.current = Some(installation(root.path(), &conf, "1.18.1"));
    let inventory = looking(&declared).observe().await.unwrap();
    let conf = facts(&inventory)
        .host
        .current_conf
        .as_ref()
        .unwrap()
        .known()
        .unwrap();
    let entry = |e: &ConfEntry| format!("{} {}={}", e.line, e.key, e.value);
    let entries: Vec<_> = conf.entries.iter().map(entry).collect();
    assert_eq!(
        entries,
        [
            "1 rest.port=8081",
            "2 s3.secret-key=«redacted»",
            "3 rest.port=8082"
        ]
    );
    assert_eq!(conf.files.len(), 2);
    assert!(!serde_json::to_string(&inventory).unwrap().contains("hush"));
}

#[tokio::test]
async fn probes_are_asked_once_and_what_they_do_not_say_is_a_gap() {
    let server = Server::recorded("1.18.1").await;
    let mut declared = declaration(&server.url);
    declared.probes = vec![
        ("rate".to_owned(), command(&["echo", "1212"], 5_000)),
        ("broken".to_owned(), command(&["false"], 5_000)),
        ("absent".to_owned(), command(&["/no/such/program"], 5_000)),
    ];
    let inventory = looking(&declared).observe().await.unwrap();
    let probes = &facts(&inventory).host.probes;
    assert_eq!(probes["rate"].known().map(String::as_str), Some("1212"));
    assert!(
        probes["broken"]
            .gap()
            .unwrap()
            .reason
            .contains("ended with code 1")
    );
    assert!(
        probes["absent"]
            .gap()
            .unwrap()
            .reason
            .contains("could not be started")
    );
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_a_gap_and_not_an_error() {
    let server = Server::recorded("1.18.1").await;
    let mut declared = declaration(&server.url);
    declared.target = Target::RunningCluster {
        rest: Endpoint::plain("http://127.0.0.1:1"),
    };
    let inventory = looking(&declared).observe().await.unwrap();
    let target = facts(&inventory).target.as_ref().map(Observed::gap);
    assert!(target.flatten().unwrap().reason.contains("Connection refused"));
}

#[tokio::test]
async fn nobody_at_the_address_is_said_plainly() {
    let fault = looking(&declaration("http://127.0.0.1:1"))
        .observe()
        .await
        .unwrap_err();
    match fault {
        Fault::Transient(why) => {
            assert!(
                why.starts_with("GET http://127.0.0.1:1/overview: ") && why.contains("Connection refused"),
                "{why}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_answers_and_is_no_flink_is_refused_by_name() {
    for (status, kind, body) in [
        (200, "text/html", "<html><title>Welcome to nginx!</title></html>"),
        (200, "application/json", "{\"status\":\"UP\"}"),
        (404, "text/html", "<h1>Not Found</h1>"),
        (
            200,
            "application/json",
            "{\"taskmanagers\":1,\"slots-total\":1,\"slots-available\":1,\"jobs-running\":0,\"flink-version\":\"<unknown>\"}",
        ),
    ] {
        let server = Server::always(status, kind, body).await;
        match looking(&declaration(&server.url)).observe().await.unwrap_err() {
            Fault::Refused(failure) => assert_eq!(failure.code.as_str(), "UP-FLINK-0401", "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_driver_made_to_look_changes_nothing_and_old_clusters_are_not_acted_upon() {
    let old = FlinkDriver::for_plan(
        "orders".into(),
        &site("http://127.0.0.1:1", "1.14.6"),
        Secrets::none(),
        clock(),
    );
    let error = old.unwrap_err();
    assert_eq!(error.code().as_str(), "UP-FLINK-0409");
    assert_eq!(
        error.to_string(),
        "cluster old runs Flink 1.14.6; upshift acts upon 1.16 and later"
    );

    let mut empty = site("http://127.0.0.1:1", "1.18.1");
    empty.clusters.clear();
    let error = FlinkDriver::for_plan("orders".into(), &empty, Secrets::none(), clock()).unwrap_err();
    assert_eq!(error.code().as_str(), "UP-FLINK-0408");

    let mut locked = declaration("http://127.0.0.1:1");
    locked.rest.auth = Some(Auth::Bearer {
        token: "env:FLINK_TOKEN".parse().unwrap(),
    });
    let error = FlinkDriver::for_declaration(&locked, Secrets::none(), clock()).unwrap_err();
    assert_eq!(error.code().as_str(), "UP-FLINK-0404");
}
