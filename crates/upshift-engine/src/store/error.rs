//! Why a store did not do what was asked. What follows from it is the caller's business: nothing
//! further is done to the system.

use thiserror::Error;
use upshift_model::digest::Digest;
use upshift_model::ids::{Code, RunId};
use upshift_model::record::NotAnEntry;
use upshift_model::run_state::IllegalRecord;

use super::surface::Holder;
use crate::codes;

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
    /// Another owner came after this one.
    #[error("run {run} was taken over: epoch {epoch} is over")]
    Taken {
        /// The run.
        run: RunId,
        /// The epoch that is over.
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
    /// A whole run that was there is not there any more.
    #[error("run {run} is gone from {path}: the head mark says that it had {expected} entries")]
    Gone {
        /// The run.
        run: RunId,
        /// The store.
        path: String,
        /// The number of the newest line by the head mark.
        expected: u64,
    },
    /// The store's file is not the one any more that this process has opened.
    #[error(
        "{path} was deleted or replaced while upshift used it: nothing further is sent, and what was recorded last may be lost"
    )]
    Removed {
        /// The store's file.
        path: String,
    },
    /// There is no head mark to hold the journal against.
    #[error(
        "the head mark of run {run} is missing: {found} entries are there, and whether newer ones were lost cannot be told"
    )]
    Unmarked {
        /// The run.
        run: RunId,
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
    pub fn code(&self) -> Code {
        match self {
            Self::Busy { .. } => codes::OPEN_RUN,
            Self::Held { .. } => codes::HELD,
            Self::NoSuchRun { .. } => codes::NO_SUCH_RUN,
            Self::Fenced { .. } | Self::Taken { .. } => codes::FENCED,
            Self::Lost { .. } | Self::Gone { .. } | Self::Changed { .. } | Self::Unmarked { .. } => {
                codes::RECORDS_LOST
            }
            Self::Line { source, .. } if source.is_newer() => codes::STORE_NEWER,
            Self::Line { .. } | Self::Broken { .. } => codes::JOURNAL_BROKEN,
            Self::Newer { .. } => codes::STORE_NEWER,
            Self::Database { .. } | Self::File { .. } | Self::Removed { .. } => codes::STORE_UNUSABLE,
        }
    }
}
