//! The laws by name, and what was seen against one.

use std::fmt;

use upshift_model::ids::StepId;

/// A law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// `observe` and `standing` change nothing.
    LooksChangeNothing,
    /// What is done is done once: whatever is cut, repeated or died in the middle.
    OneEffect,
    /// A try whose answer did not come ends as ambiguous: not as sent, not as refused, and as not sent only if nothing
    /// happened.
    NoAnswerIsAmbiguous,
    /// After a try that was cut, `standing` tells the truth: what did not happen is not done, what may have happened is
    /// neither failed nor somebody else's doing.
    StandingIsHonest,
    /// A far side that hangs is not waited for longer than the limit.
    WithinTheLimit,
    /// An effect that the driver cannot carry out is refused with a code, and nothing happens.
    ForeignIsRefused,
    /// No secret is in what a driver tells.
    NoSecretIsTold,
    /// The run comes to its end.
    ComesToItsEnd,
}

impl Law {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::LooksChangeNothing => "looks change nothing",
            Self::OneEffect => "one effect",
            Self::NoAnswerIsAmbiguous => "no answer is ambiguous",
            Self::StandingIsHonest => "standing is honest",
            Self::WithinTheLimit => "within the limit",
            Self::ForeignIsRefused => "foreign is refused",
            Self::NoSecretIsTold => "no secret is told",
            Self::ComesToItsEnd => "comes to its end",
        }
    }
}

/// A law that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub law: Law,
    /// At which step; none for what concerns the whole run.
    pub step: Option<StepId>,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "{}: step {step}: {}", self.law.words(), self.what),
            None => write!(f, "{}: {}", self.law.words(), self.what),
        }
    }
}
