//! Where the state of each job is, told from what the journal has proof of. Looks at nothing else.

use upshift_model::ids::{ComponentId, Slot};
use upshift_model::record::StateSafety;
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, ForeignId, StartWhat, Step, StopWhat};

/// For every job that the plan stops: where its state is.
pub(crate) fn of(state: &RunState) -> Vec<StateSafety> {
    let steps = state.plan.plan.steps();
    steps
        .filter_map(|step| stopped_job(step).map(|(job, how)| safety(state, step, job, how)))
        .collect()
}

#[derive(Clone, Copy)]
enum How {
    /// With a restore point as its last act.
    Into,
    /// Plainly.
    Plainly,
}

/// A job that was there before the run; one that the run started has no state that is not there already.
const fn stopped_job(step: &Step) -> Option<(&ComponentId, How)> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::JobInto { job, .. },
        } => Some((job, How::Into)),
        Effect::Stop {
            what:
                StopWhat::JobCancel {
                    job,
                    id: ForeignId::Seen(_),
                    ..
                },
        } => Some((job, How::Plainly)),
        _ => None,
    }
}

fn safety(state: &RunState, stop: &Step, job: &ComponentId, how: How) -> StateSafety {
    let said = |safe, at: String| StateSafety {
        job: job.clone(),
        safe,
        at,
    };
    let last = stop.effect.fills().and_then(|slot| state.bindings.slot(slot));
    let before = before(state, stop, job);
    let first = before.iter().find_map(|slot| state.bindings.slot(slot));
    let kept =
        |point: &upshift_model::restore::RestorePoint| format!("{} {}", point.kind.words(), point.location);
    match (last.or(first), state.is_begun(&stop.id)) {
        (_, false) => said(true, "not touched: it runs as it did before".to_owned()),
        (Some(point), true) if restarted_at(state, job) => said(
            true,
            format!("started again from {}, which is kept", point.location),
        ),
        (Some(point), true) if last.is_some() => said(true, kept(point)),
        (Some(point), true) => match how {
            How::Plainly if !state.is_done(&stop.id) => said(
                true,
                format!(
                    "{}, of before step {}, which was to stop it and whose end was not seen",
                    kept(point),
                    stop.id
                ),
            ),
            How::Plainly => said(
                true,
                format!(
                    "{}, of before its stop: what came after it is processed again",
                    kept(point)
                ),
            ),
            How::Into => said(
                false,
                format!(
                    "step {} asked for a stop with savepoint and its end was not seen; {} is of before it",
                    stop.id,
                    kept(point)
                ),
            ),
        },
        (None, true) => match how {
            How::Plainly if before.is_empty() => said(
                true,
                format!("stopped by step {}; the plan keeps no state of it", stop.id),
            ),
            How::Plainly => said(
                false,
                format!(
                    "step {} stopped it, and no restore point of before is known",
                    stop.id
                ),
            ),
            How::Into => said(
                false,
                format!(
                    "step {} asked for a stop with savepoint and its end was not seen",
                    stop.id
                ),
            ),
        },
    }
}

/// Slots that the plan fills with the job's state while it still runs, the newest first.
fn before<'a>(state: &'a RunState, stop: &Step, job: &ComponentId) -> Vec<&'a Slot> {
    let steps = state.plan.plan.steps().take_while(|step| step.id != stop.id);
    let slots = steps.filter_map(|step| match &step.effect {
        Effect::TakeRestorePoint { of, into, .. } | Effect::AdoptCheckpoint { of, into, .. } if of == job => {
            Some(into)
        }
        _ => None,
    });
    let mut slots: Vec<_> = slots.collect();
    slots.reverse();
    slots
}

fn restarted_at(state: &RunState, job: &ComponentId) -> bool {
    let plans = std::iter::once(&state.plan.plan).chain(state.back.as_ref().map(|back| &back.plan));
    plans.flat_map(|plan| plan.steps()).any(|step| {
        matches!(&step.effect, Effect::Start { what: StartWhat::Job { job: started, .. } } if started == job)
            && state.is_done(&step.id)
    })
}
