//! What a look makes of a ZooKeeper that lets it see only a part, has no such root, or is something else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use upshift_drivers::fluss::{Walk, ZooKeeperError, codes, facts, keepers, read_tree};
use upshift_model::fluss::{KeeperState, Light, health};

use super::server::{Reply, framed, serve};

const GRANTED: [u8; 37] = {
    let mut answer = [0; 37];
    answer[6] = 0x75;
    answer[7] = 0x30;
    answer
};

/// A node: path, children, error of a look at it.
pub(super) type Told = (&'static str, Vec<&'static str>, i32);

/// A ZooKeeper with these nodes, none of which holds anything.
pub(super) async fn zookeeper(nodes: Vec<Told>, asked: Arc<Mutex<Vec<i32>>>) -> String {
    zookeeper_with(nodes, Arc::default(), asked).await
}

/// What nodes hold, by their paths.
pub(super) type Held = Arc<Mutex<BTreeMap<&'static str, String>>>;

/// A ZooKeeper with these nodes, and what they hold at the time.
pub(super) async fn zookeeper_with(nodes: Vec<Told>, held: Held, asked: Arc<Mutex<Vec<i32>>>) -> String {
    let mut greeted = false;
    serve(move |frame| {
        if !std::mem::replace(&mut greeted, true) {
            return Reply::Bytes(framed(&GRANTED));
        }
        let kind = i32::from_be_bytes(frame[4..8].try_into().expect("a kind"));
        asked.lock().expect("nobody panicked").push(kind);
        if kind == -11 {
            greeted = false;
            return Reply::Close;
        }
        let path = std::str::from_utf8(&frame[12..frame.len() - 1]).expect("a path");
        let found = nodes.iter().find(|(known, _, _)| *known == path);
        let error = found.map_or(-101, |(_, _, error)| *error);
        let header = [&frame[..4], &[0; 8], &error.to_be_bytes()].concat();
        let body = match (error, kind, found) {
            (0, 4, _) => match held.lock().expect("nobody panicked").get(path) {
                Some(text) => {
                    let length = i32::try_from(text.len()).expect("short");
                    [&length.to_be_bytes()[..], text.as_bytes(), &[0; 68]].concat()
                }
                None => [&(-1_i32).to_be_bytes()[..], &[0; 68]].concat(),
            },
            (0, _, Some((_, children, _))) => {
                let mut body = i32::try_from(children.len()).expect("few").to_be_bytes().to_vec();
                for name in children {
                    body.extend(i32::try_from(name.len()).expect("short").to_be_bytes());
                    body.extend(name.as_bytes());
                }
                body
            }
            _ => Vec::new(),
        };
        Reply::Bytes(framed(&[header, body].concat()))
    })
    .await
}

fn walk(servers: &str) -> Walk<'_> {
    Walk {
        servers,
        root: "/fluss",
        door: None,
    }
}

#[tokio::test]
async fn a_part_that_may_not_be_read_makes_health_unknown_and_only_reads_are_ever_sent() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let nodes = vec![
        ("/fluss", vec!["coordinators", "metadata", "gone"], 0),
        ("/fluss/coordinators", Vec::new(), 0),
        ("/fluss/metadata", Vec::new(), -102),
    ];
    let server = zookeeper(nodes, asked.clone()).await;
    // The first of the two does not answer.
    let servers = format!("127.0.0.1:1,{server}");
    let mut heard = 0;
    let tree = read_tree(walk(&servers), |count| heard = count)
        .await
        .expect("a tree");
    assert_eq!((tree.len(), heard), (2, 2));
    assert!(tree.get("/metadata/databases").is_err());
    let facts = facts(&tree, "there");
    assert_eq!(facts.gaps.len(), 1, "{:?}", facts.gaps);
    let unseen = health(&facts)
        .reasons
        .iter()
        .filter(|reason| reason.light() == Light::Unknown)
        .count();
    assert_eq!(unseen, 1);
    let asked = asked.lock().expect("nobody panicked");
    assert!(asked.iter().all(|kind| [4, 8, -11].contains(kind)), "{asked:?}");
}

/// Somebody who says this to whoever comes, and hangs up.
async fn says(said: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("somebody comes");
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.expect("a word");
        assert_eq!(&word, b"srvr");
        stream.write_all(said.as_bytes()).await.expect("said");
    });
    address
}

#[tokio::test]
async fn each_server_of_a_quorum_is_asked_and_who_does_not_answer_is_named() {
    let leads = says("Zookeeper version: 3.6.4--d65253dcf68e9097c6e95a126463fd5fdeb4521c, built on 12/18/2022\nMode: leader\n").await;
    let lost = says("This ZooKeeper instance is not currently serving requests\n").await;
    let silent = says("srvr is not executed because it is not in the whitelist.\n").await;
    let servers = format!("{leads}, {lost},{silent},127.0.0.1:1");
    let all = keepers(walk(&servers)).await;
    let words: Vec<_> = all
        .iter()
        .map(|one| one.state.known().map(KeeperState::words))
        .collect();
    assert_eq!(words[0].as_deref(), Some("3.6.4, leader"));
    assert!(
        words[1]
            .as_ref()
            .is_some_and(|said| said.contains("does not serve"))
    );
    assert_eq!(words[2..], [None, None]);
    let why = all[2].state.gap().expect("not told").to_string();
    assert!(why.contains(&silent) && why.contains("whitelist"), "{why}");
    assert_eq!(all[3].address, "127.0.0.1:1");
}

#[tokio::test]
async fn a_root_that_is_not_there_is_told_with_what_lies_beside_it() {
    let nodes = vec![("/", vec!["zookeeper", "fluss-prod"], 0)];
    let server = zookeeper(nodes, Arc::default()).await;
    let error = read_tree(walk(&server), |_| ()).await.expect_err("no cluster");
    assert_eq!(error.code(), codes::NO_CLUSTER);
    let ZooKeeperError::NoCluster { beside, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(beside, ["/fluss-prod", "/zookeeper"]);
}

#[tokio::test]
async fn what_is_no_zookeeper_or_wants_to_know_who_asks_is_told() {
    let other = serve(|_| Reply::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let error = read_tree(walk(&other), |_| ())
        .await
        .expect_err("no ZooKeeper")
        .to_string();
    assert!(error.contains("is not ZooKeeper"), "{error}");
    let expired = serve(|_| Reply::Bytes(framed(&[0; 37]))).await;
    assert!(read_tree(walk(&expired), |_| ()).await.is_err());
    let sasl = zookeeper(vec![("/fluss", Vec::new(), -124)], Arc::default()).await;
    let error = read_tree(walk(&sasl), |_| ())
        .await
        .expect_err("refused")
        .to_string();
    assert!(error.contains("wants to know who asks (SASL)"), "{error}");
}
