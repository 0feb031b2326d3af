//! Why bytes could not be had.

use thiserror::Error;
use upshift_model::ids::Code;

use crate::wire::codes;

/// Bytes that could not be had: where, why, and in whose words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {why}{}", .said.as_ref().map_or(String::new(), |said| format!(": {said}")))]
pub struct ObjectError {
    /// The path or URI, without a user part.
    pub place: String,
    /// What kind of trouble it is.
    pub why: Why,
    /// What the file system or the store said.
    pub said: Option<String>,
}

/// The kinds of trouble.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Why {
    /// A kind of store that nobody has proven this build against.
    #[error(
        "upshift does not read {scheme}: {name} is not proven; it reads local paths, file:, s3: and s3a:"
    )]
    NotProven {
        /// The scheme.
        scheme: String,
        /// What it is called.
        name: &'static str,
    },
    /// A text that names no place.
    #[error("not a place: {0}")]
    NotAPlace(&'static str),
    /// The credentials were refused, or there are none.
    #[error("the credentials were refused, or do not allow reading here")]
    Denied,
    /// The store's address, authority or a secret could not be used; nothing was sent.
    #[error("the store cannot be spoken to")]
    Setup,
    /// Nothing is there.
    #[error("nothing is there")]
    Absent,
    /// The file system or the store failed, or did not answer.
    #[error("it could not be read")]
    Failed,
}

impl ObjectError {
    pub(super) fn new(place: impl ToString, why: Why, said: Option<String>) -> Self {
        Self {
            place: place.to_string(),
            why,
            said,
        }
    }

    /// Its page.
    pub const fn code(&self) -> Code {
        match self.why {
            Why::NotProven { .. } => codes::STORE_NOT_PROVEN,
            Why::NotAPlace(_) => codes::NOT_A_PLACE,
            Why::Denied => codes::STORE_DENIED,
            Why::Setup => codes::STORE_SETUP,
            Why::Absent => codes::NOTHING_THERE,
            Why::Failed => codes::STORE_FAILED,
        }
    }
}
