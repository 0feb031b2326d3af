//! The answer of a check: a code, how bad it is, about what, the evidence, and what to do.
//!
//! A finding is a result and not an error. Which findings exist, and why, is the planner's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::Code;
use crate::observed::Gap;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Looked at and found good.
    Green,
    /// Worth knowing; the upgrade may go on.
    Yellow,
    /// The upgrade must not start.
    Red,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Green => "green",
            Self::Yellow => "YELLOW",
            Self::Red => "RED",
        })
    }
}

/// One answer of one check about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code with a page of its own.
    pub code: Code,
    /// What was found.
    pub state: FindingState,
    /// What it is about: `cluster`, `job orders`, `operator 6d2677a0…`.
    pub subject: String,
    /// One line, lower case, no full stop.
    pub title: String,
    /// What was seen, one fact a line, with numbers and units.
    pub evidence: Vec<String>,
    /// What a person can do, one remedy a line, literal commands where there are any.
    pub remedy: Vec<String>,
    /// Where the rule comes from.
    pub sources: Vec<String>,
    /// The waiver that lets the upgrade go on in spite of it.
    pub waived_by: Option<String>,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// The check could be made.
    Judged {
        /// How bad it is.
        severity: Severity,
        /// Whether a recorded waiver may let a red one pass.
        waivable: bool,
    },
    /// The check could not be made: something it needs was not seen.
    Unknown {
        /// What was not seen.
        gap: Gap,
        /// The worst it may hide; red makes the verdict unknown and stops `apply`.
        may_hide: Severity,
    },
}

impl Finding {
    /// Whether it stops `apply` as it stands.
    pub fn blocks(&self) -> bool {
        self.waived_by.is_none() && self.judged() == Some(Severity::Red)
    }

    /// Whether it makes the verdict unknown as it stands.
    pub fn blinds(&self) -> bool {
        self.waived_by.is_none()
            && matches!(
                self.state,
                FindingState::Unknown {
                    may_hide: Severity::Red,
                    ..
                }
            )
    }

    /// The severity, where the check could be made.
    pub fn judged(&self) -> Option<Severity> {
        match self.state {
            FindingState::Judged { severity, .. } => Some(severity),
            FindingState::Unknown { .. } => None,
        }
    }

    /// Whether a waiver that names its code and subject takes effect.
    pub fn waivable(&self) -> bool {
        match self.state {
            FindingState::Judged { waivable, .. } => waivable,
            FindingState::Unknown { .. } => true,
        }
    }
}
