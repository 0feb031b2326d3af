//! The way back from where a run stands, together with what taking it means.

use jiff::Timestamp;
use thiserror::Error;
use upshift_model::ids::Code;
use upshift_model::realtime_compute::{Facts, Site};
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step, WayBack};

use super::journey::{Fate, Journey};
use super::waves::lay_out;
use crate::dispatch::Offer;
use crate::systems::realtime_compute::codes;
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

/// The way back. What was seen decides one thing alone: a stop that certainly came to nothing left the job running,
/// and then it runs on.
///
/// # Errors
/// When there is none.
pub fn offer(
    run: &RunState,
    site: &Site,
    present: Option<&Facts>,
    now: Timestamp,
) -> Result<Offer, BackError> {
    may_turn(run)?;
    let forward = &run.plan.plan;
    let journey = Journey::of(forward, |step| {
        match (run.is_done(&step.id), run.is_begun(&step.id)) {
            (true, _) => Fate::Done,
            (false, true) if ran_on(run, step, site, present) => Fate::Untouched,
            (false, true) => Fate::Begun,
            (false, false) => Fate::Untouched,
        }
    });
    let mut waves = lay_out(&journey, site, &forward.policy);
    let replayed = if journey.moved() {
        journey.replayed()
    } else {
        String::new()
    };
    if let Some(first) = waves.first_mut() {
        first.outlook.way_back = WayBack::Free;
        first.outlook.replayed.clone_from(&replayed);
    }
    let plan = plan_of(run, waves, now);
    Ok(Offer {
        plan,
        replays: replays(run, &journey, now),
        amount: replayed,
        doubles: doubles(site, &journey),
    })
}

/// A stop that was certainly refused, or whose savepoint came to nothing, while the very job is seen to run.
fn ran_on(run: &RunState, step: &Step, site: &Site, present: Option<&Facts>) -> bool {
    let Effect::Stop { what } = &step.effect else {
        return false;
    };
    let job = match what {
        upshift_model::step::StopWhat::JobInto { job, .. }
        | upshift_model::step::StopWhat::JobCancel { job, .. } => job,
        _ => return false,
    };
    let Some(of) = site.deployments.get(job) else {
        return false;
    };
    let deployments = present
        .map(|seen| seen.deployments.as_slice())
        .unwrap_or_default();
    let seen = deployments.iter().find(|one| one.id == of.id);
    let seen = seen.and_then(|one| one.job.known()).and_then(Option::as_ref);
    run.live_intent(&step.id).is_none()
        && seen.is_some_and(|seen| seen.id == of.job && seen.state == "RUNNING")
}

/// How much time lies between the oldest savepoint that a job goes back to and now.
fn replays(run: &RunState, journey: &Journey, now: Timestamp) -> Millis {
    let slots = journey.slots();
    let points = slots.iter().filter_map(|slot| run.bindings.slot(slot));
    points
        .map(|point| Millis::between(point.triggered_at, now))
        .max()
        .unwrap_or(Millis::ZERO)
}

/// Whom it doubles: every job whose output may come twice, unless somebody said that it may come twice. What is
/// downstream of a deployment the service does not say.
fn doubles(site: &Site, journey: &Journey) -> Vec<String> {
    let stopped = journey.jobs.iter().filter(|(_, of)| of.stop != Fate::Untouched);
    let twice = stopped.filter(|(_, of)| of.ran() || (of.last.is_none() && of.before.is_some()));
    twice
        .filter(|(job, _)| site.deployments.get(*job).is_none_or(|of| !of.may_double))
        .map(|(job, _)| job.to_string())
        .collect()
}
