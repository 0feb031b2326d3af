//! Where the state of each job is, told from what the journal has proof of. Looks at nothing else.

use upshift_model::ids::ComponentId;
use upshift_model::record::StateSafety;
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

/// For every job that the plan stops: where its state is.
pub(crate) fn of(state: &RunState) -> Vec<StateSafety> {
    let steps = state.plan.plan.steps();
    steps
        .filter_map(|step| stopped_job(step).map(|job| safety(state, step, job)))
        .collect()
}

const fn stopped_job(step: &Step) -> Option<&ComponentId> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::JobInto { job, .. },
        } => Some(job),
        _ => None,
    }
}

fn safety(state: &RunState, stop: &Step, job: &ComponentId) -> StateSafety {
    let said = |safe, at: String| StateSafety {
        job: job.clone(),
        safe,
        at,
    };
    let filled = stop.effect.fills().and_then(|slot| state.bindings.slot(slot));
    let restarted = restarted_at(state, job);
    match (filled, state.is_begun(&stop.id), restarted) {
        (Some(point), _, true) => said(
            true,
            format!("started again from {}, which is kept", point.location),
        ),
        (Some(point), _, false) => said(true, format!("{} {}", point.kind.words(), point.location)),
        (None, false, _) => said(true, "not touched: it runs as it did before".to_owned()),
        (None, true, _) => said(
            false,
            format!(
                "step {} asked for a stop with savepoint and its end was not seen",
                stop.id
            ),
        ),
    }
}

fn restarted_at(state: &RunState, job: &ComponentId) -> bool {
    let plans = std::iter::once(&state.plan.plan).chain(state.back.as_ref().map(|back| &back.plan));
    plans.flat_map(|plan| plan.steps()).any(|step| {
        matches!(&step.effect, Effect::Start { what: StartWhat::Job { job: started, .. } } if started == job)
            && state.is_done(&step.id)
    })
}
