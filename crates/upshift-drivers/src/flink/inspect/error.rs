//! Why a snapshot could not be read.

use thiserror::Error;
use upshift_formats::FormatError;
use upshift_model::ids::Code;

use super::codes;
use crate::wire::objects::{ObjectError, Place, Why};

/// Why a snapshot could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Its bytes could not be had.
    #[error(transparent)]
    Bytes(#[from] ObjectError),
    /// A directory without `_metadata`.
    #[error("{directory} holds no _metadata")]
    NoMetadata {
        /// The directory.
        directory: Place,
        /// Snapshots in it, or in the directories in it, where this machine can see them.
        inside: Vec<Place>,
    },
    /// The bytes are not a snapshot's metadata.
    #[error("{file}: {defect}")]
    Format {
        /// The metadata file.
        file: Place,
        /// Its size.
        size: u64,
        /// What is wrong.
        defect: Defect,
    },
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Defect {
    /// There are none.
    #[error("expected snapshot metadata, found an empty file")]
    Empty,
    /// The reader refused them.
    #[error(transparent)]
    Read(#[from] FormatError),
}

impl SnapshotError {
    /// Its page.
    pub const fn code(&self) -> Code {
        match self {
            Self::Bytes(error) => error.code(),
            Self::NoMetadata { .. } => codes::NO_METADATA,
            Self::Format { defect, .. } => match defect {
                Defect::Empty => codes::EMPTY,
                Defect::Read(error) => code_of(error),
            },
        }
    }

    /// Whether the snapshot itself is bad: it was seen, and it is not whole. Otherwise it was not seen, or
    /// it is none.
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Bytes(_) | Self::NoMetadata { .. } => false,
            Self::Format { defect, .. } => match defect {
                Defect::Empty => true,
                Defect::Read(error) => matches!(
                    error,
                    FormatError::Truncated { .. }
                        | FormatError::Value { .. }
                        | FormatError::Text { .. }
                        | FormatError::Trailing { .. }
                ),
            },
        }
    }

    /// Whether nothing was learned because the bytes could not be had, or are of a format too new.
    pub const fn is_unseen(&self) -> bool {
        match self {
            Self::Bytes(error) => matches!(error.why, Why::Denied | Why::Failed | Why::Setup),
            Self::NoMetadata { .. } => false,
            Self::Format { defect, .. } => {
                matches!(
                    defect,
                    Defect::Read(FormatError::Version { .. } | FormatError::Limit { .. })
                )
            }
        }
    }
}

/// The code of a format error in metadata. A magic number in the middle is damage; the first is what tells
/// metadata from anything else.
const fn code_of(error: &FormatError) -> Code {
    match error {
        FormatError::Magic { at: 0, .. } => codes::FOREIGN,
        FormatError::Version { at: 4, .. } => codes::VERSION,
        FormatError::Truncated { .. } => codes::TRUNCATED,
        FormatError::Limit { .. } => codes::BEYOND_LIMITS,
        FormatError::Magic { .. }
        | FormatError::Version { .. }
        | FormatError::Value { .. }
        | FormatError::Text { .. }
        | FormatError::Trailing { .. } => codes::DAMAGED,
    }
}
