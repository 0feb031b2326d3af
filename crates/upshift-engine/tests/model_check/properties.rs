//! What must hold in every state, and what must be reachable so that the rest says anything.

use stateright::{Model as _, Property};

use crate::far_side::FarSide;
use crate::journal::{End, Phase, Step};
use crate::model::{Protocol, State};

fn is_end(model: &Protocol, state: &State) -> bool {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    !actions
        .into_iter()
        .any(|action| model.next_state(state, action).is_some())
}

/// Somebody runs it, or there is a savepoint to start it from.
fn is_safe(far: &FarSide) -> bool {
    far.alive() > 0 || far.has_savepoint()
}

fn ends_well(state: &State) -> bool {
    match state.view.phase {
        Phase::Closed(End::Finalized) => state.far.runs_on(Step::Start) && state.far.alive() == 1,
        Phase::Closed(End::RolledBack) => {
            (!state.far.original_over || state.far.runs_on(Step::Return)) && state.far.alive() == 1
        }
        Phase::Halted(..) => is_safe(&state.far),
        Phase::Going | Phase::Waiting => false,
    }
}

pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always("at most one effect per step and try", |_, s: &State| {
            s.far.effects.iter().all(|(_, times)| *times <= 1)
        }),
        Property::always("no effect without a durable intent", |_, s: &State| {
            !s.unannounced_effect
        }),
        Property::always("the job never runs twice", |_, s: &State| s.far.alive() <= 1),
        Property::always(
            "a fenced worker has no effect that the run does not know",
            |_, s: &State| !s.stray_effect,
        ),
        Property::always("a fenced worker never appends", |_, s: &State| !s.fenced_append),
        Property::always("a way back starts from a slot that was filled", |_, s: &State| {
            !s.unfilled_way_back
        }),
        Property::always("what was accepted does not go back", |_, s: &State| {
            !(s.view.accepted && s.view.back.is_some())
        }),
        Property::always(
            "an end is closed, or halted with the state safe",
            |model, s: &State| !is_end(model, s) || ends_well(s),
        ),
        Property::sometimes(
            "reached: an upgrade is finalized after two crashes",
            |_, s: &State| s.crashes_left == 0 && s.view.phase == Phase::Closed(End::Finalized),
        ),
        Property::sometimes("reached: a job goes back after two crashes", |_, s: &State| {
            s.crashes_left == 0
                && s.far.runs_on(Step::Return)
                && s.view.phase == Phase::Closed(End::RolledBack)
        }),
        Property::sometimes("reached: a run halts", |_, s: &State| {
            matches!(s.view.phase, Phase::Halted(..))
        }),
        Property::sometimes(
            "reached: a start fails for certain and is tried again",
            |_, s: &State| {
                s.far
                    .started
                    .iter()
                    .any(|(this, _)| this.step == Step::Start && this.number == 2)
            },
        ),
    ]
}
