//! What a rule says when it is broken.

use std::fmt;

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The rule, set by whoever runs it.
    pub rule: &'static str,
    /// What an exception names: a path, a path and a name, a crate, a code.
    pub subject: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl Complaint {
    pub(crate) fn new(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            rule: "",
            subject: subject.into(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.subject, self.text)
    }
}
