//! Where an Alluxio cluster answers and where it lies: the part of a plan that a driver is built from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::facts::{Role, RootStore};
use crate::endpoint::Endpoint;
use crate::ids::ComponentId;
use crate::version::Version;

/// An Alluxio site. All of its servers are on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Where the master answers over HTTP.
    pub master: Endpoint,
    /// The release that runs before the upgrade.
    pub old: Installation,
    /// The wanted one.
    pub new: Installation,
    /// The folder of the masters' journal.
    pub journal: PathBuf,
    /// Whether the journal is an embedded one.
    pub embedded: bool,
    /// Where the journal of before is kept.
    pub kept_journal: PathBuf,
    /// The folder for upshift's own backups.
    pub backups: PathBuf,
    /// Folders of the workers' tiers.
    pub tiers: Vec<PathBuf>,
    /// The folder that is mounted as the root, where it is one of a local file system.
    pub root_store: Option<RootStore>,
    /// What is mounted where, but for the root.
    pub mounts: BTreeMap<String, String>,
    /// What ran when the plan was made.
    pub roles: BTreeSet<Role>,
    /// How many workers the master heard of.
    pub workers: u32,
    /// Words behind `worker` when workers are started.
    pub worker_options: Vec<String>,
}

/// A release on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Its version.
    pub version: Version,
    /// The folder with `bin` and `conf`.
    pub home: PathBuf,
    /// The log that its master writes.
    pub master_log: PathBuf,
}

impl Role {
    /// Its name in a plan.
    pub fn component(self) -> ComponentId {
        ComponentId::new(self.verb().replace('_', "-"))
    }
}

impl Site {
    /// The role of a name in a plan.
    pub fn role(id: &ComponentId) -> Option<Role> {
        Role::STOPPED.into_iter().find(|role| role.component() == *id)
    }

    /// The installation of a release.
    pub fn installation(&self, version: &Version) -> Option<&Installation> {
        [&self.new, &self.old]
            .into_iter()
            .find(|installation| installation.version == *version)
    }
}
