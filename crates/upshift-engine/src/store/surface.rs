//! What a store can do, and the small types that it gives and takes. No store is implemented here.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use upshift_model::ids::RunId;
use upshift_model::record::Line;

use super::error::StoreError;
use crate::request::{Pending, Request};

/// Keeps journals of runs, and who owns them.
pub trait Store: Send + Sync {
    /// Writes the first line of a run. Refused when the system has an open one.
    fn open_run<'a>(&'a self, system: &'a str, line: &'a Line) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Becomes the owner of a run. The claim ends with the process, when it is given up, or, where
    /// ownership is a lease, when it was not renewed in time; renewing it is the store's business.
    fn claim<'a>(&'a self, run: &'a RunId, holder: &'a Holder) -> BoxFuture<'a, Result<Claim, StoreError>>;

    /// Whether the claim holds right now, asked before every effect. Refused when another owner
    /// came after it.
    fn confirm<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Gives a claim up, so that the next owner need not wait for anything.
    fn give_up(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Writes the next line of a run and takes requests out of its inbox, both or neither. Refused
    /// when the line is not the next one, or the epoch is not the newest.
    fn append<'a>(&'a self, line: &'a Line, answered: &'a [i64]) -> BoxFuture<'a, Result<(), StoreError>>;

    /// All lines of a run with a number above `after`, in order, checked against the head mark.
    fn read<'a>(&'a self, run: &'a RunId, after: u64) -> BoxFuture<'a, Result<Vec<Line>, StoreError>>;

    /// All runs, oldest first.
    fn list(&self) -> BoxFuture<'_, Result<Vec<RunRow>, StoreError>>;

    /// Puts a request into a run's inbox.
    fn post<'a>(&'a self, run: &'a RunId, request: &'a Request) -> BoxFuture<'a, Result<(), StoreError>>;

    /// The run's inbox, oldest first.
    fn inbox<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Vec<Pending>, StoreError>>;

    /// Says what the run is waiting for right now. Not durable and no fact.
    fn note<'a>(&'a self, run: &'a RunId, note: &'a Note) -> BoxFuture<'a, Result<(), StoreError>>;

    /// What the run said last, if its owner is alive to say it.
    fn latest_note<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Note>, StoreError>>;

    /// Who owns the run now, if anybody does.
    fn holder<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Holder>, StoreError>>;
}

/// A run as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub run: RunId,
    /// The key of its system.
    pub system: String,
    /// Whether it is open.
    pub open: bool,
}

/// Who owns a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Host.
    pub host: String,
    /// Login name.
    pub user: String,
    /// Since when.
    pub since: jiff::Timestamp,
}

impl Holder {
    /// Who held a run a moment ago and is not known any more.
    pub(crate) fn just_gone() -> Self {
        Self {
            pid: 0,
            host: "some host".to_owned(),
            user: "somebody who is about to give it up".to_owned(),
            since: jiff::Timestamp::UNIX_EPOCH,
        }
    }
}

/// Ownership of a run.
pub struct Claim {
    /// Of which run.
    pub run: RunId,
    /// To be written into every line.
    pub epoch: u64,
    lost: Arc<AtomicBool>,
    // Whatever proves the ownership, kept alive.
    proof: Box<dyn Any + Send + Sync>,
}

impl Claim {
    /// A claim that holds as long as `proof` lives.
    pub fn new(run: RunId, epoch: u64, proof: impl Any + Send + Sync) -> Self {
        Self {
            run,
            epoch,
            lost: Arc::new(AtomicBool::new(false)),
            proof: Box::new(proof),
        }
    }

    /// The same with a flag that somebody raises when the claim is seen to be lost.
    pub(crate) fn told_by(mut self, lost: Arc<AtomicBool>) -> Self {
        self.lost = lost;
        self
    }

    pub(crate) fn proof<T: Any>(&self) -> Option<&T> {
        self.proof.downcast_ref()
    }

    /// Whether another owner is known to have come after this one.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// The refusal that follows from it.
    pub(crate) fn fenced(&self) -> StoreError {
        StoreError::Taken {
            run: self.run.clone(),
            epoch: self.epoch,
        }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim of {} in epoch {}", self.run, self.epoch)
    }
}

/// What a run is waiting for right now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// One line per lane that is under way.
    pub lanes: Vec<LaneNote>,
    /// When it was said.
    pub at: jiff::Timestamp,
}

/// What one lane is waiting for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneNote {
    /// At which step.
    pub step: upshift_model::ids::StepId,
    /// For what.
    pub what: String,
    /// Since when.
    pub since: jiff::Timestamp,
    /// Given up when.
    pub until: Option<jiff::Timestamp>,
}
