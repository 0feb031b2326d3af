//! Where a Fluss cluster answers and where its servers lie: the part of a plan that a driver is built from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::access::Access;
use super::owned::{Part, Switch, Tiering};
use super::staged::Staged;
use super::system::ServerId;
use crate::host::Host;
use crate::ids::ComponentId;
use crate::probe::Probe;
use crate::version::Version;

/// A Fluss site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// ZooKeeper's servers: `HOST:PORT`, several with commas between them.
    pub zookeeper: String,
    /// The cluster's root in ZooKeeper.
    pub root: String,
    /// How ZooKeeper lets upshift in.
    #[serde(default, skip_serializing_if = "Access::is_open")]
    pub access: Access,
    /// The hosts that servers run on; none: this machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// Where the wanted release lies on every host: the folder with `lib`.
    pub target_home: Option<PathBuf>,
    /// `JAVA_HOME` that the wanted release will run with.
    pub java_home: Option<PathBuf>,
    /// The operator's own probes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probes: BTreeMap<String, Probe>,
    /// What is brought to every host of a server before the first one is stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staged: Vec<Staged>,
    /// How the tiering service is stopped and started; none: a person sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiering: Option<Tiering>,
    /// Applications that get another client, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub switches: BTreeMap<String, Switch>,
    /// `coordinator`, `tablet-server/0`; empty where the system file names none.
    #[serde(default)]
    pub servers: BTreeMap<ComponentId, Server>,
}

/// A server that is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Which it is.
    pub id: ServerId,
    /// The host of the site that it runs on; none: this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// How the release is started that runs before the upgrade.
    pub old: Launch,
    /// How the wanted one is started.
    pub new: Launch,
}

/// How a server is started and known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The release that it comes up with.
    pub version: Version,
    /// The folder with its `server.yaml`, as its command line names it.
    pub conf: PathBuf,
    /// The program and its arguments, which no shell reads.
    pub start: Vec<String>,
}

impl Site {
    /// The program for a part, where the site has one.
    pub fn program(&self, part: &Part) -> Option<&[String]> {
        let tiering = self.tiering.as_ref();
        let program = match part {
            Part::StopTiering => &tiering?.stop,
            Part::StartTiering { wanted: true } => &tiering?.target_start,
            Part::StartTiering { wanted: false } => &tiering?.start,
            Part::Switch { client, back: false } => &self.switches.get(client)?.program,
            Part::Switch { client, back: true } => &self.switches.get(client)?.program_back,
        };
        Some(program)
    }
}

impl ServerId {
    /// Its name in a plan.
    pub fn component(self) -> ComponentId {
        match self {
            Self::Coordinator => ComponentId::new("coordinator"),
            Self::TabletServer(id) => ComponentId::new(format!("tablet-server/{id}")),
        }
    }
}
