//! What a snapshot is held against: compiled by the planner, sealed in the plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::flink::{JobGraphs, SnapshotOperator};
use crate::ids::{Code, ComponentId};

/// What a snapshot must look like to be started from. The default asks nothing but that it is whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FitCriteria {
    /// The job's name, for what is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub job: String,
    /// Metadata versions that the release reads, both ends included; none where it is not known.
    pub metadata_versions: Option<(u32, u32)>,
    /// The highest version of the operator state's header that the release reads; none where it is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_header: Option<u32>,
    /// Operator ids (32 hex digits) that must be in the snapshot with state, where they are known.
    pub operators_with_state: BTreeSet<String>,
    /// The operators of the job to be started, as far as they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphs: Option<JobGraphs>,
    /// Whether the graph is asked of the target cluster, once the plan has started it; none where nobody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_ask: Option<GraphAsk>,
    /// Operators (uid or 32 hex digits) whose state a waiver allows to be lost.
    pub may_lose: BTreeSet<String>,
    /// Max parallelism by operator id that the job to be started will have, where the file decides it.
    pub max_parallelism: BTreeMap<String, u32>,
    /// Parallelism that the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// Whether the jar, its entry class and its arguments are those that run; none where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_program: Option<bool>,
    /// The state backend that the job will be started with: `hashmap`, `rocksdb`, `forst`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Whether the upgrade goes from one release line to another.
    #[serde(default, skip_serializing_if = "is_false")]
    pub crosses_lines: bool,
    /// Limits of the pair of releases that hang on what the state holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<StateLimit>,
    /// Names by operator id, for what is said: metadata before version 5 has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Operators of a snapshot that the job as wanted took elsewhere: the types it will ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of_wanted: Vec<SnapshotOperator>,
    /// Whether the job that it was taken of runs on beside what is started from it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub runs_on: bool,
    /// What a person accepted beforehand.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accepted: BTreeSet<Acceptance>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// When a target cluster that the plan starts is asked for the graph of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraphAsk {
    /// By a gate of its own, before the job is stopped: what is not known of the graph until then hides nothing
    /// that would be met only after the stop.
    ByGate,
    /// Right now, of this cluster; then the snapshot is held against what it says.
    Now {
        /// The cluster.
        cluster: ComponentId,
        /// The job, whose jar lies there.
        job: ComponentId,
    },
}

/// A waiver that holds, by what it names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Acceptance {
    /// The finding's code.
    pub code: Code,
    /// The finding's subject.
    pub subject: String,
}

/// What a snapshot is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotRole {
    /// It tells what the job's state is like; the upgrade will take one of its own.
    Sample,
    /// The job is to be started from it.
    RestorePoint,
}

/// A limit of the pair of releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateLimit {
    /// What it hangs on.
    pub on: StateTrait,
    /// Whether the restore fails where it holds; else nothing is promised.
    pub fails: bool,
    /// What it is.
    pub text: String,
    /// What can be done.
    pub advice: String,
    /// Where it comes from.
    pub source: String,
}

/// What a limit hangs on, of all that can be seen in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateTrait {
    /// A bean with a List, Map, Set or Collection field that Kryo wrote.
    CollectionInPojo,
    /// A type that Kryo wrote.
    Kryo,
    /// A Scala case class.
    ScalaCaseClass,
    /// A Scala collection.
    ScalaTraversable,
    /// State of the CEP library.
    Cep,
    /// Broadcast state.
    Broadcast,
    /// RocksDB state of semi-asynchronous checkpoints.
    SemiAsyncRocksdb,
}
