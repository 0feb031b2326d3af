//! What `weka debug` shows, and statistics.

use serde_json::{Value, json};

use super::fault::Fault;
use super::world::World;

/// When the cluster was upgraded last, in microseconds since 1970.
const LAST_UPGRADE: u64 = 1_760_000_000_000_000;

pub(super) fn traces(world: &World) -> Value {
    json!({"enabled": !world.has(Fault::TracesOff), "level": "low", "clients": {"type": "default"},
        "clients_ensure_free": {"type": "bytes", "value": 3_000_000_000_u64}, "servers": {"type": "default"},
        "servers_ensure_free": {"type": "bytes", "value": 3_000_000_000_u64}})
}

pub(super) fn remote_traces(world: &World) -> Value {
    json!({"enabled": world.has(Fault::RemoteTraces)})
}

pub(super) fn overrides(world: &World) -> Value {
    let one = |id: u64, key: &str, value: &str| {
        json!({"override_id": format!("ManualOverrideId<{id}>"), "key": key, "value": value, "bucket_id": null,
            "enabled": true})
    };
    let foreign = world
        .has(Fault::Overrides)
        .then(|| one(1_000, "allow_something", "true"));
    let set = world.state.overrides.iter().map(|(id, key)| one(*id, key, "1"));
    foreign.into_iter().chain(set).collect()
}

pub(super) fn retention(world: &World) -> Value {
    json!({"retention_secs": if world.has(Fault::LongStats) { 2_592_000 } else { 86_400 }})
}

/// `weka debug config show PATH`.
pub(super) fn config(world: &World, path: &str) -> Option<Value> {
    Some(match path {
        "catalogInfo" => json!({"indexEnabled": world.has(Fault::Catalog)}),
        "snapLayers[*].stowInfo.LOCAL.bucketsNum" => {
            let count = world.backends() * 10 + usize::from(world.has(Fault::SnapshotBuckets));
            json!([0, count])
        }
        "upgradeInfo.lastUpgradeTime.usecs" => json!(last_upgrade(world)),
        "clusterInfo.initialSwVersion" => json!("4.2.1"),
        "clusterInfo.acceptedVersionsPerType" => {
            let mixed = if world.has(Fault::MixedAccepted) {
                json!(["4.4.26"])
            } else {
                json!([])
            };
            json!({"MIXED": mixed})
        }
        "disks" => {
            let fake = world.has(Fault::FakeDrives);
            let state = if fake { "INACTIVE" } else { "ACTIVE" };
            json!({"DiskId<0>": {"_targetState": {"state": state}, "_committedState": {"state": state},
                "lastPhaseOutGeneration": if fake { "ConfigGeneration<1>" } else { "ConfigGeneration<0>" },
                "lastPhaseOutSizeB": 0, "sizeB": 3_840_000_000_000_u64}})
        }
        _ => return None,
    })
}

fn last_upgrade(world: &World) -> u64 {
    match world.state.upgraded_ms {
        0 => LAST_UPGRADE,
        at => at * 1_000,
    }
}

/// Filesystems are checked by themselves once metadata is converted after an upgrade.
pub(super) fn fsck(world: &World) -> Value {
    let old = world.has(Fault::FsckOld) || world.is_converting();
    let began = match old {
        true => LAST_UPGRADE - 1_000_000_000_000,
        false => last_upgrade(world) + 1_000,
    };
    json!({"issuesCount": {"__unaligned_value": i32::from(world.has(Fault::FsckIssues))},
        "startTime": {"__unaligned_value": {"usecs": began}}})
}

pub(super) fn organizations(world: &World) -> Value {
    let mut all = vec![json!({"id": 0, "name": "Root"})];
    all.extend(
        world
            .has(Fault::Organizations)
            .then(|| json!({"id": 1, "name": "other"})),
    );
    Value::Array(all)
}

pub(super) fn hardware(world: &World, addresses: &[&str]) -> Value {
    let each = addresses.iter().enumerate().map(|(number, address)| {
        let ofed = if world.has(Fault::Ofed) && number == 0 {
            "4.9-3"
        } else {
            "5.8-1"
        };
        let facts = json!({"eths": [{"name": "eth0", "driver": "mlx5_core"}], "ofed": {"host": ofed}});
        ((*address).to_owned(), facts)
    });
    Value::Object(each.collect())
}
