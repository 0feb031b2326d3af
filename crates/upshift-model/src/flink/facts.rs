//! What can be seen of a Flink system: its clusters over REST, this machine, and the files that the
//! declaration names. Every fact that may be missing is [`Observed`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::flink::graph::JobGraphs;
use crate::flink::jar::JarReferences;
use crate::flink::snapshot::JobSnapshots;
use crate::observed::Observed;
use crate::span::Millis;
use crate::version::Version;

/// A look at a Flink system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The cluster that runs now.
    pub source: ClusterFacts,
    /// The cluster at the target's address, where it has one of its own: unknown when nothing answers.
    pub target: Option<Observed<ClusterFacts>>,
    /// This machine and the files on it.
    pub host: HostFacts,
    /// The operator graph of each declared job as wanted, by the job's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub graphs: BTreeMap<String, JobGraphs>,
    /// What the jar of each declared job as wanted refers to, by the job's name; absent where no
    /// installation of the wanted release is declared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, Observed<JarReferences>>,
    /// What was read of each declared job's snapshots, by the job's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub snapshots: BTreeMap<String, JobSnapshots>,
}

/// What one cluster says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFacts {
    /// Its REST address.
    pub rest: String,
    /// Its release.
    pub version: Version,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// Slots in all.
    pub slots_total: Observed<u32>,
    /// Free slots.
    pub slots_free: Observed<u32>,
    /// Its task managers.
    pub task_managers: Observed<Vec<TaskManagerFacts>>,
    /// How it is deployed.
    pub deployment: Observed<Deployment>,
    /// Effective configuration of the job manager, values of sensitive keys replaced.
    pub config: Observed<BTreeMap<String, String>>,
    /// Whether jars may be submitted over REST.
    pub web_submit: Observed<bool>,
    /// Jobs that are not in a terminal state, and those that are as long as the server remembers.
    pub jobs: Observed<Vec<JobFacts>>,
    /// Uploaded jars: the server's id and the file's name.
    pub jars: Observed<BTreeMap<String, String>>,
}

/// One task manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskManagerFacts {
    /// The server's id of it.
    pub id: String,
    /// Slots in all.
    pub slots: u32,
    /// Free slots.
    pub free: u32,
    /// Physical memory of its machine in bytes, where the server says so.
    pub physical_memory: Option<u64>,
}

/// How a cluster is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Who gives it processes.
    pub provider: Provider,
    /// Session cluster, or one for a single application.
    pub mode: Mode,
    /// High availability: the type as configured, none where it is off.
    pub high_availability: Option<String>,
    /// What was seen that makes it so, one fact a line.
    pub evidence: Vec<String>,
}

/// Who gives a cluster its processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Scripts on machines.
    Standalone,
    /// Hadoop YARN.
    Yarn,
    /// Kubernetes, native or by an operator.
    Kubernetes,
    /// Apache Mesos, of old.
    Mesos,
}

/// Session cluster, or one for a single application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Jobs come over REST.
    Session,
    /// The job is part of the cluster.
    Application,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFacts {
    /// 32 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The server's word: `RUNNING`, `RESTARTING`, `FAILING`, `FINISHED`, …
    pub state: String,
    /// When it was submitted, by the server's clock.
    pub started_at: Option<jiff::Timestamp>,
    /// What is known only of a job that is not over.
    pub details: Observed<JobDetails>,
}

/// What is known of a job that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobDetails {
    /// Its vertices: chains of operators.
    pub vertices: Vec<VertexFacts>,
    /// Restarts since it was submitted (metric `numRestarts`).
    pub restarts: Observed<u64>,
    /// Time stamp of the newest entry of its exception history.
    pub last_exception_at: Observed<Option<jiff::Timestamp>>,
    /// How it checkpoints.
    pub checkpointing: Observed<Checkpointing>,
    /// What came of it.
    pub checkpoints: Observed<CheckpointHistory>,
}

/// One vertex of a job graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VertexFacts {
    /// 32 hex digits: the operator id of the chain's head.
    pub id: String,
    /// Its name: names of the chained operators, joined by the server.
    pub name: String,
    /// Parallelism.
    pub parallelism: u32,
    /// Max parallelism; none where the server gives a negative number.
    pub max_parallelism: Option<u32>,
    /// The server's word.
    pub status: String,
}

/// How a job checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpointing {
    /// `exactly_once` or `at_least_once`.
    pub mode: String,
    /// Interval; none when periodic checkpoints are off.
    pub interval: Option<Millis>,
    /// Time-out.
    pub timeout: Option<Millis>,
    /// Whether unaligned checkpoints are on.
    pub unaligned: Option<bool>,
    /// The state backend's name as the server gives it.
    pub state_backend: Option<String>,
    /// Whether the changelog is on.
    pub changelog: Option<bool>,
    /// Whether checkpoints outlive the job's cancellation.
    pub retained: Option<bool>,
}

/// What came of a job's checkpoints, by the server's own time stamps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointHistory {
    /// Completed so far.
    pub completed: u64,
    /// Failed so far.
    pub failed: u64,
    /// In progress.
    pub in_progress: u64,
    /// Restores so far.
    pub restored: u64,
    /// The newest completed checkpoint.
    pub latest_completed: Option<SnapshotFacts>,
    /// The newest savepoint.
    pub latest_savepoint: Option<SnapshotFacts>,
    /// Trigger time of the newest failed one.
    pub latest_failed_at: Option<jiff::Timestamp>,
    /// Path that the job was last restored from.
    pub restored_from: Option<String>,
    /// When that was.
    pub restored_at: Option<jiff::Timestamp>,
}

/// One checkpoint or savepoint as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotFacts {
    /// Its number.
    pub id: u64,
    /// When it was triggered.
    pub triggered_at: jiff::Timestamp,
    /// When the last subtask acknowledged it.
    pub acknowledged_at: Option<jiff::Timestamp>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// Where it lies, where it is kept outside.
    pub path: Option<String>,
}

/// This machine, and the files that the declaration names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Flink's processes on this machine, found by their command lines.
    pub processes: Observed<Vec<FlinkProcess>>,
    /// The Java that the target's scripts would use: its feature number (17) and where it lies.
    pub target_java: Observed<JavaFacts>,
    /// The installation of the release that runs.
    pub current_home: Option<Observed<HomeFacts>>,
    /// The installation of the wanted release; unknown when it is not there yet.
    pub target_home: Option<Observed<HomeFacts>>,
    /// The wanted release's archive, where one is named: its size in bytes and SHA-512.
    pub target_archive: Option<Observed<ArchiveFacts>>,
    /// The configuration directory of the release that runs.
    pub current_conf: Option<Observed<ConfFacts>>,
    /// What lies in the directory that the configuration will be carried over to: file names, empty
    /// where the directory is empty or absent.
    pub target_conf_entries: Option<Observed<BTreeSet<String>>>,
    /// The savepoint directory as this machine sees it (only for `file:`).
    pub savepoint_dir: Observed<DirFacts>,
    /// Free bytes of the file system that the wanted release's home will lie on.
    pub target_home_free: Option<Observed<u64>>,
    /// Who listens on the ports that a new cluster will need.
    pub ports: BTreeMap<u16, Observed<bool>>,
    /// Every jar that the declaration names.
    pub jars: BTreeMap<PathBuf, Observed<JarFacts>>,
    /// Every probe's answer now.
    pub probes: BTreeMap<String, Observed<String>>,
}

/// One Flink process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FlinkProcess {
    /// Its pid.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot: with the pid it names one process for ever.
    pub started_ticks: u64,
    /// What it is.
    pub role: FlinkRole,
    /// Its `--configDir`.
    pub conf: PathBuf,
}

/// What a Flink process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlinkRole {
    /// A job manager.
    JobManager,
    /// A task manager.
    TaskManager,
}

/// A Java.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JavaFacts {
    /// 8, 11, 17, 21.
    pub feature: u32,
    /// The `java` program.
    pub path: PathBuf,
}

/// An installed release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeFacts {
    /// By the name of its `flink-dist` jar.
    pub version: Version,
}

/// A release archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveFacts {
    /// Its size.
    pub bytes: u64,
    /// 128 hex digits.
    pub sha512: String,
}

/// A configuration directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfFacts {
    /// Name of the main file that the release reads: `flink-conf.yaml` or `config.yaml`.
    pub file: String,
    /// Its digest.
    pub digest: Digest,
    /// Its entries in order, nested keys flattened with dots, values of sensitive keys replaced. A
    /// key may come twice.
    pub entries: Vec<ConfEntry>,
    /// Names of all files in the directory.
    pub files: BTreeSet<String>,
}

/// One entry of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfEntry {
    /// The key.
    pub key: String,
    /// The value as text; `«redacted»` for a sensitive key.
    pub value: String,
    /// Line, from 1.
    pub line: u32,
}

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirFacts {
    /// Whether it is there.
    pub exists: bool,
    /// Whether this user may write there (asked of the kernel, nothing is written).
    pub writable: bool,
    /// Whether it lies on the machine that the clusters run on, as far as can be told.
    pub free: u64,
}

/// A job's jar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JarFacts {
    /// Its digest.
    pub sha256: Digest,
    /// Its size.
    pub bytes: u64,
    /// `Main-Class` of its manifest.
    pub main_class: Option<String>,
    /// Whether the entry class that the declaration names is in it; none when none is named.
    pub has_entry_class: Option<bool>,
    /// The highest class file version in it: 52 is Java 8, 55 is 11, 61 is 17.
    pub class_version: Option<u16>,
    /// Flink's own classes bundled in it (`org/apache/flink/streaming/api/…`).
    pub bundles_flink: bool,
}
