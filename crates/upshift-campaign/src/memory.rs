//! A store in memory, with the rules of the real ones: lines are kept as text and read back as text, an
//! append is fenced by number and epoch, a run has one owner. It forgets everything with the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::request::{Pending, Request};
use upshift_engine::store::{Claim, Holder, Note, RunRow, Store, StoreError};
use upshift_model::ids::RunId;
use upshift_model::record::{Line, Record};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    runs: BTreeMap<RunId, Run>,
    requests: i64,
}

#[derive(Debug)]
struct Run {
    system: String,
    open: bool,
    epoch: u64,
    lines: Vec<String>,
    inbox: Vec<Pending>,
    note: Option<Note>,
    holder: Option<(u64, Holder)>,
}

/// Gives the run up when it is dropped.
struct Proof {
    store: MemoryStore,
    run: RunId,
    epoch: u64,
}

impl Drop for Proof {
    fn drop(&mut self) {
        let mut inner = self.store.inner();
        if let Some(run) = inner.runs.get_mut(&self.run)
            && run.holder.as_ref().is_some_and(|(epoch, _)| *epoch == self.epoch)
        {
            run.holder = None;
        }
    }
}

impl MemoryStore {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same run as it was when its journal had so many lines: what a store holds after a crash.
    pub fn with_lines(system: &str, lines: &[Line]) -> Self {
        let store = Self::default();
        if let Some(first) = lines.first() {
            let run = Run {
                system: system.to_owned(),
                open: true,
                epoch: lines.last().map_or(0, |line| line.entry().epoch),
                lines: lines.iter().map(|line| line.text().to_owned()).collect(),
                inbox: Vec::new(),
                note: None,
                holder: None,
            };
            store.inner().runs.insert(first.entry().run.clone(), run);
        }
        store
    }

    /// Takes the lease away from whoever has it, as one that ran out is taken.
    pub fn steal(&self, run: &RunId) {
        if let Some(run) = self.inner().runs.get_mut(run) {
            run.holder = None;
        }
    }

    fn of<T>(
        &self,
        run: &RunId,
        then: impl FnOnce(&mut Run, &mut i64) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut inner = self.inner();
        let Inner { runs, requests } = &mut *inner;
        match runs.get_mut(run) {
            Some(found) => then(found, requests),
            None => Err(StoreError::NoSuchRun { run: run.clone() }),
        }
    }

    fn open_now(&self, system: &str, line: &Line) -> Result<(), StoreError> {
        let mut inner = self.inner();
        let open = inner
            .runs
            .iter()
            .find(|(_, run)| run.open && run.system == system);
        if let Some((run, _)) = open {
            return Err(StoreError::Busy {
                system: system.to_owned(),
                run: run.clone(),
            });
        }
        let run = Run {
            system: system.to_owned(),
            open: true,
            epoch: line.entry().epoch,
            lines: vec![line.text().to_owned()],
            inbox: Vec::new(),
            note: None,
            holder: None,
        };
        inner.runs.insert(line.entry().run.clone(), run);
        Ok(())
    }

    fn append_now(&self, line: &Line, answered: &[i64]) -> Result<(), StoreError> {
        let entry = line.entry();
        self.of(&entry.run, |run, _| {
            if run.epoch != entry.epoch || run.lines.len() as u64 + 1 != entry.seq {
                return Err(StoreError::Fenced {
                    run: entry.run.clone(),
                    seq: entry.seq,
                    epoch: entry.epoch,
                });
            }
            run.lines.push(line.text().to_owned());
            run.inbox.retain(|pending| !answered.contains(&pending.id));
            if matches!(entry.record, Record::Closed { .. }) {
                run.open = false;
                run.inbox.clear();
            }
            Ok(())
        })
    }

    fn claim_now(&self, id: &RunId, holder: &Holder) -> Result<Claim, StoreError> {
        let epoch = self.of(id, |run, _| {
            if let Some((_, holder)) = &run.holder {
                return Err(StoreError::Held {
                    run: id.clone(),
                    holder: Box::new(holder.clone()),
                });
            }
            run.epoch += 1;
            run.holder = Some((run.epoch, holder.clone()));
            Ok(run.epoch)
        })?;
        let proof = Proof {
            store: self.clone(),
            run: id.clone(),
            epoch,
        };
        Ok(Claim::new(id.clone(), epoch, proof))
    }

    fn read_now(&self, id: &RunId, after: u64) -> Result<Vec<Line>, StoreError> {
        self.of(id, |run, _| {
            let lines = run.lines.iter().zip(1..).filter(|(_, seq)| *seq > after);
            lines
                .map(|(text, seq)| {
                    Line::read(text.clone()).map_err(|source| StoreError::Line {
                        run: id.clone(),
                        seq,
                        source,
                    })
                })
                .collect()
        })
    }
}

impl Store for MemoryStore {
    fn open_run<'a>(&'a self, system: &'a str, line: &'a Line) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.open_now(system, line) })
    }

    fn claim<'a>(&'a self, run: &'a RunId, holder: &'a Holder) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move { self.claim_now(run, holder) })
    }

    fn confirm<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.of(&claim.run, |run, _| match run.epoch == claim.epoch {
                true => Ok(()),
                false => Err(StoreError::Taken {
                    run: claim.run.clone(),
                    epoch: claim.epoch,
                }),
            })
        })
    }

    fn give_up(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            drop(claim);
            Ok(())
        })
    }

    fn append<'a>(&'a self, line: &'a Line, answered: &'a [i64]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.append_now(line, answered) })
    }

    fn read<'a>(&'a self, run: &'a RunId, after: u64) -> BoxFuture<'a, Result<Vec<Line>, StoreError>> {
        Box::pin(async move { self.read_now(run, after) })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<RunRow>, StoreError>> {
        Box::pin(async move {
            let rows = |(run, of): (&RunId, &Run)| RunRow {
                run: run.clone(),
                system: of.system.clone(),
                open: of.open,
            };
            Ok(self.inner().runs.iter().map(rows).collect())
        })
    }

    fn post<'a>(&'a self, run: &'a RunId, request: &'a Request) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.of(run, |run, requests| {
                *requests += 1;
                run.inbox.push(Pending {
                    id: *requests,
                    request: request.clone(),
                });
                Ok(())
            })
        })
    }

    fn inbox<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Vec<Pending>, StoreError>> {
        Box::pin(async move { self.of(run, |run, _| Ok(run.inbox.clone())) })
    }

    fn note<'a>(&'a self, run: &'a RunId, note: &'a Note) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.of(run, |run, _| {
                run.note = Some(note.clone());
                Ok(())
            })
        })
    }

    fn latest_note<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Note>, StoreError>> {
        Box::pin(async move { self.of(run, |run, _| Ok(run.note.clone())) })
    }

    fn holder<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Holder>, StoreError>> {
        Box::pin(async move {
            self.of(run, |run, _| {
                Ok(run.holder.as_ref().map(|(_, holder)| holder.clone()))
            })
        })
    }
}
