//! Where a Fluss cluster answers: the part of a plan that a driver is built from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A Fluss site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// ZooKeeper's servers: `HOST:PORT`, several with commas between them.
    pub zookeeper: String,
    /// The cluster's root in ZooKeeper.
    pub root: String,
    /// Where the wanted release lies on this machine: the folder with `lib`.
    pub target_home: Option<PathBuf>,
    /// `JAVA_HOME` that the wanted release will run with.
    pub java_home: Option<PathBuf>,
}
