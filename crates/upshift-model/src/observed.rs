//! What was seen, and what could not be seen. Unknown is a value: it never turns into false, zero
//! or absent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A fact of the world, or the reason why it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed<T> {
    /// Seen.
    Known(T),
    /// Not seen, and why.
    Unknown(Gap),
}

impl<T> Observed<T> {
    /// The fact, if it was seen.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(fact) => Some(fact),
            Self::Unknown(_) => None,
        }
    }

    /// The reason why it was not seen.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(gap) => Some(gap),
        }
    }

    /// The fact, or the gap as the error.
    pub fn as_result(&self) -> Result<&T, &Gap> {
        match self {
            Self::Known(fact) => Ok(fact),
            Self::Unknown(gap) => Err(gap),
        }
    }

    /// The same with the fact changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Known(fact) => Observed::Known(change(fact)),
            Self::Unknown(gap) => Observed::Unknown(gap),
        }
    }

    /// Unknown, because of `reason`, when asked for `what`.
    pub fn unknown(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Unknown(Gap {
            what: what.into(),
            reason: reason.into(),
        })
    }
}

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// What was looked for, in the words of the trade: `restarts of job orders`.
    pub what: String,
    /// Why it was not seen, including what the far side answered.
    pub reason: String,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.reason)
    }
}
