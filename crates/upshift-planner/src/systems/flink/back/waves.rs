//! The order of a way back.
//!
//! Every step is done also when there is nothing to do, so that a return that is broken off can be
//! taken up again. Shadow copy and job only bring the jobs back first and clear up after; in place
//! the address has to be free before the old cluster can have it.

use std::collections::BTreeSet;

use upshift_model::expect::Expectation;
use upshift_model::flink::{NEW, OLD, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::plan::Plan;
use upshift_model::policy::OnLaneFailure;
use upshift_model::span::Millis;
use upshift_model::step::{Change, Effect, Lane, StartWhat, Step, Wave};

use super::journey::{Journey, Place};
use super::spoilt::whole;
use crate::build::{lane, number, wave};
use crate::systems::flink::of_plan;
use crate::systems::flink::recipe::gates;
use crate::systems::flink::recipe::steps::{self, Hands, Launch};

/// Steps of a way back are told from those of the way there by this.
const PREFIX: &str = "back.";
/// What ran before has been proven by running; the proof after a return looks only for what the
/// return itself may have broken.
const LONGEST_SOAK: Millis = Millis::from_secs(60);

fn old() -> ComponentId {
    ComponentId::from(OLD)
}

fn new() -> ComponentId {
    ComponentId::from(NEW)
}

/// The waves that lead back from where the journey stands; none when nothing has to be undone.
pub(crate) fn lay_out(plan: &Plan, journey: &Journey) -> Vec<Wave> {
    let site = of_plan::site(plan);
    let hands = Hands {
        site,
        system: &plan.system,
    };
    let waves = match journey.old_stopped {
        true => vec![
            cancel_all(journey, &hands),
            swap_back(plan, site, journey, &hands),
            resume(plan, journey, &hands),
            prove(plan, site, journey, &hands),
        ],
        false => vec![
            upload_all(journey, &hands),
            cancel_first(site, journey, &hands),
            end_first(site, journey, &hands),
            return_all(plan, site, journey, &hands),
            prove(plan, site, journey, &hands),
            clear(site, journey, &hands),
        ],
    };
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    number(&mut waves, PREFIX);
    waves
}

fn lanes_of(journey: &Journey, steps: impl Fn(&ComponentId, &Place) -> Vec<Step>) -> Vec<Lane> {
    journey
        .to_return()
        .map(|(job, place)| lane(Some(job), steps(job, place)))
        .collect()
}

fn cancel(job: &ComponentId, place: &Place, hands: &Hands<'_>) -> Option<Step> {
    place
        .on_new
        .clone()
        .map(|id| hands.cancel_started(job, &new(), id))
}

fn start(job: &ComponentId, place: &Place, plan: &Plan, hands: &Hands<'_>) -> Step {
    let whole = |slot| Expectation::Fits {
        criteria: Box::new(whole(plan, &slot)),
        slot,
    };
    let why = match &place.from {
        Some(slot) => format!("from {slot}, which the release that wrote it reads"),
        None => "declared to hold no state worth keeping".to_owned(),
    };
    hands.start_job(Launch {
        job,
        on: &old(),
        from: place.from.clone(),
        may_drop_state: false,
        bytes: None,
        before: place.from.clone().map(whole).into_iter().collect(),
        why: vec![why],
    })
}

fn cancel_all(journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let lanes = lanes_of(journey, |job, place| {
        cancel(job, place, hands).into_iter().collect()
    });
    let width = lanes.len();
    wave("clear", lanes, width, OnLaneFailure::All)
}

fn swap_back(plan: &Plan, site: &Site, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let mut steps = Vec::new();
    if journey.new_started {
        steps.push(hands.stop_cluster(&new(), "the old cluster needs its address"));
    }
    if journey.old_in_doubt {
        steps.push(hands.stop_cluster(
            &old(),
            "a part of it may still run; it starts whole or not at all",
        ));
    }
    let port = site.clusters.get(&old()).and_then(|cluster| cluster.rest.port());
    let mut before: Vec<Expectation> = port
        .map(|port| Expectation::PortsFree { ports: vec![port] })
        .into_iter()
        .collect();
    before.extend(old_configuration(plan));
    steps.push(hands.start_cluster(&old(), old_slots(plan, site), before));
    wave("return", vec![lane(None, steps)], 1, OnLaneFailure::All)
}

/// The old configuration is still the one that was carried over.
fn old_configuration(plan: &Plan) -> Option<Expectation> {
    plan.steps().find_map(|step| match &step.effect {
        Effect::Configure {
            change:
                Change::CarryOver {
                    from,
                    from_file,
                    from_digest,
                    ..
                },
            ..
        } => Some(steps::file_is(from.join(from_file), from_digest.clone())),
        _ => None,
    })
}

/// Slots of the old cluster: as many a task manager as the new one has, for its configuration is the
/// same in that.
fn old_slots(plan: &Plan, site: &Site) -> u32 {
    let managers = |id: &ComponentId| {
        let installation = site.clusters.get(id).and_then(|c| c.installation.as_ref());
        installation.map_or(1, |of| u32::from(of.task_managers.max(1)))
    };
    let started = plan.steps().find_map(|step| match &step.effect {
        Effect::Start {
            what: StartWhat::Cluster { slots, .. },
        } => Some(*slots),
        _ => None,
    });
    started.map_or(1, |slots| slots / managers(&new()) * managers(&old()))
}

fn resume(plan: &Plan, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let lanes = lanes_of(journey, |job, place| {
        let adopt = place.adopt.clone();
        std::iter::once(hands.upload(job, &old()))
            .chain(adopt)
            .chain([start(job, place, plan, hands)])
            .collect()
    });
    let width = lanes.len();
    wave("resume", lanes, width, OnLaneFailure::All)
}

fn upload_all(journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let steps = journey
        .to_return()
        .map(|(job, _)| hands.upload(job, &old()))
        .collect();
    wave("prepare", vec![lane(None, steps)], 1, OnLaneFailure::All)
}

fn cancel_first(site: &Site, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    ends_first(site, journey)
        .then(|| cancel_all(journey, hands))
        .flatten()
}

/// A submission that got no answer may be taken long after a look has found no job: the server runs the job's `main`
/// first. Only a cluster that has ended takes nothing any more.
fn end_first(site: &Site, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    if !ends_first(site, journey) {
        return None;
    }
    let why = "it may still take the start that it was asked for";
    wave(
        "clear",
        vec![lane(None, vec![hands.stop_cluster(&new(), why)])],
        1,
        OnLaneFailure::All,
    )
}

fn ends_first(site: &Site, journey: &Journey) -> bool {
    journey.new_started && is_ours(site) && journey.to_return().any(|(_, place)| place.may_appear)
}

/// Whether the new cluster was started by this run.
fn is_ours(site: &Site) -> bool {
    let new = site.clusters.get(&new());
    new.is_some_and(|cluster| cluster.installation.is_some())
}

/// All jobs at once: unlike on the way there, none of them is where it should be.
fn return_all(plan: &Plan, site: &Site, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let gone = ends_first(site, journey);
    let lanes = lanes_of(journey, |job, place| {
        let adopt = place.adopt.clone();
        cancel(job, place, hands)
            .filter(|_| !gone)
            .into_iter()
            .chain(adopt)
            .chain([start(job, place, plan, hands)])
            .collect()
    });
    let width = lanes.len();
    wave("return", lanes, width, OnLaneFailure::All)
}

fn prove(plan: &Plan, site: &Site, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let version = &site.clusters.get(&old())?.version;
    let soaks = || {
        plan.steps().filter_map(|step| match &step.effect {
            Effect::Hold {
                gate: Gate::Soak { watch, hold_for, .. },
            } => Some((watch, *hold_for)),
            _ => None,
        })
    };
    let watched = soaks()
        .flat_map(|(watch, _)| watch)
        .filter_map(|expected| match expected {
            Expectation::CheckpointCompleted { job, .. } => Some(job),
            _ => None,
        });
    let watched: BTreeSet<&ComponentId> = watched.collect();
    let checkpoints = |job: &ComponentId| watched.contains(job);
    let jobs: Vec<Expectation> = journey
        .to_return()
        .flat_map(|(job, place)| gates::watch_job(job, &old(), place.from.clone(), checkpoints(job)))
        .collect();
    if jobs.is_empty() {
        return None;
    }
    let hold_for = soaks()
        .map(|(_, hold_for)| hold_for)
        .max()
        .map_or(LONGEST_SOAK, |s| s.min(LONGEST_SOAK));
    let probes = site
        .probes
        .keys()
        .map(|name| Expectation::ProbeHolds { probe: name.clone() });
    let watch = std::iter::once(steps::release_is(&old(), version))
        .chain(jobs)
        .chain(probes)
        .collect();
    wave(
        "prove",
        vec![lane(None, vec![hands.soak(&old(), watch, hold_for)])],
        1,
        OnLaneFailure::All,
    )
}

/// What this run itself left on the new side.
fn clear(site: &Site, journey: &Journey, hands: &Hands<'_>) -> Option<Wave> {
    let ours = is_ours(site);
    let steps = match (journey.new_started, ours) {
        (true, true) if ends_first(site, journey) => Vec::new(),
        (true, true) => vec![hands.stop_cluster(&new(), "this run started it")],
        (_, true) => Vec::new(),
        (_, false) => journey
            .uploaded
            .iter()
            .map(|job| hands.release_jar(job, &new()))
            .collect(),
    };
    wave("clear", vec![lane(None, steps)], 1, OnLaneFailure::Park)
}
