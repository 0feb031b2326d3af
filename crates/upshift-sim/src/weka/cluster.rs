//! Containers, processes, servers and drives, as the command line lists them.

use serde_json::{Value, json};

use super::changes::is_stopped;
use super::fault::Fault;
use super::world::{CONTAINERS, EACH, Place, World};

/// So many drives has each backend.
const DRIVES_EACH: usize = 2;
/// Processes of clients have numbers from here on.
const FIRST_OF_CLIENTS: usize = 100_000;
/// A core that is not assigned by hand.
const AUTO: u64 = 4_294_967_295;

pub(super) fn containers(world: &World) -> Vec<Value> {
    let backends = (0..world.backends()).flat_map(|backend| {
        let count = if world.has(Fault::NotMcb) { 1 } else { EACH };
        (0..count).map(move |slot| backend_container(world, backend, slot))
    });
    let clients = (0..world.spec.clients.len()).map(|client| client_container(world, client));
    let mut all: Vec<Value> = backends.chain(clients).collect();
    if world.has(Fault::ReleaseField) {
        for container in &mut all {
            container
                .as_object_mut()
                .expect("an object")
                .remove("sw_release_string");
        }
    }
    all
}

fn backend_container(world: &World, backend: usize, slot: usize) -> Value {
    let (name, role, port) = CONTAINERS[slot];
    let name = if world.has(Fault::NotMcb) { "default" } else { name };
    let place = Place::Backend(backend);
    let address = world.address(place);
    let id = backend * EACH + slot;
    let release = world.container_release(backend, slot);
    let memory: u64 = match (role, world.has(Fault::LittleMemoryForSsd)) {
        ("COMPUTE", true) => 1 << 30,
        ("COMPUTE", false) => 12 << 30,
        _ => 3 << 30,
    };
    let down = world.backend_hit(Fault::BackendDown, backend) || is_stopped(world, id);
    let machine = match world.backend_hit(Fault::SameMachine, backend) {
        true => 0,
        false => backend,
    };
    let domain = match world.has(Fault::FewDomains) {
        true => backend % 2,
        false => backend,
    };
    json!({
        "added_time": "2026-01-10T09:00:00.000000Z", "auto_remove_timeout": null,
        "aws": if world.has(Fault::Aws) { json!({"instance_id": format!("i-{backend:08}"), "instance_type": "i3en.6xlarge"}) } else { Value::Null },
        "cloud": null, "container_ip": address, "container_name": name, "cores": 2,
        "cores_ids": cores(world, backend, slot), "failure_domain": format!("DOM-{domain:03}"),
        "failure_domain_id": format!("FailureDomainId<{domain}>"), "host_id": format!("HostId<{id}>"),
        "host_ip": address, "hostname": world.hostname(place), "ips": [address],
        "last_failure": "", "leadership_role": if id == 0 { "LEADER" } else { "" },
        "machine_identifier": format!("mid-{machine:04}"), "memory": memory, "mgmt_port": port,
        "mode": "backend", "requested_action": "NONE", "state": "ACTIVE",
        "status": if down { "DOWN" } else { "UP" }, "sw_release_string": release, "sw_version": release,
        "uid": format!("00000000-0000-4000-8000-{id:012}"),
    })
}

fn cores(world: &World, backend: usize, slot: usize) -> Value {
    let first = 1 + 2 * u64::try_from(slot).expect("a small number");
    if world.backend_hit(Fault::SharedCores, backend) && slot == 1 {
        return json!([1, 2]);
    }
    if world.backend_hit(Fault::AutoCores, backend) && slot == 2 {
        return json!([AUTO, AUTO]);
    }
    json!([first, first + 1])
}

fn client_container(world: &World, client: usize) -> Value {
    let place = Place::Client(client);
    let address = world.address(place);
    let release = world.client_release(client);
    let id = world.backends() * EACH + client;
    let down = world.hits(Fault::ClientDown, place) || (client == 0 && world.has(Fault::ClientDown));
    json!({
        "auto_remove_timeout": if client.is_multiple_of(2) { json!(86400) } else { Value::Null },
        "container_ip": address, "container_name": "client", "cores": 1, "cores_ids": [1],
        "failure_domain": null, "host_id": format!("HostId<{id}>"), "host_ip": address,
        "hostname": world.hostname(place), "ips": [address], "machine_identifier": format!("cmid-{client:04}"),
        "memory": 1_572_864_000_u64, "mgmt_port": 14000, "mode": "client", "state": "ACTIVE",
        "status": if down { "DOWN" } else { "UP" }, "sw_release_string": release, "sw_version": release,
        "uid": format!("00000000-0000-4000-9000-{client:012}"),
    })
}

pub(super) fn processes(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for backend in 0..world.backends() {
        for (number, (name, role, port)) in CONTAINERS.into_iter().enumerate() {
            let name = if world.has(Fault::NotMcb) { "default" } else { name };
            for slot in 0..3 {
                let roles = match slot {
                    0 => vec!["MANAGEMENT"],
                    _ => vec![role],
                };
                let id = (backend * EACH + number) * 3 + slot;
                let host = match world.has(Fault::NotMcb) {
                    true => backend * EACH,
                    false => backend * EACH + number,
                };
                let down = world.backend_hit(Fault::ProcessDown, backend) && number == 1 && slot == 1;
                let udp = slot == 0 || world.backend_hit(Fault::MixedNetwork, backend);
                let place = Place::Backend(backend);
                let address = world.address(place);
                all.push(json!({
                    "node_id": format!("NodeId<{id}>"), "hostname": world.hostname(place),
                    "container_name": name, "host_id": format!("HostId<{host}>"), "mode": "backend",
                    "roles": roles, "status": if down { "DOWN" } else { "UP" },
                    "network_mode": if udp { "UDP" } else { "DPDK" }, "slot": slot, "ips": [address],
                    "mgmt_ips": [address], "mgmt_port": port, "sw_version": world.release_of(backend),
                    "is_blacklisted": false, "last_fencing_reason": "INVALID",
                    "nodeInfo": {"host_id": format!("HostId<{host}>"), "container_name": name, "slot": slot,
                        "roles": roles, "mgmt_ips": [address], "mgmt_port": port},
                }));
            }
        }
    }
    all.extend((0..world.spec.clients.len()).map(|client| client_frontend(world, client)));
    all
}

/// The frontend of a client, which goes with the clients.
fn client_frontend(world: &World, client: usize) -> Value {
    let place = Place::Client(client);
    let (host, address) = (world.backends() * EACH + client, world.address(place));
    json!({
        "node_id": format!("NodeId<{}>", FIRST_OF_CLIENTS + client), "hostname": world.hostname(place),
        "container_name": "client", "host_id": format!("HostId<{host}>"), "mode": "client", "roles": ["FRONTEND"],
        "status": "UP", "network_mode": "DPDK", "slot": 1, "ips": [address], "mgmt_ips": [address],
        "mgmt_port": 14000, "sw_version": world.client_release(client), "is_blacklisted": false,
        "last_fencing_reason": "INVALID",
        "nodeInfo": {"host_id": format!("HostId<{host}>"), "container_name": "client", "slot": 1,
            "roles": ["FRONTEND"], "mgmt_ips": [address], "mgmt_port": 14000},
    })
}

pub(super) fn servers(world: &World, role: Option<&str>) -> Vec<Value> {
    let one = |place: Place, role: &str, release: String, down: bool| {
        let name = world.hostname(place);
        json!({
            "uid": format!("srv-{name}"), "roles": [role], "name": name, "hostname": name,
            "primary_ip_address": world.address(place), "primary_port": "14000",
            "status": if down { "DOWN" } else { "UP" }, "up_since": "2026-01-10T09:00:00Z",
            "versions": [release], "deployment_mode": "DEDICATED", "drives": [], "processes": [],
        })
    };
    let backends = (0..world.backends()).map(|number| {
        let down = world.backend_hit(Fault::BackendDown, number);
        one(Place::Backend(number), "BACKEND", world.release_of(number), down)
    });
    let clients = (0..world.spec.clients.len()).map(|number| {
        let down = number == 0 && world.has(Fault::ClientDown);
        one(
            Place::Client(number),
            "CLIENT",
            world.client_release(number),
            down,
        )
    });
    match role {
        Some("backend") => backends.collect(),
        Some("client") => clients.collect(),
        _ => backends.chain(clients).collect(),
    }
}

pub(super) fn drives(world: &World) -> Vec<Value> {
    let all = 0..world.backends() * DRIVES_EACH;
    all.map(|number| {
        let backend = number / DRIVES_EACH;
        let first = number % DRIVES_EACH == 0;
        let inactive = first && world.backend_hit(Fault::DriveInactive, backend);
        let unwritable = first && world.backend_hit(Fault::DriveUnwritable, backend);
        json!({
            "disk_id": format!("DiskId<{number}>"), "node_id": format!("NodeId<{}>", backend * EACH * 3 + 1),
            "host_id": format!("HostId<{}>", backend * EACH), "hostname": world.hostname(Place::Backend(backend)),
            "status": if inactive { "PHASING_OUT" } else { "ACTIVE" },
            "writable": if unwritable { "Unwritable" } else { "Writable" },
            "size_bytes": 3_840_000_000_000_u64, "firmware": "1.0", "serial_number": format!("SN{number}"),
            "uuid": format!("d-{number}"), "should_be_active": true,
        })
    })
    .collect()
}

pub(super) fn drive_count(world: &World) -> usize {
    world.backends() * DRIVES_EACH
}

/// Network cards of each container.
pub(super) fn cards(world: &World) -> Vec<Value> {
    let all = (0..world.backends()).map(|backend| {
        let device = match world.backend_hit(Fault::ConnectX4, backend) {
            true => "MT27700 Family [ConnectX-4]",
            false => "MT2892 Family [ConnectX-6 Dx]",
        };
        json!({"host_id": format!("HostId<{}>", backend * EACH), "hostname": world.hostname(Place::Backend(backend)),
            "net_devices": [{"name": "eth0", "device": device}]})
    });
    all.collect()
}
