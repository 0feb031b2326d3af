//! What was seen of a WEKA cluster. Nothing is judged here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::server::Server;
use crate::observed::Observed;

/// A cluster and its servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The backend that was asked about the cluster.
    pub entry: String,
    /// Which of the lists below were read over REST and not over the command line.
    pub by_rest: Vec<String>,
    /// What the cluster says of itself.
    pub cluster: Cluster,
    /// What each backend says of itself, by its name in the cluster; a gap where it was not reached.
    pub backends: BTreeMap<String, Observed<Server>>,
    /// The same of clients; none where nobody asked.
    pub clients: Option<BTreeMap<String, Observed<Server>>>,
}
