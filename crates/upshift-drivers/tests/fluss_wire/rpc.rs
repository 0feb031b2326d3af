//! Fingerprints from recorded answers of every release, and answers that are none.

use std::path::Path;

use serde_json::Value;
use upshift_drivers::fluss::rpc::{Connection, RpcError, fingerprint};
use upshift_model::fluss::Role;

use super::server::{Reply, framed, serve};

/// The recorded answer to ApiVersions, with the length and the header in front taken off.
pub(super) fn recorded(release: &str, role: &str) -> Vec<u8> {
    let file = format!("../../fixtures/fluss/rpc-{release}-healthy.jsonl");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a fixture");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let call = lines
        .into_iter()
        .find(|call| call["role"] == role && call["call"] == "ApiVersions")
        .expect("the call");
    let hex = call["answer_hex"].as_str().expect("an answer");
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
        .collect();
    bytes[9..].to_vec()
}

pub(super) fn success(frame: &[u8], body: &[u8]) -> Reply {
    Reply::Bytes(framed(&[&[0], &frame[4..8], body].concat()))
}

#[tokio::test]
async fn every_recorded_server_is_known_by_the_calls_that_it_knows() {
    for (release, line, apis) in [
        ("0.6.0", (0, 6), (25, 28)),
        ("0.7.0", (0, 7), (29, 30)),
        ("0.8.0", (0, 8), (33, 31)),
        ("0.9.1", (0, 9), (45, 32)),
        ("1.0", (1, 0), (49, 34)),
    ] {
        for (role, word, apis) in [
            (Role::Coordinator, "coordinator", apis.0),
            (Role::TabletServer, "tablet-server", apis.1),
        ] {
            let answer = recorded(release, word);
            let address = serve(move |frame| success(frame, &answer)).await;
            let found = fingerprint(&address, role).await.expect(release);
            assert_eq!((found.line, found.apis), (Some(line), apis), "{release} {word}");
            let tells = line >= (0, 9);
            assert_eq!(found.role, tells.then_some(role), "{release} {word}");
        }
    }
}

#[tokio::test]
async fn a_call_of_a_release_to_come_makes_it_no_release_at_all() {
    let mut answer = recorded("1.0", "coordinator");
    // api_key 1065, version 0.
    answer.extend([0x0a, 7, 0x08, 0xa9, 0x08, 0x10, 0, 0x18, 0]);
    let address = serve(move |frame| success(frame, &answer)).await;
    assert_eq!(
        fingerprint(&address, Role::Coordinator)
            .await
            .expect("an answer")
            .line,
        None
    );
}

#[tokio::test]
async fn what_is_refused_cut_off_or_another_protocol_is_told() {
    let refusing = serve(|frame| {
        Reply::Bytes(framed(
            &[&[1], &frame[4..8], &[8, 46, 18, 2, b'n', b'o']].concat(),
        ))
    })
    .await;
    let error = Connection::open(&refusing).await.expect_err("refused");
    assert_eq!(error.to_string(), "ApiVersions: error 46: no");

    let failing = serve(|_| Reply::Bytes(framed(&[2, 8, 1]))).await;
    assert!(matches!(
        Connection::open(&failing).await,
        Err(RpcError::Refused { code: 1, .. })
    ));

    for body in [&b""[..], &[0], &[0, 0, 0, 0, 9], &[0, 0, 0, 0, 0, 0xff, 0xff]] {
        let body = body.to_vec();
        let other = serve(move |_| Reply::Bytes(framed(&body))).await;
        assert!(matches!(
            Connection::open(&other).await,
            Err(RpcError::NotFluss { .. })
        ));
    }
    let http = serve(|_| Reply::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    assert!(matches!(
        Connection::open(&http).await,
        Err(RpcError::NotFluss { .. })
    ));

    let closing = serve(|_| Reply::Close).await;
    assert!(matches!(
        Connection::open(&closing).await,
        Err(RpcError::Unreachable { .. })
    ));
    assert!(matches!(
        Connection::open("127.0.0.1:1").await,
        Err(RpcError::Unreachable { .. })
    ));
}
