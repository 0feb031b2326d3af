//! A journal folder as it was found on a disk. No judgement.

use serde::{Deserialize, Serialize};

/// A journal folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// Where it is.
    pub path: String,
    /// Of which kind it is, told from the names in it.
    pub kind: JournalKind,
    /// Components of masters with a folder of their own.
    pub masters: Vec<String>,
    /// Whether a mark says that it was formatted.
    pub formatted: bool,
    /// Whether any component has a checkpoint.
    pub checkpoints: bool,
    /// Names that do not fit, the first of them.
    pub foreign: Vec<String>,
    /// Logs of a journal in the under-store, by component and first number.
    pub logs: Vec<JournalLog>,
}

/// The kind of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// Nothing is there.
    Empty,
    /// In the under-store.
    UnderStore,
    /// Embedded, of 2.4 and later.
    Ratis,
    /// Embedded, of 2.3 and earlier.
    Copycat,
    /// Of several kinds, or of none.
    Foreign,
}

/// A log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLog {
    /// `FileSystemMaster`.
    pub master: String,
    /// `0x0-0x87`.
    pub name: String,
    /// The first sequence number, by its name.
    pub start: Option<u64>,
    /// The one behind the last, by its name; none while it is being written.
    pub end: Option<u64>,
    /// Entries.
    pub entries: u64,
    /// The first sequence number.
    pub first: Option<u64>,
    /// The last.
    pub last: Option<u64>,
    /// What is wrong with it.
    pub damage: Vec<String>,
}
