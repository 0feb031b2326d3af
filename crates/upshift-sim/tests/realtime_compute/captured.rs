//! Every captured request replays to the action that it was made for, and one changed byte in a signed
//! part is one too many.

use std::path::{Path, PathBuf};

use upshift_sim::realtime_compute::{Answer, Request, Told, World};

use crate::support::world;

fn captures() -> Vec<(PathBuf, Request)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/realtime-compute/requests");
    let mut all = Vec::new();
    for folder in ["", "async", "sdk-1.7.0"] {
        for entry in std::fs::read_dir(root.join(folder))
            .expect("the captures")
            .flatten()
        {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == "http") {
                let bytes = std::fs::read(&path).expect("a capture");
                all.push((path, Request::of(&bytes).expect("a whole request")));
            }
        }
    }
    assert_eq!(all.len(), 54);
    all
}

/// The time at which it was signed.
fn then(request: &Request) -> i64 {
    let date = request.header("x-acs-date").expect("a date");
    date.parse::<jiff::Timestamp>().expect("a date").as_millisecond()
}

fn answered(world: &mut World, request: &Request, now: i64) -> Option<Answer> {
    match world.call(request, now) {
        Told::Answer(answer) => Some(answer),
        _ => None,
    }
}

#[test]
fn every_captured_request_comes_to_its_action() {
    for (path, request) in captures() {
        let mut world = world(&[]);
        let answer = answered(&mut world, &request, then(&request));
        let action = request.header("x-acs-action").expect("an action");
        let name = path.display();
        if path.ends_with("05-ListDeployments-noWorkspaceHeader.http") {
            let answer = answer.expect("a refusal");
            assert_eq!(answer.body["Code"], "Missingworkspace", "{name}");
            continue;
        }
        assert_eq!(world.inside().asked.get(action), Some(&1), "{name}: {answer:?}");
        assert!(answer.is_none_or(|answer| answer.status == 200), "{name}");
    }
}

fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1;
    String::from_utf8(bytes).expect("text")
}

/// Every way to change one byte of a signed part, and what it is called.
fn spoilt(request: &Request) -> Vec<(String, Request)> {
    let mut all = Vec::new();
    let mut add = |what: &str, change: &dyn Fn(&mut Request)| {
        let mut other = request.clone();
        change(&mut other);
        all.push((what.to_owned(), other));
    };
    add("method", &|r| r.method = flipped(&r.method, 0));
    add("path", &|r| r.path = flipped(&r.path, r.path.len() - 1));
    if !request.query.is_empty() {
        add("query", &|r| r.query = flipped(&r.query, r.query.len() - 1));
    }
    if !request.body.is_empty() {
        add("body", &|r| r.body[1] ^= 1);
    }
    let authorization = request.header("authorization").expect("signed").to_owned();
    let names = authorization
        .split("SignedHeaders=")
        .nth(1)
        .and_then(|rest| rest.split(',').next());
    for name in names.expect("names").split(';') {
        add(name, &|r| {
            for (found, value) in &mut r.headers {
                if found.eq_ignore_ascii_case(name) {
                    // The last digit of the seconds: the date stays a date.
                    let at = if name == "x-acs-date" {
                        value.len() - 2
                    } else {
                        value.len() / 2
                    };
                    *value = flipped(value, at);
                }
            }
        });
    }
    add("the signature itself", &|r| {
        for (found, value) in &mut r.headers {
            if found.eq_ignore_ascii_case("authorization") {
                *value = flipped(value, value.len() - 1);
            }
        }
    });
    all
}

#[test]
fn one_changed_byte_in_a_signed_part_is_one_too_many() {
    let mut tried = 0;
    for (path, request) in captures() {
        for (what, spoilt) in spoilt(&request) {
            let mut world = world(&[]);
            let answer = answered(&mut world, &spoilt, then(&request)).expect("a refusal");
            let code = match what.as_str() {
                "x-acs-security-token" => "InvalidSecurityToken.Mismatch",
                _ => "SignatureDoesNotMatch",
            };
            assert_eq!(answer.body["Code"], code, "{what} of {}", path.display());
            assert!(world.inside().asked.is_empty());
            tried += 1;
        }
    }
    assert!(tried > 54 * 10, "{tried}");
}
