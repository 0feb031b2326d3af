//! What a server says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observed::Observed;

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its address.
    pub address: String,
    /// Its operating system.
    pub os: Observed<Os>,
    /// Whether the agent is started by a script of `/etc/init.d`.
    pub init_script: Observed<bool>,
    /// Whether the agent runs.
    pub agent: Observed<bool>,
    /// How far its clock is ahead, in seconds; what the way there takes is not counted.
    pub clock_ahead: Observed<i64>,
    /// Its containers.
    pub containers: Observed<Vec<LocalContainer>>,
    /// Addresses and secret of each container.
    pub resources: Observed<BTreeMap<String, Resources>>,
    /// Releases whose packages are there.
    pub packages: Observed<Vec<String>>,
    /// Rooms.
    pub room: Room,
    /// The machine and its kernel.
    pub machine: Machine,
    /// What else runs there.
    pub surroundings: Surroundings,
}

/// An operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Os {
    /// `ubuntu`, `rocky`, …
    pub id: String,
    /// `22.04`, `9.4`, …
    pub version: String,
}

/// A container, as its own server sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalContainer {
    /// Its name.
    pub name: Option<String>,
    /// Whether it is one of WEKA's own.
    pub kind: Option<String>,
    /// Whether it runs.
    pub running: Option<bool>,
    /// Whether it is disabled.
    pub disabled: Option<bool>,
    /// The port of its API.
    pub port: Option<u16>,
}

/// Addresses and secret of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Addresses.
    pub ips: Vec<String>,
    /// What the join secret comes to, salted anew with every look; none where it has none.
    pub secret: Observed<Option<String>>,
}

/// Room on file systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Of each container: free and used, in MiB.
    pub data: Observed<BTreeMap<String, (u64, u64)>>,
    /// Free below `/opt/weka`, in MiB.
    pub opt_free: Observed<u64>,
    /// Of logs: used and free, in MiB.
    pub logs: Observed<(u64, u64)>,
    /// The whole file system of traces, in MiB.
    pub traces: Observed<u64>,
    /// The kind of file system behind `/opt/weka`.
    pub file_system: Observed<String>,
}

/// The machine and its kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Whether the processor knows AVX2.
    pub avx2: Observed<bool>,
    /// MHz of each core.
    pub mhz: Observed<BTreeMap<u64, u64>>,
    /// Memory that is left, in MiB.
    pub memory: Observed<u64>,
    /// Arguments of the kernel.
    pub arguments: Observed<Vec<String>>,
    /// Whether the kernel knows IPv6.
    pub ipv6: Observed<bool>,
    /// Whether the kernel's headers name `launder_folio`.
    pub launder_folio: Observed<bool>,
    /// Whether the IOMMU is on.
    pub iommu: Observed<bool>,
}

/// What else runs there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// Filesystems of WEKA that are mounted.
    pub mounts: Observed<Vec<String>>,
    /// Whether a sensor of CrowdStrike is in the kernel.
    pub sensor: Observed<bool>,
    /// Units of `rpc.statd` that run.
    pub statd: Observed<Vec<String>>,
    /// Those that start with the server.
    pub statd_enabled: Observed<Vec<String>>,
    /// Connections of NFS.
    pub nfs_connections: Observed<u64>,
    /// Ports of the cluster's API, and whether they answer from here.
    pub ports: Observed<BTreeMap<u16, bool>>,
    /// The build of SMB's server; none where it serves none.
    pub smb_build: Observed<Option<String>>,
    /// Whether the release's file names certificates of one's own.
    pub own_certificates: Observed<bool>,
    /// Length of the RSA key of the cluster's API, in bits; none where it is of another kind.
    pub tls_bits: Observed<Option<u64>>,
    /// Whether something is mounted on `/weka`.
    pub weka_mounted: Observed<bool>,
    /// Whether the vendor's download site is reached.
    pub web: Observed<bool>,
}
