//! What a fault of the far side means for a Flink system: which process, which job, which savepoint.

use std::path::Path;

use upshift_model::expect::Expectation;
use upshift_model::flink::{NEW, OLD, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::proof::Bindings;
use upshift_model::step::{Effect, Releasable, StartWhat, Step, StopWhat};

use crate::direct::Fault;
use crate::flink::{JobManner, Machine, Restoring, Role, Saving};

/// How long a full disk stays full: long enough for several tries.
const FULL_MS: i64 = 8_000;
/// A job whose state cannot be read the first time it is needed runs for a while.
const LOOPS_AFTER_MS: i64 = 5_000;
/// How far back the state lies that somebody writes over a savepoint.
const OLDER_MS: i64 = 60_000;

pub(super) fn strike(
    machine: &mut Machine,
    site: &Site,
    bound: &Bindings,
    step: &Step,
    fault: Fault,
    now: i64,
) {
    let on = cluster_of(step);
    let conf = conf_of(machine, site, &on);
    match fault {
        Fault::DiskFull => machine.full_until = now + FULL_MS,
        Fault::FarSideRestarts => {
            if let Some(conf) = conf {
                machine.world.restarts(&conf, true, now);
            }
        }
        Fault::FarSideForgets => {
            if let Some(conf) = conf {
                machine.world.restarts(&conf, false, now);
            }
        }
        Fault::CacheLost => {
            if let Some(conf) = conf {
                machine.world.forget_triggers(&conf);
                machine.world.forget_jars(&conf);
            }
        }
        Fault::ProcessKilled => {
            let all = machine.all_processes().iter();
            let manager = all
                .filter(|p| p.role == Role::JobManager)
                .find(|p| Some(p.conf.display().to_string()) == conf);
            let pid = manager.map(|p| p.pid);
            if let Some(pid) = pid {
                machine.kill(pid, now);
            }
        }
        Fault::Stillborn => {
            let release = site.clusters.get(&on).map(|c| c.version.as_str().to_owned());
            release.map(|release| machine.stillborn.insert((release, Role::TaskManager), 1));
        }
        Fault::Loops => behave(machine, site, step, &|| Restoring::Restarts {
            after: LOOPS_AFTER_MS,
            cause: "java.lang.RuntimeException: the state cannot be read".to_owned(),
        }),
        Fault::StateLacking => lacks_state(machine, site, step),
        Fault::WrongState => {
            let other = bound
                .slots
                .iter()
                .find(|(slot, _)| slot.as_str().starts_with("trial/"));
            let other = other.map(|(_, point)| crate::flink::uri(&point.location));
            if let Some(other) = other {
                behave(machine, site, step, &|| Restoring::From(other.clone()));
            }
        }
        Fault::WrittenOver => written_over(machine, bound, step),
        Fault::Stranger => {
            // Nobody submits to a cluster that is on its way down.
            let going = |conf: &String| {
                let mut all = machine.processes(Path::new(conf));
                all.any(|p| p.gone_at.is_some())
            };
            if let Some(conf) = conf.filter(|conf| !going(conf)) {
                machine.world.submit(&conf, &"57".repeat(16), "stranger", now);
            }
        }
        _ => {}
    }
}

/// The cluster that a step is about.
fn cluster_of(step: &Step) -> ComponentId {
    let named = match &step.effect {
        Effect::TakeRestorePoint { on, .. } | Effect::AdoptCheckpoint { on, .. } => Some(on.clone()),
        Effect::Stop {
            what: StopWhat::JobInto { on, .. } | StopWhat::JobCancel { on, .. },
        } => Some(on.clone()),
        Effect::Stop {
            what: StopWhat::Cluster { cluster },
        }
        | Effect::Start {
            what: StartWhat::Cluster { cluster, .. },
        }
        | Effect::Release {
            what: Releasable::ClusterProcesses { cluster },
        } => Some(cluster.clone()),
        Effect::Start {
            what: StartWhat::Job { on, .. },
        } => Some(on.clone()),
        _ => None,
    };
    let proved = matches!(&step.effect, Effect::Hold { .. } | Effect::Release { .. });
    named.unwrap_or_else(|| ComponentId::new(if proved { NEW } else { OLD }))
}

fn conf_of(machine: &Machine, site: &Site, on: &ComponentId) -> Option<String> {
    let rest = &site.clusters.get(on)?.rest;
    Some(machine.answering(rest)?.display().to_string())
}

/// The job that the step starts behaves otherwise from now on, on the release it is started on.
fn behave(machine: &mut Machine, site: &Site, step: &Step, restoring: &dyn Fn() -> Restoring) {
    let Effect::Start {
        what: StartWhat::Job { job, on, .. },
    } = &step.effect
    else {
        return;
    };
    let (Some(planned), Some(cluster)) = (site.jobs.get(job), site.clusters.get(on)) else {
        return;
    };
    let manner = JobManner {
        restoring: restoring(),
        ..machine.world.manner_of(cluster.version.as_str(), &planned.name)
    };
    machine
        .world
        .will_behave(cluster.version.as_str(), &planned.name, manner);
}

/// The savepoint with which the job stops lacks the state of an operator.
fn lacks_state(machine: &mut Machine, site: &Site, step: &Step) {
    let Effect::Stop {
        what: StopWhat::JobInto { job, on, .. },
    } = &step.effect
    else {
        return;
    };
    if let (Some(planned), Some(cluster)) = (site.jobs.get(job), site.clusters.get(on)) {
        let release = cluster.version.as_str();
        let manner = JobManner {
            saving: Saving::LacksState,
            ..machine.world.manner_of(release, &planned.name)
        };
        machine.world.behave_from_here(release, &planned.name, manner);
    }
}

/// The restore point that a gate is about to read is another one by now.
fn written_over(machine: &mut Machine, bound: &Bindings, step: &Step) {
    let Effect::Hold {
        gate: Gate::Soak { watch, .. },
    } = &step.effect
    else {
        return;
    };
    let read = watch.iter().find_map(|e| match e {
        Expectation::Fits { slot, .. } => bound.slot(slot),
        _ => None,
    });
    let Some(location) = read.map(|point| crate::flink::uri(&point.location)) else {
        return;
    };
    if let Some(there) = machine.world.snapshots().get(&location) {
        let mut state = there.state.clone();
        state.until -= OLDER_MS;
        machine.world.write_over(&location, state);
    }
}
