//! Keys come from the environment, a credentials file or references, and reach no text.

use std::io::Write as _;

use upshift_drivers::realtime_compute::codes;
use upshift_engine::driver::Fault;
use upshift_model::realtime_compute::Credentials;

use crate::server::{Reply, Server, references};

#[tokio::test]
async fn keys_come_from_where_the_vendors_tools_have_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("credentials");
    let text = b"[default]\ntype = access_key\naccess_key_id = testAK\naccess_key_secret = testSK\n\
                 [shift]\ntype = sts\naccess_key_id = testAK\naccess_key_secret = testSK\nsecurity_token = T1\n";
    std::fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(text))
        .expect("a file");
    let server = Server::start(|_| Reply::made("job-running"));
    let file = |profile: &str| Credentials::File {
        path: path.clone(),
        profile: profile.to_owned(),
    };
    for (credentials, token) in [
        (Credentials::Environment, None),
        (file("default"), None),
        (file("shift"), Some("T1")),
        (references(Some("TOKEN")), Some("testSTSToken")),
    ] {
        server.client_with(credentials).job("j").await.expect("an answer");
        let asked = server.asked();
        let last = asked.last().expect("a request");
        assert_eq!(last.authorization("Credential"), "testAK");
        assert_eq!(
            last.headers.get("x-acs-security-token").map(String::as_str),
            token
        );
        assert_eq!(last.headers.contains_key("x-acs-accesskey-id"), token.is_some());
    }
    let missing = server
        .client_with(file("absent"))
        .job("j")
        .await
        .expect_err("no such section");
    match missing {
        Fault::Refused(failure) => assert_eq!(failure.code, codes::NO_KEYS),
        other => panic!("{other}"),
    }
    let missing = server
        .client_with(references(Some("NOT_SET")))
        .job("j")
        .await
        .expect_err("not set");
    assert!(
        missing
            .to_string()
            .contains("secret env:NOT_SET could not be read: not set"),
        "{missing}"
    );
}

#[tokio::test]
async fn what_the_service_quotes_of_a_signed_request_is_shown_without_the_keys() {
    let body = "{\"Code\":\"SignatureDoesNotMatch\",\"RequestId\":\"R1\",\"Message\":\"server string to sign is: \
                x-acs-security-token:testSTSToken for testAK with testSK\"}";
    let server = Server::start(move |_| Reply::With(400, Vec::new(), body.to_owned()));
    let client = server.client_with(references(Some("TOKEN")));
    let Fault::Refused(failure) = client.job("j").await.expect_err("refused") else {
        panic!("expected a refusal");
    };
    let shown = format!("{failure:?} {client:?}");
    for secret in ["testSTSToken", "testSK", "testAK"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let said = failure.far_side.expect("what the service said");
    assert_eq!(
        said,
        "SignatureDoesNotMatch: server string to sign is: x-acs-security-token:«redacted» for «redacted» with \
         «redacted» (request R1)"
    );
}
