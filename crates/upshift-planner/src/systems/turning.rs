//! What every way back has in common: when there is none, whatever the system, and what its plan is made of besides waves.

use jiff::Timestamp;
use thiserror::Error;
use upshift_model::gate::Gate;
use upshift_model::plan::{Direction, Plan};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::step::{Effect, Step, Wave};

/// Why a run cannot go back, wherever it stands. Each system has a page of its own for each reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Shut {
    /// The run is over, or goes back already.
    #[error("there is nothing to go back from: {why}")]
    NothingToGoBackFrom {
        /// What the run does or did instead.
        why: &'static str,
    },
    /// Somebody accepted the upgrade.
    #[error("the way back is closed since the upgrade was accepted")]
    Accepted,
}

/// Whether a run may go back at all.
pub(super) fn may_turn(run: &RunState) -> Result<(), Shut> {
    let nothing = |why| Err(Shut::NothingToGoBackFrom { why });
    match (&run.phase, &run.back) {
        (Phase::Closed { .. }, _) => return nothing("the run is over"),
        (_, Some(_)) => return nothing("it goes back already"),
        _ => {}
    }
    let accepts = |step: &Step| {
        matches!(
            &step.effect,
            Effect::Hold {
                gate: Gate::Finalize { .. }
            }
        )
    };
    let mut steps = run.plan.plan.steps();
    match steps.any(|step| accepts(step) && run.is_done(&step.id)) {
        true => Err(Shut::Accepted),
        false => Ok(()),
    }
}

/// The plan of a way back with these waves.
pub(super) fn plan_of(run: &RunState, waves: Vec<Wave>, now: Timestamp) -> Plan {
    let forward = &run.plan.plan;
    Plan {
        direction: Direction::Back {
            of: run.plan.digest.clone(),
        },
        from: forward.to.clone(),
        to: forward.from.clone(),
        strategy_why: vec![format!("the way back of plan {}", run.plan.digest.short())],
        made_at: now,
        findings: Vec::new(),
        green: 0,
        needs: Vec::new(),
        ways_back: vec![Vec::new(); waves.len()],
        waves,
        ..forward.clone()
    }
}
