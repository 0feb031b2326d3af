//! The REST interface of the cluster, version 2: a login, and lists in the names that REST has for their fields.
//!
//! No verb of an upgrade is in it, as in the published description of the real one.

use serde_json::{Value, json};

use super::fault::Fault;
use super::world::World;
use super::{cluster, inventory, status};

/// The one user, and a password that nothing may ever show.
const LOGIN: (&str, &str) = ("observer", "canary-rest-password");
/// What a login gives; nothing may ever show it either.
const TOKEN: &str = "canary-rest-token";

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct RestRequest<'a> {
    /// Its method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// The status and the document of the answer.
pub fn rest(world: &World, request: RestRequest<'_>) -> (u16, Value) {
    let path = request.target.split('?').next().unwrap_or_default();
    let no = |status: u16, message: &str| (status, json!({"message": message, "data": {}}));
    let Some(path) = path.strip_prefix("/api/v2") else {
        return no(404, "not found");
    };
    if (request.method, path) == ("POST", "/login") {
        return login(world, request.body);
    }
    let bearer = request
        .authorization
        .and_then(|header| header.strip_prefix("Bearer "));
    if bearer != Some(TOKEN) {
        return no(401, "Unauthorized");
    }
    match (request.method, path) {
        ("GET", "/alerts") if world.has(Fault::RestHalf) => no(503, "the leader is away"),
        ("GET", path) => match list(world, path) {
            Some(data) => (200, json!({"data": data})),
            None => no(404, "not found"),
        },
        _ => no(404, "not found"),
    }
}

fn login(world: &World, body: &[u8]) -> (u16, Value) {
    let words: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let right = words["username"] == LOGIN.0 && words["password"] == LOGIN.1;
    match right && !world.has(Fault::LoginExpired) {
        false => (401, json!({"message": "Bad username or password", "data": {}})),
        true => (
            200,
            json!({"data": {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300,
            "refresh_token": "canary-rest-refresh", "password_change_required": false}}),
        ),
    }
}

fn list(world: &World, path: &str) -> Option<Value> {
    Some(match path {
        "/users/whoami" => status::whoami(world),
        "/cluster" => {
            let mut whole = status::status(world);
            if let Some(map) = whole.as_object_mut() {
                map.remove("upgrade_info");
                map.insert("upgrade".to_owned(), json!(""));
            }
            whole
        }
        "/alerts" => Value::Array(status::alerts(world)),
        "/containers" => named(
            cluster::containers(world),
            &[
                ("host_id", "id"),
                ("host_ip", "container_ip"),
                ("machine_identifier", "server_identifier"),
            ],
        ),
        "/processes" => named(
            cluster::processes(world),
            &[("node_id", "id"), ("host_id", "container_id"), ("nodeInfo", "")],
        ),
        "/servers" => Value::Array(cluster::servers(world, None)),
        "/drives" => named(cluster::drives(world), &[("disk_id", "id"), ("writable", "")]),
        "/tasks" => Value::Array(status::tasks(world)),
        "/fileSystems" => inventory::filesystems(world),
        "/snapshots" => inventory::snapshots(world),
        _ => return None,
    })
}

/// With the names that REST has; what it does not tell has none.
fn named(mut all: Vec<Value>, names: &[(&str, &str)]) -> Value {
    for entry in all.iter_mut().filter_map(Value::as_object_mut) {
        for (theirs, own) in names {
            if let Some(value) = entry.remove(*theirs)
                && !own.is_empty()
            {
                entry.insert((*own).to_owned(), value);
            }
        }
    }
    Value::Array(all)
}
