//! `upshift worker` without a run: takes up whatever open run nobody carries on, several at once, next
//! to other daemons on the same store.
//!
//! Who may try is decided by the store's claims; what is done by the same loop as ever. A run that
//! halted is left alone until a person has said something.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};
use upshift_engine::engine::{Ended, goes_back_by_itself};
use upshift_engine::journal::read_run;
use upshift_engine::store::StoreError;
use upshift_model::ids::RunId;
use upshift_model::run_state::{Phase, RunState};

use super::context::{Context, host_name, store_trouble};
use super::{wait, worker};
use crate::trouble::{Stop, Trouble};

/// Which runs a daemon takes.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Those that were opened on other machines, too: this one sees the same files and processes.
    pub any_host: bool,
}

/// What a daemon tells.
pub enum News<'a> {
    /// It has taken a run up.
    Takes(&'a RunId),
    /// It has come to an end with one.
    Ended(&'a RunId, &'a Ended),
    /// It could not go on with one; it will try again.
    Lost(&'a RunId, &'a Stop),
    /// The store does not answer; it will ask again.
    Blind(&'a Trouble),
}

type Tell = dyn Fn(News<'_>) + Send + Sync;

struct Daemon {
    context: Arc<Context>,
    rules: Rules,
    tell: Box<Tell>,
    mine: JoinSet<(RunId, Result<Ended, Stop>)>,
    // Runs in hand, and those to be left alone until then.
    busy: BTreeMap<RunId, Option<Instant>>,
}

/// Carries on open runs until the process is told to stop. What is under way then is as after a kill:
/// somebody takes it up when its lock or lease has ended.
pub async fn serve(context: Context, rules: Rules, tell: Box<Tell>) {
    let every = (context.place.lease / 4).clamp(Duration::from_millis(100), Duration::from_secs(2));
    let mut daemon = Daemon {
        context: Arc::new(context),
        rules,
        tell,
        mine: JoinSet::new(),
        busy: BTreeMap::new(),
    };
    let work = async move {
        loop {
            daemon.reap();
            if let Err(error) = daemon.look_round().await {
                (daemon.tell)(News::Blind(&store_trouble(&error)));
            }
            wait::nap(every).await;
        }
    };
    // All runs share one thread: they wait for far sides nearly all of their time.
    LocalSet::new().run_until(work).await
}

impl Daemon {
    fn reap(&mut self) {
        while let Some(ended) = self.mine.try_join_next() {
            let Ok((run, ended)) = ended else {
                // A run whose task broke down keeps its entry and is not tried again by this process.
                continue;
            };
            match &ended {
                Ok(how) => {
                    self.busy.remove(&run);
                    (self.tell)(News::Ended(&run, how));
                }
                Err(stop) => {
                    let again = Instant::now() + self.context.place.lease;
                    self.busy.insert(run.clone(), Some(again));
                    (self.tell)(News::Lost(&run, stop));
                }
            }
        }
    }

    async fn look_round(&mut self) -> Result<(), StoreError> {
        for row in self
            .context
            .store
            .list()
            .await?
            .into_iter()
            .filter(|row| row.open)
        {
            let left_alone = |until: &Option<Instant>| until.is_none_or(|until| Instant::now() < until);
            if self.busy.get(&row.run).is_some_and(left_alone) {
                continue;
            }
            if self.context.store.holder(&row.run).await?.is_some() {
                continue;
            }
            match read_run(&*self.context.store, &row.run).await {
                Ok((_, state)) if self.is_for_me(&state) && self.wants_somebody(&state).await? => {
                    self.take(row.run);
                }
                Ok(_) => {}
                // A damaged journal stands in the way of its own run only.
                Err(error) => {
                    let again = Instant::now() + self.context.place.lease.max(Duration::from_secs(60));
                    self.busy.insert(row.run.clone(), Some(again));
                    (self.tell)(News::Lost(&row.run, &store_trouble(&error).into()));
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, run: RunId) {
        (self.tell)(News::Takes(&run));
        self.busy.insert(run.clone(), None);
        let context = Arc::clone(&self.context);
        self.mine.spawn_local(async move {
            let ended = worker::carry_on(&context, &run).await;
            (run, ended)
        });
    }

    /// A plan names files and processes of the machine that it was made and opened on.
    fn is_for_me(&self, state: &RunState) -> bool {
        self.rules.any_host || state.opened_by.host == host_name()
    }

    async fn wants_somebody(&self, state: &RunState) -> Result<bool, StoreError> {
        Ok(match &state.phase {
            Phase::Going | Phase::Paused { .. } | Phase::Waiting { .. } => true,
            Phase::Halted { halt, .. } => {
                goes_back_by_itself(state, halt) || !self.context.store.inbox(&state.run).await?.is_empty()
            }
            Phase::Closed { .. } => false,
        })
    }
}
