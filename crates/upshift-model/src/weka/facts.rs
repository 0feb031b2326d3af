//! What was seen of a WEKA cluster. Nothing is judged here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::server::Server;
use crate::ids::SystemName;
use crate::observed::Observed;

/// The version of the document that this build writes.
pub const LOOK_FORMAT: u32 = 1;

/// A look at a cluster, as a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Version of this document.
    pub format: u32,
    /// The system.
    pub system: SystemName,
    /// When the look began, by this machine's clock.
    pub taken_at: jiff::Timestamp,
    /// What was seen.
    pub facts: Facts,
}

/// A cluster and its servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The backend that was asked about the cluster.
    pub entry: String,
    /// What the cluster says of itself.
    pub cluster: Cluster,
    /// What each backend says of itself, by its name in the cluster; a gap where it was not reached.
    pub backends: BTreeMap<String, Observed<Server>>,
    /// The same of clients; none where nobody asked.
    pub clients: Option<BTreeMap<String, Observed<Server>>>,
}
