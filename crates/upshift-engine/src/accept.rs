//! The word that accepts. It closes the way back and lets go of what the way back needs, and gates may have held long
//! before it was said: so what the wave before it watched is looked at once more, and only then it is recorded.
//!
//! Who has seen that this look failed, and went on in spite of it, is not held back a second time.

use upshift_model::gate::Gate;
use upshift_model::ids::{ComponentId, StepId};
use upshift_model::record::{Answer, Record, Who};
use upshift_model::run_state::{RunState, StepState};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step};

use crate::decide::Decider;
use crate::driver::Driver;
use crate::lane::LaneEnd;
use crate::soak;
use crate::step_loop::StepLoop;
use crate::store::StoreError;

/// Records that the upgrade is accepted; or, where it does not hold any more, what follows of that.
pub(crate) async fn accept(
    decider: &Decider<'_>,
    driver: &dyn Driver,
    at: &StepId,
    by: Who,
    answered: &[i64],
) -> Result<(), StoreError> {
    let state = decider.journal.state().await.clone();
    if let Some(gate) = last_gate(&state, at) {
        let step_loop = StepLoop::new(decider.journal, driver, decider.counsel, &gate);
        match soak::until_held(&step_loop, &gate).await {
            Err(LaneEnd::Halted { step, halt }) => return decider.halted(step, halt, answered).await,
            Err(end) => return decider.after_wave(vec![end]).await,
            Ok(_) => {}
        }
    }
    let record = Record::Answered {
        step: at.clone(),
        answer: Answer::Finalize,
        by,
    };
    decider.journal.write_answering(record, answered).await
}

/// Everything that the wave before the step watched, as one gate that a single good look passes.
fn last_gate(state: &RunState, at: &StepId) -> Option<Step> {
    if state.steps.get(at).is_some_and(StepState::went_on_in_spite) {
        return None;
    }
    let waves = state.waves();
    let here = waves.iter().position(|wave| {
        wave.lanes
            .iter()
            .any(|lane| lane.steps.iter().any(|s| s.id == *at))
    })?;
    let before = waves.get(here.checked_sub(1)?)?;
    // What a parked lane watched is of no concern to the others, and may have come to nothing.
    let parked = state.parked();
    let is_left = |subject: &Option<ComponentId>| subject.as_ref().is_some_and(|job| parked.contains(job));
    let lanes = before.lanes.iter().filter(|lane| !is_left(&lane.subject));
    let mut whole: Option<Step> = None;
    for step in lanes.flat_map(|lane| lane.steps.iter()) {
        let Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } = &step.effect
        else {
            continue;
        };
        let gate = whole.get_or_insert_with(|| Step {
            id: at.clone(),
            ..step.clone()
        });
        if let Effect::Hold {
            gate: Gate::Soak {
                watch: all, hold_for, ..
            },
        } = &mut gate.effect
        {
            *hold_for = Millis::ZERO;
            let new = watch.iter().filter(|one| !all.contains(one)).cloned();
            let new: Vec<_> = new.collect();
            all.extend(new);
        }
    }
    whole
}
