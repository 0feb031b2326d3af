//! The state of the cluster as a whole: `status`, its rebuild, alerts, tasks.

use serde_json::{Value, json};

use super::cluster;
use super::fault::Fault;
use super::state::Phase;
use super::world::{EACH, Place, World};

pub(super) fn status(world: &World) -> Value {
    let backends = world.backends();
    let clients = world.spec.clients.len();
    let containers = backends * EACH;
    let drives = cluster::drive_count(world);
    let all = |count: usize| json!({"active": count, "total": count});
    let converting = world.is_converting();
    let task = match converting {
        true => json!({"progress": 37, "state": "RUNNING", "taskId": "BlockTaskId<5>", "type": "METADATA"}),
        false => json!({"progress": 0, "state": "IDLE", "taskId": "BlockTaskId<0>", "type": "INVALID"}),
    };
    let status = match (
        world.has(Fault::StatusNotOk),
        world.has(Fault::Rebuilding),
        world.has(Fault::Degraded),
    ) {
        (true, ..) => "UNPROTECTED",
        (_, true, _) => "REBUILDING",
        (_, _, true) => "PARTIALLY_PROTECTED",
        _ => "OK",
    };
    json!({
        "active_alerts_count": alerts(world).len(), "block_upgrade_task": task,
        "buckets": {"active": backends * 10, "total": backends * 10},
        "capacity": {"total_bytes": backends as u64 * 3_840_000_000_000, "unprovisioned_bytes": 1_000_000_000_000_u64},
        "compute_upgrade": {"source_version_sig": "0xffffffffffffffff"},
        "containers": {"active": containers + clients, "total": containers + clients,
            "backends": all(containers), "clients": all(clients), "computes": all(backends), "drives": all(backends)},
        "drives": all(drives), "failure_domains_enabled": true, "guid": guid(world.spec.seed),
        "hosts": {"active_count": containers + clients, "total_count": containers + clients, "backends": all(containers)},
        "hot_spare": 1, "init_stage": "INITIALIZED", "io_nodes": all(backends * 6), "io_status": "STARTED",
        "is_cluster": true, "name": "emulated", "net": {"link_layer": "ETH"},
        "nodes": {"blacklisted": usize::from(world.has(Fault::DeniedProcess)), "total": containers * 3},
        "rebuild": rebuild(world), "release": world.release(), "release_hash": "0".repeat(40), "status": status,
        "stripe_data_drives": 5, "stripe_protection_drives": 2,
        "time": {"allowed_clock_skew_secs": 60, "cluster_time": "2026-02-01T12:00:00.000000Z"},
        "upgrade_info": {"upgrade_paused": false, "upgrade_phase": phase(world), "upgrade_type": "agent-driven"},
    })
}

fn phase(world: &World) -> &'static str {
    let other = world.has(Fault::UpgradeRunning).then_some(Phase::Drives);
    let phase = world.state.phase.or(other);
    phase.map_or("", |phase| phase.word(world.spec.seed))
}

fn guid(seed: u64) -> String {
    format!("11111111-2222-4333-8444-{seed:012}")
}

pub(super) fn rebuild(world: &World) -> Value {
    let hurt = world.has(Fault::Degraded) || world.has(Fault::Rebuilding);
    let lost = if hurt { 4096 } else { 0 };
    json!({
        "enoughActiveFDs": true, "isInited": true, "movingData": world.has(Fault::Rebuilding), "movingQuorums": false,
        "numActiveFDs": if world.has(Fault::FewDomains) { 2 } else { world.backends() }, "progressPercent": if world.has(Fault::Rebuilding) { 42 } else { 0 },
        "protectionState": [
            {"MiB": 4_952_064 - lost, "numFailures": 0, "percent": if hurt { 99 } else { 100 }},
            {"MiB": lost, "numFailures": 1, "percent": i32::from(hurt)},
            {"MiB": 0, "numFailures": 2, "percent": 0}],
        "requiredFDsForRebuild": world.backends().saturating_sub(1).clamp(2, 5), "stripeDisks": 7, "totalCopiesDoneMiB": 0, "totalCopiesMiB": 0,
        "unavailableMiB": 0, "unavailablePercent": 0,
        // Greater than any number that fits into a float without loss.
        "scrubberBytesPerSec": 18_446_744_073_709_551_615_u64,
    })
}

pub(super) fn alerts(world: &World) -> Vec<Value> {
    let one = |kind: &str, title: &str, severity: &str| {
        json!({"type": kind, "title": title, "severity": severity, "count": 1, "muted": false,
            "description": format!("{title}."), "action": "look at it", "params": {}})
    };
    let mut all = Vec::new();
    for (fault, kind, title, severity) in [
        (Fault::Alert, "ClockSkew", "Clocks differ", "WARNING"),
        (
            Fault::DataIntegrity,
            "DataIntegrity",
            "Data integrity issue",
            "CRITICAL",
        ),
        (
            Fault::UpgradeRunning,
            "ClusterIsUpgrading",
            "The cluster is being upgraded",
            "INFO",
        ),
    ] {
        all.extend(world.has(fault).then(|| one(kind, title, severity)));
    }
    if world.state.phase.is_some() {
        all.push(one("ClusterIsUpgrading", "The cluster is being upgraded", "INFO"));
    }
    let clients = 0..world.spec.clients.len();
    let differ = clients
        .into_iter()
        .any(|client| world.client_release(client) != world.release());
    if world.state.release.is_some() && differ {
        all.push(one(
            "ClientVersionsMismatch",
            "Clients are of another release",
            "WARNING",
        ));
    }
    all
}

pub(super) fn tasks(world: &World) -> Vec<Value> {
    let kinds = [
        (
            Fault::TaskUpload,
            "STOW_UPLOAD",
            "Uploading snapshot s1 of filesystem default",
        ),
        (
            Fault::TaskDownload,
            "STOW_DOWNLOAD_FILESYSTEM",
            "Downloading filesystem archive",
        ),
        (
            Fault::TaskSquash,
            "FILESYSTEM_SQUASH",
            "Squashing filesystem default",
        ),
        (
            Fault::TaskPrefetch,
            "SNAPSHOT_PREFETCH",
            "Prefetching snapshot s1",
        ),
        (Fault::TaskDetach, "OBS_DETACH", "Detaching object store obs1"),
        (Fault::TaskCatalog, "CATALOG_INGEST", "Ingesting the catalog"),
        (Fault::TaskQuota, "QUOTA_COLORING", "Colouring quotas"),
    ];
    let task = |id: u64, kind: &str, said: &str| {
        let paused = world.state.paused.contains(&id);
        let params = match kind {
            "STOW_DOWNLOAD_FILESYSTEM" => json!({"fsId": "FSId<7>"}),
            _ => json!({"fsId": "FSId<0>"}),
        };
        json!({"id": format!("CWTaskId<{id}>"), "uid": format!("task-{id}"), "type": kind,
            "state": if paused { "PAUSED" } else { "RUNNING" }, "phase": "", "progress": 41.5,
            "is_explicitly_paused": paused, "description": said, "params": params})
    };
    let is_over = |id: u64, kind: &str| {
        let deleted = kind == "STOW_DOWNLOAD_FILESYSTEM" && world.state.deleted.contains("archive");
        deleted || world.state.ended_tasks.contains(&id)
    };
    let mut all: Vec<Value> = (4..)
        .zip(kinds)
        .filter(|(id, (fault, kind, _))| world.has(*fault) && !is_over(*id, kind))
        .map(|(id, (_, kind, said))| task(id, kind, said))
        .collect();
    all.push(task(3, "RAID_SCANNER", "Scanning"));
    all
}

pub(super) fn whoami(world: &World) -> Value {
    let role = match world.has(Fault::NotAdmin) {
        true => "ReadOnly",
        false => "ClusterAdmin",
    };
    json!({"org_id": 0, "org_name": "Root", "username": "admin", "source": "Internal", "role": role, "uid": "u0"})
}

pub(super) fn denied(world: &World) -> Value {
    match world.has(Fault::DeniedProcess) {
        false => json!([]),
        true => json!([{"node_id": "NodeId<5>", "hostname": world.hostname(Place::Backend(0)),
            "ips": [world.address(Place::Backend(0))], "status": "DOWN", "network_mode": "DPDK"}]),
    }
}
