//! The cluster: its state, its parts and what goes on.

use std::collections::BTreeMap;

use serde_json::Value;
use upshift_model::observed::Observed;
use upshift_model::weka::{
    Alert, Cluster, Container, Drive, Filesystem, Process, Rebuild, ServerState, Snapshot, Status, Task,
};

use super::{inner, protocols};
use crate::weka::frames::Frames;
use crate::weka::pulse::Event;
use crate::weka::record::Record;

/// Everything that the cluster said; what takes a second question is unknown as yet.
pub(in crate::weka) fn cluster(frames: &Frames) -> Cluster {
    Cluster {
        logged_in: frames.logged_in("status"),
        status: frames.one("status", "the cluster's state", status),
        rebuild: frames.one("rebuild", "the protection of data", rebuild),
        role: frames.one("whoami", "the role of the user", |told| Record(told).text("role")),
        alerts: frames.list("alerts", "alerts", alert),
        containers: frames.list("containers", "containers", container),
        processes: frames.list("processes", "processes", process),
        servers: frames.list("servers", "servers", server),
        tasks: frames.list("tasks", "background tasks", task),
        drives: frames.list("drives", "drives", drive),
        filesystems: frames.list("filesystems", "filesystems", filesystem),
        snapshots: frames.list("snapshots", "snapshots", snapshot),
        client_target: client_target(frames),
        compute_load: Observed::unknown("the load of compute processes", "it was not asked"),
        inner: inner::inner(frames),
        protocols: protocols::protocols(frames),
        cards: cards(frames),
        ofed: None,
        organizations: frames
            .list("organizations", "organizations", |_| ())
            .map(|all| all.len()),
        object_stores: frames
            .list("object-stores", "object stores", |_| ())
            .map(|all| all.len()),
    }
}

/// Events of upgrades.
pub(in crate::weka) fn events(frames: &Frames) -> Observed<Vec<Event>> {
    frames.list("events", "events of upgrades", |told| Event {
        kind: Record(told).text("type"),
        at: Record(told).text("timestamp"),
    })
}

fn status(told: &Value) -> Status {
    let record = Record(told);
    let pair = |a: &str, b: &str| Some((record.number(a)?, record.number(b)?));
    let parts = ["drives", "io_nodes", "buckets"];
    let active = parts.into_iter().filter_map(|part| {
        let both = pair(&format!("{part}.active"), &format!("{part}.total"))?;
        Some((part.to_owned(), both))
    });
    Status {
        name: record.text("name"),
        guid: record.text("guid"),
        release: record.text("release"),
        status: record.text("status"),
        total_bytes: record.number("capacity.total_bytes"),
        buckets: record.number("buckets.total"),
        link_layer: record.text("net.link_layer"),
        denied: record.number("nodes.blacklisted"),
        conversion: record.text("block_upgrade_task.state"),
        upgrade_phase: record.text("upgrade_info.upgrade_phase"),
        stripe: pair("stripe_data_drives", "stripe_protection_drives"),
        active: active.collect::<BTreeMap<_, _>>(),
    }
}

fn rebuild(told: &Value) -> Rebuild {
    let record = Record(told);
    let hurt = record.entries("protectionState").and_then(|levels| {
        let mut sum = 0_u64;
        for level in levels.iter().map(Record) {
            let (failures, mib) = (level.number("numFailures")?, level.at_least("MiB")?);
            sum += if failures > 0 { mib } else { 0 };
        }
        Some(sum)
    });
    Rebuild {
        progress: record.at_least("progressPercent"),
        hurt_mib: hurt,
        unavailable_mib: record.at_least("unavailableMiB"),
        domains: record
            .number("numActiveFDs")
            .zip(record.number("requiredFDsForRebuild")),
    }
}

fn alert(told: &Value) -> Alert {
    let record = Record(told);
    Alert {
        kind: record.text("type"),
        title: record.text("title"),
        severity: record.text("severity"),
        count: record.number("count"),
    }
}

fn container(told: &Value) -> Container {
    let record = Record(told);
    let cores = record.entries("cores_ids");
    Container {
        id: record.id("host_id"),
        name: record.text("container_name"),
        host: record.text("hostname"),
        ips: record.texts("ips"),
        mode: record.text("mode"),
        status: record.text("status"),
        release: record.text("sw_release_string"),
        cores: cores.and_then(|cores| cores.iter().map(Value::as_u64).collect()),
        memory: record.number("memory"),
        machine: record.text("machine_identifier"),
        domain: record.text("failure_domain"),
        stateless: record.at("auto_remove_timeout").map(|at| !at.0.is_null()),
        aws: record.at("aws").map(|at| !at.0.is_null()),
        port: record
            .number("mgmt_port")
            .and_then(|port| u16::try_from(port).ok()),
    }
}

fn process(told: &Value) -> Process {
    let record = Record(told);
    Process {
        id: record.id("node_id"),
        host: record.text("hostname"),
        container: record.id("host_id").or_else(|| record.id("nodeInfo.host_id")),
        mode: record.text("mode"),
        roles: record.texts("roles"),
        status: record.text("status"),
        network: record.text("network_mode"),
    }
}

fn server(told: &Value) -> ServerState {
    let record = Record(told);
    ServerState {
        name: record.text("name").or_else(|| record.text("hostname")),
        roles: record.texts("roles"),
        status: record.text("status"),
    }
}

fn task(told: &Value) -> Task {
    let record = Record(told);
    Task {
        id: record.id("id"),
        filesystem: record.id("params.fsId"),
        kind: record.text("type"),
        state: record.text("state"),
        said: record.text("description"),
    }
}

fn drive(told: &Value) -> Drive {
    let record = Record(told);
    Drive {
        id: record.id("disk_id"),
        host: record.text("hostname"),
        status: record.text("status"),
        writable: record.text("writable"),
    }
}

fn filesystem(told: &Value) -> Filesystem {
    let record = Record(told);
    Filesystem {
        id: record.id("fs_id"),
        name: record.text("name"),
        total: record.number("available_total"),
    }
}

fn snapshot(told: &Value) -> Snapshot {
    let record = Record(told);
    Snapshot {
        filesystem: record.text("filesystem"),
        name: record.text("name"),
        remote: record.text("remoteStowInfo.stowStatus"),
        local: record.text("localStowInfo.stowStatus"),
    }
}

/// Plain text, and nothing where it is not set.
fn client_target(frames: &Frames) -> Observed<Option<String>> {
    match frames.text("client-target", "client-target-version") {
        Err(gap) => Observed::Unknown(gap),
        Ok(text) => {
            let word = text.split_whitespace().next_back().unwrap_or_default();
            let is_version = word.starts_with(|c: char| c.is_ascii_digit());
            Observed::Known(is_version.then(|| word.to_owned()))
        }
    }
}

fn cards(frames: &Frames) -> Observed<BTreeMap<String, Vec<String>>> {
    let all = frames.list("cards", "network cards", |told| {
        let record = Record(told);
        let name = record.text("hostname");
        let name = name.or_else(|| record.id("host_id").map(|id| format!("container {id}")));
        let devices = record.entries("net_devices").map(|devices| {
            let devices = devices.iter().filter_map(|device| Record(device).text("device"));
            devices.collect::<Vec<_>>()
        });
        name.zip(devices)
    });
    match all {
        Observed::Unknown(gap) => Observed::Unknown(gap),
        Observed::Known(all) => match all.into_iter().collect::<Option<Vec<_>>>() {
            Some(all) => Observed::Known(all.into_iter().collect()),
            None => Observed::unknown("network cards", "an entry names no devices"),
        },
    }
}
