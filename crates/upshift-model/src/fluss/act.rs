//! Changes that a Fluss cluster's coordinator carries out by itself, and what belongs to an upgrade beside servers: programs
//! of the operator's own, and the wanted release on its hosts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::owned::Part;

/// A change of a cluster, or of what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Leaders are spread over all tablet servers. Replicas stay where they are.
    SpreadLeaders,
    /// What the wanted release needs is brought to a host, where it is not there, and looked into where it was unpacked.
    Stage {
        /// Which, as the plan calls it.
        host: String,
        /// Plugins that are in use, which an unpacked release must have.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        plugins: BTreeSet<String>,
    },
    /// A program of the site is run once, on upshift's own machine.
    Run {
        /// For what.
        part: Part,
    },
}
