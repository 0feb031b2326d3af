//! What the gateway does not let pass, by the driver's client.

use upshift_drivers::realtime_compute::{Filter, codes};
use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_sim::realtime_compute::{Request, Told};

use crate::support::{client, client_with, emulator, world};

fn code(fault: Fault) -> Code {
    match fault {
        Fault::Refused(failure) => failure.code,
        other => panic!("expected a refusal, found {other}"),
    }
}

#[tokio::test]
async fn keys_clocks_permissions_and_places_are_checked() {
    let all = Filter::default();
    let fine = emulator(world(&[]));
    assert_eq!(client(&fine).deployments(&all).await.expect("an answer").len(), 0);
    let wrong = client_with(&fine, "WRONG", "ws0000000000001");
    assert_eq!(
        code(wrong.deployments(&all).await.expect_err("refused")),
        codes::KEYS_REFUSED
    );
    let elsewhere = client_with(&fine, "SK", "ws0000000000002");
    assert_eq!(
        code(elsewhere.deployments(&all).await.expect_err("refused")),
        codes::NOT_KNOWN
    );
    let late = emulator(world(&["clock-ahead"]));
    assert_eq!(
        code(client(&late).deployments(&all).await.expect_err("refused")),
        codes::CLOCKS_APART
    );
    let denied = emulator(world(&["denied@ListDeployments"]));
    let fault = client(&denied).deployments(&all).await.expect_err("refused");
    assert!(
        fault
            .to_string()
            .ends_with("the key is not allowed to do stream:ListDeployments"),
        "{fault}"
    );
    assert_eq!(code(fault), codes::NOT_ALLOWED);
}

#[test]
fn a_nonce_passes_once_and_a_header_that_is_not_signed_never() {
    let bytes = include_bytes!("../../../../fixtures/realtime-compute/requests/24-GetJob.http");
    let request = Request::of(bytes).expect("a request");
    let now = "2026-11-20T11:55:00Z"
        .parse::<jiff::Timestamp>()
        .expect("a time")
        .as_millisecond();
    let mut world = world(&[]);
    let code = |told: Told| match told {
        Told::Answer(answer) => answer.body["Code"].as_str().unwrap_or("none").to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(world.call(&request, now)), "none");
    assert_eq!(code(world.call(&request, now)), "SignatureNonceUsed");
    assert_eq!(
        code(world.call(&request, now + 16 * 60 * 1000)),
        "InvalidTimeStamp.Expired"
    );
    assert_eq!(
        code(world.call(&request, now - 60 * 60 * 1000)),
        "InvalidTimeStamp.Expired"
    );
    let mut more = request.clone();
    more.headers.push(("x-acs-extra".to_owned(), "1".to_owned()));
    assert_eq!(code(world.call(&more, now)), "SignatureDoesNotMatch");
    let mut foreign = request.clone();
    for (name, value) in &mut foreign.headers {
        if name == "Authorization" {
            *value = value.replace("testAK", "otherAK");
        }
    }
    assert_eq!(code(world.call(&foreign, now)), "InvalidAccessKeyId.NotFound");
}
