//! The gate that asks the target cluster for the graph of the job's jar, and holds the trial savepoint against it.

use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::fit::{Acceptance, GraphAsk};
use upshift_model::ids::{BindingName, Code};
use upshift_model::proof::Bindings;
use upshift_model::step::Step;

use crate::server::{Asked, Reply, Server, ok};
use crate::world::{World, contradicted, job, old, slot, upload};

/// Ids of the operators with state in the savepoint of the test's data: source, counter and tally.
const HEADS: [&str; 3] = [
    "e5a72f353fc1e6bbf3bd96a41384998c",
    "0da08f51eaa85fc298e176a139b3649a",
    "f87d82977f8d6fee965276a0168c57b7",
];

/// What a server says of a jar whose chains have these heads.
fn plan_of(name: &str, heads: &[&str]) -> String {
    let nodes: Vec<_> = heads
        .iter()
        .map(|id| format!(r#"{{"id":"{id}","parallelism":2,"description":"x<br/>"}}"#))
        .collect();
    format!(
        r#"{{"plan":{{"jid":"0","name":"{name}","type":"STREAMING","nodes":[{}]}}}}"#,
        nodes.join(",")
    )
}

fn gate() -> Step {
    gate_with(&[])
}

fn gate_with(accepted: &[&'static str]) -> Step {
    let criteria = FitCriteria {
        job: "orders".to_owned(),
        graph_ask: Some(GraphAsk::Now {
            cluster: old(),
            job: job(),
        }),
        accepted: accepted
            .iter()
            .map(|code| Acceptance {
                code: Code::new(code),
                subject: "job orders".to_owned(),
            })
            .collect(),
        ..FitCriteria::default()
    };
    let mut step = upload();
    step.before = vec![Expectation::Fits {
        slot: slot(),
        criteria: Box::new(criteria),
    }];
    step
}

/// A world with a trial savepoint, and the jar as it was uploaded, on a server that answers so.
async fn world(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (World, Server) {
    let server = Server::answering(answer).await;
    let mut world = World::at(&server.url);
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    world.fill(&location);
    let name = BindingName::new("jar/orders@old".to_owned());
    world.bound.values.insert(name, "uploaded.jar".to_owned());
    (world, server)
}

fn planned(body: String) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/jars/uploaded.jar/plan") => ok(body.clone()),
        (method, path) => panic!("unexpected {method} {path}"),
    }
}

#[tokio::test]
async fn the_gate_asks_with_the_jobs_arguments_and_halts_where_state_may_be_lost() {
    let (world, server) = world(planned(plan_of("orders", &HEADS[..1]))).await;
    let standing = world.look(&gate(), None).await;
    let failure = contradicted(&standing);
    assert_eq!(failure.code, Code::new("UP-FLINK-0251"), "{}", failure.what);
    assert!(failure.what.contains(HEADS[1]), "{}", failure.what);
    assert!(!failure.what.contains(HEADS[0]), "{}", failure.what);
    let changes = server.changes();
    assert_eq!(
        changes.len(),
        1,
        "nothing is submitted, nothing uploaded or deleted"
    );
    assert!(
        changes[0].body.contains(r#""programArgsList":["--rate","5"]"#),
        "{}",
        changes[0].body
    );
    // Who said beforehand that all operators are still there is believed.
    let standing = world.look(&gate_with(&["UP-FLINK-0251"]), None).await;
    assert!(matches!(standing, Standing::Ready(_)), "{standing:?}");
}

#[tokio::test]
async fn the_gate_passes_where_every_operator_with_state_is_there() {
    let (world, _server) = world(planned(plan_of("orders", &HEADS))).await;
    let standing = world.look(&gate(), None).await;
    assert!(matches!(standing, Standing::Ready(_)), "{standing:?}");
}

#[tokio::test]
async fn a_main_that_fails_or_builds_another_job_halts_too() {
    let other = plan_of("billing", &HEADS);
    let failing = r#"{"errors":["org.apache.flink.client.program.ProgramInvocationException: no brokers"]}"#;
    for (answer, says) in [
        (ok(other), "billing"),
        (Reply::Json(500, failing.to_owned()), "no brokers"),
    ] {
        let (world, _server) = world(move |_| answer.clone()).await;
        let standing = world.look(&gate(), None).await;
        let failure = contradicted(&standing);
        assert_eq!(failure.code, Code::new("UP-FLINK-0251"), "{}", failure.what);
        assert!(failure.what.contains(says), "{says}: {}", failure.what);
    }
}

/// No answer is no verdict: the engine asks again.
#[tokio::test]
async fn a_cluster_that_does_not_answer_is_asked_again() {
    let (world, _server) = world(|_| Reply::Silence).await;
    let looked = world.driver().standing(&gate(), &world.bound, None).await;
    assert!(matches!(looked, Err(Fault::Transient(_))), "{looked:?}");
    let (mut world, _server) = self::world(planned(plan_of("orders", &HEADS))).await;
    let slots = world.bound.slots.clone();
    world.bound = Bindings {
        slots,
        ..Bindings::default()
    };
    let looked = world.driver().standing(&gate(), &world.bound, None).await;
    assert!(
        matches!(looked, Err(Fault::Refused(_))),
        "no jar lies there: {looked:?}"
    );
}
