//! The rules about a plan as a whole.

use std::collections::BTreeSet;

use upshift_model::flink::{self, NEW, OLD};
use upshift_model::ids::{ComponentId, Slot, StepId};
use upshift_model::plan::{Direction, Plan, Site};
use upshift_model::step::{Effect, Releasable, StartWhat, Step, Wave, WayBack};

use super::flaw::{Flaw, Rule};
use super::walk::{Way, walk};
use super::world::{Whereabouts, World};
use crate::build::position;

/// Everything that is wrong with the plan; nothing, for a plan that may be sealed.
pub fn lint(plan: &Plan) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let prefix = match &plan.direction {
        Direction::Forward => "",
        Direction::Back { .. } => "back.",
    };
    ids(&plan.waves, prefix, &mut flaws);
    if plan.ways_back.len() != plan.waves.len() {
        let (expected, found) = (plan.waves.len(), plan.ways_back.len());
        flaws.push(Flaw {
            step: None,
            rule: Rule::WaysBackMissing { expected, found },
        });
    }
    match &plan.site {
        Site::Flink(site) => of_flink(plan, site, &mut flaws),
        Site::Fluss(_) | Site::Alluxio(_) | Site::Weka(_) | Site::RealtimeCompute(_) => {}
    }
    if plan.direction == Direction::Forward {
        closing(&plan.waves, &mut flaws);
    }
    flaws
}

/// The walk through a world of clusters and jobs.
fn of_flink(plan: &Plan, site: &flink::Site, flaws: &mut Vec<Flaw>) {
    let (way, world) = match &plan.direction {
        Direction::Forward => (Way::There, World::before(plan, site)),
        Direction::Back { .. } => (Way::Back, World::somewhere(site)),
    };
    let started_new = world.clusters.get(&ComponentId::from(NEW)) == Some(&Some(false));
    let end = walk(site, way, &plan.waves, world, flaws, |at, world, flaws| {
        if way == Way::There {
            way_back(plan, site, at, world, started_new, flaws);
        }
    });
    for (job, at) in &end.jobs {
        if *at == Whereabouts::Down {
            flaws.push(Flaw {
                step: None,
                rule: Rule::DownForEver { job: job.clone() },
            });
        }
    }
}

fn ids(waves: &[Wave], prefix: &str, flaws: &mut Vec<Flaw>) {
    let mut seen: BTreeSet<StepId> = BTreeSet::new();
    for (wave_at, wave) in waves.iter().enumerate() {
        let several = wave.lanes.len() > 1;
        if wave.lanes.is_empty() || wave.lanes.iter().any(|lane| lane.steps.is_empty()) {
            flaws.push(Flaw {
                step: None,
                rule: Rule::EmptyLane { wave: wave_at + 1 },
            });
        }
        for (lane_at, lane) in wave.lanes.iter().enumerate() {
            for (step_at, step) in lane.steps.iter().enumerate() {
                let mut flaw = |rule| {
                    flaws.push(Flaw {
                        step: Some(step.id.clone()),
                        rule,
                    })
                };
                let expected = position(prefix, wave_at, several.then_some(lane_at), step_at);
                if step.id != expected {
                    flaw(Rule::IdNotPosition { expected });
                }
                if !seen.insert(step.id.clone()) {
                    flaw(Rule::IdTwice);
                }
            }
        }
    }
}

/// The way back from a wave is walked from the world that the wave leaves: it must end with every job
/// where it was, and with nothing of ours running.
fn way_back(
    plan: &Plan,
    site: &flink::Site,
    at: usize,
    world: &World,
    started_new: bool,
    flaws: &mut Vec<Flaw>,
) {
    let wave = at + 1;
    let named = match &plan.waves[at].outlook.way_back {
        WayBack::Closed { .. } => return,
        WayBack::Free => BTreeSet::new(),
        WayBack::Restore { slots } => slots.iter().cloned().collect(),
    };
    let Some(waves) = plan.ways_back.get(at) else {
        return;
    };
    let mut found = Vec::new();
    ids(waves, "back.", &mut found);
    let end = walk(site, Way::Back, waves, world.clone(), &mut found, |_, _, _| {});
    flaws.extend(found.into_iter().map(|flaw| Flaw {
        step: None,
        rule: Rule::OnTheWayBack {
            wave,
            flaw: Box::new(flaw),
        },
    }));
    if named != restored(waves) {
        flaws.push(Flaw {
            step: None,
            rule: Rule::OtherSlots { wave },
        });
    }
    let old = ComponentId::from(OLD);
    let elsewhere = |component: &ComponentId| Rule::LeadsElsewhere {
        wave,
        component: component.clone(),
    };
    let mut wrong: Vec<Rule> = end
        .jobs
        .iter()
        .filter(|(_, place)| **place != Whereabouts::On(old.clone()))
        .map(|(job, _)| elsewhere(job))
        .collect();
    for (cluster, up) in &end.clusters {
        let should = cluster.as_str() != NEW || !started_new;
        if *up != Some(should) {
            wrong.push(elsewhere(cluster));
        }
    }
    flaws.extend(wrong.into_iter().map(|rule| Flaw { step: None, rule }));
}

fn restored(waves: &[Wave]) -> BTreeSet<Slot> {
    steps(waves)
        .filter_map(|step| match &step.effect {
            Effect::Start {
                what: StartWhat::Job { from, .. },
            } => from.clone(),
            _ => None,
        })
        .collect()
}

fn steps(waves: &[Wave]) -> impl Iterator<Item = &Step> {
    waves
        .iter()
        .flat_map(|wave| wave.lanes.iter().flat_map(|lane| lane.steps.iter()))
}

/// A canary is made anew whenever it is wanted: whoever drops it lets go of nothing.
fn lets_go(step: &Step) -> bool {
    match &step.effect {
        Effect::Release { what } => !matches!(what, Releasable::Canary { .. }),
        _ => false,
    }
}

/// A way back that is closed stays closed, and letting go closes it.
fn closing(waves: &[Wave], flaws: &mut Vec<Flaw>) {
    let mut closed = false;
    for (at, wave) in waves.iter().enumerate() {
        let is_closed = matches!(wave.outlook.way_back, WayBack::Closed { .. });
        if closed && !is_closed {
            flaws.push(Flaw {
                step: None,
                rule: Rule::OpensAgain { wave: at + 1 },
            });
        }
        let lets_go = steps(std::slice::from_ref(wave)).any(lets_go);
        if lets_go && !is_closed {
            flaws.push(Flaw {
                step: None,
                rule: Rule::NotClosed { wave: at + 1 },
            });
        }
        closed |= is_closed;
    }
}
