//! The mark that everything carries which upshift creates in the service. No call of the service may
//! be repeated safely, so after a lost answer the mark is looked for, and nothing is sent again before.

use std::fmt;

use upshift_model::ids::AttemptKey;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    /// The label of a deployment or draft.
    pub const LABEL: &'static str = "upshift";

    /// The mark of one try of one step of one run.
    pub fn of(key: &AttemptKey) -> Self {
        Self(key.as_hex().to_owned())
    }

    /// The value of the label.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is written to a savepoint.
    pub fn description(&self) -> String {
        format!("upshift {}: taken before an upgrade", self.0)
    }

    /// Whether a savepoint's description bears it.
    pub fn is_in(&self, description: &str) -> bool {
        description
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == self.0)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
