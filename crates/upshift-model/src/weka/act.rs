//! Changes of a WEKA cluster: each is one command of the vendor's own, or the same one on several servers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::version::Version;

/// A change of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The whole package of a release is fetched to the backend that carries the upgrade out, and made ready there.
    Stage {
        /// Which release.
        release: Version,
    },
    /// The non-disruptive upgrade of all backends: one command that runs for hours.
    Backends {
        /// To which release.
        release: Version,
    },
    /// Clients, in batches of the command's own.
    Clients {
        /// To which release.
        release: Version,
        /// Their numbers in the cluster.
        ids: BTreeSet<u64>,
        /// So many at a time.
        batch: u32,
    },
}

/// What must be true of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It says OK, all its parts are active, no data lacks a copy.
    Fine,
    /// Nobody upgrades it, and no task runs that an upgrade does not start beside.
    Idle,
    /// No conversion of metadata goes on.
    Converted,
    /// Every container of a backend is up and of this release.
    BackendsAre {
        /// Which.
        release: Version,
    },
    /// Each of these clients is up and of this release.
    ClientsAre {
        /// Which.
        release: Version,
        /// Their numbers in the cluster.
        ids: BTreeSet<u64>,
    },
    /// No alert tells of releases that differ.
    NoMismatch,
}
