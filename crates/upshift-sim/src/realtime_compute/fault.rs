//! What goes wrong, by name: the failures of a managed service that an upgrade has to live with.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A failure that the emulator can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A start from a savepoint is taken, and the job then fails on its state.
    IncompatibleState,
    /// The job runs by the service's word, and Flink restarts it again and again.
    RestartLoop,
    /// A job that was started from a savepoint shows no checkpoint that completes, and some that fail.
    NoCheckpoint,
    /// A savepoint comes to nothing.
    SavepointFails,
    /// An engine is given a savepoint of a newer one, and fails.
    NewerSavepoint,
    /// The gateway sheds load, with the time to stay away.
    Throttled,
    /// The gateway sheds load in its other form, without it.
    ThrottledPlainly,
    /// The gateway is not available.
    Unavailable,
    /// What was asked is done, and the answer is lost.
    LostAnswer,
    /// The service's own no comes as a status, not as a 200.
    NoAsStatus,
    /// The service's clock is 20 minutes ahead.
    ClockAhead,
    /// The signature is not accepted.
    SignatureRefused,
    /// The gateway says that it has seen the request before, after it was carried out.
    NonceUsed,
    /// The key is not allowed to do it.
    Denied,
    /// The queue has no room for a start.
    QueueFull,
    /// A deployment cannot be deleted right after its job was cancelled.
    DeleteRefused,
    /// Lists show what is new only some seconds later.
    ListsLag,
    /// Answers hold words and fields that are new.
    NewWords,
    /// A draft is not found valid.
    InvalidDraft,
    /// A ticket does not come to an end.
    TicketHangs,
}

/// All of them with their names.
const NAMES: [(Fault, &str); 20] = [
    (Fault::IncompatibleState, "incompatible-state"),
    (Fault::RestartLoop, "restart-loop"),
    (Fault::NoCheckpoint, "no-checkpoint"),
    (Fault::SavepointFails, "savepoint-fails"),
    (Fault::NewerSavepoint, "newer-savepoint"),
    (Fault::Throttled, "throttled"),
    (Fault::ThrottledPlainly, "throttled-plainly"),
    (Fault::Unavailable, "unavailable"),
    (Fault::LostAnswer, "lost-answer"),
    (Fault::NoAsStatus, "no-as-status"),
    (Fault::ClockAhead, "clock-ahead"),
    (Fault::SignatureRefused, "signature-refused"),
    (Fault::NonceUsed, "nonce-used"),
    (Fault::Denied, "denied"),
    (Fault::QueueFull, "queue-full"),
    (Fault::DeleteRefused, "delete-refused"),
    (Fault::ListsLag, "lists-lag"),
    (Fault::NewWords, "new-words"),
    (Fault::InvalidDraft, "invalid-draft"),
    (Fault::TicketHangs, "ticket-hangs"),
];

/// Those that a seed draws for a single request: the others would change what an upgrade comes to.
pub(super) const DRAWN: [Fault; 4] = [
    Fault::Throttled,
    Fault::ThrottledPlainly,
    Fault::Unavailable,
    Fault::LostAnswer,
];

impl Fault {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(fault, _)| *fault)
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        NAMES
            .iter()
            .find(|(fault, _)| *fault == self)
            .map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A fault that strikes: where, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injection {
    /// Which.
    pub fault: Fault,
    /// Only at this action.
    pub action: Option<String>,
    /// So often; without a number, always.
    pub times: Option<u32>,
}

/// Text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is no fault: expected NAME[@ACTION][*TIMES], with one of the names {names}")]
pub struct NotAFault {
    found: String,
    names: String,
}

impl FromStr for Injection {
    type Err = NotAFault;

    fn from_str(text: &str) -> Result<Self, NotAFault> {
        let wrong = || NotAFault {
            found: text.to_owned(),
            names: NAMES.map(|(_, word)| word).join(", "),
        };
        let (rest, times) = match text.split_once('*') {
            Some((rest, times)) => (rest, Some(times.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let (name, action) = match rest.split_once('@') {
            Some((name, action)) => (name, Some(action.to_owned())),
            None => (rest, None),
        };
        let fault = NAMES.iter().find(|(_, word)| *word == name).ok_or_else(wrong)?.0;
        Ok(Self { fault, action, times })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_with_where_and_how_often() {
        let injection = |fault, action: Option<&str>, times| Injection {
            fault,
            action: action.map(str::to_owned),
            times,
        };
        assert_eq!("lists-lag".parse(), Ok(injection(Fault::ListsLag, None, None)));
        let lost = injection(Fault::LostAnswer, Some("StopJob"), Some(2));
        assert_eq!("lost-answer@StopJob*2".parse(), Ok(lost));
        let wrong = "lost".parse::<Injection>().unwrap_err().to_string();
        assert!(wrong.contains("lost-answer"), "{wrong}");
        assert!(Fault::all().all(|fault| fault.word().parse::<Injection>().is_ok()));
    }
}
