//! The answers of Flink's REST API: the fields that upshift reads, and nothing of what they mean.
//! Unknown fields are the server's business and are passed over; a missing one that all releases
//! from 1.16 to 2.3 send makes the answer another one than expected.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};

use super::cause::last_cause;

/// `GET /overview`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Overview {
    pub taskmanagers: u32,
    pub slots_total: u32,
    pub slots_available: u32,
    pub jobs_running: u32,
    pub flink_version: String,
    pub flink_commit: Option<String>,
}

/// `GET /config`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Dashboard {
    pub flink_version: String,
    pub flink_revision: String,
    #[serde(default)]
    pub features: Features,
}

/// What the dashboard offers; absent is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Features {
    pub web_submit: Option<bool>,
    pub web_cancel: Option<bool>,
    pub web_history: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ConfigEntry {
    pub(super) key: String,
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct TaskManagers {
    pub(super) taskmanagers: Vec<TaskManager>,
}

/// One of `GET /taskmanagers`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct TaskManager {
    pub id: String,
    pub path: Option<String>,
    pub slots_number: u32,
    pub free_slots: u32,
    pub hardware: Option<Hardware>,
}

/// The machine of a task manager.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Hardware {
    pub physical_memory: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Jobs {
    pub(super) jobs: Vec<JobSummary>,
}

/// One of `GET /jobs/overview`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct JobSummary {
    pub jid: String,
    pub name: String,
    pub state: JobState,
    /// Milliseconds by the server's clock.
    pub start_time: i64,
    pub end_time: i64,
    /// Milliseconds since the start, or between start and end.
    pub duration: i64,
    /// How many tasks are in each state, and `total`. Fresh, other than `GET /jobs/:id`.
    pub tasks: BTreeMap<String, u32>,
}

impl JobSummary {
    /// How many of its tasks run (or have finished, as bounded parts of a graph do), and how many
    /// there are.
    pub fn tasks_running(&self) -> (u32, u32) {
        let count = |state: &str| self.tasks.get(state).copied().unwrap_or(0);
        (count("running") + count("finished"), count("total"))
    }

    /// Whether it is RUNNING with every task running or finished.
    pub fn all_running(&self) -> bool {
        let (running, total) = self.tasks_running();
        self.state == JobState::Running && total > 0 && running == total
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct JobStatus {
    pub(super) status: JobState,
}

/// A job's state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "states named by the server")]
pub enum JobState {
    Initializing,
    Created,
    Running,
    Failing,
    Failed,
    Cancelling,
    Canceled,
    Finished,
    Restarting,
    Suspended,
    Reconciling,
    /// A word that no release up to 2.3 uses.
    Other(String),
}

impl JobState {
    /// The server's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Initializing => "INITIALIZING",
            Self::Created => "CREATED",
            Self::Running => "RUNNING",
            Self::Failing => "FAILING",
            Self::Failed => "FAILED",
            Self::Cancelling => "CANCELLING",
            Self::Canceled => "CANCELED",
            Self::Finished => "FINISHED",
            Self::Restarting => "RESTARTING",
            Self::Suspended => "SUSPENDED",
            Self::Reconciling => "RECONCILING",
            Self::Other(word) => word,
        }
    }

    /// Whether it is over for good: FAILED, CANCELED or FINISHED. Not so SUSPENDED, which another
    /// job manager may take up, and not a word that is not known.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Failed | Self::Canceled | Self::Finished => true,
            Self::Initializing
            | Self::Created
            | Self::Running
            | Self::Failing
            | Self::Cancelling
            | Self::Restarting
            | Self::Suspended
            | Self::Reconciling
            | Self::Other(_) => false,
        }
    }
}

impl From<&str> for JobState {
    fn from(word: &str) -> Self {
        match word {
            "INITIALIZING" => Self::Initializing,
            "CREATED" => Self::Created,
            "RUNNING" => Self::Running,
            "FAILING" => Self::Failing,
            "FAILED" => Self::Failed,
            "CANCELLING" => Self::Cancelling,
            "CANCELED" => Self::Canceled,
            "FINISHED" => Self::Finished,
            "RESTARTING" => Self::Restarting,
            "SUSPENDED" => Self::Suspended,
            "RECONCILING" => Self::Reconciling,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl<'de> Deserialize<'de> for JobState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|word| Self::from(word.as_str()))
    }
}

/// `GET /jobs/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Job {
    pub jid: String,
    pub name: String,
    pub state: JobState,
    #[serde(rename = "start-time")]
    pub start_time: i64,
    /// The server's clock when it made the answer, in milliseconds.
    pub now: i64,
    /// The job's own max parallelism; absent or negative where the server does not say.
    #[serde(rename = "maxParallelism")]
    pub max_parallelism: Option<i64>,
    pub vertices: Vec<Vertex>,
}

impl Job {
    /// Whether it is RUNNING with every task of every vertex running (or finished, as bounded parts
    /// of a graph do).
    pub fn all_running(&self) -> bool {
        self.state == JobState::Running
            && self
                .vertices
                .iter()
                .all(|v| matches!(v.status.as_str(), "RUNNING" | "FINISHED"))
    }
}

/// One vertex of a job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Vertex {
    pub id: String,
    pub name: String,
    pub parallelism: u32,
    #[serde(rename = "maxParallelism")]
    pub max_parallelism: Option<i64>,
    pub status: String,
}

/// `GET /jobs/:id/checkpoints`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Checkpoints {
    pub counts: CheckpointCounts,
    pub latest: LatestCheckpoints,
    #[serde(default)]
    pub history: Vec<Checkpoint>,
}

/// Counts since the job was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct CheckpointCounts {
    pub restored: u64,
    pub total: u64,
    pub in_progress: u64,
    pub completed: u64,
    pub failed: u64,
}

/// The newest of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct LatestCheckpoints {
    pub completed: Option<Checkpoint>,
    pub savepoint: Option<Checkpoint>,
    pub failed: Option<Checkpoint>,
    pub restored: Option<RestoredCheckpoint>,
}

/// One checkpoint or savepoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Checkpoint {
    pub id: u64,
    /// `COMPLETED`, `IN_PROGRESS` or `FAILED`.
    pub status: String,
    pub is_savepoint: bool,
    /// Milliseconds by the server's clock.
    pub trigger_timestamp: i64,
    /// Milliseconds by the server's clock; negative until the first acknowledgement.
    pub latest_ack_timestamp: Option<i64>,
    pub checkpointed_size: Option<u64>,
    pub state_size: Option<u64>,
    pub external_path: Option<String>,
    pub num_subtasks: Option<u32>,
    pub num_acknowledged_subtasks: Option<u32>,
    pub discarded: Option<bool>,
    pub failure_message: Option<String>,
    /// `CHECKPOINT`, `SAVEPOINT`, `SYNC_SAVEPOINT` (a stop's), `UNALIGNED_CHECKPOINT`.
    pub checkpoint_type: Option<String>,
}

/// What a job was last restored from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct RestoredCheckpoint {
    pub id: u64,
    /// Milliseconds by the server's clock.
    pub restore_timestamp: i64,
    pub is_savepoint: bool,
    pub external_path: Option<String>,
}

/// `GET /jobs/:id/checkpoints/config`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct CheckpointConfig {
    pub mode: String,
    /// Milliseconds; Java's largest number when periodic checkpoints are off.
    pub interval: u64,
    pub timeout: u64,
    pub externalization: Option<Externalization>,
    pub state_backend: Option<String>,
    pub checkpoint_storage: Option<String>,
    pub unaligned_checkpoints: Option<bool>,
    pub state_changelog_enabled: Option<bool>,
}

/// Whether checkpoints are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct Externalization {
    pub enabled: bool,
    pub delete_on_cancellation: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Exceptions {
    #[serde(rename = "exceptionHistory")]
    pub(super) exception_history: ExceptionHistory,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExceptionHistory {
    #[serde(default)]
    pub(super) entries: Vec<JobException>,
}

/// One entry of a job's exception history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct JobException {
    #[serde(rename = "exceptionName")]
    pub exception_name: String,
    pub stacktrace: String,
    /// Milliseconds by the server's clock.
    pub timestamp: i64,
    #[serde(rename = "taskName")]
    pub task_name: Option<String>,
}

impl JobException {
    /// The useful line of it.
    pub fn cause(&self) -> String {
        last_cause(&self.stacktrace)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Metric {
    pub(super) id: String,
    pub(super) value: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Jars {
    pub(super) files: Vec<UploadedJar>,
}

/// One of `GET /jars`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct UploadedJar {
    pub id: String,
    pub name: String,
    /// Milliseconds by the server's clock.
    pub uploaded: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Uploaded {
    pub(super) filename: String,
    pub(super) status: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Started {
    pub(super) jobid: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Triggered {
    #[serde(rename = "request-id")]
    pub(super) request_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Errors {
    pub(super) errors: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExecutionResult {
    #[serde(rename = "job-execution-result")]
    result: Option<JobResult>,
}

#[derive(Debug, Deserialize)]
struct JobResult {
    #[serde(rename = "failure-cause")]
    failure_cause: Option<FailureCause>,
}

impl ExecutionResult {
    pub(super) fn cause(self) -> Option<String> {
        Some(self.result?.failure_cause?.text())
    }
}

/// `POST /jars/:id/plan`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct JarPlan {
    pub plan: JobGraph,
}

/// A job graph: vertices by the operator id of their chain's head.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct JobGraph {
    pub name: String,
    pub nodes: Vec<JobGraphNode>,
}

/// One vertex of a job graph.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "fields named by the server")]
pub struct JobGraphNode {
    pub id: String,
    pub parallelism: i64,
    pub description: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct AsyncAnswer {
    status: AsyncStatus,
    operation: Option<Operation>,
}

#[derive(Debug, Deserialize)]
struct AsyncStatus {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Operation {
    location: Option<String>,
    #[serde(rename = "failure-cause")]
    failure_cause: Option<FailureCause>,
}

#[derive(Debug, Deserialize)]
struct FailureCause {
    class: Option<String>,
    #[serde(rename = "stack-trace")]
    stack_trace: Option<String>,
}

impl FailureCause {
    fn text(self) -> String {
        self.stack_trace
            .as_deref()
            .map(last_cause)
            .or(self.class)
            .unwrap_or_else(|| "no cause given".to_owned())
    }
}

/// What came of a savepoint or of a stop with one. The server says COMPLETED of failures, too; here
/// they are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavepointStatus {
    /// Under way.
    InProgress,
    /// The savepoint exists, as the server says.
    Completed {
        /// Its URI, literally.
        location: String,
    },
    /// It came to nothing.
    Failed {
        /// The useful line of what the server says.
        cause: String,
    },
}

impl From<AsyncAnswer> for SavepointStatus {
    fn from(answer: AsyncAnswer) -> Self {
        if answer.status.id == "IN_PROGRESS" {
            return Self::InProgress;
        }
        match answer.operation {
            Some(Operation {
                failure_cause: Some(cause),
                ..
            }) => Self::Failed { cause: cause.text() },
            Some(Operation {
                location: Some(location),
                ..
            }) => Self::Completed { location },
            Some(Operation {
                location: None,
                failure_cause: None,
            })
            | None => Self::Failed {
                cause: format!("status {} without a location", answer.status.id),
            },
        }
    }
}

/// What came of the disposal of a savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisposalStatus {
    /// Under way.
    InProgress,
    /// It is gone.
    Completed,
    /// It came to nothing.
    Failed {
        /// The useful line of what the server says.
        cause: String,
    },
}

impl From<AsyncAnswer> for DisposalStatus {
    fn from(answer: AsyncAnswer) -> Self {
        if answer.status.id == "IN_PROGRESS" {
            return Self::InProgress;
        }
        match answer.operation.and_then(|operation| operation.failure_cause) {
            Some(cause) => Self::Failed { cause: cause.text() },
            None => Self::Completed,
        }
    }
}
