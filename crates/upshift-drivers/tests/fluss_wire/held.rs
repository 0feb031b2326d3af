//! A leader that takes nobody back is restarted once every record lies on another server, too: what the replicas say of the
//! ends of their logs, and what is made of it. The cluster is a recorded one whose servers are played.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use upshift_drivers::Clock;
use upshift_drivers::fluss::FlussDriver;
use upshift_engine::driver::{Driver as _, Standing};
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Access, Condition, Site};
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::proof::Bindings;
use upshift_model::step::{Effect, Preparation, Step};

use super::driver::step;
use super::rpc::{recorded, success};
use super::server::Reply;
use super::zookeeper::zookeeper_with;

/// The one whose bucket has no other replica in sync.
const LEADER: i32 = 2;
const ITS_BUCKET: &str = "/tabletservers/tables/0/buckets/0/leader_isr";

/// A tablet server that tells these ends of its log, one after the other and the last one again and again; none: it does
/// not tell.
async fn replica(ends: Vec<Option<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let hello = recorded("0.9.1", "tablet-server");
    let asked = Arc::new(Mutex::new(0));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (hello, ends, asked) = (hello.clone(), ends.clone(), Arc::clone(&asked));
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u32().await {
                    let mut frame = vec![0; usize::try_from(length).expect("a length")];
                    stream.read_exact(&mut frame).await.expect("a frame");
                    let body = match (i16::from_be_bytes([frame[0], frame[1]]), &frame[8..]) {
                        (1000, _) => hello.clone(),
                        // Asked as itself; a client is told of what is committed, which counts for nothing here.
                        (1021, [0x08, 0..0x80, ..]) => {
                            let mut asked = asked.lock().expect("unharmed");
                            let end = ends[(*asked).min(ends.len() - 1)];
                            *asked += 1;
                            told(end)
                        }
                        (1021, _) => told(Some(1)),
                        (other, _) => panic!("{other} was asked"),
                    };
                    let Reply::Bytes(bytes) = success(&frame, &body) else {
                        panic!("an answer")
                    };
                    stream.write_all(&bytes).await.expect("sent");
                }
            });
        }
    });
    address
}

/// Of bucket 0: where the log ends, or an error.
fn told(end: Option<u8>) -> Vec<u8> {
    match end {
        Some(end) => vec![0x0a, 4, 0x08, 0, 0x20, end],
        None => vec![0x0a, 4, 0x08, 0, 0x10, 1],
    }
}

fn lasts(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// What the node holds, as ZooKeeper has it.
fn held(value: &Value) -> Option<String> {
    let hex = |hex: &str| {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        String::from_utf8(bytes).expect("low bytes")
    };
    match value {
        Value::Null => None,
        value if value["hex"].is_string() => value["hex"].as_str().map(hex),
        value if value["text"].is_string() => value["text"].as_str().map(str::to_owned),
        value if value["ephemeral"].is_boolean() => Some(value["value"].to_string()),
        value => Some(value.to_string()),
    }
}

/// A driver of the recorded cluster, in which only the leader's replica counts in one bucket.
async fn driver(replicas: &BTreeMap<i32, String>) -> FlussDriver {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fluss/zk-0.9.1-healthy.json");
    let text = std::fs::read_to_string(file).expect("a fixture");
    let mut dump: BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
    dump.get_mut(ITS_BUCKET).expect("a bucket")["isr"] = serde_json::json!([LEADER]);
    dump.get_mut(ITS_BUCKET).expect("a bucket")["leader"] = LEADER.into();
    for id in 0..3 {
        let node = format!("/tabletservers/ids/{id}");
        match replicas.get(&id) {
            Some(address) => {
                let node = dump.get_mut(&node).expect("a server");
                node["value"]["listeners"] = format!("FLUSS://{address}").into();
            }
            None => drop(dump.remove(&node)),
        }
    }
    let at = |path: &str| lasts(format!("/fluss{}", path.trim_end_matches('/')));
    let children = |path: &str| {
        let below = format!("{}/", path.trim_end_matches('/'));
        let names = dump.keys().filter_map(|other| other.strip_prefix(&below));
        let direct = names.filter(|name| !name.is_empty() && !name.contains('/'));
        direct.map(|name| lasts(name.to_owned())).collect()
    };
    let nodes = dump.keys().map(|path| (at(path), children(path), 0)).collect();
    let holds = dump
        .iter()
        .filter_map(|(path, value)| Some((at(path), held(value)?)));
    let holds = Arc::new(Mutex::new(holds.collect()));
    let site = Site {
        zookeeper: zookeeper_with(nodes, holds, Arc::default()).await,
        root: "/fluss".to_owned(),
        access: Access::default(),
        hosts: Vec::new(),
        target_home: None,
        java_home: None,
        probes: BTreeMap::new(),
        tiering: None,
        staged: Vec::new(),
        switches: BTreeMap::new(),
        servers: BTreeMap::new(),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now))
}

/// Something that is always ready, held to the condition.
fn asks(folder: &Path) -> Step {
    let mut step = step(Effect::Prepare {
        what: Preparation::Evidence {
            folder: folder.join("evidence"),
            into: BindingName::new("evidence/metadata"),
        },
    });
    step.before = vec![Expectation::Fluss(Condition::Covered {
        server: LEADER,
        own: BTreeSet::new(),
    })];
    step
}

/// What is waited for; none where the step may begin.
async fn waits(others: &[Option<u8>], leader: Vec<Option<u8>>) -> Option<String> {
    let mut replicas = BTreeMap::from([(LEADER, replica(leader).await)]);
    for (id, end) in (0..).zip(others) {
        replicas.insert(id, replica(vec![*end]).await);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let driver = driver(&replicas).await;
    let (step, bound) = (asks(folder.path()), Bindings::default());
    match driver.standing(&step, &bound, None).await {
        Ok(Standing::Ready(_)) => None,
        Ok(Standing::Waiting(progress)) => Some(progress.what),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_leader_whose_records_all_lie_elsewhere_may_be_restarted_and_no_other() {
    // One of the others is enough.
    assert_eq!(waits(&[Some(4), Some(9)], vec![Some(9)]).await, None);
    let says = async |others: &[Option<u8>], leader: Vec<Option<u8>>, wanted: &str| {
        let said = waits(others, leader).await.expect("it waits");
        assert!(said.contains("but the one on tablet server 2"), "{said}");
        assert!(said.contains(wanted), "{wanted}: {said}");
    };
    let shorter = "the longest other log has 8 of 9 records";
    says(&[Some(8), Some(4)], vec![Some(9)], shorter).await;
    // Something was written while the others were asked.
    let grew = "the longest other log has 9 of 11 records";
    says(&[Some(9), Some(9)], vec![Some(9), Some(11)], grew).await;
    let untold = "where its log ends was not told";
    says(&[Some(9), Some(9)], vec![None], untold).await;
    // Whoever does not tell has nothing.
    says(
        &[None, None],
        vec![Some(9)],
        "the longest other log has 0 of 9 records",
    )
    .await;
    says(&[], vec![Some(9)], "no other replica is on a registered server").await;
}
