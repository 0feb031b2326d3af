//! Where the simulated world stands on a step: arm by arm what the real driver's `standing` says.

mod cluster;
mod job;
mod savepoint;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::Intent;
use upshift_model::step::{Artifact, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::codes::refused;
use super::expectation::{Seen, evaluate};
use super::look::Look;

pub(super) use cluster::{missing, processes_before};
pub(super) use job::{find_to_cancel, upload_name};
pub(super) use savepoint::job_before;

pub(super) fn standing(look: &Look<'_>, step: &Step, intent: Option<&Intent>) -> Result<Standing, Fault> {
    match effect(look, step, intent)? {
        Standing::Ready(baseline) if is_untouched(look, step, intent)? => Ok(match before(look, step)? {
            None => Standing::Ready(baseline),
            Some(not_yet) => not_yet,
        }),
        Standing::Done(proof) => after(look, step, proof),
        other => Ok(other),
    }
}

fn effect(look: &Look<'_>, step: &Step, intent: Option<&Intent>) -> Result<Standing, Fault> {
    match &step.effect {
        Effect::TakeRestorePoint { of, on, form, into } => {
            savepoint::standing(look, (of, on), *form, into, false, intent)
        }
        Effect::AdoptCheckpoint { of, on, into } => savepoint::adopted(look, of, on, into),
        Effect::Prepare {
            what: Preparation::Unpack { component },
        } => cluster::unpacked(look, component),
        Effect::Prepare {
            what: Preparation::Baseline { probe, into },
        } => Ok(Standing::Done(
            Proof::of([format!("probe {probe:?} says \"1000\" before the switch")]).with(Binding::Value {
                name: into.clone(),
                value: "1000".to_owned(),
            }),
        )),
        Effect::Configure { component, change } => cluster::configured(look, component, change),
        Effect::Transfer {
            what: Artifact::Jar { job, to },
            into,
        } => job::uploaded(look, (job, to), into, intent),
        Effect::Stop {
            what: StopWhat::JobInto { job, on, form, into },
        } => savepoint::standing(look, (job, on), *form, into, true, intent),
        Effect::Stop {
            what: StopWhat::JobCancel { job, on, id },
        } => job::cancelled(look, (job, on), id),
        Effect::Stop {
            what: StopWhat::Cluster { cluster },
        }
        | Effect::Release {
            what: Releasable::ClusterProcesses { cluster },
        } => cluster::stopped(look, cluster, intent),
        Effect::Start {
            what:
                StartWhat::Cluster {
                    cluster,
                    release,
                    slots,
                },
        } => cluster::started(look, cluster, release, *slots, intent),
        Effect::Start {
            what: StartWhat::Job {
                job, on, from, into, ..
            },
        } => job::started(look, (job, on), from.as_ref(), into, intent),
        Effect::Release {
            what: Releasable::UploadedJar { cluster, jar },
        } => job::jar_released(look, cluster, jar),
        Effect::Release {
            what: Releasable::RestorePoint { slot },
        } => Ok(Standing::Done(Proof::of([format!(
            "what fills {slot} is no longer kept by the run"
        )]))),
        Effect::Release {
            what:
                Releasable::RestorePointFiles { .. } | Releasable::SlotFiles { .. } | Releasable::Scratch { .. },
        } => Err(refused(
            "no plan of an upgrade deletes the files of a restore point",
        )),
        Effect::Prove { .. }
        | Effect::Weka { .. }
        | Effect::Fluss { .. }
        | Effect::Prepare {
            what:
                Preparation::Evidence { .. }
                | Preparation::Canary { .. }
                | Preparation::Clone { .. }
                | Preparation::Release { .. }
                | Preparation::Alluxio(_)
                | Preparation::RealtimeCompute(_),
        }
        | Effect::Transfer {
            what: Artifact::Folder { .. },
            ..
        }
        | Effect::Stop {
            what: StopWhat::Server { .. } | StopWhat::Writers { .. },
        }
        | Effect::Start {
            what: StartWhat::Server { .. } | StartWhat::Restored { .. } | StartWhat::Writers { .. },
        }
        | Effect::Release {
            what: Releasable::Canary { .. } | Releasable::Deployment { .. } | Releasable::Draft { .. },
        } => Err(refused("a cluster of Flink is not replaced server by server")),
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => sample(look, watch),
        Effect::Hold {
            gate: Gate::Finalize { .. } | Gate::Judged { .. },
        } => Err(refused(
            "a person's word and a judgement are not asked of a cluster",
        )),
    }
}

/// Whether no try left half an effect that its repeat completes: then what is expected before is asked anew.
fn is_untouched(look: &Look<'_>, step: &Step, intent: Option<&Intent>) -> Result<bool, Fault> {
    let Some(intent) = intent else {
        return Ok(true);
    };
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Cluster { cluster },
        }
        | Effect::Release {
            what: Releasable::ClusterProcesses { cluster },
        } => cluster::is_all_there(look, cluster, intent),
        Effect::Start {
            what: StartWhat::Cluster { cluster, .. },
        } => cluster::is_gone(look, cluster),
        Effect::Prepare {
            what: Preparation::Unpack { .. },
        } => Ok(false),
        _ => Ok(true),
    }
}

fn before(look: &Look<'_>, step: &Step) -> Result<Option<Standing>, Fault> {
    for expectation in &step.before {
        match evaluate(look, expectation)? {
            Seen::Met(_) => {}
            Seen::NotYet(what) => return Ok(Some(Standing::Waiting(Progress::of(what)))),
            Seen::Bad(failure) => return Ok(Some(Standing::Waiting(Progress::of(failure.what)))),
            Seen::Broken(failure) => return Ok(Some(Standing::Contradicted(failure))),
        }
    }
    Ok(None)
}

fn after(look: &Look<'_>, step: &Step, mut proof: Proof) -> Result<Standing, Fault> {
    let mut bound = look.bound.clone();
    bound.absorb(&proof);
    let look = Look {
        bound: &bound,
        ..*look
    };
    for expectation in &step.after {
        match evaluate(&look, expectation)? {
            Seen::Met(fact) => proof.facts.push(fact),
            Seen::NotYet(what) => return Ok(Standing::Underway(Progress::of(what))),
            Seen::Bad(failure) => return Ok(Standing::Underway(Progress::of(failure.what))),
            Seen::Broken(failure) => return Ok(Standing::Failed(failure)),
        }
    }
    Ok(Standing::Done(proof))
}

fn sample(look: &Look<'_>, watch: &[Expectation]) -> Result<Standing, Fault> {
    let (mut facts, mut lacking) = (Vec::new(), None);
    for expectation in watch {
        match evaluate(look, expectation)? {
            Seen::Met(fact) => facts.push(fact),
            Seen::NotYet(what) => lacking = lacking.or(Some(what)),
            Seen::Bad(failure) | Seen::Broken(failure) => return Ok(Standing::Failed(failure)),
        }
    }
    Ok(match lacking {
        Some(what) => Standing::Waiting(Progress::of(what)),
        None => Standing::Underway(Progress::of(facts.join(", "))),
    })
}
