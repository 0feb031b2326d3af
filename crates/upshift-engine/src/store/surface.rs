//! What a store can do, and the small types that it gives and takes. No store is implemented here.

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

    /// Becomes the owner of a run. The claim ends with the value, or with the process.
    fn claim<'a>(&'a self, run: &'a RunId, holder: &'a Holder) -> BoxFuture<'a, Result<Claim, StoreError>>;

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

/// Ownership of a run. Dropping it gives the run up.
#[derive(Debug)]
pub struct Claim {
    /// To be written into every line.
    pub epoch: u64,
    /// Keeps whatever proves the ownership alive.
    pub(crate) _proof: Option<std::os::fd::OwnedFd>,
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
