//! What a person wants of an Alluxio cluster, as the system file says it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;
use crate::host::Host;
use crate::ids::SystemName;
use crate::objects::ObjectAccess;
use crate::policy::Policy;
use crate::span::Millis;
use crate::version::Version;
use crate::waiver::Waiver;

/// A system file of an Alluxio cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: SystemName,
    /// Where every master answers over HTTP.
    pub masters: Vec<Endpoint>,
    /// The release that runs, as a person says; what masters answer is compared with it.
    pub current: Version,
    /// The release that is wanted.
    pub target: Version,
    /// Where the release that runs lies on every host: the folder with `bin` and `conf`.
    pub home: PathBuf,
    /// The same of the wanted release, with its configuration.
    pub target_home: PathBuf,
    /// How object stores are reached, which are looked at and never written to.
    pub objects: ObjectAccess,
    /// A folder for upshift's own backups, for nobody else.
    pub backups: PathBuf,
    /// The way that is wanted; none lets upshift choose.
    pub way: Option<Way>,
    /// What becomes of files that exist in workers only.
    pub unpersisted: Unpersisted,
    /// The hosts that servers run on; none: this machine.
    pub hosts: Vec<Host>,
    /// Where releases lie on hosts where they lie otherwise than on the others.
    pub elsewhere: Vec<Lies>,
    /// How writers are stopped and started; none: a person sees to it.
    pub writers: Option<Writers>,
    /// A folder on the workers' hosts that tiers are copied to while they are stopped; none: they stay where they are.
    pub save_tiers: Option<PathBuf>,
    /// Whether workers are formatted while they are stopped: all that lies in their tiers is given up.
    pub format_workers: bool,
    /// Words behind `worker` when workers are started: how their RAM disk is mounted.
    pub worker_options: Vec<String>,
    /// The log that the wanted release's master writes.
    pub master_log: PathBuf,
    /// Applications that a person knows of.
    pub clients: Vec<Client>,
    /// How long everything must hold before the upgrade may be accepted.
    pub soak: Millis,
    /// What was decided beforehand.
    pub policy: Policy,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}

/// Where the two releases lie on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lies {
    /// The host.
    pub host: String,
    /// The release that runs.
    pub home: PathBuf,
    /// The wanted one.
    pub target_home: PathBuf,
    /// The log that the wanted release's master writes.
    pub master_log: PathBuf,
}

impl Declaration {
    /// Where the two releases lie on a host.
    pub fn on(&self, host: &str) -> Lies {
        let own = self.elsewhere.iter().find(|lies| lies.host == host);
        own.cloned().unwrap_or_else(|| Lies {
            host: host.to_owned(),
            home: self.home.clone(),
            target_home: self.target_home.clone(),
            master_log: self.master_log.clone(),
        })
    }
}

/// How the new release gets the old one's metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Its masters read the old journal.
    InPlace,
    /// They start from a backup, on a fresh journal.
    Backup,
}

/// What becomes of files that exist in workers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unpersisted {
    /// They stay in the workers' tiers, which are not touched.
    Keep,
    /// The upgrade does not begin while there are any.
    Refuse,
    /// They are written into their under-stores, before the backup.
    Persist,
}

/// Programs that stop and start whoever writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writers {
    /// Stops them; has ended with 0 when they are stopped.
    pub stop: Vec<String>,
    /// Starts them again.
    pub start: Vec<String>,
}

/// An application with a client of Alluxio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// What a person calls it.
    pub name: String,
    /// The release of its client.
    pub version: Version,
    /// How it gets the wanted release's client; none: a person sees to it.
    pub switch: Option<ClientSwitch>,
}

/// Programs that give an application another client. Each must be harmless when it is run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSwitch {
    /// Puts the wanted release's client on its class path, while it is stopped.
    pub class_path: Vec<String>,
    /// Puts the client of before there again.
    pub class_path_back: Vec<String>,
    /// Starts it again.
    pub restart: Vec<String>,
    /// A part of the command line of its processes, by which they are found on the hosts.
    pub process: String,
}
