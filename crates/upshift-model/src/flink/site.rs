//! Where the clusters, jobs and probes of a Flink system lie and answer: the part of a plan that a
//! driver is built from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::endpoint::Endpoint;
use crate::ids::ComponentId;
use crate::objects::ObjectAccess;
use crate::probe::Probe;
use crate::version::Version;

/// The cluster that runs before the upgrade.
pub const OLD: &str = "old";
/// The cluster that runs after it. It may answer at the address of `old`: in place it takes its place,
/// and where only a job changes both are one cluster.
pub const NEW: &str = "new";

/// A Flink site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// `old` and `new`.
    pub clusters: BTreeMap<ComponentId, Cluster>,
    /// `job/NAME`.
    pub jobs: BTreeMap<ComponentId, Job>,
    /// URI of the directory that savepoints are written below.
    pub savepoints: String,
    /// How the store is reached that they may be in.
    #[serde(default, skip_serializing_if = "ObjectAccess::is_standard")]
    pub objects: ObjectAccess,
    /// What "it works" means to this team, by name.
    pub probes: BTreeMap<String, Probe>,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its REST address.
    pub rest: Endpoint,
    /// The release it runs, or will run. Request bodies are built for it.
    pub version: Version,
    /// Its installation; none for a cluster that upshift neither starts nor stops.
    pub installation: Option<Installation>,
}

/// Where a cluster's release and its folders lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// `FLINK_HOME`.
    pub home: PathBuf,
    /// What the home is unpacked from when it is not there.
    pub archive: Option<Archive>,
    /// `FLINK_CONF_DIR`.
    pub conf: PathBuf,
    /// `FLINK_LOG_DIR`; none leaves it to the release's scripts.
    pub logs: Option<PathBuf>,
    /// `FLINK_PID_DIR`; none leaves it to the release's scripts.
    pub pids: Option<PathBuf>,
    /// `JAVA_HOME`; none leaves it to the release's scripts.
    pub java_home: Option<PathBuf>,
    /// How many task managers run on this machine.
    pub task_managers: u16,
    /// How processes are started and stopped.
    pub run_as: RunAs,
}

/// How processes are started and stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAs {
    /// On this machine, by the user who runs upshift.
    Local,
}

/// A release archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// `file:///…/flink-1.20.5.tgz`, or an `http(s)` URL.
    pub uri: String,
    /// SHA-512 of the file, 128 hex digits.
    pub sha512: String,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name as it runs.
    pub name: String,
    /// The id under which the inventory saw it, 32 hex digits.
    pub running_as: Option<String>,
    /// How it is submitted, per cluster.
    pub submissions: BTreeMap<ComponentId, Submission>,
    /// What its sinks make of a record that comes twice.
    pub sink: Sink,
    /// Operator uids that its author declares.
    pub uids: Vec<String>,
    /// Declared to hold no state worth keeping: started without a restore point.
    pub stateless: bool,
    /// Arguments of `main` for a rehearsal: those that keep it from writing where the real job writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal_args: Option<Vec<String>>,
}

/// How a job is submitted to one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The jar.
    pub jar: PathBuf,
    /// Its digest when the plan was made.
    pub jar_sha256: Digest,
    /// The class with `main`; none leaves it to the jar's manifest.
    pub entry_class: Option<String>,
    /// Arguments of `main`.
    pub args: Vec<String>,
    /// Parallelism; none leaves it to the job and the cluster.
    pub parallelism: Option<u32>,
    /// Configuration of this job alone (`pipeline.max-parallelism`, `pipeline.auto-generate-uids`);
    /// sent where the server's version takes it (1.18 and later).
    pub configuration: BTreeMap<String, String>,
}

/// What a sink makes of a record that comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sink {
    /// Writing again changes nothing.
    Idempotent,
    /// Output becomes visible with the checkpoint.
    Transactional,
    /// Each write adds a record: a replay doubles it.
    Append,
    /// Nobody said; treated as `append`.
    Undeclared,
}
