//! What a cluster says of itself.
//!
//! A list that could not be had is a gap; a field that an answer lacked, or that was of another kind than
//! expected, is none: whoever needs it says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observed::Observed;

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Whether the user who asks is logged in; none where that did not come out.
    pub logged_in: Option<bool>,
    /// Its state.
    pub status: Observed<Status>,
    /// How well its data is protected.
    pub rebuild: Observed<Rebuild>,
    /// The role of the user who asks.
    pub role: Observed<Option<String>>,
    /// Alerts.
    pub alerts: Observed<Vec<Alert>>,
    /// Containers of backends and clients.
    pub containers: Observed<Vec<Container>>,
    /// Processes.
    pub processes: Observed<Vec<Process>>,
    /// Servers.
    pub servers: Observed<Vec<ServerState>>,
    /// Background tasks.
    pub tasks: Observed<Vec<Task>>,
    /// Drives.
    pub drives: Observed<Vec<Drive>>,
    /// Filesystems.
    pub filesystems: Observed<Vec<Filesystem>>,
    /// Snapshots.
    pub snapshots: Observed<Vec<Snapshot>>,
    /// `client-target-version`; none where it is not set.
    pub client_target: Observed<Option<String>>,
    /// Load of compute processes over six hours, in tenths of a percent.
    pub compute_load: Observed<u32>,
    /// Settings below `weka debug`, and statistics.
    pub inner: Inner,
    /// S3, SMB and NFS.
    pub protocols: Protocols,
    /// Devices of network cards, by container.
    pub cards: Observed<BTreeMap<String, Vec<String>>>,
    /// Releases of the network drivers, by address; none where the wanted release does not ask for it.
    pub ofed: Option<Observed<BTreeMap<String, Option<String>>>>,
    /// How many organizations there are.
    pub organizations: Observed<usize>,
    /// Whether an object store is attached.
    pub object_stores: Observed<usize>,
}

/// `weka status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The cluster's name.
    pub name: Option<String>,
    /// Its own id.
    pub guid: Option<String>,
    /// The release, with its marks.
    pub release: Option<String>,
    /// `OK` and others.
    pub status: Option<String>,
    /// Capacity of all drives.
    pub total_bytes: Option<u64>,
    /// Buckets.
    pub buckets: Option<u64>,
    /// `ETH` or `IB`.
    pub link_layer: Option<String>,
    /// Denied processes.
    pub denied: Option<u64>,
    /// State of the conversion of metadata that follows an upgrade.
    pub conversion: Option<String>,
    /// The phase of a running upgrade; empty where none runs.
    pub upgrade_phase: Option<String>,
    /// Width of a stripe: data and protection.
    pub stripe: Option<(u64, u64)>,
    /// Parts that are active, and of how many: drives, io nodes, buckets.
    pub active: BTreeMap<String, (u64, u64)>,
}

/// `weka status rebuild`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuild {
    /// Percent, rounded up; zero where none goes on.
    pub progress: Option<u64>,
    /// Data that lost one copy or more, in MiB.
    pub hurt_mib: Option<u64>,
    /// Data that cannot be read, in MiB.
    pub unavailable_mib: Option<u64>,
    /// Failure domains that are active, and how many a rebuild takes.
    pub domains: Option<(u64, u64)>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its type.
    pub kind: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its severity, which releases before 5.0 do not tell.
    pub severity: Option<String>,
    /// How often.
    pub count: Option<u64>,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its number.
    pub id: Option<u64>,
    /// Its name on its server.
    pub name: Option<String>,
    /// Its server.
    pub host: Option<String>,
    /// Addresses.
    pub ips: Option<Vec<String>>,
    /// `backend` or `client`.
    pub mode: Option<String>,
    /// `UP` and others.
    pub status: Option<String>,
    /// Its release, with its marks.
    pub release: Option<String>,
    /// Its cores.
    pub cores: Option<Vec<u64>>,
    /// Its memory.
    pub memory: Option<u64>,
    /// Its machine.
    pub machine: Option<String>,
    /// Its failure domain.
    pub domain: Option<String>,
    /// Whether it goes away with its last mount.
    pub stateless: Option<bool>,
    /// Whether its server is one of AWS.
    pub aws: Option<bool>,
    /// The port of its API.
    pub port: Option<u16>,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub id: Option<u64>,
    /// Its server.
    pub host: Option<String>,
    /// Its container's number.
    pub container: Option<u64>,
    /// `backend` or `client`.
    pub mode: Option<String>,
    /// What it does.
    pub roles: Option<Vec<String>>,
    /// `UP` and others.
    pub status: Option<String>,
    /// `DPDK` or `UDP`.
    pub network: Option<String>,
}

/// A server, as the cluster sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// Its name.
    pub name: Option<String>,
    /// `BACKEND`, `CLIENT`.
    pub roles: Option<Vec<String>>,
    /// `UP`, `DOWN`, `DEGRADED`.
    pub status: Option<String>,
}

/// A background task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number.
    pub id: Option<u64>,
    /// The number of the filesystem that it works on.
    pub filesystem: Option<u64>,
    /// Its type.
    pub kind: Option<String>,
    /// Its state.
    pub state: Option<String>,
    /// What it says of itself.
    pub said: Option<String>,
}

/// A drive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drive {
    /// Its number.
    pub id: Option<u64>,
    /// Its server.
    pub host: Option<String>,
    /// `ACTIVE` and others.
    pub status: Option<String>,
    /// `Writable` and others.
    pub writable: Option<String>,
}

/// A filesystem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filesystem {
    /// Its number.
    pub id: Option<u64>,
    /// Its name.
    pub name: Option<String>,
    /// Its room.
    pub total: Option<u64>,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its filesystem.
    pub filesystem: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What goes on with its copy in the remote object store.
    pub remote: Option<String>,
    /// The same of the local one.
    pub local: Option<String>,
}

/// Settings below `weka debug`, and statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inner {
    /// Whether traces are written.
    pub traces: Observed<Option<bool>>,
    /// Room that traces leave free on servers, in bytes.
    pub traces_leave_free: Observed<Option<u64>>,
    /// Whether traces go to another place.
    pub remote_traces: Observed<Option<bool>>,
    /// Overrides.
    pub overrides: Observed<Vec<Override>>,
    /// Processes on the deny list.
    pub denied: Observed<Vec<String>>,
    /// Whether the catalog is indexed.
    pub catalog: Observed<Option<bool>>,
    /// For how long statistics are kept, in seconds.
    pub retention: Observed<Option<u64>>,
    /// Numbers of buckets that snapshots know.
    pub snapshot_buckets: Observed<Vec<u64>>,
    /// Drives that the configuration holds, and whether each is left over from before there were any; none where
    /// an entry does not say.
    pub configured_drives: Observed<BTreeMap<String, Option<bool>>>,
    /// Versions that were accepted in a mix.
    pub mixed_accepted: Observed<Vec<String>>,
    /// The last check of filesystems that ended.
    pub fsck: Observed<Fsck>,
    /// When the cluster was upgraded last, in microseconds since 1970; negative where never.
    pub last_upgrade: Observed<i64>,
    /// The release that the cluster was made with.
    pub first_release: Observed<String>,
}

/// An override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Its number.
    pub id: Option<u64>,
    /// Its key.
    pub key: Option<String>,
}

/// A check of filesystems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fsck {
    /// What it found.
    pub issues: Option<u64>,
    /// When it began, in microseconds since 1970.
    pub began: Option<i64>,
}

/// S3, SMB and NFS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocols {
    /// S3; none where it is not there.
    pub s3: Observed<Option<S3>>,
    /// SMB; none where it is not there.
    pub smb: Observed<Option<Smb>>,
    /// Groups of NFS interfaces.
    pub nfs: Observed<Vec<NfsGroup>>,
    /// Options of one's own.
    pub nfs_options: Observed<Option<String>>,
    /// The filesystem for NFS's configuration.
    pub nfs_config: Observed<Option<String>>,
}

/// S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3 {
    /// Containers that serve it.
    pub hosts: Option<Vec<u64>>,
    /// How its filesystem is mounted.
    pub mount_options: Option<String>,
    /// Containers that hold its configuration in etcd; empty where it holds it itself.
    pub etcd: Option<Vec<u64>>,
    /// Whether it is ready, by container.
    pub ready: Observed<BTreeMap<u64, bool>>,
    /// Buckets with what the wanted release does not take; none where it does not ask.
    pub lifecycle: Option<Observed<Vec<String>>>,
}

/// SMB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smb {
    /// Containers that serve it.
    pub hosts: Option<Vec<u64>>,
    /// Whether it is active, by container.
    pub active: Observed<BTreeMap<u64, bool>>,
}

/// A group of NFS interfaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfsGroup {
    /// Its name.
    pub name: Option<String>,
    /// `OK` and others.
    pub status: Option<String>,
    /// Its ports.
    pub ports: Option<Vec<NfsPort>>,
}

/// A port of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfsPort {
    /// Its container.
    pub host: Option<u64>,
    /// Its device.
    pub port: Option<String>,
    /// `OK` and others.
    pub status: Option<String>,
}

impl Cluster {
    /// The containers of backends.
    pub fn backend_containers(&self) -> impl Iterator<Item = &Container> {
        self.of_mode("backend")
    }

    /// The containers of clients.
    pub fn client_containers(&self) -> impl Iterator<Item = &Container> {
        self.of_mode("client")
    }

    fn of_mode(&self, mode: &'static str) -> impl Iterator<Item = &Container> {
        let all = self.containers.known().into_iter().flatten();
        all.filter(move |container| container.mode.as_deref() == Some(mode))
    }

    /// The server of a container.
    pub fn host_of(&self, container: u64) -> Option<&str> {
        let mut all = self.containers.known().into_iter().flatten();
        all.find(|one| one.id == Some(container))?.host.as_deref()
    }
}
