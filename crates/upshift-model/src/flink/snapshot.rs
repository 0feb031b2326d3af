//! What was read of a snapshot: a retained checkpoint or a savepoint, as its metadata and the headers
//! of its state files tell of it.
//!
//! It is the reader's answer in the shared vocabulary, without offsets and counts that only a reader
//! needs. What it means for an upgrade is judged in [`fit`](crate::flink::fit).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::observed::Gap;

use super::serializer::SerializerShape;

/// The snapshots of one job that were looked at, in the order in which they were tried: the first
/// that could be read is the one that is judged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JobSnapshots {
    /// One entry for each.
    pub looked_at: Vec<SnapshotLook>,
    /// A snapshot that the job as wanted took elsewhere, where one is named: its states and
    /// serializers are those that the wanted job will ask for.
    pub of_wanted: Option<SnapshotLook>,
}

impl JobSnapshots {
    /// The snapshot that is judged.
    pub fn read(&self) -> Option<(&SnapshotLook, &SnapshotContents)> {
        self.looked_at
            .iter()
            .find_map(|look| look.contents().map(|contents| (look, contents)))
    }
}

/// One snapshot that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotLook {
    /// Where it lies.
    pub location: String,
    /// How it came to be looked at.
    pub told_by: SnapshotTold,
    /// What came of it.
    pub found: SnapshotFound,
}

impl SnapshotLook {
    /// What it holds, where it was read.
    pub fn contents(&self) -> Option<&SnapshotContents> {
        match &self.found {
            SnapshotFound::Read(contents) => Some(contents),
            SnapshotFound::Spoiled { .. } | SnapshotFound::Unseen(_) => None,
        }
    }
}

/// Who named a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotTold {
    /// A person, in the system file or on the command line.
    Person,
    /// The server: its newest savepoint of the job.
    NewestSavepoint,
    /// The server: its newest completed checkpoint of the job.
    NewestCheckpoint,
}

/// What came of looking at a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotFound {
    /// It was read.
    Read(Box<SnapshotContents>),
    /// It lies where it can be seen, and no release could restore it.
    Spoiled {
        /// What is wrong, and where in it.
        what: String,
    },
    /// It could not be looked at.
    Unseen(Gap),
}

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotContents {
    /// Version of its metadata.
    pub version: u32,
    /// Its number.
    pub checkpoint_id: u64,
    /// What it was taken as, where the metadata says so.
    pub taken_as: TakenAs,
    /// The lines that can have written it, where that can be told.
    pub writers: Option<String>,
    /// Size of the metadata.
    pub metadata_bytes: u64,
    /// Bytes of all state, as far as the writer knew them.
    pub state_bytes: u64,
    /// Its operators, those without state among them.
    pub operators: Vec<SnapshotOperator>,
    /// The forms that keyed state is in.
    pub keyed_forms: BTreeSet<KeyedForm>,
    /// Whether it holds records in flight.
    pub channel_state: bool,
    /// Directories outside its own that it refers to by absolute path.
    pub outside: BTreeMap<String, OutsideFiles>,
    /// Files that it refers to and that are absent or shorter than they must be; the first few.
    pub lacking: Vec<LackingFile>,
    /// How many files are lacking in all.
    pub lacking_files: u64,
    /// How many files were looked for.
    pub files_looked_for: u64,
    /// Why not all of them were looked for; none where all were.
    pub files_not_looked_for: Option<Gap>,
    /// What is well-formed and should not be.
    pub oddities: Vec<String>,
}

/// What a snapshot was taken as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenAs {
    /// A savepoint in the canonical form.
    CanonicalSavepoint,
    /// A savepoint in the backend's own form.
    NativeSavepoint,
    /// A savepoint in a form that the metadata does not name.
    Savepoint,
    /// A checkpoint.
    Checkpoint,
    /// The metadata does not say: versions before 4 have no place for it.
    Untold,
}

impl TakenAs {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CanonicalSavepoint => "canonical savepoint",
            Self::NativeSavepoint => "native savepoint",
            Self::Savepoint => "savepoint",
            Self::Checkpoint => "checkpoint",
            Self::Untold => "snapshot",
        }
    }
}

/// The form that keyed state is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedForm {
    /// Readable by every state backend.
    Canonical,
    /// The heap backend's own.
    Heap,
    /// Files of an embedded store, RocksDB or ForSt: the metadata does not tell which.
    Embedded,
    /// A materialized part and the changes since.
    Changelog,
}

/// One operator of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotOperator {
    /// 32 hex digits.
    pub id: String,
    /// Its name, where the metadata has it.
    pub name: Option<String>,
    /// Its uid, as far as the metadata tells.
    pub uid: RecordedUid,
    /// Those of the names that the system file gives to operators which lead to its id.
    pub declared: BTreeSet<String>,
    /// Parallelism.
    pub parallelism: u32,
    /// Max parallelism.
    pub max_parallelism: u32,
    /// Bytes of its state, as far as the writer knew them.
    pub bytes: u64,
    /// Whether a restore has anything to bring back.
    pub stateful: bool,
    /// Whether all its subtasks had finished, so that nothing of it is left to restore.
    #[serde(default)]
    pub finished: bool,
    /// Whether its coordinator has state: it is a source that hands out splits, or the like.
    #[serde(default)]
    pub coordinator: bool,
    /// Whether it has operator state that Flink's serializers wrote.
    pub operator_state: bool,
    /// Versions of the headers of its operator state, of those that were read.
    pub operator_headers: BTreeSet<i32>,
    /// The serializer of its keys, where it has keyed state and a header was read.
    pub key: Option<SerializerShape>,
    /// Its states, as far as they are known.
    pub states: Vec<SnapshotState>,
    /// Why its states are not all known; none where they are.
    pub not_all_read: Option<String>,
}

impl SnapshotOperator {
    /// The name under which people know it: its uid, a name of it, or its id.
    pub fn label(&self) -> &str {
        let declared = self.declared.iter().next().map(String::as_str);
        self.uid.given().or(declared).unwrap_or(&self.id)
    }

    /// Whether a person's name for an operator means this one.
    pub fn is_called(&self, named: &str) -> bool {
        self.id.eq_ignore_ascii_case(named)
            || self.uid.given() == Some(named)
            || self.declared.contains(named)
    }
}

/// A uid as the metadata tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedUid {
    /// The metadata has no place for it (before version 5): it may well have one.
    NotRecorded,
    /// It has none.
    Absent,
    /// It has this one.
    Given(String),
}

impl RecordedUid {
    /// The uid, where one is given.
    pub fn given(&self) -> Option<&str> {
        match self {
            Self::NotRecorded | Self::Absent => None,
            Self::Given(uid) => Some(uid),
        }
    }
}

/// One state of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotState {
    /// Its name.
    pub name: String,
    /// Its kind, as Flink names it: `VALUE`, `MAP`, `LIST`, `TIMERS`, `BROADCAST`, …
    pub kind: String,
    /// How many elements it has over all subtasks, for operator state as the metadata counts them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub elements: u64,
    /// Its serializers by role: `VALUE_SERIALIZER`, `NAMESPACE_SERIALIZER`, `KEY_SERIALIZER`.
    pub serializers: BTreeMap<String, SerializerShape>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl SnapshotState {
    /// State that every subtask has whole.
    pub const BROADCAST: &'static str = "BROADCAST";
    /// Timers.
    pub const TIMERS: &'static str = "TIMERS";
}

/// Files in one directory that a snapshot refers to by absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideFiles {
    /// How many.
    pub files: u64,
    /// Their bytes, as far as the writer knew them.
    pub bytes: u64,
    /// The snapshot that the directory belongs to, where it is one of its own.
    pub of_snapshot: Option<String>,
}

/// A file that a snapshot needs and that is not there as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LackingFile {
    /// Its path.
    pub path: String,
    /// The operator that needs it, 32 hex digits.
    pub operator: String,
    /// Bytes that it must have at least; none where the writer did not know.
    pub wanted: Option<u64>,
    /// Bytes that it has; none where it is not there.
    pub found: Option<u64>,
}
