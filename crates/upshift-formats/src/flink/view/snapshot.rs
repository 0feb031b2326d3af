//! A whole snapshot and the questions asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use crate::cursor::Cursor;
use crate::flink::OperatorId;
use crate::flink::raw::{JavaOutline, MetadataReader, read_items};
use crate::{FormatError, Limits, ReadError};

use super::collect::Collector;
use super::handles::{HandleKind, Part, Storage, Totals};
use super::operator::Operator;

/// A savepoint or checkpoint, as its metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The metadata version.
    pub version: u32,
    /// The id of the checkpoint or savepoint.
    pub checkpoint_id: u64,
    /// The states of master hooks.
    pub master_states: Vec<MasterHook>,
    /// The operators, in the order of the metadata; also those without state.
    pub operators: Vec<Operator>,
    /// The outline of the checkpoint properties; recorded from version 4 on.
    pub properties: Option<JavaOutline>,
    /// The length of the metadata itself.
    pub metadata_bytes: u64,
    /// What is well-formed but should not be.
    pub oddities: Vec<Oddity>,
}

/// The state of a master hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterHook {
    /// The name of the hook.
    pub name: String,
    /// The version it gave its state.
    pub version: i32,
    /// Bytes of its state.
    pub bytes: u64,
}

/// Something well-formed that no sound snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// Two entries for the same operator; Flink would keep the last.
    OperatorTwice {
        /// The operator.
        operator: OperatorId,
    },
    /// Two entries in a row for the same subtask.
    SubtaskTwice {
        /// The operator.
        operator: OperatorId,
        /// The index of the subtask.
        index: u32,
    },
    /// A subtask that the parallelism leaves no room for.
    SubtaskBeyondParallelism {
        /// The operator.
        operator: OperatorId,
        /// The index of the subtask.
        index: u32,
        /// The parallelism.
        parallelism: u32,
    },
    /// A parallelism above the max parallelism.
    ParallelismAboveMax {
        /// The operator.
        operator: OperatorId,
        /// The parallelism.
        parallelism: u32,
        /// The max parallelism.
        max_parallelism: u32,
    },
}

/// What a snapshot was taken as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotKind {
    /// The metadata version does not record it, or the properties are of a shape not known.
    Unknown,
    /// A checkpoint.
    Checkpoint,
    /// A savepoint of this format, in Flink's name: `CANONICAL` or `NATIVE`.
    Savepoint {
        /// The format; `None` where the properties do not name it.
        format: Option<String>,
    },
}

/// The Flink releases, as major.minor, that can have written a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// One of these.
    Between {
        /// The oldest.
        from: &'static str,
        /// The newest.
        to: &'static str,
    },
    /// One later than every release this crate knows.
    LaterThan(&'static str),
}

/// Reads the metadata of a snapshot.
///
/// # Errors
/// [`FormatError`] at the first defect. State headers inside the metadata are not part of its format: a
/// defect in one is reported with its operator.
pub fn read_metadata(bytes: &[u8], limits: &Limits) -> Result<Snapshot, FormatError> {
    let mut cur = Cursor::new(bytes);
    let mut reader = MetadataReader::new(limits);
    let mut collector = Collector::new(limits);
    while let Some(item) = reader.next_item(&mut cur)? {
        collector.add(item);
    }
    Ok(collector.finish(cur.at()))
}

/// Reads the metadata of a snapshot without ever having all of it in memory.
///
/// # Errors
/// As for [`read_metadata`], and where the input fails.
pub fn read_metadata_from(input: impl Read, limits: &Limits) -> Result<Snapshot, ReadError> {
    let mut collector = Collector::new(limits);
    let bytes = read_items(input, limits, |item| collector.add(item))?;
    Ok(collector.finish(bytes))
}

impl Snapshot {
    /// The bytes of all state, and the number of handles that hold it.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let hooks = self.master_states.iter().map(|hook| hook.bytes).sum();
        let mut all = Totals {
            bytes: hooks,
            ..Totals::default()
        };
        for operator in &self.operators {
            all.merge(operator.totals());
        }
        all
    }

    /// The streams of all operators by where they are.
    #[must_use]
    pub fn storage(&self) -> BTreeMap<Storage, Totals> {
        let mut all: BTreeMap<Storage, Totals> = BTreeMap::new();
        for (storage, totals) in self.operators.iter().flat_map(|operator| &operator.storage) {
            all.entry(*storage).or_default().merge(*totals);
        }
        all
    }

    /// The operator of this id.
    #[must_use]
    pub fn operator(&self, id: OperatorId) -> Option<&Operator> {
        self.operators.iter().find(|operator| operator.id == id)
    }

    /// Whether any handle is of this kind.
    #[must_use]
    pub fn has(&self, kind: HandleKind) -> bool {
        self.operators
            .iter()
            .any(|operator| operator.handle_count(kind) > 0)
    }

    /// Whether keyed state is in the files of an embedded store: an incremental checkpoint, or a native
    /// savepoint of that backend.
    #[must_use]
    pub fn is_incremental(&self) -> bool {
        self.has(HandleKind::Incremental)
    }

    /// Whether the changelog backend was in use.
    #[must_use]
    pub fn has_changelog(&self) -> bool {
        let kinds = [
            HandleKind::Changelog,
            HandleKind::InMemoryChangelog,
            HandleKind::ChangelogStream,
        ];
        kinds.into_iter().any(|kind| self.has(kind))
    }

    /// Whether records in flight are part of it: an unaligned checkpoint.
    #[must_use]
    pub fn has_channel_state(&self) -> bool {
        let parts = [Part::InputChannels, Part::ResultSubpartitions];
        self.operators
            .iter()
            .any(|o| o.handles.keys().any(|(part, _)| parts.contains(part)))
    }

    /// Whether its files are shared in parts.
    #[must_use]
    pub fn has_merged_files(&self) -> bool {
        self.has(HandleKind::FileMergingOperatorStream) || self.storage().contains_key(&Storage::Segment)
    }

    /// Whether its directory can be moved or copied whole: nothing in it is named by an absolute path.
    #[must_use]
    pub fn is_relocatable(&self) -> bool {
        let storage = self.storage();
        !storage.contains_key(&Storage::Absolute) && !self.has_merged_files()
    }

    /// What it was taken as, by its properties.
    #[must_use]
    pub fn kind(&self) -> SnapshotKind {
        const PACKAGE: &str = "org.apache.flink.runtime.checkpoint.";
        let Some(properties) = &self.properties else {
            return SnapshotKind::Unknown;
        };
        let class = properties
            .classes
            .iter()
            .filter_map(|class| class.strip_prefix(PACKAGE));
        for class in class {
            match class {
                "CheckpointType" => return SnapshotKind::Checkpoint,
                "SavepointType" => {
                    let is_format = |class: &str| class.ends_with(".SavepointFormatType");
                    let mut constants = properties.constants.iter();
                    let format = constants.find(|c| is_format(&c.class)).map(|c| c.name.clone());
                    return SnapshotKind::Savepoint { format };
                }
                _ => {}
            }
        }
        SnapshotKind::Unknown
    }

    /// The versions of the operator state headers read.
    #[must_use]
    pub fn operator_header_versions(&self) -> BTreeSet<i32> {
        self.operators
            .iter()
            .flat_map(|o| o.headers.operator_versions.iter().copied())
            .collect()
    }

    /// The releases that can have written it, by the metadata version and, for 1.16 to 1.20, by the version
    /// of the operator state headers, which changed with 1.18, and by merged files, which came with 1.20. Nothing in
    /// a snapshot names its writer.
    #[must_use]
    pub fn writers(&self) -> Option<Writers> {
        let headers = self.operator_header_versions();
        let (from, to) = match self.version {
            2 => ("1.3", "1.10"),
            3 => ("1.11", "1.15"),
            4 if self.has_merged_files() => ("1.20", "1.20"),
            4 if headers.contains(&6) => ("1.18", "1.20"),
            4 if headers.contains(&5) => ("1.16", "1.17"),
            4 => ("1.16", "1.20"),
            5 => ("2.0", "2.0"),
            6 => ("2.1", "2.3"),
            7 => return Some(Writers::LaterThan("2.3")),
            _ => return None,
        };
        Some(Writers::Between { from, to })
    }

    pub(super) fn note_duplicates(&mut self) {
        let mut seen = BTreeSet::new();
        for operator in &self.operators {
            let Operator {
                id,
                parallelism,
                max_parallelism,
                ..
            } = *operator;
            if !seen.insert(id) {
                self.oddities.push(Oddity::OperatorTwice { operator: id });
            }
            if parallelism > max_parallelism {
                self.oddities.push(Oddity::ParallelismAboveMax {
                    operator: id,
                    parallelism,
                    max_parallelism,
                });
            }
        }
    }
}
