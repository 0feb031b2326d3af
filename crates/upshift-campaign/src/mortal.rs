//! A store whose process dies at chosen appends, before the record is durable or after; and the memory of
//! which intents were durable when.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::request::{Pending, Request};
use upshift_engine::store::{Claim, Holder, Note, RunRow, Store, StoreError};
use upshift_model::ids::RunId;
use upshift_model::record::{Line, Record};
use upshift_sim::direct::{Fault, Line as Wire};

/// Where an append dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Death {
    /// Nothing was written.
    Before,
    /// The record is durable, and the process does not live to know it.
    After,
}

/// A death at the append that would make the record of this number.
pub type At = (u64, Death);

/// A death that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Died {
    /// When.
    pub at: jiff::Timestamp,
    /// At the append of this record.
    pub record: u64,
    /// How.
    pub how: Death,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => Fault::KilledBeforeRecord.word(),
            Self::After => Fault::KilledAfterRecord.word(),
        })
    }
}

/// See the module.
pub struct Mortal {
    inner: Arc<dyn Store>,
    line: Arc<Wire>,
    deaths: Mutex<Vec<At>>,
    // Whether the process is dead.
    dead: AtomicBool,
    died: Mutex<Vec<Died>>,
    intended: Mutex<BTreeSet<String>>,
}

impl Mortal {
    /// A store that dies at each of these, once. The line is told how far the journal is.
    pub fn new(inner: Arc<dyn Store>, line: Arc<Wire>, deaths: Vec<At>) -> Self {
        Self {
            inner,
            line,
            deaths: Mutex::new(deaths),
            dead: AtomicBool::new(false),
            died: Mutex::default(),
            intended: Mutex::default(),
        }
    }

    /// Whether the process died here; the next one lives.
    pub fn is_buried(&self) -> bool {
        self.dead.swap(false, Ordering::Relaxed)
    }

    /// The deaths that came.
    pub fn died(&self) -> Vec<Died> {
        self.died.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether an intent with this key is durable.
    pub fn is_intended(&self, key: &str) -> bool {
        let intended = self.intended.lock().unwrap_or_else(PoisonError::into_inner);
        intended.contains(key)
    }

    /// The death that is planned for this record, taken.
    fn due(&self, line: &Line) -> Option<Death> {
        let (record, at) = (line.entry().seq, line.entry().at);
        let mut deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        let due = deaths.iter().position(|(at, _)| *at == record)?;
        let (_, how) = deaths.swap_remove(due);
        self.dead.store(true, Ordering::Relaxed);
        let mut died = self.died.lock().unwrap_or_else(PoisonError::into_inner);
        died.push(Died { at, record, how });
        Some(how)
    }

    fn remember(&self, line: &Line) {
        self.line.has_written(line.entry().seq);
        if let Record::Intent { intent, .. } = &line.entry().record {
            let mut intended = self.intended.lock().unwrap_or_else(PoisonError::into_inner);
            intended.insert(intent.key.as_hex().to_owned());
        }
    }
}

fn dead() -> StoreError {
    StoreError::File {
        doing: "living in",
        path: "nowhere".to_owned(),
        source: std::io::Error::other("the process died here"),
    }
}

impl Store for Mortal {
    fn open_run<'a>(&'a self, system: &'a str, line: &'a Line) -> BoxFuture<'a, Result<(), StoreError>> {
        self.line.has_written(line.entry().seq);
        self.inner.open_run(system, line)
    }

    fn claim<'a>(&'a self, run: &'a RunId, holder: &'a Holder) -> BoxFuture<'a, Result<Claim, StoreError>> {
        self.inner.claim(run, holder)
    }

    fn confirm<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.confirm(claim)
    }

    fn give_up(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.give_up(claim)
    }

    fn append<'a>(&'a self, line: &'a Line, answered: &'a [i64]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.dead.load(Ordering::Relaxed) {
                return Err(dead());
            }
            let due = self.due(line);
            if due == Some(Death::Before) {
                return Err(dead());
            }
            self.inner.append(line, answered).await?;
            self.remember(line);
            match due {
                Some(_) => Err(dead()),
                None => Ok(()),
            }
        })
    }

    fn read<'a>(&'a self, run: &'a RunId, after: u64) -> BoxFuture<'a, Result<Vec<Line>, StoreError>> {
        self.inner.read(run, after)
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<RunRow>, StoreError>> {
        self.inner.list()
    }

    fn post<'a>(&'a self, run: &'a RunId, request: &'a Request) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.post(run, request)
    }

    fn inbox<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Vec<Pending>, StoreError>> {
        self.inner.inbox(run)
    }

    fn note<'a>(&'a self, run: &'a RunId, note: &'a Note) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.note(run, note)
    }

    fn latest_note<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Note>, StoreError>> {
        self.inner.latest_note(run)
    }

    fn holder<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Holder>, StoreError>> {
        self.inner.holder(run)
    }
}
