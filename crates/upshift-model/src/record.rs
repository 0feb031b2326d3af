//! The journal's records: intents before, outcomes after, and what people said.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::Digest;
use crate::ids::{AttemptKey, Code, RunId, StepId};
use crate::plan::{PLAN_FORMAT, Sealed};
use crate::proof::Proof;
use crate::span::Millis;
use crate::step::Wave;

/// The version of the journal entry that this build writes.
pub const RECORD_FORMAT: u32 = 1;

/// One line of a journal: a record with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this document.
    pub format: u32,
    /// The run.
    pub run: RunId,
    /// From 1, without holes.
    pub seq: u64,
    /// Which owner wrote it: counts up each time another process takes the run over.
    pub epoch: u64,
    /// When, by the writer's clock; for people, never for decisions.
    pub at: jiff::Timestamp,
    /// Digest of the entry before, or zeros.
    pub prev: Digest,
    /// What happened.
    pub record: Record,
}

/// An entry with the text it is stored as. The chain is over that text and not over its meaning, so
/// that a later build, which may write the same entry in other words, still finds it whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    entry: Entry,
    text: String,
    digest: Digest,
}

impl Line {
    /// The line of a new entry.
    ///
    /// # Panics
    /// Never: entries always serialize.
    pub fn write(entry: Entry) -> Self {
        let text = serde_json::to_string(&entry).expect("journal entries always serialize");
        let digest = Digest::of_bytes(text.as_bytes());
        Self { entry, text, digest }
    }

    /// Reads a stored line.
    ///
    /// # Errors
    /// When the text is no entry, or one of another format.
    pub fn read(text: String) -> Result<Self, NotAnEntry> {
        let entry = match serde_json::from_str::<Entry>(&text) {
            Ok(entry) if entry.is_of_this_build() => entry,
            _ => return Err(why_not(&text)),
        };
        let digest = Digest::of_bytes(text.as_bytes());
        Ok(Self { entry, text, digest })
    }

    /// What it says.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// As it is stored.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the next line names as its predecessor.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl Entry {
    /// Whether it, and the plan in it, are of the formats that this build reads.
    fn is_of_this_build(&self) -> bool {
        let plan = match &self.record {
            Record::Opened { plan, .. } | Record::Turned { plan, .. } => plan.plan.format,
            _ => PLAN_FORMAT,
        };
        self.format == RECORD_FORMAT && plan == PLAN_FORMAT
    }
}

/// Why a text is no entry: what is of another format is told as such, and may not even be readable.
fn why_not(text: &str) -> NotAnEntry {
    let not = |e: serde_json::Error| NotAnEntry::Damaged { what: e.to_string() };
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    match serde_json::from_str(text) {
        Err(error) => return not(error),
        Ok(Format {
            format: RECORD_FORMAT,
        }) => {}
        Ok(Format { format }) => {
            return NotAnEntry::Format {
                expected: RECORD_FORMAT,
                found: format,
            };
        }
    }
    let plan = match serde_json::from_str(text) {
        Err(error) => return not(error),
        Ok(Inside { record }) => record.plan.map(|sealed| sealed.plan.format),
    };
    if let Some(found) = plan.filter(|found| *found != PLAN_FORMAT) {
        return NotAnEntry::PlanFormat {
            expected: PLAN_FORMAT,
            found,
        };
    }
    match serde_json::from_str::<Entry>(text) {
        Err(error) => not(error),
        Ok(_) => NotAnEntry::Damaged {
            what: "it cannot be read twice in the same way".to_owned(),
        },
    }
}

/// The format of the plan in an entry, read before the plan itself: one of another format may not even
/// be readable.
#[derive(Deserialize)]
struct Inside {
    record: WithPlan,
}

#[derive(Deserialize)]
struct WithPlan {
    plan: Option<SealedFormat>,
}

#[derive(Deserialize)]
struct SealedFormat {
    plan: PlanFormat,
}

#[derive(Deserialize)]
struct PlanFormat {
    format: u32,
}

/// Text that is no journal entry for this build.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAnEntry {
    /// Not an entry at all.
    #[error("not a journal entry: {what}")]
    Damaged {
        /// What the JSON reader said, with line and column.
        what: String,
    },
    /// Written by another build.
    #[error("journal entry of format {found}; this upshift reads format {expected}")]
    Format {
        /// The format this build reads.
        expected: u32,
        /// The format of the entry.
        found: u32,
    },
    /// The plan in it was written by another build.
    #[error("journal entry with a plan of format {found}; this upshift reads format {expected}")]
    PlanFormat {
        /// The format this build reads.
        expected: u32,
        /// The format of the plan.
        found: u32,
    },
}

impl NotAnEntry {
    /// Whether a newer upshift could read it.
    pub const fn is_newer(&self) -> bool {
        match self {
            Self::Damaged { .. } => false,
            Self::Format { expected, found } | Self::PlanFormat { expected, found } => *found > *expected,
        }
    }
}

/// Two neighbouring entries that do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BrokenChain {
    /// A hole, or an entry twice.
    #[error("entry {found} stands where entry {expected} should")]
    Seq {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An entry was changed, or belongs to another journal.
    #[error("entry {seq} names {found} as its predecessor, which has digest {expected}")]
    Digest {
        /// Where.
        seq: u64,
        /// Digest of the entry before.
        expected: Digest,
        /// The digest it names.
        found: Digest,
    },
    /// An owner wrote after a later one.
    #[error("entry {seq} is of epoch {found}, after one of epoch {expected}")]
    Epoch {
        /// Where.
        seq: u64,
        /// The epoch before.
        expected: u64,
        /// Its epoch.
        found: u64,
    },
}

/// Who said something, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Login name, or `policy` where it was decided beforehand.
    pub name: String,
    /// Host it was said on.
    pub host: String,
    /// The reason given, if any.
    pub why: Option<String>,
    /// A ticket, if one was named.
    pub ticket: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Record {
    /// The run exists; the plan is in it whole, so that the chain covers it.
    Opened {
        /// The plan.
        plan: Box<Sealed>,
        /// Who applied it.
        by: Who,
    },
    /// Something is about to be tried. Durable before anything is sent.
    Intent {
        /// Which step.
        step: StepId,
        /// The try.
        intent: Intent,
    },
    /// What the call itself said. Never proof of anything.
    Attempted {
        /// Which step.
        step: StepId,
        /// Which try.
        attempt: u16,
        /// What came back.
        outcome: AttemptOutcome,
    },
    /// The step is done: seen, with proof.
    Done {
        /// Which step.
        step: StepId,
        /// What was seen.
        proof: Proof,
    },
    /// A try came to an end and certainly failed.
    Failed {
        /// Which step.
        step: StepId,
        /// Which try.
        attempt: u16,
        /// How.
        failure: Failure,
    },
    /// So much of a soak has been observed so far; written now and then, so that a takeover does
    /// not start it from nothing.
    Held {
        /// Which step.
        step: StepId,
        /// Observed time so far.
        observed: Millis,
    },
    /// A person is asked.
    Asked {
        /// Which step the question stands at.
        step: StepId,
        /// The question.
        question: Question,
    },
    /// A person, or the policy, answered.
    Answered {
        /// Which step the question stood at.
        step: StepId,
        /// The answer.
        answer: Answer,
        /// Who.
        by: Who,
    },
    /// A person wants the run to stop between steps.
    Paused {
        /// Who.
        by: Who,
    },
    /// Going on after a pause or a halt.
    Resumed {
        /// Who.
        by: Who,
    },
    /// The world stopped the run.
    Halted {
        /// Which step, where it was one.
        step: Option<StepId>,
        /// What happened.
        halt: Halt,
    },
    /// Something a person should know that does not stop the run: a limit passed, with nobody to ask.
    Noted {
        /// At which step.
        step: StepId,
        /// What.
        failure: Failure,
    },
    /// A failed job is left where it is, with its restore point; the other lanes go on.
    Parked {
        /// Which step failed.
        step: StepId,
        /// How.
        failure: Failure,
    },
    /// A person asked for steps beside the plan, without which a run that halted cannot go on: they are carried out
    /// before anything else.
    Aside {
        /// The steps.
        wave: Box<Wave>,
        /// Who asked.
        by: Who,
    },
    /// From here on the run goes back: the steps of `plan` are carried out by the same loop.
    Turned {
        /// The plan of the way back, whole.
        plan: Box<Sealed>,
        /// Who decided.
        by: Who,
    },
    /// The end.
    Closed {
        /// How it ended.
        outcome: Outcome,
        /// What is left over and why, one thing a line.
        left: Vec<String>,
        /// Who gave it up, where somebody did.
        by: Option<Who>,
    },
}

/// What is written before something is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Lets the far side, or a later look, recognize a repeat.
    pub key: AttemptKey,
    /// Number of the try, from 1.
    pub attempt: u16,
    /// What was there just before.
    pub baseline: Baseline,
    /// When the try is given up.
    pub deadline: jiff::Timestamp,
}

/// What a driver saw right before a try, so that it can tell afterwards what the try did: pids with
/// their start times, ids of jobs, the server's own time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Baseline(pub std::collections::BTreeMap<String, String>);

/// What a call itself said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// It was accepted, whatever that means.
    Sent,
    /// The far side said no; nothing changed.
    Refused(Failure),
    /// It was certainly not sent.
    NotSent(String),
    /// It may or may not have taken effect.
    Ambiguous(String),
}

/// Something that certainly failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its page.
    pub code: Code,
    /// One line, lower case, no full stop.
    pub what: String,
    /// What the far side said last, in its own words, shortened and without secrets.
    pub far_side: Option<String>,
}

/// Why the world stopped a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// What kind of stop it is.
    pub kind: HaltKind,
    /// What failed.
    pub failure: Failure,
    /// Whether the state of every job is safe, and where.
    pub state: Vec<StateSafety>,
}

/// Kinds of halt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltKind {
    /// Somebody else changed the world.
    Drift,
    /// A step failed for good.
    Failed,
    /// The far side refused.
    Refused,
    /// A wait came to its end.
    TimedOut,
    /// A gate failed.
    Gate,
}

/// Where the state of one job is when a run halts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateSafety {
    /// The job.
    pub job: crate::ids::ComponentId,
    /// Whether upshift has seen that it is safe.
    pub safe: bool,
    /// Where, or what is not known: `savepoint file:/sp/savepoint-940c8e-…`, `running untouched`.
    pub at: String,
}

/// What people are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Everything held: accept, and close the way back?
    Finalize,
    /// A gate failed: go on in spite of it, or go back?
    FailedGate {
        /// How it failed.
        failure: Failure,
    },
    /// The way back would replay more than the policy allows without asking, or into a sink that
    /// cannot take it twice.
    Replay {
        /// The amount, in a sentence.
        amount: String,
        /// What failed, where the way back was not simply asked for.
        failure: Option<Failure>,
    },
}

/// What people answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Accept, and close the way back.
    Finalize,
    /// Go on in spite of the failed gate; its time starts anew.
    Continue,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// On the new release, accepted.
    Finalized,
    /// Back on the old one.
    RolledBack,
    /// Given up by a person; whatever is left is listed.
    Abandoned,
}
