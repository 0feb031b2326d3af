//! The one error of every reader in this crate: where, what was expected there, what was found.
//!
//! A variant is a kind of defect, not a place; the place is `at`, the byte offset in the input, and `what`.

use std::io;

/// Why bytes could not be read as the format they should be in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The constant that opens a structure is not there.
    #[error("expected {expected:#x} to open {what} at byte {at}, found {found:#x}")]
    Magic {
        /// Offset of the constant.
        at: u64,
        /// The structure it should open.
        what: &'static str,
        /// The constant of the format.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// A format version this reader does not know.
    #[error("expected {what} {expected} at byte {at}, found {found}")]
    Version {
        /// Offset of the version.
        at: u64,
        /// Whose version it is.
        what: &'static str,
        /// The versions known.
        expected: &'static str,
        /// The version found.
        found: i64,
    },
    /// The input ends before the structure does.
    #[error("expected {expected} bytes of {what} at byte {at}, found {found}")]
    Truncated {
        /// Offset at which the missing structure starts.
        at: u64,
        /// What starts there.
        what: &'static str,
        /// Bytes it needs at least.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// A field holds a value its format does not allow.
    #[error("expected {what} to be {expected} at byte {at}, found {found}")]
    Value {
        /// Offset of the field.
        at: u64,
        /// The field.
        what: &'static str,
        /// The values allowed.
        expected: &'static str,
        /// The value found.
        found: i64,
    },
    /// A count, length or depth is beyond what the caller allows.
    #[error("expected {what} of at most {expected} at byte {at}, found {found}")]
    Limit {
        /// Offset of the count.
        at: u64,
        /// What is counted.
        what: &'static str,
        /// The limit in force.
        expected: u64,
        /// The count found.
        found: u64,
    },
    /// A string is not modified UTF-8.
    #[error("expected modified UTF-8 in {what} at byte {at}, found byte {found:#04x}")]
    Text {
        /// Offset of the first byte that does not fit.
        at: u64,
        /// The string.
        what: &'static str,
        /// That byte.
        found: u8,
    },
    /// Bytes are left where a structure should have ended.
    #[error("expected the end of {what} at byte {at}, found {found} more bytes")]
    Trailing {
        /// Offset of the first byte too many.
        at: u64,
        /// The structure that should have ended.
        what: &'static str,
        /// How many bytes are left.
        found: u64,
    },
}

impl FormatError {
    /// Offset in the input at which the defect was noticed.
    #[must_use]
    pub fn at(&self) -> u64 {
        match self {
            Self::Magic { at, .. }
            | Self::Version { at, .. }
            | Self::Truncated { at, .. }
            | Self::Value { at, .. }
            | Self::Limit { at, .. }
            | Self::Text { at, .. }
            | Self::Trailing { at, .. } => *at,
        }
    }
}

/// Why an input could not be read: it gave out, or what it gave is not the format.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The input failed.
    #[error("the input could not be read")]
    Io(#[source] io::Error),
    /// The bytes are not the format.
    #[error(transparent)]
    Format(#[from] FormatError),
}
