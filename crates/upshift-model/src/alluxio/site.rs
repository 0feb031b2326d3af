//! Where an Alluxio cluster answers and where it lies: the part of a plan that a driver is built from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::facts::{MountedStore, Role, RootStore};
use crate::digest::Digest;
use crate::endpoint::Endpoint;
use crate::host::{Host, Reach};
use crate::ids::ComponentId;
use crate::step::ConfigEdit;
use crate::version::Version;

/// An Alluxio site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Where masters answer over HTTP: all of them.
    pub masters: Vec<Endpoint>,
    /// Where the one answered that led when the plan was made.
    pub leader: Endpoint,
    /// The release that runs before the upgrade.
    pub from: Version,
    /// The wanted one.
    pub to: Version,
    /// Whether the journal is an embedded one: every master has its own then.
    pub embedded: bool,
    /// The machines, this one among them where it has servers.
    pub hosts: Vec<Host>,
    /// What lies on each of them.
    pub places: Vec<Place>,
    /// What ran when the plan was made, in the order in which it is stopped.
    pub servers: Vec<Server>,
    /// The folder for upshift's own backups: on the masters' hosts, and on this machine for what is fetched from there.
    pub backups: PathBuf,
    /// What is mounted where.
    pub mounts: BTreeMap<String, String>,
    /// On which terms, as the master told them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mount_terms: BTreeMap<String, MountTerms>,
    /// How many workers the master heard of.
    pub workers: u32,
    /// Where the tiers of stopped workers are copied to, on their hosts.
    pub saved_tiers: Option<PathBuf>,
    /// Words behind `worker` when workers are started.
    pub worker_options: Vec<String>,
}

/// On which terms a store is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountTerms {
    /// Whether it is read only.
    pub read_only: bool,
    /// Whether everybody may use it.
    pub shared: bool,
    /// Its options by their digests; without one where the master hides the value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Option<Digest>>,
}

impl MountTerms {
    /// The terms of a store as its master tells them.
    pub fn of(store: &MountedStore) -> Self {
        Self {
            read_only: store.read_only,
            shared: store.shared,
            options: store.options.clone(),
        }
    }

    /// In what others differ, in words without values; a value that either master hides is not compared.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let flag = |what: &str, was: bool, is: bool| {
            let word = |it: bool| if it { "" } else { "not " };
            (was != is).then(|| format!("{}{what}, it was {}{what}", word(is), word(was)))
        };
        found.extend(flag("read-only", self.read_only, now.read_only));
        found.extend(flag("shared", self.shared, now.shared));
        for (key, was) in &self.options {
            match (was, now.options.get(key)) {
                (_, None) => found.push(format!("without the option {key}")),
                (Some(was), Some(Some(is))) if was != is => {
                    found.push(format!("with another value of {key}"));
                }
                (_, Some(_)) => {}
            }
        }
        let new = now.options.keys().filter(|key| !self.options.contains_key(*key));
        found.extend(new.map(|key| format!("with the option {key}, which it had not")));
        found
    }
}

/// The configuration that servers of the wanted release are started with, as the plan means it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The file that it is made of: the wanted release's own, or the one that is carried over.
    pub made_of: PathBuf,
    /// Its digest when the plan was made.
    pub sha256: Digest,
    /// The file that servers read.
    pub file: PathBuf,
    /// What is changed in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<ConfigEdit>,
}

/// A server that is stopped and started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its name in the plan.
    pub id: ComponentId,
    /// What it is.
    pub role: Role,
    /// The machine that it runs on.
    pub host: String,
    /// Where it answers over HTTP, if it is a master.
    pub web: Option<Endpoint>,
}

/// What lies on one machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which machine.
    pub host: String,
    /// The release that runs before the upgrade.
    pub old: Installation,
    /// The wanted one.
    pub new: Installation,
    /// The journal that is kept and formatted here: of every master where it is embedded, else of one of them.
    pub journal: Option<JournalFolder>,
    /// Folders of the workers' tiers.
    pub tiers: Vec<PathBuf>,
    /// The folder that is mounted as the root, where it is one of a local file system.
    pub root_store: Option<RootStore>,
    /// The configuration of the wanted release; none in plans of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Pinned>,
}

/// Where a journal lies, and where that of before is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalFolder {
    /// Its place.
    pub folder: PathBuf,
    /// Where the journal of before is kept.
    pub kept: PathBuf,
}

/// A release on a machine.
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
    /// The name of the only one in a plan.
    pub fn component(self) -> ComponentId {
        ComponentId::new(self.verb().replace('_', "-"))
    }

    /// The name of one of several.
    pub fn component_on(self, host: &str) -> ComponentId {
        ComponentId::new(format!("{}/{host}", self.verb().replace('_', "-")))
    }
}

impl Site {
    /// A server by its name, and what lies where it runs.
    pub fn server(&self, id: &ComponentId) -> Option<(&Server, &Place)> {
        let server = self.servers.iter().find(|server| server.id == *id)?;
        Some((server, self.place(&server.host)?))
    }

    /// What lies on a machine.
    pub fn place(&self, host: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.host == host)
    }

    /// The servers of a role, in the order in which they are stopped.
    pub fn of(&self, role: Role) -> impl DoubleEndedIterator<Item = &Server> {
        self.servers.iter().filter(move |server| server.role == role)
    }

    /// The master whose host takes commands: the one that led when the plan was made.
    pub fn first_master(&self) -> Option<(&Server, &Place)> {
        let server = self.of(Role::Master).next_back()?;
        Some((server, self.place(&server.host)?))
    }

    /// The masters' machines, each once.
    pub fn master_places(&self) -> impl Iterator<Item = &Place> {
        let has = |place: &&Place| self.of(Role::Master).any(|server| server.host == place.host);
        self.places.iter().filter(has)
    }

    /// Whether a machine is the one that upshift runs on.
    pub fn is_here(&self, host: &str) -> bool {
        let is = |of: &Host| of.name == host && of.reach == Reach::Local;
        self.hosts.iter().any(is)
    }

    /// Whether every master can be given a file by its path on this machine.
    pub fn masters_are_here(&self) -> bool {
        self.of(Role::Master).all(|server| self.is_here(&server.host))
    }
}

impl Place {
    /// The installation of a release.
    pub fn installation(&self, version: &Version) -> Option<&Installation> {
        [&self.new, &self.old]
            .into_iter()
            .find(|installation| installation.version == *version)
    }
}
