//! What a run of Flink leaves behind: told from its journal, and from a last look where there is one.

use upshift_model::flink::{ClusterFacts, Facts, NEW, OLD, Site};
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::policy::Strategy;
use upshift_model::run_state::{Phase, RunState};
use upshift_model::step::{Effect, Preparation, Releasable, StartWhat};

/// The cluster that the jobs moved to becomes the one that they run on.
pub(crate) fn settle(site: &mut Site) {
    if let Some(new) = site.clusters.remove(&ComponentId::new(NEW)) {
        site.clusters.insert(ComponentId::new(OLD), new);
    }
}

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, site: &Site, present: Option<&Facts>) -> Vec<String> {
    let mut left = Vec::new();
    let over = run.wave_at() == run.waves().len();
    if !over || matches!(run.phase, Phase::Halted { .. }) {
        begun(run, site, &mut left);
    }
    open_ends(run, &mut left);
    if over && run.plan.plan.strategy == Strategy::Rehearsal {
        of_rehearsal(run, site, &mut left);
    }
    let upgrade = !matches!(
        run.plan.plan.strategy,
        Strategy::RestorePoints | Strategy::Rehearsal
    );
    if over && upgrade && run.back.is_none() {
        match present {
            Some(facts) => not_as_wanted(run, site, facts, &mut left),
            None => left.push("the system could not be looked at after the last step".to_owned()),
        }
    }
    left
}

/// What an unfinished run has made and nobody took away.
fn begun(run: &RunState, site: &Site, left: &mut Vec<String>) {
    let plans = std::iter::once(&run.plan.plan).chain(run.back.as_ref().map(|back| &back.plan));
    let steps = plans
        .flat_map(|plan| plan.steps())
        .filter(|step| run.is_begun(&step.id));
    for step in steps {
        let what = match &step.effect {
            Effect::Prepare {
                what: Preparation::Unpack { component },
            } => {
                format!("the unpacked release of {}", told(site, component))
            }
            Effect::Configure { component, .. } => {
                format!("the configuration written for {}", told(site, component))
            }
            Effect::Transfer { into, .. } => match run.bindings.value(into) {
                Some(jar) => format!("the uploaded jar {jar}"),
                None => format!("a jar that may have been uploaded ({into})"),
            },
            Effect::Start {
                what: StartWhat::Cluster { cluster, .. },
            } => {
                format!("processes of {}, started by the run", told(site, cluster))
            }
            Effect::Start {
                what: StartWhat::Job { job, on, .. },
            } => {
                let name = site
                    .jobs
                    .get(job)
                    .map_or(job.as_str(), |known| known.name.as_str());
                format!("job {name} on {}", told(site, on))
            }
            Effect::Prepare {
                what:
                    Preparation::Baseline { .. }
                    | Preparation::Evidence { .. }
                    | Preparation::Canary { .. }
                    | Preparation::Clone { .. }
                    | Preparation::Release { .. }
                    | Preparation::Alluxio(_)
                    | Preparation::RealtimeCompute(_),
            }
            | Effect::Start {
                what: StartWhat::Server { .. } | StartWhat::Restored { .. } | StartWhat::Writers { .. },
            }
            | Effect::Prove { .. }
            | Effect::Weka { .. }
            | Effect::Fluss { .. }
            | Effect::TakeRestorePoint { .. }
            | Effect::AdoptCheckpoint { .. }
            | Effect::Stop { .. }
            | Effect::Release { .. }
            | Effect::Hold { .. } => continue,
        };
        left.push(format!("step {}: {what}", step.id));
    }
    for (slot, point) in &run.bindings.slots {
        left.push(format!("{slot}: {} {}", point.kind.words(), point.location));
    }
}

/// What a rehearsal that is over leaves on purpose, or may leave.
fn of_rehearsal(run: &RunState, site: &Site, left: &mut Vec<String>) {
    let plans = std::iter::once(&run.plan.plan).chain(run.back.as_ref().map(|back| &back.plan));
    let steps: Vec<_> = plans.flat_map(|plan| plan.steps()).collect();
    let deleted = |slot: &Slot| {
        steps.iter().any(|step| {
            matches!(&step.effect, Effect::Release { what: Releasable::SlotFiles { slot: of } } if of == slot)
                && run.is_done(&step.id)
        })
    };
    for step in steps.iter().filter(|step| run.is_begun(&step.id)) {
        match &step.effect {
            Effect::Prepare {
                what: Preparation::Unpack { component },
            } => {
                left.push(format!(
                    "the unpacked release of {}: the upgrade needs it",
                    version_of(site, component)
                ));
            }
            Effect::TakeRestorePoint { of, into, .. } if run.bindings.slot(into).is_none() => {
                let name = site.jobs.get(of).map_or(of.as_str(), |job| job.name.as_str());
                left.push(format!(
                    "a savepoint of {name} may have come to lie below {}: step {} asked for it and did not see it complete",
                    site.savepoints, step.id
                ));
            }
            _ => {}
        }
    }
    for (slot, point) in run.bindings.slots.iter().filter(|(slot, _)| !deleted(slot)) {
        left.push(format!(
            "{slot}: {} {}, which cannot be deleted from here: flink savepoint -d {}",
            point.kind.words(),
            point.location,
            point.location
        ));
    }
}

fn version_of(site: &Site, cluster: &ComponentId) -> String {
    let known = site.clusters.get(cluster);
    known.map_or_else(|| cluster.to_string(), |known| known.version.to_string())
}

/// A cluster as people know it: its release and where it answers.
fn told(site: &Site, cluster: &ComponentId) -> String {
    site.clusters.get(cluster).map_or_else(
        || cluster.to_string(),
        |known| format!("{} at {}", known.version, known.rest.url),
    )
}

fn open_ends(run: &RunState, left: &mut Vec<String>) {
    for step in run.open_intents() {
        left.push(format!("step {step} was begun and its end was not seen"));
    }
}

/// The last look, at the cluster that the plan ends on, held against what was wanted.
fn not_as_wanted(run: &RunState, site: &Site, facts: &Facts, left: &mut Vec<String>) {
    let plan = &run.plan.plan;
    let home = &facts.source;
    let cluster = match site.clusters.get(&ComponentId::new(NEW)) {
        Some(new) => {
            let old = site.clusters.get(&ComponentId::new(OLD));
            if old.is_some_and(|old| old.rest.authority() != new.rest.authority()) {
                left.push(format!(
                    "the system file names another address: it answers at {} now",
                    new.rest.url
                ));
            }
            NEW
        }
        None => OLD,
    };
    if home.version != plan.to {
        left.push(format!("{} answers, {} was wanted", home.version, plan.to));
    }
    jobs(run, site, home, cluster, left);
}

fn jobs(run: &RunState, site: &Site, home: &ClusterFacts, cluster: &str, left: &mut Vec<String>) {
    let seen = match home.jobs.as_result() {
        Ok(jobs) => jobs,
        Err(gap) => return left.push(format!("the jobs could not be looked at: {gap}")),
    };
    let parked = run.parked();
    for (id, job) in &site.jobs {
        let name = BindingName::new(format!("id/{}@{cluster}", job.name));
        let Some(now) = run.bindings.value(&name) else {
            if !parked.contains(id) {
                left.push(format!("{} was not started by the run", job.name));
            }
            continue;
        };
        match seen.iter().find(|j| j.id == now) {
            Some(found) if found.state == "RUNNING" => {}
            Some(found) => left.push(format!("{} ({now}) is {}", job.name, found.state)),
            None => left.push(format!("{} ({now}) is not there", job.name)),
        }
    }
}
