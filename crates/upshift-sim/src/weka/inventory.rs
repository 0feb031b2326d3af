//! Filesystems and snapshots.

use serde_json::{Value, json};

use super::fault::Fault;
use super::world::World;

pub(super) fn filesystems(world: &World) -> Value {
    let small: u64 = match world.has(Fault::SmallFilesystem) {
        true => 500_000_000,
        false => 10_000_000_000_000,
    };
    let archive = json!({"fs_id": "FSId<7>", "uid": "fs7", "name": "archive", "group_name": "default",
        "status": "CREATING", "is_ready": false, "available_total": 22_000_000_000_u64,
        "total_budget": 22_000_000_000_u64, "used_total": 1_000_000, "obs_buckets": []});
    let there = world.has(Fault::TaskDownload) && !world.state.deleted.contains("archive");
    let mut all = json!([{"fs_id": "FSId<0>", "uid": "fs0", "name": "default", "group_name": "default", "status": "READY",
        "is_ready": true, "available_total": small, "total_budget": small, "used_total": 1_000_000,
        "ssd_budget": small, "available_ssd": small, "used_ssd": 1_000_000, "obs_buckets": []},
        {"fs_id": "FSId<1>", "uid": "fs1", "name": ".config_fs", "group_name": "default", "status": "READY",
        "is_ready": true, "available_total": 22_000_000_000_u64, "total_budget": 22_000_000_000_u64,
        "used_total": 1_000_000, "ssd_budget": 22_000_000_000_u64, "obs_buckets": []}]);
    if let (true, Some(list)) = (there, all.as_array_mut()) {
        list.push(archive);
    }
    all
}

pub(super) fn snapshots(world: &World) -> Value {
    let state = |fault| {
        if world.has(fault) { "UPLOADING" } else { "NONE" }
    };
    let mut one = json!({"snap_id": "SnapViewId<1>", "filesystem": "default", "filesystemId": "FSId<0>", "name": "s1",
        "isWritable": false, "isRemoving": false,
        "remoteStowInfo": {"stowStatus": state(Fault::SnapshotUpload), "stowProgress": "N/A", "locator": ""},
        "localStowInfo": {"stowStatus": state(Fault::LocalSnapshotUpload), "stowProgress": "N/A", "locator": ""},
        "accessPoint": "@GMT-2026.02.01-10.00.00", "creationTime": "2026-02-01T10:00:00Z"});
    if world.has(Fault::SnapshotField) {
        one.as_object_mut().expect("an object").remove("remoteStowInfo");
    }
    json!([one])
}
