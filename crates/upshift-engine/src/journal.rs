//! The one writer of a run's journal: every record is durable before anybody acts on it.
//!
//! Lanes share one journal behind a lock; nothing else of the engine has state that outlives a
//! step.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};
use upshift_model::digest::Digest;
use upshift_model::ids::{RunId, StepId};
use upshift_model::plan::Sealed;
use upshift_model::record::{Entry, Line, RECORD_FORMAT, Record, Who};
use upshift_model::run_state::RunState;

use crate::clock::Clock;
use crate::request::Pending;
use crate::store::{Claim, Holder, LaneNote, Note, Store, StoreError};

/// Told of every line once it is durable: progress on a terminal, a person's notification.
pub type Listener = Arc<dyn Fn(&Line, &RunState) + Send + Sync>;

/// Writes the first line of a new run.
///
/// # Errors
/// When the system has an open run, or the store cannot write.
pub async fn open_run(
    store: &dyn Store,
    clock: &Clock,
    run: &RunId,
    system: &str,
    plan: Sealed,
    by: Who,
) -> Result<(), StoreError> {
    let line = Line::write(Entry {
        format: RECORD_FORMAT,
        run: run.clone(),
        seq: 1,
        epoch: 0,
        at: clock.now(),
        prev: Digest::zero(),
        record: Record::Opened {
            plan: Box::new(plan),
            by,
        },
    });
    store.open_run(system, &line).await
}

/// Reads a run's journal and folds it.
///
/// # Errors
/// When there is no such run, or its journal is damaged.
pub async fn read_run(store: &dyn Store, run: &RunId) -> Result<(Vec<Line>, RunState), StoreError> {
    let lines = store.read(run, 0).await?;
    let state = RunState::fold(&lines).map_err(|source| StoreError::Broken {
        run: run.clone(),
        source,
    })?;
    Ok((lines, state))
}

/// An owned run.
pub struct Journal {
    store: Arc<dyn Store>,
    clock: Clock,
    claim: Claim,
    listener: Listener,
    run: RunId,
    inner: Mutex<Inner>,
}

struct Inner {
    state: RunState,
    notes: BTreeMap<StepId, LaneNote>,
    noted_at: Option<jiff::Timestamp>,
    // Whether a lane waits for something else than the last note says.
    untold: bool,
}

impl Journal {
    /// Becomes the owner of a run.
    ///
    /// # Errors
    /// When another process owns it, or its journal is damaged.
    pub async fn claim(
        store: Arc<dyn Store>,
        clock: Clock,
        run: &RunId,
        holder: &Holder,
        listener: Listener,
    ) -> Result<Self, StoreError> {
        let claim = store.claim(run, holder).await?;
        let (_, state) = read_run(&*store, run).await?;
        let inner = Mutex::new(Inner {
            state,
            notes: BTreeMap::new(),
            noted_at: None,
            untold: false,
        });
        Ok(Self {
            store,
            clock,
            claim,
            listener,
            run: run.clone(),
            inner,
        })
    }

    /// The run.
    pub const fn run(&self) -> &RunId {
        &self.run
    }

    /// The time.
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Where the run stands. Not to be held across a wait.
    pub(crate) async fn state(&self) -> StateGuard<'_> {
        StateGuard(self.inner.lock().await)
    }

    /// Appends a record; durable when this returns.
    ///
    /// # Errors
    /// When another owner came after this one, or the store cannot write.
    pub async fn write(&self, record: Record) -> Result<(), StoreError> {
        self.write_answering(record, &[]).await
    }

    /// Appends a record and takes the requests that it answers out of the inbox.
    pub(crate) async fn write_answering(&self, record: Record, answered: &[i64]) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        let last = &inner.state.last;
        let line = Line::write(Entry {
            format: RECORD_FORMAT,
            run: self.run.clone(),
            seq: last.seq + 1,
            epoch: self.claim.epoch,
            at: self.clock.now(),
            prev: last.digest.clone(),
            record,
        });
        let broken = |source| StoreError::Broken {
            run: self.run.clone(),
            source,
        };
        // Held against the state before it is stored: what could not be read back is never written.
        inner.state.admits(&line).map_err(broken)?;
        self.store.append(&line, answered).await?;
        inner.state.apply(&line).map_err(broken)?;
        if let Some(step) = line.entry().record.step() {
            inner.notes.remove(step);
        }
        (self.listener)(&line, &inner.state);
        Ok(())
    }

    /// The requests that wait for an answer. Asked at every look, so that an owner that has lost the
    /// run and only waits learns of it, too.
    pub(crate) async fn inbox(&self) -> Result<Vec<Pending>, StoreError> {
        match self.claim.is_lost() {
            true => Err(self.claim.fenced()),
            false => self.store.inbox(&self.run).await,
        }
    }

    /// Whether this process still owns the run: the last question before anything is sent. A process
    /// that was stopped since its intent became durable must not act on it; somebody else does.
    pub(crate) async fn confirm(&self) -> Result<(), StoreError> {
        self.store.confirm(&self.claim).await
    }

    /// Lets go of the run, so that the next owner need not wait.
    ///
    /// # Errors
    /// When the store cannot be told.
    pub async fn give_up(self) -> Result<(), StoreError> {
        self.store.give_up(self.claim).await
    }

    /// Says what a lane is waiting for, at most four times a second.
    pub(crate) async fn note(&self, lane: LaneNote) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        let now = self.clock.now();
        let changed = inner.notes.insert(lane.step.clone(), lane.clone()).as_ref() != Some(&lane);
        inner.untold |= changed;
        // A wait that does not change is told again: who reads it sees that somebody still looks, and how long it has
        // lasted.
        let pause = if inner.untold { 250 } else { 1_000 };
        let fresh = |at: jiff::Timestamp| now.duration_since(at).as_millis().abs() < pause;
        if inner.noted_at.is_some_and(fresh) {
            return Ok(());
        }
        (inner.noted_at, inner.untold) = (Some(now), false);
        let note = Note {
            lanes: inner.notes.values().cloned().collect(),
            at: now,
        };
        self.store.note(&self.run, &note).await
    }
}

/// A look at the state.
pub(crate) struct StateGuard<'a>(MutexGuard<'a, Inner>);

impl std::ops::Deref for StateGuard<'_> {
    type Target = RunState;

    fn deref(&self) -> &RunState {
        &self.0.state
    }
}
