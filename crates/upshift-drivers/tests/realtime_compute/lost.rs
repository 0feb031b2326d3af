//! An answer that was lost is looked for by its mark, and what was asked is not sent again.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use upshift_drivers::realtime_compute::{Deployment, From, Mark, Start, codes};
use upshift_engine::driver::Fault;
use upshift_model::ids::AttemptKey;

use crate::captured::Captured;
use crate::server::{Reply, Server};

/// A service that does what it is told and loses every answer to it.
#[derive(Default)]
struct World {
    deployments: Vec<Value>,
    savepoints: Vec<Value>,
    jobs: Vec<Value>,
}

impl World {
    fn answer(&mut self, request: &Captured) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let rest = request.path.rsplit("ns-default/").next().unwrap_or_default();
        match (request.method.as_str(), rest) {
            ("POST", "deployments") => {
                let mut made = body;
                made["deploymentId"] = json!(format!("d{}", self.deployments.len()));
                self.deployments.push(made);
                Reply::Lost
            }
            ("POST", "savepoints") => {
                let mut made = body;
                made["savepointId"] = json!(format!("s{}", self.savepoints.len()));
                self.savepoints.push(made);
                Reply::Lost
            }
            ("POST", "jobs%3Astart") => {
                let mut made = body;
                made["jobId"] = json!(format!("j{}", self.jobs.len()));
                self.jobs.push(made);
                Reply::Lost
            }
            // The service may match labels in whatever way: all are given.
            ("GET", "deployments/getDeployments/byLabel") => Reply::data(json!(self.deployments)),
            ("GET", "savepoints") => Reply::data(json!(self.savepoints)),
            ("GET", "jobs") => Reply::data(json!(self.jobs)),
            other => panic!("{other:?}"),
        }
    }
}

fn mark(step: &str) -> Mark {
    Mark::of(&AttemptKey::derive(&"run".into(), &step.into(), 1))
}

#[tokio::test]
async fn a_lost_answer_is_found_by_looking_and_nothing_is_made_twice() {
    let world = Arc::new(Mutex::new(World::default()));
    world
        .lock()
        .unwrap()
        .savepoints
        .push(json!({ "savepointId": "theirs", "description": "nightly" }));
    let telling = world.clone();
    let server = Server::start(move |request| telling.lock().unwrap().answer(request));
    let client = server.client();

    let original = Deployment::of(json!({ "name": "orders" })).expect("an object");
    let copy = original.copy_for("orders-upg", "vvr-8.0.11-flink-1.17", &mark("1.1"));
    let lost = client.create_deployment(copy).await.expect_err("lost");
    assert!(matches!(lost, Fault::Ambiguous(_)));
    let found = client
        .deployment_marked(&mark("1.1"))
        .await
        .expect("an answer")
        .expect("made once");
    assert_eq!(found.id(), "d0");
    assert_eq!(
        client.deployment_marked(&mark("1.2")).await.expect("an answer"),
        None
    );

    let lost = client
        .create_savepoint("old", Some(true), &mark("2.1").description())
        .await;
    assert!(matches!(lost, Err(Fault::Ambiguous(_))));
    let found = client
        .savepoint_marked("old", &mark("2.1"))
        .await
        .expect("an answer")
        .expect("made once");
    assert_eq!(found.savepoint_id, "s1");
    assert_eq!(
        client
            .savepoint_marked("old", &mark("2.2"))
            .await
            .expect("an answer"),
        None
    );

    let asked = server.asked();
    let sent = asked.iter().filter(|r| r.method == "POST").count();
    assert_eq!(sent, 2, "each was sent once");
}

#[tokio::test]
async fn a_lost_start_is_told_from_those_before_it() {
    let world = Arc::new(Mutex::new(World::default()));
    world.lock().unwrap().jobs.push(json!({
        "jobId": "before", "deploymentId": "new",
        "restoreStrategy": {"kind": "FROM_SAVEPOINT", "savepointId": "s1"},
    }));
    let telling = world.clone();
    let server = Server::start(move |request| telling.lock().unwrap().answer(request));
    let client = server.client();
    let start = Start {
        deployment: "new".to_owned(),
        from: From::Savepoint("s1".to_owned()),
        queue: None,
    };
    let before: Vec<String> = client
        .jobs("new")
        .await
        .expect("jobs")
        .into_iter()
        .map(|j| j.job_id)
        .collect();
    assert_eq!(before, ["before"]);
    let lost = client.start_job(&start).await;
    assert!(matches!(lost, Err(Fault::Ambiguous(_))));
    let jobs = client.jobs("new").await.expect("jobs");
    let ours: Vec<_> = jobs.iter().filter(|job| start.made(job, &before)).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].job_id, "j1");
    let asked = server.asked();
    let sent = asked.iter().filter(|r| r.method == "POST").count();
    assert_eq!(sent, 1, "it was sent once");
}

#[tokio::test]
async fn two_that_bear_one_mark_are_nobodys_choice() {
    let twin = json!({ "deploymentId": "d", "labels": {"upshift": mark("1.1").as_str()} });
    let server = Server::start(move |_| Reply::data(json!([twin, twin])));
    let Err(Fault::Refused(failure)) = server.client().deployment_marked(&mark("1.1")).await else {
        panic!("expected a refusal");
    };
    assert_eq!(failure.code, codes::DOUBLED);
}
