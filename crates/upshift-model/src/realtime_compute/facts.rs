//! What one look at a namespace sees. Words of the service are kept as they came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flink::{JobGraph, SnapshotFound};
use crate::observed::Observed;

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Where it answers.
    pub endpoint: String,
    /// Workspace and namespace.
    pub place: (String, String),
    /// The engines on offer.
    pub engines: Observed<Vec<Engine>>,
    /// The queues.
    pub queues: Observed<Vec<Queue>>,
    /// The deployments that are meant.
    pub deployments: Vec<Deployment>,
    /// Every probe's answer now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probes: BTreeMap<String, Observed<String>>,
}

/// An engine on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// `vvr-8.0.11-flink-1.17`.
    pub version: String,
    /// The service's word for it.
    pub status: String,
    /// Whether it takes native savepoints, by the service's word.
    pub native: Option<bool>,
}

/// Processor and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Room {
    /// Thousandths of a core.
    pub millicores: u64,
    /// Mebibytes.
    pub mebibytes: u64,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// The most that may be used.
    pub limit: Option<Room>,
    /// What is in use.
    pub used: Option<Room>,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its engine version.
    pub engine: String,
    /// What it runs: `JAR`, `SQLSCRIPT`, …
    pub kind: String,
    /// `STREAMING` or `BATCH`.
    pub mode: String,
    /// Its queue.
    pub queue: Option<String>,
    /// `BASIC` or `EXPERT`.
    pub resource_mode: Option<String>,
    /// Whether it was changed since its job was started.
    pub changed: Option<bool>,
    /// The job that is not over.
    pub job: Observed<Option<Job>>,
    /// Savepoints and retained checkpoints.
    pub points: Observed<Vec<Point>>,
    /// Checkpoints of the job, as Flink tells them.
    pub checkpoints: Observed<Checkpoints>,
    /// The Flink that really runs, as it tells itself.
    pub build: Observed<String>,
    /// Whether a deployment of the clone's name is there.
    pub name_taken: Observed<bool>,
    /// What its jar and additional dependencies were built with.
    pub libraries: Observed<Vec<Library>>,
    /// The draft that it was deployed from; none where it came of none, or of one that is gone.
    #[serde(default = "not_looked_for")]
    pub draft: Observed<Option<Draft>>,
    /// The operators of the jar that its copy will run; none where nobody asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Observed<JobGraph>>,
    /// What its newest savepoint or retained checkpoint holds; none where there is none, or this look did not read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<SnapshotFound>,
}

/// Looks from before drafts were looked for.
fn not_looked_for() -> Observed<Option<Draft>> {
    Observed::unknown(
        "the draft that it was deployed from",
        "this look did not ask for it",
    )
}

/// A draft of SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the folder that it lies in.
    pub folder: Option<String>,
    /// Whether it holds the very program that was deployed.
    pub as_deployed: bool,
}

/// A job that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The service's word.
    pub state: String,
    /// The engine that it was started with.
    pub engine: Option<String>,
    /// Flink's word.
    pub flink: Option<String>,
    /// Restarts since it was started.
    pub restarts: Option<u64>,
    /// What it takes of its queue.
    pub room: Option<Room>,
}

/// A savepoint or a retained checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Its id.
    pub id: String,
    /// `USER_REQUEST`, `STOP_WITH_SAVEPOINT`, `RETAINED_CHECKPOINT`, …
    pub origin: String,
    /// `COMPLETED`, …
    pub state: String,
    /// Whether it is in native form.
    pub native: Option<bool>,
    /// When it was asked for, in seconds since 1970.
    pub created_at: Option<i64>,
}

/// Checkpoints of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoints {
    /// Completed since the job was started.
    pub completed: u64,
    /// Failed since then.
    pub failed: u64,
    /// The newest ones, the newest first: whether each completed.
    pub recent: Vec<bool>,
    /// When the newest one completed, in milliseconds since 1970.
    pub latest: Option<i64>,
}

/// Something of Flink or of the vendor inside of a jar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// In which jar.
    pub jar: String,
    /// `com.alibaba.ververica:ververica-connector-kafka`.
    pub artifact: String,
    /// `1.17-vvr-8.0.11-4`.
    pub version: String,
}
