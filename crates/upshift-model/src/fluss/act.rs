//! Changes that a Fluss cluster's coordinator carries out by itself, and programs of the operator's own that belong to an
//! upgrade.

use serde::{Deserialize, Serialize};

use super::owned::Part;

/// A change of a cluster, or of what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Leaders are spread over all tablet servers. Replicas stay where they are.
    SpreadLeaders,
    /// A program of the site is run once, on upshift's own machine.
    Run {
        /// For what.
        part: Part,
    },
}
