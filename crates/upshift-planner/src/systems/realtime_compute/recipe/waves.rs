//! The order of an upgrade: copies first, which harm nothing; then, deployment by deployment, the savepoint that one
//! gets back to, the stop, the start and the first checkpoint; then all of them are watched; and nothing is let go
//! before somebody accepts.

use upshift_model::expect::Expectation;
use upshift_model::ids::Slot;
use upshift_model::policy::{OnLaneFailure, Strategy};
use upshift_model::step::{Effect, Step, Wave};

use super::fit;
use super::moving::{Leave, Moving, State};
use super::steps::{Hands, Launch, before_of, last_of};
use crate::build::{lane, wave};
use crate::systems::realtime_compute::situation::Situation;

/// Copies are made so many at a time.
const PREPARE_WIDTH: usize = 4;

/// All waves of the way there, without numbers.
pub(super) fn lay_out(s: &Situation<'_>, moving: &[Moving<'_>], hands: &Hands<'_>) -> Vec<Wave> {
    let declared = s.declaration;
    let on_failure = declared.policy.on_lane_failure;
    let in_place = declared.strategy == Strategy::InPlace;
    let copies = moving.iter().filter(|_| !in_place);
    let copies = copies.map(|one| lane(Some(&one.name), hands.copies(&one.name, &one.to)));
    let baselines = s.declaration.probes.iter();
    let baselines = baselines.map(|(name, _)| hands.baseline(name)).collect();
    let copies = copies.chain([lane(None, baselines)]);
    let switch = moving
        .iter()
        .map(|one| lane(Some(&one.name), switch(s, one, hands)));
    let prove = moving.iter().map(|one| {
        let watch = hands.proven(&one.name, &one.to, from(one).as_ref());
        lane(
            Some(&one.name),
            vec![hands.watch(watch, declared.soak, declared.first_checkpoint)],
        )
    });
    let probes = (!declared.probes.is_empty()).then(|| lane(None, vec![hands.probes_hold(declared.soak)]));
    let prove = prove.chain(probes);
    let release = moving
        .iter()
        .map(|one| lane(Some(&one.name), release(s, one, hands)));
    let all = [
        wave("prepare", copies.collect(), PREPARE_WIDTH, OnLaneFailure::All),
        wave("switch", switch.collect(), declared.width, on_failure),
        wave("prove", prove.collect(), moving.len() + 1, on_failure),
        wave(
            "accept",
            vec![lane(None, vec![hands.finalize()])],
            1,
            OnLaneFailure::All,
        ),
        wave("release", release.collect(), declared.width, on_failure),
    ];
    all.into_iter().flatten().collect()
}

/// What the new engine starts from.
pub(super) fn from(one: &Moving<'_>) -> Option<Slot> {
    match &one.state {
        State::Carried(Leave::Into(..)) => Some(last_of(&one.name)),
        State::Carried(Leave::Plainly(_) | Leave::RunsOn) => Some(before_of(&one.name)),
        State::GivenUp | State::None => None,
    }
}

fn switch(s: &Situation<'_>, one: &Moving<'_>, hands: &Hands<'_>) -> Vec<Step> {
    let name = &one.name;
    let mut steps = Vec::new();
    if one.state != State::None {
        let why = "recorded before the job is touched: the way back leads here".to_owned();
        steps.push(hands.savepoint(name, one.form, vec![why]));
    }
    match &one.state {
        State::Carried(Leave::Into(form, why)) => {
            let why = vec![
                "nothing is processed twice: the job ends with its savepoint".to_owned(),
                why.clone(),
            ];
            steps.push(hands.stop_into(name, *form, why));
        }
        State::Carried(Leave::Plainly(why)) => {
            let twice = format!(
                "what is processed between {} and this stop is processed again, and written twice where the sink does not tell",
                before_of(name)
            );
            steps.push(hands.stop_plainly(name, true, vec![why.clone(), twice]));
        }
        State::Carried(Leave::RunsOn) => {}
        State::GivenUp => {
            let why = "its state is given up, as the waiver of UP-RC-0118 says: nothing of it reaches the new engine";
            steps.push(hands.stop_plainly(name, true, vec![why.to_owned()]));
        }
        State::None => {
            let why = "it holds no state: its sources go on where they always begin";
            steps.push(hands.stop_plainly(name, true, vec![why.to_owned()]));
        }
    }
    if s.declaration.strategy == Strategy::InPlace {
        steps.push(hands.engine(name, true));
    }
    let why = match (&one.state, s.declaration.start_at) {
        (State::Carried(Leave::RunsOn), _) => {
            vec![
                "beside the original: both write from here on, as the waiver of UP-RC-0117 allows".to_owned(),
            ]
        }
        (State::GivenUp | State::None, Some(at)) => vec![format!(
            "sources that can begin at a time begin at {}",
            jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
        )],
        _ => Vec::new(),
    };
    let from = from(one);
    let watch = hands.proven(name, &one.to, from.as_ref());
    steps.push(hands.start(Launch {
        job: name,
        on: &one.to,
        from,
        why,
    }));
    let zero = upshift_model::span::Millis::ZERO;
    steps.push(hands.watch(watch, zero, s.declaration.first_checkpoint));
    must_fit(s, one, &mut steps);
    steps
}

/// Nothing is stopped, and nothing started beside it, before what the wanted engine will start from was looked into.
fn must_fit(s: &Situation<'_>, one: &Moving<'_>, steps: &mut [Step]) {
    let State::Carried(_) = &one.state else {
        return;
    };
    let touches = |step: &&mut Step| matches!(step.effect, Effect::Stop { .. } | Effect::Start { .. });
    let first = steps.iter_mut().find(touches);
    if let (Some(step), Some(criteria)) = (first, fit::criteria(s, one.deployment)) {
        step.before.push(Expectation::Fits {
            slot: before_of(&one.name),
            criteria: Box::new(criteria),
        });
    }
}

fn release(s: &Situation<'_>, one: &Moving<'_>, hands: &Hands<'_>) -> Vec<Step> {
    let declared = s.declaration;
    let mut steps = Vec::new();
    if one.state == State::Carried(Leave::RunsOn) {
        let why = "the copy was accepted: one of both is enough".to_owned();
        let stop = hands.stop_plainly(&one.name, true, vec![why]);
        // Its successor runs: nothing is down.
        steps.push(Step {
            downtime: upshift_model::step::Downtime::None,
            ..stop
        });
    }
    if declared.delete_originals && declared.strategy != Strategy::InPlace {
        let why = "delete_originals in the system file, and somebody has accepted".to_owned();
        steps.push(hands.delete(&one.name, vec![why]));
    }
    if declared.delete_savepoints {
        let last = matches!(one.state, State::Carried(Leave::Into(..))).then(|| last_of(&one.name));
        let first = (one.state != State::None).then(|| before_of(&one.name));
        steps.extend(
            first
                .into_iter()
                .chain(last)
                .map(|slot| hands.delete_savepoint(slot)),
        );
    }
    steps
}
