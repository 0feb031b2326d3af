//! What a person wants of a Fluss system, as the system file says it.

use std::path::PathBuf;

use super::access::Access;
use super::owned::{Switch, Tiering};
use super::staged::Staged;
use super::system::ServerId;
use crate::host::Host;
use crate::ids::SystemName;
use crate::policy::Policy;
use crate::probe::Probe;
use crate::span::Millis;
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
    /// How ZooKeeper lets upshift in.
    pub access: Access,
    /// The release that runs, as a person says; its line is compared with what servers answer.
    pub current: Version,
    /// The release that is wanted.
    pub target: Version,
    /// The hosts that servers run on; none: this machine.
    pub hosts: Vec<Host>,
    /// Clients that a person knows of.
    pub clients: Vec<Client>,
    /// How the tiering service is stopped and started; none: a person sees to it.
    pub tiering: Option<Tiering>,
    /// Where the wanted release lies on every host: the folder with `lib`.
    pub target_home: Option<PathBuf>,
    /// What is brought there on every host before the first server is stopped.
    pub staged: Vec<Staged>,
    /// `JAVA_HOME` that the wanted release will run with.
    pub java_home: Option<PathBuf>,
    /// Its servers, for whoever replaces them; empty where somebody else does.
    pub servers: Vec<DeclaredServer>,
    /// The folder that a copy of the metadata is written into before the first change.
    pub evidence: Option<PathBuf>,
    /// The operator's own probes, by name and in order.
    pub probes: Vec<(String, Probe)>,
    /// Whether leaders are spread over all servers at the end.
    pub spread_leaders: bool,
    /// What was decided beforehand.
    pub policy: Policy,
    /// How long everything must hold before the upgrade may be accepted.
    pub soak: Millis,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}

/// A server, as the system file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredServer {
    /// Which it is.
    pub id: ServerId,
    /// The folder with its `server.yaml`, as its command line names it.
    pub conf: PathBuf,
    /// The same of the wanted release; where it is the same folder, both releases read one file.
    pub target_conf: PathBuf,
    /// Starts the release that runs: for the way back.
    pub start: Vec<String>,
    /// Starts the wanted release.
    pub target_start: Vec<String>,
}

/// Who reads or writes, and with which release of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What a person calls it.
    pub name: String,
    /// The release of its client.
    pub version: Version,
    /// How it gets another one; none: a person sees to it.
    pub switch: Option<Switch>,
}
