//! The way back from where a run of Alluxio stands: the old journal put back, and the old release started on it.

use jiff::Timestamp;
use thiserror::Error;
use upshift_model::alluxio::{self, ClientSwitch, Site, Writers};
use upshift_model::ids::Code;
use upshift_model::plan::Plan;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Preparation, StartWhat, Step, StopWhat, Wave};

use super::codes;
use super::recipe::{Hands, Reach, back};
use crate::dispatch::Offer;
use crate::systems::turning::{Shut, may_turn, plan_of};

/// Why there is no way back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BackError {
    /// As of any run.
    #[error(transparent)]
    Shut(#[from] Shut),
}

impl BackError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::Shut(Shut::NothingToGoBackFrom { .. }) => codes::NO_WAY_TO_GO_BACK,
            Self::Shut(Shut::Accepted) => codes::ACCEPTED,
        }
    }
}

/// The way back.
///
/// # Errors
/// When there is none.
pub fn offer(run: &RunState, site: &Site, now: Timestamp) -> Result<Offer, BackError> {
    may_turn(run)?;
    let forward = &run.plan.plan;
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
        clients: clients(forward),
    };
    let mut waves = back(reach, &hands);
    down_until_served(&mut waves);
    let plan = plan_of(run, waves, now);
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

/// Nothing is served before the last server of the release of before is up, and nobody knows how long that takes.
fn down_until_served(waves: &mut [Wave]) {
    let starts = |step: &Step| {
        matches!(
            step.effect,
            Effect::Start {
                what: StartWhat::Server { .. }
            }
        )
    };
    let up = waves.iter().rposition(|wave| wave.steps().any(starts));
    let down = up.map_or(0, |last| last + 1);
    for wave in &mut waves[..down] {
        wave.outlook.downtime = None;
    }
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

/// Applications that the plan switches.
fn clients(plan: &Plan) -> Vec<(String, ClientSwitch)> {
    let all = plan.steps().filter_map(|step| match &step.effect {
        Effect::Prepare {
            what: Preparation::Alluxio(alluxio::Preparation::ClassPath { client, switch, .. }),
        } => Some((client.clone(), switch.clone())),
        _ => None,
    });
    all.collect()
}
