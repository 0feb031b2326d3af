//! SHA-256 digests of bytes and of documents.
//!
//! A document is digested over its compact JSON text. Every map in a durable document is ordered
//! and no float is ever written, so one value has one text.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, printed as 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// What stands before the first record of a journal.
    pub fn zero() -> Self {
        Self("0".repeat(64))
    }

    /// The digest of `bytes`.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::from_raw(&Sha256::digest(bytes))
    }

    /// Takes over a digest computed elsewhere (a file hashed while it was read).
    pub fn from_raw(raw: &[u8]) -> Self {
        use std::fmt::Write as _;
        Self(raw.iter().fold(String::with_capacity(64), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
            hex
        }))
    }

    /// The digest of a durable document.
    ///
    /// # Panics
    /// Never for the documents of this crate: their maps have text keys and they hold no floats.
    pub fn of_document<T: Serialize>(document: &T) -> Self {
        Self::of_bytes(&serde_json::to_vec(document).expect("durable documents always serialize"))
    }

    /// All 64 hex digits.
    pub fn hex(&self) -> &str {
        &self.0
    }

    /// The first 6 hex digits: how people name a plan.
    pub fn short(&self) -> &str {
        self.0.get(..6).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
