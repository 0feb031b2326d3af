//! What real servers of every release told of who leads, held against what ZooKeeper said at the time; and servers that
//! tell something else, say nothing, or are not there.

use std::path::Path;

use serde_json::Value;
use upshift_drivers::fluss::{both_sides, facts};
use upshift_formats::fluss::read_dump;
use upshift_model::fluss::{BothSides, BucketFacts, Facts, Listener, OwnCount};
use upshift_model::observed::Observed;

use super::rpc::success;
use super::server::{Reply, serve};

/// The one table that recordings ask for.
const TABLE: &str = "orders_pk";

fn fixture(name: &str) -> Vec<u8> {
    let file = format!("../../fixtures/fluss/{name}");
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a fixture")
}

/// Answers of a recorded server by their keys, without length and header.
fn recorded(release: &str, state: &str, role: &str) -> Vec<(u16, Vec<u8>)> {
    let text = String::from_utf8(fixture(&format!("rpc-{release}-{state}.jsonl"))).expect("text");
    let calls = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let of = calls.filter(|call| call["role"] == role && call["type"] != 1);
    of.filter_map(|call| {
        let hex = call["answer_hex"].as_str()?;
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
            .collect();
        let key = match call["call"].as_str()? {
            "ApiVersions" => 1000,
            "GetMetadata" => 1012,
            _ => 1062,
        };
        Some((key, bytes[9..].to_vec()))
    })
    .collect()
}

async fn played(answers: Vec<(u16, Vec<u8>)>) -> Vec<Listener> {
    let address = serve(move |frame| {
        let key = u16::from_be_bytes([frame[0], frame[1]]);
        match answers.iter().find(|(known, _)| *known == key) {
            Some((_, body)) => success(frame, body),
            None => Reply::Close,
        }
    })
    .await;
    listener(&address)
}

fn listener(address: &str) -> Vec<Listener> {
    let (host, port) = address.rsplit_once(':').expect("an address");
    vec![Listener {
        name: "FLUSS".to_owned(),
        host: host.to_owned(),
        port: port.parse().expect("a port"),
    }]
}

/// What ZooKeeper said of the table, with played servers in place of those that were recorded.
async fn seen(release: &str, state: &str) -> Facts {
    let tree = read_dump(&fixture(&format!("zk-{release}-{state}.json"))).expect("a dump");
    let mut seen = facts(&tree, "there");
    seen.tables.retain(|_, table| table.name == TABLE);
    let kept = |bucket: &BucketFacts| seen.tables.contains_key(&bucket.id.table);
    seen.buckets.retain(kept);
    let Observed::Known(Some(coordinator)) = &mut seen.active else {
        panic!("a coordinator leads")
    };
    coordinator.listeners = played(recorded(release, state, "coordinator")).await;
    let Observed::Known(servers) = &mut seen.tablet_servers else {
        panic!("seen")
    };
    for server in servers.values_mut() {
        let Observed::Known(server) = server else {
            panic!("seen")
        };
        // While one was down only the coordinator was recorded.
        let role = match state {
            "healthy" => "tablet-server",
            _ => "coordinator",
        };
        server.listeners = played(recorded(release, state, role)).await;
    }
    seen
}

async fn once(seen: &Facts) -> BothSides {
    let again = || async { panic!("one look is enough") };
    both_sides(seen.clone(), again).await.1
}

#[tokio::test]
async fn what_servers_of_every_release_told_is_what_zookeeper_said() {
    for release in ["0.6.0", "0.7.0", "0.8.0", "0.9.1", "1.0"] {
        for (state, registered) in [("healthy", 3), ("one-down", 2)] {
            let seen = seen(release, state).await;
            let both = once(&seen).await;
            let told: Vec<_> = both.told.iter().map(|one| one.held.known()).collect();
            assert_eq!(told.len(), registered + 1, "{release} {state}");
            for held in told {
                let held = held.expect("told");
                assert_eq!(
                    (held.same, held.silent.len(), held.others.len()),
                    (3, 0, 0),
                    "{release} {state}"
                );
            }
            assert_eq!(both.gaps(&seen), []);
            let counted = both.own_count.map(|count| count.known().copied());
            let wanted = (release == "1.0").then(|| {
                Some(OwnCount {
                    replicas: 18,
                    in_sync: if registered == 3 { 18 } else { 12 },
                    leaders: 6,
                    active: 6,
                    status: i32::from(registered == 2),
                })
            });
            assert_eq!(counted, wanted, "{release} {state}");
        }
    }
}

/// Another leader in ZooKeeper than servers tell of.
fn moved(seen: &Facts) -> Facts {
    let mut moved = seen.clone();
    let bucket = &mut moved.buckets[1];
    let Observed::Known(Some(leadership)) = &mut bucket.leadership else {
        panic!("led")
    };
    leadership.leader = Some(0);
    leadership.leader_epoch += 1;
    moved
}

#[tokio::test]
async fn a_difference_that_stands_names_both_sides_and_one_in_flight_is_none() {
    let seen = seen("0.9.1", "healthy").await;
    let other = moved(&seen);
    let again = || async { Ok(other.clone()) };
    let (_, both) = both_sides(other.clone(), again).await;
    let differences = both.differences(&other);
    assert_eq!(differences.len(), 4, "{differences:?}");
    let first = &differences[0];
    assert!(
        first.starts_with("lab.orders_pk bucket 1: coordinator tells clients that ")
            && first.contains("; ZooKeeper says that 0 leads with epoch "),
        "{first}"
    );

    // Servers are told of it a moment later.
    let again = || async { Ok(seen.clone()) };
    let (last, both) = both_sides(other.clone(), again).await;
    assert_eq!(both.differences(&last), Vec::<String>::new());
    assert_eq!((last, both.gaps(&seen)), (seen.clone(), Vec::new()));

    let again = || async { Err("nobody answers".to_owned()) };
    let (_, both) = both_sides(other.clone(), again).await;
    assert_eq!(both.differences(&other), Vec::<String>::new());
    let gaps = both.gaps(&other);
    assert_eq!(gaps.len(), 4);
    assert!(
        gaps[0].reason.contains("a second time: nobody answers"),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn who_does_not_answer_or_says_nothing_of_a_bucket_is_not_known() {
    let mut seen = seen("0.7.0", "healthy").await;
    let another = BucketFacts {
        id: upshift_model::fluss::BucketId {
            bucket: 7,
            ..seen.buckets[0].id
        },
        ..seen.buckets[0].clone()
    };
    seen.buckets.push(another);
    let Observed::Known(servers) = &mut seen.tablet_servers else {
        panic!("seen")
    };
    let Some(Observed::Known(server)) = servers.get_mut(&2) else {
        panic!("seen")
    };
    server.listeners = listener("127.0.0.1:1");
    let again = || async { Ok(seen.clone()) };
    let (_, both) = both_sides(seen.clone(), again).await;
    let gaps: Vec<String> = both.gaps(&seen).iter().map(ToString::to_string).collect();
    assert_eq!(gaps.len(), 4, "{gaps:?}");
    assert!(
        gaps[0].contains("it says nothing of lab.orders_pk bucket 7"),
        "{gaps:?}"
    );
    assert!(
        gaps[3].contains("tablet server 2") && gaps[3].contains("127.0.0.1:1"),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn a_coordinator_that_calls_itself_ill_beside_a_zookeeper_that_is_whole_is_looked_at_twice() {
    let mut seen = seen("1.0", "healthy").await;
    let mut answers = recorded("1.0", "healthy", "coordinator");
    let count = answers.iter_mut().find(|(key, _)| *key == 1062).expect("counted");
    // Five of six leaders took over.
    count.1 = vec![8, 18, 16, 18, 24, 6, 32, 5, 40, 2];
    let Observed::Known(Some(coordinator)) = &mut seen.active else {
        panic!("a coordinator leads")
    };
    coordinator.listeners = played(answers).await;
    let looks = std::cell::Cell::new(0);
    let again = || {
        looks.set(looks.get() + 1);
        let seen = seen.clone();
        async move { Ok(seen) }
    };
    let (_, both) = both_sides(seen.clone(), again).await;
    assert!(both.calls_itself_ill());
    assert_eq!(looks.get(), 1);
    let count = both.own_count.expect("counted").known().copied().expect("told");
    assert_eq!(
        count.words(),
        "red: 5 of 6 leaders active, 18 of 18 replicas in sync"
    );
}
