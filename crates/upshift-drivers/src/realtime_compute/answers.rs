//! What the service answers with, as far as it is asked for. Structures that are written back are in
//! `super::documents`; those here are only read.

use serde::Deserialize;

use super::loose;
use super::words::{EngineStatus, JobState, RestoreKind, SavepointOrigin, SavepointState};

/// The engine versions that the service offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EngineVersions {
    /// The one that it takes by itself.
    #[serde(deserialize_with = "loose::text")]
    pub default_engine_version: Option<String>,
    /// All of them.
    #[serde(deserialize_with = "loose::or_empty")]
    pub engine_version_metadata: Vec<EngineVersion>,
}

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EngineVersion {
    /// `vvr-8.0.11-flink-1.17`.
    pub engine_version: String,
    /// What the service says of it.
    pub status: EngineStatus,
    /// What it can do.
    #[serde(deserialize_with = "loose::or_empty")]
    pub features: EngineFeatures,
}

/// What an engine can do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EngineFeatures {
    /// Whether it takes savepoints in native form.
    #[serde(deserialize_with = "loose::truth")]
    pub support_native_savepoint: Option<bool>,
    /// Whether it runs SQL.
    #[serde(deserialize_with = "loose::truth")]
    pub use_for_sql_deployments: Option<bool>,
}

/// A queue that deployments run in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentTarget {
    /// Its name.
    pub name: String,
    /// What it has and what of it is in use.
    pub quota: Option<Quota>,
}

/// The resources of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// The most that may be used.
    pub limit: Option<Resources>,
    /// What is in use.
    pub used: Option<Resources>,
}

/// Processor and memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Thousandths of a core.
    #[serde(rename = "cpu", deserialize_with = "loose::thousandths")]
    pub millicores: Option<u64>,
    /// `4Gi`.
    #[serde(deserialize_with = "loose::text")]
    pub memory: Option<String>,
}

/// What a job takes of its queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobMetric {
    /// Thousandths of a core.
    #[serde(rename = "totalCpu", deserialize_with = "loose::thousandths")]
    pub millicores: Option<u64>,
    /// Bytes, in thousandths.
    #[serde(rename = "totalMemoryByte", deserialize_with = "loose::thousandths")]
    pub millibytes: Option<u64>,
}

/// One start of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Job {
    /// Its id.
    pub job_id: String,
    /// Of which deployment.
    pub deployment_id: String,
    /// The engine that it was started with.
    #[serde(deserialize_with = "loose::text")]
    pub engine_version: Option<String>,
    /// Where it stands.
    #[serde(deserialize_with = "loose::or_empty")]
    pub status: JobStatus,
    /// How it got its state.
    #[serde(deserialize_with = "loose::or_empty")]
    pub restore_strategy: RestoreStrategy,
    /// What it takes.
    pub metric: Option<JobMetric>,
    /// When it started, in whatever unit the service chose.
    #[serde(deserialize_with = "loose::number")]
    pub start_time: Option<i64>,
}

/// Where a job stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobStatus {
    /// The service's word.
    pub current_job_status: JobState,
    /// What Flink says of it while it runs.
    pub running: Option<Running>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The service's own judgement of its health.
    #[serde(deserialize_with = "loose::number")]
    pub health_score: Option<i64>,
    /// The same in a word.
    #[serde(deserialize_with = "loose::text")]
    pub risk_level: Option<String>,
}

/// What Flink says of a job that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Running {
    /// Restarts since it was started.
    #[serde(deserialize_with = "loose::number")]
    pub observed_flink_job_restarts: Option<i64>,
    /// Flink's word.
    #[serde(deserialize_with = "loose::text")]
    pub observed_flink_job_status: Option<String>,
}

/// Why something failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Failure {
    /// In a word.
    #[serde(deserialize_with = "loose::text")]
    pub reason: Option<String>,
    /// In full.
    #[serde(deserialize_with = "loose::text")]
    pub message: Option<String>,
}

/// How a job gets its state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RestoreStrategy {
    /// In which way.
    pub kind: RestoreKind,
    /// From which savepoint.
    #[serde(deserialize_with = "loose::text")]
    pub savepoint_id: Option<String>,
    /// Whether state that nobody claims may be dropped.
    #[serde(deserialize_with = "loose::truth")]
    pub allow_non_restored_state: Option<bool>,
}

/// A savepoint, or a checkpoint that was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Savepoint {
    /// Its id.
    pub savepoint_id: String,
    /// Of which deployment.
    pub deployment_id: String,
    /// Of which job.
    #[serde(deserialize_with = "loose::text")]
    pub job_id: Option<String>,
    /// How it came about.
    pub savepoint_origin: SavepointOrigin,
    /// Whether it is in native form; nothing where the service did not say.
    #[serde(deserialize_with = "loose::truth")]
    pub native_format: Option<bool>,
    /// What somebody wrote to it.
    #[serde(deserialize_with = "loose::text")]
    pub description: Option<String>,
    /// Where it lies.
    #[serde(deserialize_with = "loose::text")]
    pub savepoint_location: Option<String>,
    /// Where it stands.
    #[serde(deserialize_with = "loose::or_empty")]
    pub status: SavepointStatus,
    /// When it was asked for, in seconds by the service's clock.
    #[serde(deserialize_with = "loose::number")]
    pub created_at: Option<i64>,
}

/// Where a savepoint stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SavepointStatus {
    /// The service's word.
    pub state: SavepointState,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Something that the service noted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// What kind of event.
    #[serde(deserialize_with = "loose::text")]
    pub event_name: Option<String>,
    /// What happened.
    #[serde(deserialize_with = "loose::text")]
    pub message: Option<String>,
}

/// What became of the validation or the deployment of a draft. The service documents one word of a
/// ticket, `FINISHED`; a result is a result in any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ticket {
    /// The service's word.
    #[serde(deserialize_with = "loose::text")]
    pub ticket_status: Option<String>,
    /// How it ended; nothing while it has not.
    #[serde(deserialize_with = "loose::truth")]
    pub success: Option<bool>,
    /// What the service says to it.
    #[serde(deserialize_with = "loose::text")]
    pub message: Option<String>,
    /// The deployment that came of a draft.
    #[serde(deserialize_with = "loose::text")]
    pub deployment_id: Option<String>,
}

impl Ticket {
    /// Whether it came to an end. A `success` that is false beside another word is only a default.
    pub fn is_finished(&self) -> bool {
        self.ticket_status.as_deref() == Some("FINISHED") || self.success == Some(true)
    }
}

/// Who holds a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lock {
    /// The lock's id.
    #[serde(deserialize_with = "loose::text")]
    pub id: Option<String>,
    /// The holder's name.
    #[serde(deserialize_with = "loose::text")]
    pub holder_name: Option<String>,
}
