//! What a person asks for: how many servers, which release, which faults. The lab writes it into a file that the
//! played programs read.

use serde::{Deserialize, Serialize};

/// A server, and where it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The name by which its environment knows it.
    pub name: String,
    /// Its address.
    pub address: String,
}

/// What a cluster is to be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The release that runs.
    pub version: String,
    /// Another release whose package is on all servers.
    pub target: String,
    /// Its backends.
    pub backends: Vec<Node>,
    /// Its clients.
    #[serde(default)]
    pub clients: Vec<Node>,
    /// Names of faults, each with `@N` for the backend or `@cN` for the client that has it.
    #[serde(default)]
    pub faults: Vec<String>,
    /// Varies what is not told by any documentation.
    #[serde(default)]
    pub seed: u64,
    /// How long one step of an upgrade takes.
    #[serde(default)]
    pub step_ms: u64,
    /// How long metadata is converted after an upgrade.
    #[serde(default)]
    pub conversion_ms: u64,
    /// How long one call of `weka` takes.
    #[serde(default)]
    pub delay_ms: u64,
}
