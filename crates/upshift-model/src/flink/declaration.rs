//! What a person declares about a Flink system, after the file's paths, defaults and references
//! have been resolved. Typed by a user, not yet compared with anything that runs.

use std::path::PathBuf;

use crate::endpoint::Endpoint;
use crate::flink::site::{Archive, RunAs, Sink};
use crate::ids::SystemName;
use crate::objects::ObjectAccess;
use crate::policy::Policy;
use crate::probe::Probe;
use crate::span::Millis;
use crate::version::Version;
use crate::waiver::Waiver;

/// A system file of kind `flink`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// `name`.
    pub name: SystemName,
    /// `rest`: where the cluster answers now.
    pub rest: Endpoint,
    /// `[installation]` of the cluster that runs now; none when upshift neither starts nor stops it.
    pub current: Option<DeclaredInstallation>,
    /// What is wanted.
    pub target: Target,
    /// `[state] savepoints`: URI of the directory.
    pub savepoints: String,
    /// `[state] format`.
    pub form: FormWish,
    /// `[state] trial_savepoint`: take a savepoint without stopping first, and read it.
    pub trial_savepoint: bool,
    /// `[state] recent`: a restore point younger than this counts as recent.
    pub recent: Millis,
    /// `[objects]`: how the store is reached that `savepoints` may be in.
    pub objects: ObjectAccess,
    /// `[[job]]`.
    pub jobs: Vec<DeclaredJob>,
    /// `[[probe]]`, by name and in order.
    pub probes: Vec<(String, Probe)>,
    /// `[policy] strategy`.
    pub strategy: StrategyWish,
    /// `[policy] soak`.
    pub soak: Millis,
    /// `[policy] finalize_after`: accept without a person after so long; none never does.
    pub finalize_after: Option<Millis>,
    /// `[policy] require_uids`, or `--require-uids`.
    pub require_uids: bool,
    /// The rest of `[policy]`.
    pub policy: Policy,
    /// `[[waive]]`.
    pub waivers: Vec<Waiver>,
}

/// An installation as declared: of the release that runs, or of the one that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredInstallation {
    /// The release, as the file says; what runs is observed and compared, not believed.
    pub version: Version,
    /// `FLINK_HOME`.
    pub home: PathBuf,
    /// What the home is unpacked from when it is not there.
    pub archive: Option<Archive>,
    /// `FLINK_CONF_DIR`; for the wanted release: where the carried-over configuration is written.
    pub conf: PathBuf,
    /// `FLINK_LOG_DIR`.
    pub logs: Option<PathBuf>,
    /// `FLINK_PID_DIR`.
    pub pids: Option<PathBuf>,
    /// `JAVA_HOME`.
    pub java_home: Option<PathBuf>,
    /// Task managers on this machine.
    pub task_managers: u16,
    /// How processes are started and stopped.
    pub run_as: RunAs,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per process, and a box would be in everybody's way"
)]
pub enum Target {
    /// Another release, from an installation of its own.
    Release {
        /// The installation.
        installation: DeclaredInstallation,
        /// `[shadow] rest`: where the new cluster answers when it runs beside the old one.
        shadow: Option<ShadowPorts>,
    },
    /// Another cluster that already runs.
    RunningCluster {
        /// Where it answers.
        rest: Endpoint,
    },
    /// The same cluster: another jar, other arguments or another parallelism.
    SameCluster,
}

/// Ports of a cluster that starts beside the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowPorts {
    /// Where it answers.
    pub rest: Endpoint,
    /// `jobmanager.rpc.port`.
    pub rpc_port: u16,
    /// `blob.server.port`.
    pub blob_port: u16,
}

/// `[[job]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredJob {
    /// Its name as it runs.
    pub name: String,
    /// How it was submitted to the cluster that runs: needed for the way back.
    pub current: DeclaredSubmission,
    /// How it is submitted to the target.
    pub target: DeclaredSubmission,
    /// Operator uids that its author declares.
    pub uids: Vec<String>,
    /// How the operator ids of the jar as wanted may be learned, beside the declared uids.
    pub graph: GraphWay,
    /// A savepoint or checkpoint of it that is read in place of the newest one that the server knows.
    pub snapshot: Option<String>,
    /// A snapshot that the job as wanted took elsewhere: it tells the types of state it will ask for.
    pub wanted_snapshot: Option<String>,
    /// What its sinks make of a record that comes twice.
    pub sink: Sink,
    /// May resume from its newest retained checkpoint when it cannot take a savepoint.
    pub may_use_checkpoint: bool,
    /// Declared to hold no state worth keeping.
    pub stateless: bool,
    /// Arguments of `main` for a rehearsal.
    pub rehearsal_args: Option<Vec<String>>,
    /// How far back its source can be read again; closes the way back.
    pub source_retention: Option<Millis>,
    /// Time-out of its sink's transactions; closes the way back.
    pub transaction_timeout: Option<Millis>,
}

/// How the operator graph of a jar may be learned. Every way but the first runs the jar's `main`, so
/// none of them is taken unless somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphWay {
    /// From the declared uids alone; no code of the jar runs.
    Declared,
    /// In a JVM on this machine, with the libraries of the wanted release, up to `execute`.
    Probe {
        /// Whether `main` may reach the network meanwhile.
        online: bool,
    },
    /// On the target cluster, where it runs beside the old one already.
    Target,
    /// On a cluster of the wanted release that serves nothing else.
    Scratch(Endpoint),
    /// On the cluster that runs now, in the job manager that the running jobs depend on.
    Production,
}

/// How a job is submitted, as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredSubmission {
    /// The jar.
    pub jar: PathBuf,
    /// The class with `main`.
    pub entry_class: Option<String>,
    /// Arguments of `main`.
    pub args: Vec<String>,
    /// Parallelism.
    pub parallelism: Option<u32>,
    /// Max parallelism.
    pub max_parallelism: Option<u32>,
}

/// `[policy] strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrategyWish {
    /// `in-place`.
    InPlace,
    /// `shadow`.
    Shadow,
    /// `auto`: the planner picks and says why.
    Auto,
}

/// `[state] format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormWish {
    /// `canonical`.
    Canonical,
    /// `native`.
    Native,
    /// `auto`: by the rule, the reason in the plan.
    Auto,
}
