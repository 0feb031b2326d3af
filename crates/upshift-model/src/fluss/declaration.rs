//! What a person wants of a Fluss system, as the system file says it.

use std::path::PathBuf;

use crate::ids::SystemName;
use crate::version::Version;
use crate::waiver::Waiver;

/// A system file of a Fluss system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: SystemName,
    /// ZooKeeper's servers: `HOST:PORT`, several with commas between them.
    pub zookeeper: String,
    /// The cluster's root in ZooKeeper.
    pub root: String,
    /// The release that runs, as a person says; its line is compared with what servers answer.
    pub current: Version,
    /// The release that is wanted.
    pub target: Version,
    /// Where the wanted release lies on this machine: the folder with `lib`.
    pub target_home: Option<PathBuf>,
    /// `JAVA_HOME` that the wanted release will run with.
    pub java_home: Option<PathBuf>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}
