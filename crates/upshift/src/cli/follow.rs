//! Follows a run while another process carries it on: prints every record as it becomes durable, and
//! in between what is being waited for. Reads the journal and changes nothing.

use std::process::Child;
use std::time::Duration;

use upshift_engine::engine::goes_back_by_itself;
use upshift_model::gate::Gate;
use upshift_model::ids::{RunId, StepId};
use upshift_model::record::{Outcome, Question};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::Effect;

use super::screen::Screen;
use super::timeline;
use crate::app::context::{Context, store_trouble};
use crate::app::run::spawn_worker;
use crate::app::wait;
use crate::exit::Exit;
use crate::trouble::Stop;

/// When following ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When the run is over, halted, or waits for a person.
    NeedsPerson,
    /// When the run is over or halted.
    Over,
}

/// How often the journal is read.
const EVERY: Duration = Duration::from_millis(100);

/// Follows the run from after record `from`.
///
/// # Errors
/// When the journal cannot be read, or the worker died.
pub async fn follow(
    context: &Context,
    run: &RunId,
    from: u64,
    until: Until,
    worker: Option<Child>,
) -> Result<Exit, Stop> {
    let watched = watch(context, run, from, until, worker, from);
    until_interrupted(run, watched).await
}

/// Follows the run from after record `from`, where a word was put into its inbox: where it stood
/// before it heard the word is not where it ends.
///
/// # Errors
/// When the journal cannot be read, or the worker died.
pub async fn follow_word(
    context: &Context,
    run: &RunId,
    from: u64,
    until: Until,
    worker: Option<Child>,
) -> Result<Exit, Stop> {
    let watched = watch(context, run, from, until, worker, from + 1);
    until_interrupted(run, watched).await
}

/// Ctrl-C ends the watching and nothing else.
async fn until_interrupted(
    run: &RunId,
    watched: impl Future<Output = Result<Exit, Stop>>,
) -> Result<Exit, Stop> {
    tokio::select! {
        ended = watched => ended,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            super::tell(&format!("\nnot watching any more; run {run} goes on. `upshift status {run} --watch` watches again, `upshift pause {run}` stops it between two steps"))?;
            Ok(Exit::Done)
        }
    }
}

async fn watch(
    context: &Context,
    run: &RunId,
    from: u64,
    until: Until,
    mut worker: Option<Child>,
    not_before: u64,
) -> Result<Exit, Stop> {
    let mut screen = Screen::new();
    let lines = context.store.read(run, 0).await.map_err(|e| store_trouble(&e))?;
    let (old, mut fresh): (Vec<_>, Vec<_>) = lines.into_iter().partition(|l| l.entry().seq <= from);
    let mut state = match old.is_empty() {
        true => None,
        false => Some(RunState::fold(&old).map_err(anyhow::Error::from)?),
    };
    let mut idle = 0_u32;
    loop {
        for line in fresh.drain(..) {
            screen.print(&timeline::lines(&line, state.as_ref()))?;
            match &mut state {
                Some(state) => state.apply(&line).map_err(anyhow::Error::from)?,
                None => state = Some(RunState::fold([&line]).map_err(anyhow::Error::from)?),
            }
            idle = 0;
        }
        let Some(now) = &state else { continue };
        if let Some(exit) = end_of(now, until).filter(|_| now.last.seq >= not_before) {
            screen.clear()?;
            return Ok(exit);
        }
        let works = match &mut worker {
            Some(child) => child.try_wait()?.is_none(),
            None => false,
        };
        let alive = match works {
            true => true,
            // A daemon may have been quicker than the process that was started.
            false => context
                .store
                .holder(run)
                .await
                .map_err(|e| store_trouble(&e))?
                .is_some(),
        };
        idle += 1;
        // A process that was killed holds the run for a blink longer: a word that was put into its
        // inbox in that blink found a holder and has nobody to hear it.
        let unheard = worker.is_none() && not_before > from;
        if !alive && unheard && idle > 1 && context.is_at_home(now) {
            worker = Some(spawn_worker(context, run)?);
            idle = 0;
        }
        // A worker that has just been started needs a moment until it holds the run.
        if !alive && idle > patience(context) {
            screen.clear()?;
            return Err(wait::worker_gone(context, run).into());
        }
        if let Some(note) = context
            .store
            .latest_note(run)
            .await
            .map_err(|e| store_trouble(&e))?
        {
            screen.note(now, &note)?;
        }
        wait::nap(EVERY).await;
        fresh = context
            .store
            .read(run, now.last.seq)
            .await
            .map_err(|e| store_trouble(&e))?;
    }
}

/// How many reads without anybody who holds the run. On a shared store a daemon needs up to two leases
/// to take it over.
fn patience(context: &Context) -> u32 {
    let takeover = match context.place.shared {
        Some(_) => context.place.lease * 2,
        None => Duration::ZERO,
    };
    20 + u32::try_from(takeover.as_millis() / EVERY.as_millis()).unwrap_or(u32::MAX - 20)
}

/// So short a timer of the policy answers before a person could.
const AT_ONCE: Millis = Millis::from_secs(5);

fn accepts_at_once(state: &RunState, step: &StepId, question: &Question) -> bool {
    let Some(Effect::Hold {
        gate: Gate::Finalize { after: Some(after) },
    }) = state.step(step).map(|step| &step.effect)
    else {
        return false;
    };
    *question == Question::Finalize && *after <= AT_ONCE
}

/// The exit code of a run that stands still. One that goes back by itself, or is accepted at once, does not.
pub fn end_of(state: &RunState, until: Until) -> Option<Exit> {
    match &state.phase {
        Phase::Closed {
            outcome: Outcome::Finalized | Outcome::RolledBack | Outcome::Abandoned,
            ..
        } => Some(Exit::Done),
        Phase::Halted { halt, .. } if goes_back_by_itself(state, halt) => None,
        Phase::Halted { halt, .. } => match timeline::is_safe(halt) {
            true => Some(Exit::Halted),
            false => Some(Exit::Attention),
        },
        Phase::Waiting { step, question, .. } if accepts_at_once(state, step, question) => None,
        Phase::Waiting { .. } | Phase::Paused { .. } => {
            (until == Until::NeedsPerson).then_some(Exit::Waiting)
        }
        Phase::Going => None,
    }
}
