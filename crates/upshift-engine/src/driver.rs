//! The border between the engine and a system.
//!
//! `standing` looks, `attempt` changes one thing once. Only `standing` can say *done*, and it does
//! so with proof. There is no undo and no recovery code in a driver: a restarted engine asks
//! `standing` again.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use upshift_model::inventory::Inventory;
use upshift_model::proof::{Bindings, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::step::Step;

/// A system that can be looked at and changed.
///
/// What every driver must keep, and the conformance suite tries: `observe` and `standing` change
/// nothing; `attempt` twice with one intent has the effect once; after an `attempt` was cut off
/// anywhere, `standing` gives an honest answer; an effect it cannot carry out is refused and never
/// ignored; a far side that hangs ends as [`Fault::Ambiguous`] within the driver's own limit.
pub trait Driver: Send + Sync {
    /// What is there. Partial answers are answers: gaps are listed, never guessed. Fails only when
    /// nothing at all could be learned.
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>>;

    /// Where the world stands on this step. Reads only. `intent` is the journal's latest intent for
    /// it, if any; it is absent after a try that certainly failed.
    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>>;

    /// One try, no retries inside.
    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>>;
}

/// Where the world stands on a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Everything the step expects before it holds, it has not happened, and no earlier try can take
    /// effect any more. Holds what was there just before. That everything holds is looked at anew before a
    /// repeat, unless an earlier try left half an effect which the repeat completes.
    Ready(Baseline),
    /// Not yet allowed: a wait with a name, not drift.
    Waiting(Progress),
    /// Under way; for a gate: a good sample.
    Underway(Progress),
    /// Seen to be done.
    Done(Proof),
    /// This try came to an end and certainly failed; for a gate: a bad sample.
    Failed(Failure),
    /// Somebody else changed the world. Never repaired silently.
    Contradicted(Failure),
}

/// What is being waited for, as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// `1 of 2 task managers registered`, `savepoint 4 MB of ~105 MB, 3 of 8 subtasks`.
    pub what: String,
    /// Numbers behind it, by name, for machines.
    pub numbers: BTreeMap<String, u64>,
}

impl Progress {
    /// Words alone.
    pub fn of(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            numbers: BTreeMap::new(),
        }
    }
}

/// Why a call did not give what was asked. Nothing else reaches the engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Answered no; nothing changed.
    #[error("refused: {}", .0.what)]
    Refused(Failure),
    /// Certainly not sent, or a read that may be repeated.
    #[error("not reached: {0}")]
    Transient(String),
    /// Sent, and no answer: it may or may not have taken effect.
    #[error("no answer: {0}")]
    Ambiguous(String),
}
