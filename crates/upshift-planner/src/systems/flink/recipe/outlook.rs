//! What each wave costs and how one gets back from it, as shown before the start.

use std::collections::BTreeSet;

use upshift_model::flink::Sink;
use upshift_model::ids::ComponentId;
use upshift_model::plan::Plan;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Lane, Wave, WaveOutlook, WayBack};

use super::codes;
use super::ground::{Ground, Leave, Moving};
use crate::systems::flink::back::{self, Fate, Journey};

/// Fills the outlook of every wave, and the ways back.
pub(super) fn fill(plan: &mut Plan, ground: &Ground<'_>) {
    let mut outlooks = Vec::new();
    let mut ways_back = Vec::new();
    let times = downtimes(&plan.waves, BTreeSet::new());
    for (at, downtime) in times.into_iter().enumerate() {
        let journey = journey_through(plan, at);
        let way_back = way_back(ground, &journey, &plan.waves[..=at]);
        ways_back.push(match way_back {
            WayBack::Closed { .. } => Vec::new(),
            WayBack::Free | WayBack::Restore { .. } => back::lay_out(plan, &journey),
        });
        let open = matches!(way_back, WayBack::Restore { .. });
        outlooks.push(WaveOutlook {
            downtime,
            replayed: if open {
                replayed(ground, &journey, &plan.waves[at])
            } else {
                String::new()
            },
            open_until: if open { open_until(ground) } else { Vec::new() },
            way_back,
        });
    }
    for (wave, outlook) in plan.waves.iter_mut().zip(outlooks) {
        wave.outlook = outlook;
    }
    plan.ways_back = ways_back;
}

/// The journey of a run that did everything up to and with this wave.
fn journey_through(plan: &Plan, last: usize) -> Journey {
    let done: BTreeSet<_> = plan.waves[..=last]
        .iter()
        .flat_map(|wave| {
            wave.lanes
                .iter()
                .flat_map(|lane| lane.steps.iter().map(|step| step.id.clone()))
        })
        .collect();
    Journey::of(plan, |step| {
        if done.contains(&step.id) {
            Fate::Done
        } else {
            Fate::Untouched
        }
    })
}

/// A wave may be broken off before its last step: letting go closes the way back with its first step,
/// accepting only with its last.
fn way_back(ground: &Ground<'_>, journey: &Journey, so_far: &[Wave]) -> WayBack {
    let lets_go = so_far.last().is_some_and(|wave| {
        let mut steps = wave.lanes.iter().flat_map(|lane| lane.steps.iter());
        steps.any(|step| matches!(step.effect, Effect::Release { .. }))
    });
    if lets_go {
        return WayBack::Closed {
            because: codes::ACCEPTED,
        };
    }
    let returning: Vec<_> = journey.to_return().collect();
    let old = super::site::old();
    let jar_gone = |job: &ComponentId| {
        ground
            .site
            .jobs
            .get(job)
            .is_none_or(|job| !job.submissions.contains_key(&old))
    };
    match returning.iter().any(|(job, _)| jar_gone(job)) {
        true => WayBack::Closed {
            because: codes::OLD_JAR_GONE,
        },
        false if journey.old_stopped && !ground.old_installation => WayBack::Closed {
            because: codes::OLD_INSTALLATION_GONE,
        },
        false if returning.is_empty() => WayBack::Free,
        false => WayBack::Restore {
            slots: returning
                .iter()
                .filter_map(|(_, place)| place.from.clone())
                .collect(),
        },
    }
}

/// What a return from this wave would process again.
fn replayed(ground: &Ground<'_>, journey: &Journey, wave: &Wave) -> String {
    let ran: BTreeSet<&ComponentId> = journey
        .to_return()
        .filter(|(_, place)| place.on_new.is_some())
        .map(|(job, _)| job)
        .collect();
    let jobs: Vec<&Moving<'_>> = ground.jobs.iter().filter(|job| ran.contains(&job.id)).collect();
    if jobs.is_empty() {
        let kept = ground.jobs.iter().all(|job| job.leave == Leave::Savepoint);
        return match kept {
            true => "nothing: no job ran after its savepoint".to_owned(),
            false => "what a job without savepoint did after its newest checkpoint".to_owned(),
        };
    }
    let soak = ground.situation.declaration.soak;
    let amount = match wave.title.as_str() {
        "prove" => format!("up to {soak} of input and what the start took"),
        "accept" => format!("{soak} of input and all until the word is given"),
        _ => "the input since the savepoint, some seconds".to_owned(),
    };
    match sinks(&jobs) {
        none if none.is_empty() => amount,
        sinks => format!("{amount}; {}", sinks.join("; ")),
    }
}

/// What the sinks make of it, job by job.
fn sinks(jobs: &[&Moving<'_>]) -> Vec<String> {
    let list = |wanted: &[Sink]| {
        let names = jobs.iter().filter(|job| wanted.contains(&job.declared.sink));
        names
            .map(|job| job.declared.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut words = Vec::new();
    let append = list(&[Sink::Append]);
    if !append.is_empty() {
        words.push(format!("{append}: written twice, its sink appends"));
    }
    let undeclared = list(&[Sink::Undeclared]);
    if !undeclared.is_empty() {
        words.push(format!(
            "{undeclared}: written twice unless its sink, which nobody declared, can tell"
        ));
    }
    let transactional = list(&[Sink::Transactional]);
    if !transactional.is_empty() {
        words.push(format!(
            "{transactional}: written twice, what was committed stays committed"
        ));
    }
    words
}

/// Until when the way back stays open, one closer a line.
fn open_until(ground: &Ground<'_>) -> Vec<String> {
    let mut lines = vec![match ground.situation.declaration.finalize_after {
        None => "until somebody says finalize".to_owned(),
        Some(after) => format!("until somebody says finalize, or {after} after the soak by policy"),
    }];
    for job in &ground.jobs {
        let name = &job.declared.name;
        lines.push(match job.declared.source_retention {
            Some(kept) => format!("{name}: its source can be read back for {kept}"),
            None => format!("{name}: how far back its source can be read is not declared"),
        });
        if let Some(limit) = job.declared.transaction_timeout {
            lines.push(format!("{name}: transactions of its sink time out after {limit}"));
        }
    }
    lines
}

/// How long jobs are expected to be down in each wave, `down` being those that are down before the
/// first. With lanes side by side the longest counts: it is what one job sees. None where a step
/// that counts has no usual time.
pub(crate) fn downtimes(waves: &[Wave], mut down: BTreeSet<ComponentId>) -> Vec<Option<Millis>> {
    waves
        .iter()
        .map(|wave| {
            let before = down.clone();
            let lanes: Vec<Option<Millis>> = wave
                .lanes
                .iter()
                .map(|lane| lane_downtime(lane, &before, &mut down))
                .collect();
            lanes
                .into_iter()
                .try_fold(Millis::ZERO, |most, lane| lane.map(|lane| most.max(lane)))
        })
        .collect()
}

fn lane_downtime(
    lane: &Lane,
    before: &BTreeSet<ComponentId>,
    down: &mut BTreeSet<ComponentId>,
) -> Option<Millis> {
    let mut is_down = match &lane.subject {
        Some(job) => before.contains(job),
        None => !before.is_empty(),
    };
    let mut sum = Some(Millis::ZERO);
    for step in &lane.steps {
        is_down |= step.downtime == Downtime::Begins;
        if is_down {
            sum = sum.zip(step.usual).map(|(sum, usual)| sum.plus(usual));
        }
        is_down &= step.downtime != Downtime::Ends;
    }
    if let Some(job) = &lane.subject {
        if is_down {
            down.insert(job.clone())
        } else {
            down.remove(job)
        };
    }
    sum
}
