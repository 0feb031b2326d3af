//! Changes and conditions of WEKA clusters, in words.

use upshift_model::weka::{Act, Condition, Fate};

/// What is done.
pub(super) fn act(what: &Act) -> String {
    match what {
        Act::Stage { release } => format!("fetch the whole package of {release} and make it ready"),
        Act::Distribute { release } => {
            format!("bring the package of {release} to all backends, and make it ready")
        }
        Act::Backends { release } => {
            format!("non-disruptive upgrade of all backends to {release}: drives, computes, frontends")
        }
        Act::Clients {
            release, ids, batch, ..
        } => {
            format!("{} clients to {release}, {batch} at a time", ids.len())
        }
        Act::Client { release, client, .. } => {
            format!("client {} to {release}, by commands there", client.host)
        }
        Act::Quiet { host, units } => {
            let units: Vec<&str> = units.keys().map(String::as_str).collect();
            format!("stop and disable {} on {host}", units.join(" and "))
        }
        Act::Override {
            key,
            value: Some(value),
            ..
        } => format!("set the override {key} to {value}"),
        Act::Override { key, value: None, .. } => format!("take the override {key} away"),
        Act::ClientTarget { release, .. } => format!("set client-target-version to {release}"),
        Act::Task { id, kind, fate } => match fate {
            Fate::Wait => format!("wait for the end of task {id}, {kind}"),
            Fate::Pause => format!("pause task {id}, {kind}"),
            Fate::Resume => format!("let task {id}, {kind}, go on"),
            Fate::Abort => format!("give task {id}, {kind}, up"),
            Fate::Delete { filesystem, snapshot } => format!(
                "DELETE {}, which gives task {id}, {kind}, up",
                Fate::object(filesystem, snapshot.as_deref())
            ),
        },
        Act::Restart { host, .. } => {
            format!("see that write combining is on in {host}; restart its containers where not")
        }
    }
}

/// What must hold.
pub(super) fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Fine => "the cluster is OK, all is active, no data lacks a copy".to_owned(),
        Condition::Idle => {
            "nobody upgrades it, no task runs that an upgrade does not start beside".to_owned()
        }
        Condition::Converted => "no conversion of metadata goes on".to_owned(),
        Condition::BackendsAre { release } => format!("every backend's container is up on {release}"),
        Condition::ClientsAre { release, ids } => format!("{} clients are up on {release}", ids.len()),
        Condition::NoMismatch => "no alert tells of releases that differ".to_owned(),
        Condition::Undisturbed { .. } => "nobody began what has to wait for the end".to_owned(),
        Condition::Within { window } => format!("it is within {window}"),
    }
}
