//! Newtypes for every name that crosses a border.
//!
//! Ids inside a plan are positions or names given by people; ids sent to a system derive from run,
//! step and try ([`AttemptKey`]). Nothing here is ever random: the run id is made by the binary.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

name! {
    /// The name a person gave the system in its file (`name = "orders"`).
    SystemName
}
name! {
    /// A cluster, job or application inside one system, unique within its plan: `old`, `new`,
    /// `job/orders-enrichment`.
    ComponentId
}
name! {
    /// The position of a step in its plan: `2.1` is wave 2, step 1; with several lanes `2.b.1` is
    /// wave 2, lane b, step 1. Steps of a way back start with `back.`.
    StepId
}
name! {
    /// The name of a restore point that a step will fill: `S/orders-enrichment`.
    Slot
}
name! {
    /// The name under which one step leaves a value for another: `jar/orders-enrichment@new`.
    BindingName
}
name! {
    /// One run of a plan: a UUIDv7 in its usual text form, made when the run is opened.
    RunId
}

/// The stable code of a finding, halt or error, for example `UP-FLINK-0112`; `upshift explain CODE`
/// prints its page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(std::borrow::Cow<'static, str>);

impl Code {
    /// A code known at compile time. Each crate lists its own in a `codes` module.
    pub const fn new(code: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(code))
    }

    /// The code as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Code {
    fn from(code: String) -> Self {
        Self(std::borrow::Cow::Owned(code))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// 128 bits that name one try of one step of one run; 32 lower-case hex digits.
///
/// Derived and never random, so that a process that comes back after a crash sends the same key
/// again and the far side can tell a repeat from a second wish. Flink takes it as trigger id and
/// as job id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptKey(String);

impl AttemptKey {
    /// The key of try number `attempt` (from 1) of `step` in `run`.
    pub fn derive(run: &RunId, step: &StepId, attempt: u16) -> Self {
        let digest = Digest::of_bytes(format!("upshift-attempt\n{run}\n{step}\n{attempt}").as_bytes());
        Self(digest.hex()[..32].to_owned())
    }

    /// 32 lower-case hex digits.
    pub fn as_hex(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttemptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempt_keys_differ_by_run_step_and_try_and_by_nothing_else() {
        let key = |run: &str, step: &str, attempt| AttemptKey::derive(&run.into(), &step.into(), attempt);
        assert_eq!(key("r", "2.1", 1), key("r", "2.1", 1));
        assert_eq!(key("r", "2.1", 1).as_hex().len(), 32);
        for other in [key("s", "2.1", 1), key("r", "2.2", 1), key("r", "2.1", 2)] {
            assert_ne!(key("r", "2.1", 1), other);
        }
    }
}
