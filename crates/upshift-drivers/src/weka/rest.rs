//! The REST interface, where a file names it: lists that it gives are put in place of what the command line would be
//! asked for. Only names differ between the two; they are told here, and read as the command line's answers are.
//!
//! A login is made for each look, and its token is kept nowhere.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use upshift_engine::driver::Fault;
use upshift_model::endpoint::{Auth, Endpoint, SecretRef};
use upshift_model::observed::Gap;
use upshift_model::weka::Rest;

use super::frames::Frames;
use crate::wire::{Body, Http, HttpSetupError, Secrets};

/// Where all of it lies.
const BASE: &str = "/api/v2";
/// For one request.
const LIMIT: Duration = Duration::from_secs(30);

/// REST's name of a field, and the command line's.
type Name = (&'static str, &'static str);

/// What is read over it: the frame that it stands for, the path, and names that the command line has for its fields.
/// What it does not tell whole (the state of an upgrade, whether drives take writes) is not asked here.
const LISTS: [(&str, &str, &[Name]); 8] = [
    ("whoami", "/users/whoami", &[]),
    ("alerts", "/alerts", &[]),
    (
        "containers",
        "/containers",
        &[
            ("id", "host_id"),
            ("container_ip", "host_ip"),
            ("server_identifier", "machine_identifier"),
        ],
    ),
    (
        "processes",
        "/processes",
        &[("id", "node_id"), ("container_id", "host_id")],
    ),
    ("servers", "/servers", &[]),
    ("tasks", "/tasks", &[]),
    ("filesystems", "/fileSystems", &[]),
    ("snapshots", "/snapshots", &[]),
];

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Answers, by the names of the command line's frames.
    pub(super) frames: Frames,
    /// What it did not tell; the command line is asked for that.
    pub(super) gaps: Vec<Gap>,
}

/// Logs in and asks for everything.
pub(super) async fn ask(rest: &Rest, secrets: &Secrets) -> Told {
    let mut told = Told::default();
    let gap = |what: &str, why: String| Gap {
        what: format!("{what} over REST"),
        reason: format!("{why}; the command line was asked"),
    };
    let client = match login(rest, secrets).await {
        Ok(client) => client,
        Err(fault) => {
            told.gaps.push(gap("the cluster", fault.to_string()));
            return told;
        }
    };
    let all = LISTS.iter().map(|(frame, path, names)| {
        let client = &client;
        async move { (*frame, data(client, path).await.map(|data| renamed(data, names))) }
    });
    for (frame, answer) in join_all(all).await {
        match answer {
            Ok(data) => told.frames.put(frame, &data),
            Err(fault) => told.gaps.push(gap(frame, fault.to_string())),
        }
    }
    told
}

/// A client with a token of its own.
async fn login(rest: &Rest, secrets: &Secrets) -> Result<Http, Fault> {
    let plain = Http::new(&rest.endpoint, secrets.clone()).map_err(HttpSetupError::into_fault)?;
    let password = secrets.get(&rest.password);
    let password = password.map_err(|missing| HttpSetupError::Secret(missing).into_fault())?;
    let mut words = json!({"username": rest.user, "password": password});
    if let Some(organization) = &rest.organization {
        words["org"] = json!(organization);
    }
    let path = format!("{BASE}/login");
    let answer = plain
        .change(Method::POST, &path, Body::Json(words), LIMIT)
        .await?;
    let answer = answer.ok()?;
    let told: Value = answer.json()?;
    let token = told.pointer("/data/access_token").and_then(Value::as_str);
    let Some(token) = token.map(str::to_owned) else {
        return Err(Fault::Transient("the login gave no token".to_owned()));
    };
    let endpoint = Endpoint {
        auth: Some(Auth::Bearer {
            token: SecretRef::Env("the token of this look".to_owned()),
        }),
        ..rest.endpoint.clone()
    };
    let own = Secrets::by(move |_| Ok(token.clone()));
    Http::new(&endpoint, own).map_err(HttpSetupError::into_fault)
}

async fn data(client: &Http, path: &str) -> Result<Value, Fault> {
    let answer = client.get(&format!("{BASE}{path}"), LIMIT).await?.ok()?;
    let mut told: Value = answer.json()?;
    match told.get_mut("data") {
        Some(data) => Ok(data.take()),
        None => Err(Fault::Transient(format!(
            "{}: the answer has no data",
            answer.asked()
        ))),
    }
}

fn renamed(mut data: Value, names: &[(&str, &str)]) -> Value {
    for entry in data.as_array_mut().into_iter().flatten() {
        let Some(entry) = entry.as_object_mut() else {
            continue;
        };
        for (own, theirs) in names {
            if let Some(value) = entry.remove(*own) {
                entry.insert((*theirs).to_owned(), value);
            }
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::renamed;

    #[test]
    fn fields_get_the_command_lines_names_and_large_numbers_stay_whole() {
        let data = json!([{"id": "HostId<1>", "memory": 18_446_744_073_709_551_615_u64}, 7]);
        assert_eq!(
            renamed(data, &[("id", "host_id"), ("absent", "other")]),
            json!([{"host_id": "HostId<1>", "memory": 18_446_744_073_709_551_615_u64}, 7])
        );
    }
}
