//! What is said of a file of changes that cannot be used: file, row and key.

use thiserror::Error;

/// A file of changes that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// Not TOML.
    #[error("{file}: not TOML: {why}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        why: String,
    },
    /// A key of the file itself.
    #[error("{file}: key {key}: {why}")]
    Head {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// What is wrong with it, and what was expected.
        why: String,
    },
    /// A key of a row.
    #[error("{file}: change {row}: key {key}: {why}")]
    Row {
        /// The file.
        file: String,
        /// The row: its id, or its place where it has none.
        row: String,
        /// The key.
        key: String,
        /// What is wrong with it, and what was expected.
        why: String,
    },
}

impl ChangeError {
    /// The file that cannot be used.
    pub fn file(&self) -> &str {
        match self {
            Self::Syntax { file, .. } | Self::Head { file, .. } | Self::Row { file, .. } => file,
        }
    }
}
