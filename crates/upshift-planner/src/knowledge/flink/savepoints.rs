//! Rows about restoring: the vendor's tables, pairs outside of them, limits and their conditions,
//! and what each kind of snapshot is good for.
//!
//! The verdict over two releases is made of these rows in `pairs`.

use serde::Deserialize;
use upshift_model::observed::Observed;
use upshift_model::version::Version;

use crate::knowledge::load::{LoadError, Row, TomlFile};
use crate::knowledge::row::{Origin, Range};

use super::Flink;

/// When a limit holds. A closed set: a new condition is a new variant and somebody who can see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// In every case.
    Always,
    /// The job uses the CEP library.
    Cep,
    /// State holds Scala case classes.
    ScalaCaseClass,
    /// State holds a Scala `TraversableSerializer`.
    ScalaTraversable,
    /// There is broadcast state.
    BroadcastState,
    /// RocksDB state was checkpointed in semi-asynchronous mode.
    SemiAsyncRocksdb,
    /// The parallelism changes in the same move.
    ParallelismChange,
    /// The parallelism grows above what it was.
    ParallelismIncrease,
    /// Operators are chained differently.
    ChainChange,
    /// The restore point is an unaligned checkpoint.
    UnalignedCheckpoint,
    /// The restore point is a checkpoint of the changelog backend.
    ChangelogCheckpoint,
    /// The job is a Table API or SQL program.
    TableProgram,
    /// State holds types that Kryo serializes.
    KryoTypes,
    /// State holds a POJO with a List, Map or Set field that Kryo serializes.
    CollectionInPojo,
    /// There is operator state (list, union or broadcast); every new-style source has it.
    OperatorState,
    /// The job's jar uses an API that the target no longer has.
    RemovedApi,
}

/// Where upshift may see whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Nothing has to be looked at.
    Given,
    /// In the restore point: `_metadata` and the headers of its state files.
    RestorePoint,
    /// In what is declared and planned: jars, parallelism, kind of restore point.
    Plan,
    /// In the running cluster: names of vertices, checkpoint settings.
    Cluster,
    /// Nowhere: a person has to say.
    Nowhere,
}

impl When {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Always,
        Self::Cep,
        Self::ScalaCaseClass,
        Self::ScalaTraversable,
        Self::BroadcastState,
        Self::SemiAsyncRocksdb,
        Self::ParallelismChange,
        Self::ParallelismIncrease,
        Self::ChainChange,
        Self::UnalignedCheckpoint,
        Self::ChangelogCheckpoint,
        Self::TableProgram,
        Self::KryoTypes,
        Self::CollectionInPojo,
        Self::OperatorState,
        Self::RemovedApi,
    ];

    /// Where upshift may see whether it holds.
    pub const fn seen_in(self) -> Sight {
        match self {
            Self::Always => Sight::Given,
            Self::ScalaCaseClass
            | Self::ScalaTraversable
            | Self::BroadcastState
            | Self::KryoTypes
            | Self::CollectionInPojo
            | Self::OperatorState => Sight::RestorePoint,
            Self::ParallelismChange
            | Self::ParallelismIncrease
            | Self::UnalignedCheckpoint
            | Self::ChangelogCheckpoint => Sight::Plan,
            Self::TableProgram => Sight::Cluster,
            Self::Cep | Self::SemiAsyncRocksdb | Self::ChainChange | Self::RemovedApi => Sight::Nowhere,
        }
    }

    /// The condition in words: `where …`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Always => "in every case",
            Self::Cep => "where the job uses the CEP library",
            Self::ScalaCaseClass => "where state holds Scala case classes",
            Self::ScalaTraversable => "where state holds a Scala TraversableSerializer",
            Self::BroadcastState => "where there is broadcast state",
            Self::SemiAsyncRocksdb => "where RocksDB state was checkpointed in semi-asynchronous mode",
            Self::ParallelismChange => "where the parallelism changes in the same move",
            Self::ParallelismIncrease => "where the parallelism grows",
            Self::ChainChange => "where operators are chained differently",
            Self::UnalignedCheckpoint => "where the restore point is an unaligned checkpoint",
            Self::ChangelogCheckpoint => "where the restore point is a checkpoint of the changelog backend",
            Self::TableProgram => "where the job is a Table API or SQL program",
            Self::KryoTypes => "where state holds types that Kryo serializes",
            Self::CollectionInPojo => "where state holds a POJO with a collection that Kryo serialized",
            Self::OperatorState => "where there is operator state",
            Self::RemovedApi => "where the jar uses an API that the target no longer has",
        }
    }
}

/// What a limit means where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It may go well; nobody promises it.
    Risk,
    /// The restore fails, or goes wrong.
    Fails,
}

/// Kinds of snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Savepoint in the canonical form.
    Canonical,
    /// Savepoint in the state backend's own form.
    Native,
    /// Retained checkpoint, aligned.
    AlignedCheckpoint,
    /// Retained checkpoint, unaligned.
    UnalignedCheckpoint,
}

/// What a snapshot is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Restoring into another state backend.
    BackendChange,
    /// Moving the directory to another place.
    Relocation,
    /// Changing the type of state.
    SchemaEvolution,
    /// Changing the job's graph or the types that flow in it.
    JobUpgrade,
    /// Another release line.
    LineUpgrade,
    /// Another patch release of the line.
    PatchUpgrade,
    /// Another parallelism.
    Rescaling,
}

/// Whether a kind of snapshot serves a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Serves {
    /// It does.
    Yes,
    /// It works; nobody promises it.
    Unpromised,
    /// It does not.
    No,
}

/// How far two releases must be apart for a limit to speak of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Crosses {
    /// Of different lines.
    Line,
}

type Ends = (Version, Version);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pairs {
    from: Ends,
    to: Ends,
}

impl Pairs {
    pub(super) fn hold(&self, from: &Version, to: &Version) -> bool {
        ends(&self.from).contains(from) && ends(&self.to).contains(to)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    from: Option<Ends>,
    to: Option<Ends>,
    crosses: Option<Crosses>,
    pub(super) when: When,
    pub(super) effect: Effect,
    pub(super) text: String,
    pub(super) advice: String,
}

impl Limit {
    pub(super) fn holds(&self, from: &Version, to: &Version) -> bool {
        let within =
            |wanted: &Option<Ends>, version| wanted.as_ref().is_none_or(|w| ends(w).contains(version));
        let far = match self.crosses {
            None => true,
            Some(Crosses::Line) => !from.same_line(to),
        };
        far && within(&self.from, from) && within(&self.to, to)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    kind: Kind,
    purpose: Purpose,
    serves: Serves,
}

fn ends((since, until): &Ends) -> Range {
    Range {
        since: Some(since.clone()),
        until: Some(until.clone()),
    }
}

/// Rows of `savepoints.toml`.
#[derive(Debug, Clone)]
pub struct Savepoints {
    pub(super) tables: Vec<Row<Pairs>>,
    pub(super) resume: Vec<Row<Pairs>>,
    pub(super) limits: Vec<Row<Limit>>,
    snapshots: Vec<Row<Snapshot>>,
}

impl Savepoints {
    pub(in crate::knowledge) fn load(mut file: TomlFile) -> Result<Self, LoadError> {
        let this = Self {
            tables: file.rows("table")?,
            resume: file.rows("resume")?,
            limits: file.rows("limit")?,
            snapshots: file.distinct("snapshot", |row: &Snapshot| (row.kind, row.purpose))?,
        };
        for (table, rows) in [("table", &this.tables), ("resume", &this.resume)] {
            for (at, row) in rows.iter().enumerate() {
                file.possible(table, at + 1, &ends(&row.what.from))?;
                file.possible(table, at + 1, &ends(&row.what.to))?;
            }
        }
        for (at, row) in this.limits.iter().enumerate() {
            for wanted in [&row.what.from, &row.what.to].into_iter().flatten() {
                file.possible("limit", at + 1, &ends(wanted))?;
            }
        }
        file.finish()?;
        Ok(this)
    }
}

impl Flink {
    /// Whether a kind of snapshot serves a purpose, and who says so.
    pub fn snapshot_serves(&self, kind: Kind, purpose: Purpose) -> Observed<(Serves, Origin)> {
        let row = self
            .savepoints
            .snapshots
            .iter()
            .find(|r| r.what.kind == kind && r.what.purpose == purpose);
        match row {
            Some(row) => Observed::Known((row.what.serves, row.origin.clone())),
            None => Observed::unknown(
                format!("whether {kind:?} serves {purpose:?}"),
                "no source that upshift knows says so",
            ),
        }
    }
}
