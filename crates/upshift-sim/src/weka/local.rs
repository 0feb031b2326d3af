//! What a server knows of itself: its containers, their resources, installed releases.

use serde_json::{Map, Value, json};

use super::changes::place_number;
use super::fault::Fault;
use super::world::{CONTAINERS, EACH, Place, World};

/// Made up for the cluster; whatever shows it has given a secret away.
const JOIN_SECRET: &str = "canary-join-secret-of-the-cluster";

struct Local {
    name: String,
    port: u16,
    running: bool,
    disabled: bool,
    kind: &'static str,
}

fn locals(world: &World, place: Place) -> Vec<Local> {
    let plain = |name: &str, port: u16| Local {
        name: name.to_owned(),
        port,
        running: true,
        disabled: false,
        kind: "weka",
    };
    let mut all = match place {
        Place::Client(_) => vec![plain("client", 14000)],
        Place::Backend(_) if world.has(Fault::NotMcb) => vec![plain("default", 14000)],
        Place::Backend(_) => CONTAINERS
            .into_iter()
            .map(|(name, _, port)| plain(name, port))
            .collect(),
    };
    let last = all.len() - 1;
    all[last].running = !world.hits(Fault::ContainerStopped, place);
    all[last].disabled = world.hits(Fault::ContainerDisabled, place);
    let upgrading = world.state.phase.is_some() && matches!(place, Place::Backend(_));
    if world.hits(Fault::LeftOver, place) || upgrading {
        all.push(plain("upgrade", 14900));
    }
    all
}

pub(super) fn names(world: &World, place: Place) -> String {
    locals(world, place)
        .iter()
        .map(|local| format!("{}\n", local.name))
        .collect()
}

pub(super) fn processes(world: &World, place: Place) -> Value {
    let each = locals(world, place).into_iter().map(|local| {
        let state = if local.running { "READY" } else { "STEM" };
        json!({"APIPort": local.port, "name": local.name, "type": local.kind,
            "runStatus": if local.running { "Running" } else { "Stopped" }, "isRunning": local.running,
            "isDisabled": local.disabled, "isManaged": false, "isMonitoring": true, "isPersistent": true,
            "lastFailure": "", "uptime": 5693.66, "versionName": world.version(), "upgradeState": "",
            "internalStatus": {"action": "NONE", "display_status": state, "message": "", "state": state}})
    });
    each.collect()
}

pub(super) fn status(world: &World, place: Place) -> Value {
    let mut all = Map::new();
    for local in locals(world, place) {
        all.insert(
            local.name.clone(),
            json!({"type": local.kind, "isRunning": local.running, "isDisabled": local.disabled,
                "status": {"APIPort": local.port, "internalStatus": {"state": "READY", "display_status": "READY"}},
                "resources": {"ips": [world.address(place)]}}),
        );
    }
    Value::Object(all)
}

pub(super) fn resources(world: &World, place: Place, container: &str) -> Option<Value> {
    let all = locals(world, place);
    let slot = all.iter().position(|local| local.name == container)?;
    let last = slot + 1 == all.len().min(EACH);
    let address = match last && world.hits(Fault::WrongEndpoint, place) {
        true => "10.99.99.99",
        false => world.address(place),
    };
    let secret = match (
        last && world.hits(Fault::NoSecret, place),
        last && world.hits(Fault::OtherSecret, place),
    ) {
        (true, _) => json!([]),
        (_, true) => json!(["canary-join-secret-of-another"]),
        _ => json!([JOIN_SECRET]),
    };
    Some(
        json!({"join_secret": secret, "ips": [address], "backend_endpoints": [{"ip": address, "port": 14000}],
        "nodes": {"0": {"roles": ["MANAGEMENT"]}, "1": {"roles": ["DRIVES"]}}, "net_devices": [], "memory": 0}),
    )
}

/// Installed releases, one a line, the default one marked.
pub(super) fn versions(world: &World, place: Place, whole: bool) -> String {
    let current = world.version();
    let mut packages = world.packages(place);
    if !whole {
        let own = world.state.client_packages.get(&place_number(world, place));
        packages.extend(own.into_iter().flatten().cloned());
    }
    let others = packages.into_iter().filter(|other| other != current);
    let mut text = format!("* {current}\n");
    text.extend(others.map(|other| format!("  {other}\n")));
    text
}
