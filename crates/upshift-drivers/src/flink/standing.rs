//! Where the world stands on a step: one arm an effect, each of which looks and compares with what
//! was intended and bound. Changes nothing, waits for nothing, repeats nothing.
//!
//! What holds for all effects is here: `before` is asked at the first try and at each repeat until
//! something was begun, and what looks done is done only when every `after` is met.

mod again;
mod cluster;
mod gate;
mod installation;
mod job;
mod restore_point;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::gate::Gate;
use upshift_model::ids::Code;
use upshift_model::proof::{Bindings, Proof};
use upshift_model::record::{Failure, Intent};
use upshift_model::step::{Artifact, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::FlinkDriver;
use super::expectation::{Seen, evaluate};

pub(super) use cluster::{Left, left_of, missing, processes_before};
pub(super) use job::{expected_id, find_to_cancel, submission, upload_name};
pub(super) use restore_point::job_before;

/// One look at one step.
struct Look<'a> {
    driver: &'a FlinkDriver,
    step: &'a Step,
    bound: &'a Bindings,
    intent: Option<&'a Intent>,
}

pub(super) async fn standing(
    driver: &FlinkDriver,
    step: &Step,
    bound: &Bindings,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let look = Look {
        driver,
        step,
        bound,
        intent,
    };
    match look.effect().await? {
        Standing::Ready(baseline) if look.is_untouched()? => match look.before().await? {
            None => Ok(Standing::Ready(baseline)),
            Some(not_yet) => Ok(not_yet),
        },
        Standing::Done(proof) => look.after(proof).await,
        other => Ok(other),
    }
}

impl Look<'_> {
    async fn effect(&self) -> Result<Standing, Fault> {
        use restore_point::Ending;
        match &self.step.effect {
            Effect::TakeRestorePoint { of, on, form, into } => {
                self.savepoint((of, on), *form, into, Ending::RunsOn).await
            }
            Effect::AdoptCheckpoint { of, on, into } => self.adopted(of, on, into).await,
            Effect::Prepare {
                what: Preparation::Unpack { component },
            } => self.unpacked(component).await,
            Effect::Prepare {
                what: Preparation::Baseline { probe, into },
            } => self.baseline(probe, into).await,
            Effect::Configure { component, change } => self.configured(component, change).await,
            Effect::Transfer {
                what: Artifact::Jar { job, to },
                into,
            } => self.uploaded(job, to, into).await,
            Effect::Stop {
                what: StopWhat::JobInto { job, on, form, into },
            } => self.savepoint((job, on), *form, into, Ending::Stops).await,
            Effect::Stop {
                what: StopWhat::JobCancel { job, on, id },
            } => self.cancelled(job, on, id).await,
            Effect::Stop {
                what: StopWhat::Cluster { cluster },
            }
            | Effect::Release {
                what: Releasable::ClusterProcesses { cluster },
            } => self.cluster_stopped(cluster).await,
            Effect::Start {
                what:
                    StartWhat::Cluster {
                        cluster,
                        release,
                        slots,
                    },
            } => self.cluster_started(cluster, release, *slots).await,
            Effect::Start {
                what: StartWhat::Job {
                    job, on, from, into, ..
                },
            } => self.job_started(job, on, from.as_ref(), into).await,
            Effect::Release {
                what: Releasable::UploadedJar { cluster, jar },
            } => self.jar_released(cluster, jar).await,
            Effect::Release {
                what: Releasable::RestorePointFiles { location, sha256 },
            } => super::dispose::standing(&self.driver.objects, location, sha256).await,
            Effect::Release {
                what: Releasable::SlotFiles { slot },
            } => super::dispose::standing_of_slot(&self.driver.objects, slot, self.bound).await,
            Effect::Release {
                what: Releasable::Scratch { folder },
            } => super::scratch::standing(folder),
            Effect::Release {
                what: Releasable::RestorePoint { slot },
            } => Ok(Standing::Done(Proof::of([format!(
                "what fills {slot} is no longer kept by the run; nothing was deleted"
            )]))),
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => self.sample(watch).await,
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
            } => Err(refused(
                super::codes::NOT_IN_THE_PLAN,
                "a cluster of Flink is not replaced server by server",
            )),
            Effect::Hold {
                gate: Gate::Finalize { .. } | Gate::Judged { .. },
            } => Err(refused(
                super::codes::NOT_IN_THE_PLAN,
                "a person's word and a judgement are not asked of a cluster",
            )),
        }
    }

    /// What keeps the step from being begun.
    async fn before(&self) -> Result<Option<Standing>, Fault> {
        for expectation in &self.step.before {
            match evaluate(self.driver, self.bound, expectation).await? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => return Ok(Some(Standing::Waiting(Progress::of(what)))),
                Seen::Bad(failure) => return Ok(Some(Standing::Waiting(Progress::of(failure.what)))),
                Seen::Broken(failure) => return Ok(Some(Standing::Contradicted(failure))),
            }
        }
        Ok(None)
    }

    /// What looks done, held against everything that must be true then.
    async fn after(&self, mut proof: Proof) -> Result<Standing, Fault> {
        let mut bound = self.bound.clone();
        bound.absorb(&proof);
        for expectation in &self.step.after {
            match evaluate(self.driver, &bound, expectation).await? {
                Seen::Met(fact) => proof.facts.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Underway(Progress::of(what))),
                Seen::Bad(failure) => return Ok(Standing::Underway(Progress::of(failure.what))),
                Seen::Broken(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(proof))
    }
}

pub(super) fn failure(code: Code, what: impl Into<String>) -> Failure {
    Failure {
        code,
        what: what.into(),
        far_side: None,
    }
}

pub(super) fn refused(code: Code, what: impl Into<String>) -> Fault {
    Fault::Refused(failure(code, what))
}
