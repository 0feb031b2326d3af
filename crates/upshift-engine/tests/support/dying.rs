//! A store whose process dies at a chosen append.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::BoxFuture;
use upshift_engine::request::{Pending, Request};
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Claim, Holder, Note, RunRow, Store, StoreError};
use upshift_model::ids::RunId;
use upshift_model::record::Line;

/// Where an append dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// Nothing was written.
    Before,
    /// The record is durable, and the process does not live to know it.
    After,
}

/// A store whose process dies at one append.
pub(crate) struct DyingStore {
    pub(crate) inner: SqliteStore,
    pub(crate) at: u64,
    pub(crate) how: Death,
    appends: AtomicU64,
}

impl DyingStore {
    pub(crate) fn new(inner: SqliteStore, at: u64, how: Death) -> Self {
        Self {
            inner,
            at,
            how,
            appends: AtomicU64::new(0),
        }
    }

    fn dead() -> StoreError {
        StoreError::File {
            doing: "living in",
            path: "nowhere".to_owned(),
            source: std::io::Error::other("the process died here"),
        }
    }
}

impl Store for DyingStore {
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
            let n = self.appends.fetch_add(1, Ordering::SeqCst) + 1;
            match (n == self.at, self.how) {
                (true, Death::Before) => Err(Self::dead()),
                (true, Death::After) => {
                    self.inner.append(line, answered).await?;
                    Err(Self::dead())
                }
                (false, _) if n > self.at => Err(Self::dead()),
                (false, _) => self.inner.append(line, answered).await,
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
