//! Whether what a job was to be started from is of no use to any release, and what a start from it
//! asks beforehand.

use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::fit::codes::{DAMAGED, DOES_NOT_FIT, FILES_LACKING, STARTS_EMPTY};
use upshift_model::gate::Gate;
use upshift_model::ids::Slot;
use upshift_model::plan::Plan;
use upshift_model::record::Question;
use upshift_model::run_state::{Phase, RunState};
use upshift_model::step::{Effect, Step};

/// Why the gate that read a slot found it to be of no use to any release; a release that merely cannot
/// read what another wrote is no such reason.
pub(super) fn spoilt(run: &RunState, slot: &Slot) -> bool {
    let gate = run.plan.plan.steps().find(|step| reads(step, slot));
    let Some(gate) = gate else {
        return false;
    };
    let failed = match &run.phase {
        Phase::Halted { step, halt, .. } if step.as_ref() == Some(&gate.id) => Some(&halt.failure),
        Phase::Waiting { step, question, .. } if *step == gate.id => match question {
            Question::FailedGate { failure } => Some(failure),
            Question::Replay { failure, .. } => failure.as_ref(),
            Question::Finalize => None,
        },
        _ => None,
    };
    let parked = run.steps.get(&gate.id).and_then(|state| state.parked.as_ref());
    let useless = [STARTS_EMPTY, FILES_LACKING, DAMAGED, DOES_NOT_FIT];
    failed
        .or(parked)
        .is_some_and(|failure| useless.contains(&failure.code))
}

/// What a start of the old job from a slot asks of it: that it is whole, and has the state of every
/// operator that had some when the plan was made. Flink starts an operator without state empty and
/// says nothing.
pub(super) fn whole(plan: &Plan, slot: &Slot) -> FitCriteria {
    let asked = plan.steps().flat_map(looks).find_map(|expected| match expected {
        Expectation::Fits { slot: of, criteria } if of == slot => Some(criteria),
        _ => None,
    });
    match asked {
        Some(asked) if !asked.operators_with_state.is_empty() => FitCriteria {
            job: asked.job.clone(),
            operators_with_state: asked.operators_with_state.clone(),
            ..FitCriteria::default()
        },
        _ => FitCriteria::default(),
    }
}

fn reads(step: &Step, slot: &Slot) -> bool {
    matches!(step.effect, Effect::Hold { .. })
        && looks(step).any(|e| matches!(e, Expectation::Fits { slot: of, .. } if of == slot))
}

fn looks(step: &Step) -> impl Iterator<Item = &Expectation> {
    let watched = match &step.effect {
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => watch.as_slice(),
        _ => &[],
    };
    watched.iter().chain(&step.after)
}
