//! The way back from where a run of Alluxio stands: the old journal put back, and the old release started on it.

use jiff::Timestamp;
use thiserror::Error;
use upshift_model::alluxio::{Site, Writers};
use upshift_model::gate::Gate;
use upshift_model::ids::Code;
use upshift_model::plan::{Direction, Plan};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

use super::codes;
use super::recipe::{Hands, Reach, back};
use crate::dispatch::Offer;

/// Why there is no way back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BackError {
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

impl BackError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToGoBackFrom { .. } => codes::NO_WAY_TO_GO_BACK,
            Self::Accepted => codes::ACCEPTED,
        }
    }
}

/// The way back.
///
/// # Errors
/// When there is none.
pub fn offer(run: &RunState, site: &Site, now: Timestamp) -> Result<Offer, BackError> {
    let nothing = |why| Err(BackError::NothingToGoBackFrom { why });
    match (&run.phase, &run.back) {
        (Phase::Closed { .. }, _) => return nothing("the run is over"),
        (_, Some(_)) => return nothing("it goes back already"),
        _ => {}
    }
    let forward = &run.plan.plan;
    let is_accepted = |step: &Step| {
        matches!(
            &step.effect,
            Effect::Hold {
                gate: Gate::Finalize { .. }
            }
        )
    };
    if forward
        .steps()
        .any(|step| is_accepted(step) && run.is_done(&step.id))
    {
        return Err(BackError::Accepted);
    }
    let begun = || forward.steps().filter(|step| run.is_begun(&step.id));
    let reach = begun().map(reach_of).max().unwrap_or(Reach::Nothing);
    let wrote = begun().any(|step| {
        matches!(
            &step.effect,
            Effect::Start {
                what: StartWhat::Writers { .. }
            }
        )
    });
    let hands = Hands {
        site,
        writers: writers(forward),
    };
    let waves = back(reach, &hands);
    let plan = Plan {
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
    };
    let amount = match wrote {
        true => {
            "what was written since those who write were started again is not in the old journal; files that \
                 were persisted stay in their stores"
                .to_owned()
        }
        false => String::new(),
    };
    Ok(Offer {
        plan,
        replays: Millis::ZERO,
        amount,
        doubles: Vec::new(),
    })
}

fn reach_of(step: &Step) -> Reach {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { .. },
        } => Reach::Stopped,
        Effect::Transfer { .. } | Effect::Configure { .. } | Effect::Start { .. } => Reach::Switched,
        _ => Reach::Prepared,
    }
}

/// Those who write, as the plan stops and starts them.
fn writers(plan: &Plan) -> Option<Writers> {
    let (mut stop, mut start) = (None, None);
    for step in plan.steps() {
        match &step.effect {
            Effect::Stop {
                what: StopWhat::Writers { by },
            } => stop = Some(by.clone()),
            Effect::Start {
                what: StartWhat::Writers { by },
            } => start = Some(by.clone()),
            _ => {}
        }
    }
    Some(Writers {
        stop: stop?,
        start: start?,
    })
}
