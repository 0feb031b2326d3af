//! A store whose process dies at chosen appends, before the record is durable or after; and the memory of
//! which intents were durable when.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::request::{Pending, Request};
use upshift_engine::store::{Claim, Holder, Note, RunRow, Store, StoreError};
use upshift_model::ids::RunId;
use upshift_model::record::{Line, Record};

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

/// See the module.
pub struct Mortal {
    inner: Arc<dyn Store>,
    deaths: Mutex<Vec<At>>,
    died: Mutex<Option<At>>,
    intended: Mutex<BTreeSet<String>>,
}

impl Mortal {
    /// A store that dies at each of these, once.
    pub fn new(inner: Arc<dyn Store>, deaths: Vec<At>) -> Self {
        Self {
            inner,
            deaths: Mutex::new(deaths),
            died: Mutex::default(),
            intended: Mutex::default(),
        }
    }

    /// Whether the process died here since it was last asked.
    pub fn died(&self) -> Option<At> {
        self.died.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether an intent with this key is durable.
    pub fn is_intended(&self, key: &str) -> bool {
        let intended = self.intended.lock().unwrap_or_else(PoisonError::into_inner);
        intended.contains(key)
    }

    /// The death that is planned for this record, taken.
    fn due(&self, seq: u64) -> Option<Death> {
        let mut deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        let at = deaths.iter().position(|(at, _)| *at == seq)?;
        let (_, how) = deaths.swap_remove(at);
        *self.died.lock().unwrap_or_else(PoisonError::into_inner) = Some((seq, how));
        Some(how)
    }

    fn is_dead(&self) -> bool {
        let died = self.died.lock().unwrap_or_else(PoisonError::into_inner);
        died.is_some()
    }

    fn remember(&self, line: &Line) {
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
            if self.is_dead() {
                return Err(dead());
            }
            let due = self.due(line.entry().seq);
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
