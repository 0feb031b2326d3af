//! Changes of a Fluss cluster that its coordinator carries out by itself.

use serde::{Deserialize, Serialize};

/// A change of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Leaders are spread over all tablet servers. Replicas stay where they are.
    SpreadLeaders,
}
