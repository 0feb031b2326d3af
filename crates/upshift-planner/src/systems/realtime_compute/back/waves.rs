//! The steps of the way back: what was started on the new engine stops, the version is set back where it was changed,
//! and the original starts from a savepoint that its own engine wrote. The newest state of a deployment is never
//! asked for: the new engine may have written it.

use upshift_model::policy::{OnLaneFailure, Policy};
use upshift_model::realtime_compute::Site;
use upshift_model::span::Millis;
use upshift_model::step::{Lane, Step, Wave};

use super::journey::{Fate, Journey, Travelled};
use crate::build::{lane, number, wave};
use crate::systems::realtime_compute::recipe::{Hands, LEAVE_GIVE_UP, Launch};

/// Steps of a way back are told from those of the way there by this.
const PREFIX: &str = "back.";
/// So many go back at a time: each is down until it is through.
const WIDTH: usize = 8;

/// All waves, numbered.
pub(in crate::systems::realtime_compute) fn lay_out(
    journey: &Journey,
    site: &Site,
    policy: &Policy,
) -> Vec<Wave> {
    let hands = Hands { site };
    let lanes = |steps: &dyn Fn(&upshift_model::ids::ComponentId, &Travelled) -> Vec<Step>| -> Vec<Lane> {
        let of = journey.jobs.iter();
        of.map(|(job, travelled)| lane(Some(job), steps(job, travelled)))
            .collect()
    };
    let back = lanes(&|job, travelled| home(&hands, site, job, travelled));
    let clear = lanes(&|_, travelled| clear(&hands, travelled));
    let waves = [
        wave("return", back, WIDTH, policy.on_lane_failure),
        wave("clear", clear, WIDTH, OnLaneFailure::All),
    ];
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    number(&mut waves, PREFIX);
    waves
}

fn home(hands: &Hands<'_>, site: &Site, job: &upshift_model::ids::ComponentId, of: &Travelled) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some((on, _)) = &of.start {
        steps.push(hands.stop_started(job, on));
    }
    if of.engine != Fate::Untouched {
        steps.push(hands.engine(job, false));
    }
    if of.stop == Fate::Untouched {
        return steps;
    }
    if of.stop == Fate::Begun {
        let why = "its end was not seen: it may still run, and must not run twice".to_owned();
        steps.push(hands.stop_plainly(job, false, vec![why]));
    }
    let from = of.home().cloned();
    let why = match (&from, &of.last) {
        (Some(_), Some(_)) => {
            vec!["its own engine wrote this as it stopped; never from the newest state".to_owned()]
        }
        (Some(_), None) => vec!["its own engine wrote this; never from the newest state".to_owned()],
        (None, _) => vec!["it holds no state".to_owned()],
    };
    let old = site.deployments.get(job).map(|of| of.old.clone());
    let watch = old.map(|old| hands.proven_as(job, job, from.as_ref(), &old));
    steps.push(hands.start(Launch {
        job,
        on: job,
        from,
        why,
    }));
    steps.extend(watch.map(|watch| hands.watch(watch, Millis::ZERO, LEAVE_GIVE_UP)));
    steps
}

/// A copy that never ran says nothing to anybody; one that did keeps its logs and events, and is told of at the end.
fn clear(hands: &Hands<'_>, of: &Travelled) -> Vec<Step> {
    if of.start.is_some() {
        return Vec::new();
    }
    let never = || vec!["it never ran".to_owned()];
    let copy = of.copy.iter().map(|(copy, _)| hands.delete(copy, never()));
    let draft = of.draft.iter().map(|draft| hands.delete_draft(draft, never()));
    copy.chain(draft).collect()
}
