//! S3, SMB and NFS: each on a backend of its own where there are enough.

use serde_json::{Value, json};

use super::fault::Fault;
use super::world::{EACH, Place, World, numbers};

/// The frontend container of the backend that serves it.
fn host(world: &World, wanted: usize) -> usize {
    wanted.min(world.backends().saturating_sub(1)) * EACH + 2
}

fn named(world: &World, wanted: usize) -> String {
    format!("HostId<{}>", host(world, wanted))
}

fn smb_host(world: &World) -> usize {
    if world.has(Fault::TwoProtocols) { 0 } else { 1 }
}

pub(super) fn s3(world: &World) -> Value {
    let mut s3 = json!({"active": !world.has(Fault::NoS3), "s3_hosts": [named(world, 0)], "port": "9000", "internal_port": "9001",
        "filesystem_name": "default",
        "mount_options": if world.has(Fault::S3WriteCache) { "writecache" } else { "readcache" }});
    if world.has(Fault::S3Etcd) {
        s3["etcd_cluster_hosts"] = json!([named(world, 0)]);
    }
    s3
}

/// A list from 4.3.5.105 on, and a map before.
pub(super) fn s3_status(world: &World) -> Value {
    let ready = !world.has(Fault::S3NotReady);
    match numbers(&world.spec.version) >= [4, 3, 5, 105] {
        true => {
            json!([{"host_id": host(world, 0), "hostname": world.hostname(Place::Backend(0)),
            "service_status": if ready { "Ready" } else { "Not Ready" }, "requests": 0}])
        }
        false => json!({named(world, 0): ready}),
    }
}

pub(super) fn buckets() -> Value {
    json!([{"name": "b1"}])
}

pub(super) fn lifecycle(world: &World) -> Value {
    let count = if world.has(Fault::S3Lifecycle) { 11 } else { 1 };
    (0..count)
        .map(|rule| json!({"id": format!("r{rule}"), "prefix": format!("p{rule}/"), "tags": "k=v"}))
        .collect()
}

pub(super) fn smb(world: &World) -> Value {
    json!({"name": "smb1", "domainName": "example.test", "domainJoined": true, "encryption": "enabled",
        "sambaHosts": [named(world, smb_host(world))], "sambaIps": ["10.77.9.9"], "smbw": true})
}

pub(super) fn smb_status(world: &World) -> Value {
    json!({named(world, smb_host(world)): !world.has(Fault::SmbInactive)})
}

pub(super) fn interface_groups(world: &World) -> Value {
    let group = |name: &str, hosts: &[usize], state: &str, port: &str| {
        let ports: Vec<Value> = hosts
            .iter()
            .map(|host| json!({"host_id": named(world, *host), "host_uid": "x", "port": "eth0", "status": port}))
            .collect();
        json!({"name": name, "type": "NFS", "status": state, "gateway": "10.77.0.1",
            "subnet_mask": "255.255.0.0", "allow_manage_gids": true, "ips": ["10.77.8.1"], "uid": name,
            "ports": ports})
    };
    let port = if world.has(Fault::NfsPortDown) {
        "DOWN"
    } else {
        "OK"
    };
    let hosts: &[usize] = if world.backends() > 3 { &[2, 3] } else { &[2] };
    let mut all = vec![group("nfs1", hosts, "OK", port)];
    all.extend(
        world
            .has(Fault::NfsSecondGroup)
            .then(|| group("nfs2", hosts, "DEGRADED", "OK")),
    );
    Value::Array(all)
}

pub(super) fn global_config(world: &World) -> Value {
    json!({"config_fs": if world.has(Fault::NfsNoConfig) { Value::Null } else { json!(".config_fs") }, "mountd_port": 0,
        "lockmgr_port": 46999, "statmon_port": 47000, "notify_port": 47001, "default_supported_versions": ["V3"]})
}

pub(super) fn custom_options(world: &World) -> Value {
    json!({"customNfsOptions": if world.has(Fault::NfsOptions) { "NFSv4 { Grace_Period = 5; }" } else { "" }})
}
