//! What is wrong with a file: the kind, the place, and the facts in words. Thousands of one kind are counted.

use std::collections::BTreeMap;
use std::fmt;

/// So many of one kind are kept; the rest is counted.
const KEPT: usize = 5;

/// A kind of defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefectKind {
    /// There are no bytes.
    Empty,
    /// The bytes are no gzip stream.
    NotGzip,
    /// The gzip stream ends before its trailer.
    CutStream,
    /// The deflate data are damaged.
    DamagedStream,
    /// Checksum or size in the trailer are not those of the data.
    WrongChecksum,
    /// Bytes follow the first gzip member: no master reads them.
    Beyond,
    /// The stream is whole and ends inside an entry: a master takes that for the end.
    CutEntry,
    /// An entry is not a message of its type.
    MalformedEntry,
    /// An entry without a payload, or with several.
    Payload,
    /// An entry of a type that no backup holds.
    ForeignEntry,
    /// An entry with a sequence number: it is from a journal.
    Sequenced,
    /// A record that every backup holds is not there: the stream ends early.
    Missing,
    /// A record that is there once is there again.
    Doubled,
    /// An inode is there twice.
    SameInode,
    /// An inode comes before its parent, or without one.
    NoParent,
    /// Two inodes of one directory have the same name.
    SameName,
    /// A generator gives out ids that are in use.
    UsedIds,
    /// A block is recorded twice.
    SameBlock,
    /// Mount points and mounts do not belong together.
    Mounts,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An offset in the file.
    File(u64),
    /// An entry, counted from 1, and its offset in the inflated stream.
    Entry {
        /// Its number.
        number: u64,
        /// Where its length stands.
        at: u64,
    },
    /// The whole.
    Whole,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(at) => write!(f, "byte {at} of the file"),
            Self::Entry { number, at } => write!(f, "entry {number}, at byte {at} of the inflated stream"),
            Self::Whole => f.write_str("the whole file"),
        }
    }
}

/// One defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Its kind.
    pub kind: DefectKind,
    /// Where it is.
    pub place: Place,
    /// What was found, and what should be there.
    pub what: String,
}

/// All of them: the first of every kind, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defects {
    all: BTreeMap<DefectKind, (u64, Vec<Defect>)>,
}

impl Defects {
    pub(super) fn add(&mut self, kind: DefectKind, place: Place, what: impl FnOnce() -> String) {
        let (count, kept) = self.all.entry(kind).or_default();
        *count += 1;
        if kept.len() < KEPT {
            let what = what();
            kept.push(Defect { kind, place, what });
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are of a kind.
    #[must_use]
    pub fn count(&self, kind: DefectKind) -> u64 {
        self.all.get(&kind).map_or(0, |(count, _)| *count)
    }

    /// Every kind that was met: how often, and the first of them.
    pub fn kinds(&self) -> impl Iterator<Item = (DefectKind, u64, &[Defect])> {
        self.all
            .iter()
            .map(|(kind, (count, kept))| (*kind, *count, kept.as_slice()))
    }
}
