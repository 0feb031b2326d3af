//! Restore points: what one can go back to, and where it lies.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::span::Millis;

/// A savepoint or a retained checkpoint that exists, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePoint {
    /// What it is.
    pub kind: RestorePointKind,
    /// Its URI, literally as the system named it.
    pub location: String,
    /// The system's own id of the job it was taken of.
    pub taken_of: String,
    /// When the system says that it was triggered; what came later is replayed after a return.
    pub triggered_at: jiff::Timestamp,
    /// How long the system took, where it said so.
    pub took: Option<Millis>,
    /// Size of all its files in bytes, where it could be seen.
    pub bytes: Option<u64>,
    /// Version of the metadata file, where upshift could read it.
    pub metadata_version: Option<u32>,
    /// Digest of the metadata file, where upshift could read it.
    pub metadata_digest: Option<Digest>,
}

/// The kinds of restore point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestorePointKind {
    /// A Flink savepoint in the form that every state backend reads.
    SavepointCanonical,
    /// A Flink savepoint in the form of the backend that wrote it.
    SavepointNative,
    /// A retained Flink checkpoint.
    Checkpoint,
}

impl RestorePointKind {
    /// The words used in sentences.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SavepointCanonical => "canonical savepoint",
            Self::SavepointNative => "native savepoint",
            Self::Checkpoint => "retained checkpoint",
        }
    }
}
