//! Waves and lanes: which steps run side by side, and how a lane that must stop says so.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt as _;
use upshift_model::gate::Gate;
use upshift_model::ids::{ComponentId, StepId};
use upshift_model::policy::OnLaneFailure;
use upshift_model::record::{Failure, Halt, HaltKind, Record};
use upshift_model::step::{Effect, Lane, Wave};

use crate::counsel::Counsel;
use crate::driver::Driver;
use crate::journal::Journal;
use crate::request::{Ask, Pending};
use crate::step_loop::StepLoop;
use crate::store::StoreError;

/// Why a lane stopped before its end.
#[derive(Debug)]
pub(crate) enum LaneEnd {
    /// The world stopped it.
    Halted { step: StepId, halt: Halt },
    /// A person must answer.
    Question { step: StepId },
    /// A person wants something else.
    Wished(Wish),
    /// A job is down for longer than the plan allows.
    Downtime(Failure),
    /// A person paused the run; stands between two steps.
    Paused(Pending),
    /// Another lane stopped; stands between two steps.
    Yielded,
    /// The journal could not be written or read.
    Store(StoreError),
}

impl From<StoreError> for LaneEnd {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A request that does not wait for the end of a step.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) pending: Pending,
}

impl Wish {
    pub(crate) const fn goes_back(&self) -> bool {
        matches!(self.pending.request.ask, Ask::RollBack { .. })
    }

    pub(crate) fn urgent(inbox: &[Pending]) -> Option<Self> {
        let wanted = |p: &&Pending| matches!(p.request.ask, Ask::RollBack { .. } | Ask::Abandon);
        inbox.iter().find(wanted).map(|pending| Self {
            pending: pending.clone(),
        })
    }
}

/// Runs what is left of a wave, at most `width` lanes at once. Empty when the wave is done.
pub(crate) async fn run_wave(
    journal: &Journal,
    driver: &dyn Driver,
    counsel: &dyn Counsel,
    wave: &Wave,
) -> Vec<LaneEnd> {
    let parked = journal.state().await.parked();
    let stop = AtomicBool::new(false);
    let left_alone = |lane: &&Lane| lane.subject.as_ref().is_none_or(|job| !parked.contains(job));
    let lanes = wave.lanes.iter().filter(left_alone);
    let alone = wave.lanes.len() == 1;
    let runs = lanes.map(|lane| run_lane(journal, (driver, counsel), lane, wave, alone, &stop));
    let width = usize::from(wave.width.get());
    let ends: Vec<_> = futures::stream::iter(runs)
        .buffer_unordered(width)
        .collect()
        .await;
    ends.into_iter().filter_map(Result::err).collect()
}

async fn run_lane(
    journal: &Journal,
    (driver, counsel): (&dyn Driver, &dyn Counsel),
    lane: &Lane,
    wave: &Wave,
    alone: bool,
    stop: &AtomicBool,
) -> Result<(), LaneEnd> {
    for step in &lane.steps {
        if journal.state().await.is_done(&step.id) {
            continue;
        }
        if stop.load(Ordering::Relaxed) {
            return Err(LaneEnd::Yielded);
        }
        if let Some(pause) = pause_wanted(journal, &step.effect).await? {
            stop.store(true, Ordering::Relaxed);
            return Err(LaneEnd::Paused(pause));
        }
        let Err(end) = StepLoop::new(journal, driver, counsel, step).carry_out().await else {
            continue;
        };
        match (&end, wave.on_lane_failure, &lane.subject) {
            (LaneEnd::Halted { step, halt }, OnLaneFailure::Park, Some(job))
                if !alone && can_be_parked(journal, halt, job).await =>
            {
                let record = Record::Parked {
                    step: step.clone(),
                    failure: halt.failure.clone(),
                };
                return Ok(journal.write(record).await?);
            }
            _ => {
                stop.store(true, Ordering::Relaxed);
                return Err(end);
            }
        }
    }
    Ok(())
}

/// Drift stops everything; and the last job that is left is not parked but halts the run.
async fn can_be_parked(journal: &Journal, halt: &Halt, job: &ComponentId) -> bool {
    let state = journal.state().await;
    let parked = state.parked();
    let jobs: std::collections::BTreeSet<_> = state
        .waves()
        .iter()
        .flat_map(|wave| wave.lanes.iter())
        .filter_map(|lane| lane.subject.clone())
        .filter(|other| other != job && !parked.contains(other))
        .collect();
    halt.kind != HaltKind::Drift && !jobs.is_empty()
}

async fn pause_wanted(journal: &Journal, effect: &Effect) -> Result<Option<Pending>, StoreError> {
    // Waiting for a person is a pause already.
    if matches!(
        effect,
        Effect::Hold {
            gate: Gate::Finalize { .. }
        }
    ) {
        return Ok(None);
    }
    let inbox = journal.inbox().await?;
    Ok(inbox.into_iter().find(|p| p.request.ask == Ask::Pause))
}
