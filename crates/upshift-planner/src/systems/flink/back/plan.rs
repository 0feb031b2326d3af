//! The plan of a return from where a run stands: pure, from its plan, its journal and, where one can
//! be had, a fresh look at the world.

use std::collections::BTreeSet;

use jiff::Timestamp;
use upshift_model::flink::{self, JobFacts, OLD, Site};
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::observed::Observed;
use upshift_model::plan::{Direction, InventoryStamp, PLAN_FORMAT, Plan};
use upshift_model::policy::Strategy;
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::{WaveOutlook, WayBack};

use super::error::BackError;
use super::journey::{Fate, Journey, Left};
use super::spoilt::spoilt;
use super::waves::lay_out;
use crate::systems::flink::of_plan;
use crate::systems::flink::recipe::{downtimes, trial_of};
use crate::systems::flink::rehearsal::discard_plan;

/// Plans the return of a run to where it started. Without `present` the journal alone is believed;
/// with it, what the return needs is looked for.
///
/// A plan without waves means that nothing has to be undone.
///
/// # Errors
/// When the way back is closed, when a step on which it depends is not settled, or when there is
/// nothing to go back from.
pub fn plan_back(run: &RunState, present: Option<&Inventory>, now: Timestamp) -> Result<Plan, BackError> {
    let nothing = |why| Err(BackError::NothingToGoBackFrom { why });
    match (&run.phase, &run.back) {
        (Phase::Closed { .. }, _) => return nothing("the run is over"),
        (_, Some(_)) => return nothing("it goes back already"),
        _ => {}
    }
    let forward = &run.plan.plan;
    if forward.strategy == Strategy::Rehearsal {
        return Ok(discard_plan(run, now));
    }
    let site = of_plan::site(forward);
    let mut journey = journey_of(run);
    if journey.accepted {
        return Err(BackError::Accepted);
    }
    let facts = present.map(of_plan::facts);
    settle(&mut journey, run, site, facts);
    if let Some((job, step)) = journey.unsettled() {
        return Err(BackError::Unsettled {
            step: step.clone(),
            job: job.clone(),
        });
    }
    in_hand(site, &journey, facts)?;
    let mut waves = lay_out(forward, &journey);
    let replayed = replay_words(run, &journey, now);
    let slots: Vec<_> = journey
        .to_return()
        .filter_map(|(_, place)| place.from.clone())
        .collect();
    let way_back = if slots.is_empty() {
        WayBack::Free
    } else {
        WayBack::Restore { slots }
    };
    let up = |job: &ComponentId| journey.jobs.get(job).is_some_and(|place| place.on_new.is_some());
    let down: BTreeSet<_> = journey
        .to_return()
        .map(|(job, _)| job)
        .filter(|job| !up(job))
        .cloned()
        .collect();
    for (at, downtime) in downtimes(&waves, down).into_iter().enumerate() {
        let replayed = if at == 0 { replayed.clone() } else { String::new() };
        waves[at].outlook = WaveOutlook {
            downtime,
            way_back: way_back.clone(),
            replayed,
            open_until: Vec::new(),
        };
    }
    let inventory = present.map_or_else(
        || forward.inventory.clone(),
        |seen| InventoryStamp {
            taken_at: seen.taken_at,
            digest: seen.digest(),
        },
    );
    Ok(Plan {
        format: PLAN_FORMAT,
        direction: Direction::Back {
            of: run.plan.digest.clone(),
        },
        system: forward.system.clone(),
        kind: forward.kind,
        from: forward.to.clone(),
        to: forward.from.clone(),
        strategy: forward.strategy,
        strategy_why: vec![format!("the way back of plan {}", run.plan.digest.short())],
        made_at: now,
        knowledge: forward.knowledge.clone(),
        inventory,
        site: forward.site.clone(),
        policy: forward.policy.clone(),
        waivers: forward.waivers.clone(),
        findings: Vec::new(),
        green: 0,
        needs: Vec::new(),
        ways_back: vec![Vec::new(); waves.len()],
        waves,
    })
}

fn journey_of(run: &RunState) -> Journey {
    Journey::of(&run.plan.plan, |step| Fate::in_run(run, step))
}

/// A job that is seen to run under its old id did not leave, whatever the journal cannot tell. One that
/// is seen to be gone, after its stop was given up, left without a savepoint that could be used: then
/// the one that was taken without stopping is what there is to go back to. The same goes where the
/// savepoint of the stop was read and found to be of no use.
fn settle(journey: &mut Journey, run: &RunState, site: &Site, facts: Option<&flink::Facts>) {
    for (job, place) in &mut journey.jobs {
        let trial = trial_of(job);
        let useless = place.from.as_ref().is_some_and(|slot| spoilt(run, slot));
        if place.left == Left::Yes && useless && run.bindings.slot(&trial).is_some() {
            (place.from, place.adopt) = (Some(trial), None);
        }
    }
    let Some(jobs) = facts.and_then(|facts| facts.source.jobs.known()) else {
        return;
    };
    for (job, place) in &mut journey.jobs {
        let Left::Unsettled(step) = &place.left else {
            continue;
        };
        let id = site.jobs.get(job).and_then(|job| job.running_as.as_deref());
        let seen: Option<&JobFacts> = jobs.iter().find(|seen| Some(seen.id.as_str()) == id);
        let given_up = matches!(&run.phase, Phase::Halted { step: Some(at), .. } if at == step);
        let trial = trial_of(job);
        if seen.is_some_and(|seen| seen.state == "RUNNING") {
            place.left = Left::No;
        } else if given_up
            && seen.is_none_or(|seen| OVER.contains(&seen.state.as_str()))
            && run.bindings.slot(&trial).is_some()
        {
            place.left = Left::Yes;
            place.from = Some(trial);
        }
    }
}

/// Flink's words for a job that will not run any more.
const OVER: [&str; 3] = ["FINISHED", "CANCELED", "FAILED"];

/// Whether old jar, arguments, configuration and installation are in hand for what has to return.
fn in_hand(site: &Site, journey: &Journey, facts: Option<&flink::Facts>) -> Result<(), BackError> {
    let old = ComponentId::from(OLD);
    for (job, _) in journey.to_return() {
        let gone = |found: String| {
            Err(BackError::OldJarGone {
                job: job.clone(),
                found,
            })
        };
        let Some(submission) = site.jobs.get(job).and_then(|job| job.submissions.get(&old)) else {
            return gone("it was not when the plan was made".to_owned());
        };
        match facts.and_then(|facts| facts.host.jars.get(&submission.jar)) {
            // Not looked at: the upload itself looks at the file before it sends it.
            None => {}
            Some(Observed::Known(seen)) if seen.sha256 == submission.jar_sha256 => {}
            Some(Observed::Known(_)) => return gone(format!("{} was changed", submission.jar.display())),
            Some(Observed::Unknown(gap)) => return gone(gap.to_string()),
        }
    }
    if !journey.old_stopped {
        return Ok(());
    }
    let gone = |found: String| Err(BackError::OldInstallationGone { found });
    let Some(cluster) = site.clusters.get(&old).filter(|c| c.installation.is_some()) else {
        return gone("the plan names none".to_owned());
    };
    match facts.and_then(|facts| facts.host.current_home.as_ref()) {
        None => Ok(()),
        Some(Observed::Known(home)) if home.version == cluster.version => Ok(()),
        Some(Observed::Known(home)) => gone(format!("its home holds {}", home.version)),
        Some(Observed::Unknown(gap)) => gone(gap.to_string()),
    }
}

/// The longest time whose input a return would process again, over all jobs that may have run on the
/// new cluster; none where nothing would be replayed.
pub fn replay(run: &RunState, present: Option<&Inventory>, now: Timestamp) -> Option<Millis> {
    let site = of_plan::site(&run.plan.plan);
    let facts = present.map(of_plan::facts);
    let mut journey = journey_of(run);
    settle(&mut journey, run, site, facts);
    replays(run, &journey, now)
        .into_iter()
        .map(|(_, amount)| amount)
        .max()
}

fn replays(run: &RunState, journey: &Journey, now: Timestamp) -> Vec<(ComponentId, Millis)> {
    journey
        .to_return()
        // What was processed between the trial savepoint and the end of the job is processed again, too.
        .filter(|(job, place)| place.on_new.is_some() || place.from.as_ref() == Some(&trial_of(job)))
        .filter_map(|(job, place)| {
            let point = run.bindings.slot(place.from.as_ref()?)?;
            Some((job.clone(), Millis::between(point.triggered_at, now)))
        })
        .collect()
}

/// The name of a job, as people know it.
fn named(run: &RunState, job: &ComponentId) -> String {
    let site = of_plan::site(&run.plan.plan);
    site.jobs
        .get(job)
        .map_or_else(|| job.to_string(), |known| known.name.clone())
}

fn replay_words(run: &RunState, journey: &Journey, now: Timestamp) -> String {
    let words: Vec<String> = replays(run, journey, now)
        .into_iter()
        .map(|(job, amount)| format!("{}: {amount} of input", named(run, &job)))
        .collect();
    words.join("; ")
}
