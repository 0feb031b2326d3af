//! Where journals are kept: the trait, and the embedded store.
//!
//! A store appends, reads and fences. It knows what a line is and nothing of what it means, except
//! that `opened` and `closed` decide whether a system has an open run.

mod head;
pub mod sqlite;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use upshift_model::digest::Digest;
use upshift_model::ids::{Code, RunId};
use upshift_model::record::{Line, NotAnEntry};
use upshift_model::run_state::IllegalRecord;

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

/// Why a store did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The system has an open run.
    #[error("{system} has an open run already: {run}")]
    Busy {
        /// The system's key.
        system: String,
        /// Its open run.
        run: RunId,
    },
    /// Another process owns the run.
    #[error("run {run} is held by process {} of {} on {} since {}", holder.pid, holder.user, holder.host, holder.since)]
    Held {
        /// The run.
        run: RunId,
        /// Who holds it.
        holder: Box<Holder>,
    },
    /// No such run.
    #[error("there is no run {run}")]
    NoSuchRun {
        /// As asked.
        run: RunId,
    },
    /// Another owner wrote in the meantime; this one must stop.
    #[error("run {run} was taken over: entry {seq} of epoch {epoch} was refused")]
    Fenced {
        /// The run.
        run: RunId,
        /// The line's number.
        seq: u64,
        /// The line's epoch.
        epoch: u64,
    },
    /// Lines that were written are not there any more.
    #[error("run {run} has lost its newest entries: {found} of {expected} are there")]
    Lost {
        /// The run.
        run: RunId,
        /// The number of the newest line by the head mark.
        expected: u64,
        /// The number of the newest line in the store.
        found: u64,
    },
    /// The newest line is not the one that was written.
    #[error("entry {seq} of run {run} has digest {found}, the head mark says {expected}")]
    Changed {
        /// The run.
        run: RunId,
        /// The line's number.
        seq: u64,
        /// By the head mark.
        expected: Digest,
        /// As it is.
        found: Digest,
    },
    /// A line cannot be read.
    #[error("entry {seq} of run {run} cannot be read")]
    Line {
        /// The run.
        run: RunId,
        /// The line's number.
        seq: u64,
        /// What is wrong with it.
        #[source]
        source: NotAnEntry,
    },
    /// The journal cannot have been written by upshift as it is.
    #[error("the journal of run {run} is broken")]
    Broken {
        /// The run.
        run: RunId,
        /// Where and how.
        #[source]
        source: IllegalRecord,
    },
    /// The store was made by a newer upshift.
    #[error("{path} has store format {found}; this upshift knows {expected}")]
    Newer {
        /// The store's file.
        path: String,
        /// The format this build knows.
        expected: u32,
        /// The format found.
        found: u32,
    },
    /// The database said no: full disk, read-only directory, damaged file.
    #[error("{doing} failed in {path}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The store's file.
        path: String,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file beside the database could not be read or written.
    #[error("{doing} {path} failed")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl StoreError {
    /// The page that says what to do.
    pub const fn code(&self) -> Code {
        match self {
            Self::Busy { .. } => Code::new("UP-STORE-0001"),
            Self::Held { .. } => Code::new("UP-STORE-0002"),
            Self::NoSuchRun { .. } => Code::new("UP-STORE-0003"),
            Self::Fenced { .. } => Code::new("UP-STORE-0004"),
            Self::Lost { .. } | Self::Changed { .. } => Code::new("UP-STORE-0005"),
            Self::Line { .. } | Self::Broken { .. } => Code::new("UP-STORE-0006"),
            Self::Newer { .. } => Code::new("UP-STORE-0007"),
            Self::Database { .. } | Self::File { .. } => Code::new("UP-STORE-0008"),
        }
    }
}
