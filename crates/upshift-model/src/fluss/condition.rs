//! What must be true of a Fluss cluster before or after a step.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::novelty::Novelty;
use crate::ids::{BindingName, ComponentId};

/// A condition on a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every server of the plan is registered, a coordinator leads, every bucket is led and every replica in sync.
    Whole,
    /// The same, and every bucket can do without this tablet server: it stays led and can be written to.
    OkToStop {
        /// The tablet server.
        server: i32,
        /// How many replicas must be in sync for a write.
        min_in_sync: u32,
        /// Buckets that the plan takes down, as the approver read: those are not asked about.
        but: BTreeSet<String>,
    },
    /// Every other server of the plan is registered, and every bucket has a replica in sync beside the one on this
    /// tablet server, where it has another at all; or all of its records on another server, where its leader takes nobody
    /// back.
    Covered {
        /// The tablet server.
        server: i32,
        /// Databases of upshift's own, which hold nothing that anybody misses.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        own: BTreeSet<String>,
    },
    /// These servers are registered: nothing more is stopped while one is away that nobody has stopped.
    Registered {
        /// Which, as the plan calls them.
        servers: BTreeSet<ComponentId>,
    },
    /// The tablet server left its mark of an orderly end in its data when this run stopped it. Seen once, before it was
    /// started anew, and bound under [`clean_end_of`] its number.
    CleanEnd {
        /// The tablet server.
        server: i32,
    },
    /// The `server.yaml` that the server reads with the wanted release is still the one that this run wrote, or found
    /// prepared: its digest is bound under [`server_yaml_of`].
    CarriedOver {
        /// The server, as the plan calls it.
        server: ComponentId,
    },
    /// What the wanted release needs lies on a host as this run brought it there.
    Staged {
        /// Which, as the plan calls it.
        host: String,
    },
    /// The lake has a newer snapshot of a table than before the tiering service was started; those are bound under
    /// [`lake_before`](super::lake_before).
    LakeAdvanced,
    /// No rebalance moves replicas or leaders, and no server is tagged to be emptied.
    Settled,
    /// No epoch of a coordinator is above zero, neither the coordinator's own nor one in a bucket: a coordinator of before
    /// 1.0 elects nobody where one is.
    EpochZero,
    /// No table has what the older release does not read: only a coordinator of the newer one lets it be made.
    NothingNewer {
        /// What, each with what the catalogue says of it.
        kinds: BTreeMap<Novelty, String>,
    },
}

/// Where what was seen of a tablet server's end is bound.
pub fn clean_end_of(server: i32) -> BindingName {
    BindingName::new(format!("clean-end/tablet-server/{server}"))
}

/// Where the digest of a server's file for the wanted release is bound.
pub fn server_yaml_of(server: &ComponentId) -> BindingName {
    BindingName::new(format!("server-yaml/{server}"))
}

/// Bound where the mark was there; anything else tells what was seen instead.
pub const CLEAN: &str = "clean";
