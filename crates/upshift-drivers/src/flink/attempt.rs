//! One try of a step: one arm an effect, each of which asks for exactly one change. What came of it is
//! for `standing` to see; nothing is repeated, waited for or remembered here.

use upshift_engine::driver::Fault;
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::restore::RestorePointKind;
use upshift_model::step::{
    Artifact, Change, Effect, ForeignId, Preparation, Releasable, StartWhat, Step, StopWhat,
};

use super::client::{RunJar, SavepointForm};
use super::conf::CarryOver;
use super::standing::{self, refused};
use super::unpack::unpack;
use super::{FlinkDriver, codes, launch};

pub(super) async fn attempt(
    driver: &FlinkDriver,
    step: &Step,
    bound: &Bindings,
    intent: &Intent,
) -> Result<(), Fault> {
    let call = Call {
        driver,
        bound,
        intent,
    };
    match &step.effect {
        Effect::TakeRestorePoint { on, form, .. } => call.take_savepoint(on, *form).await,
        Effect::Stop {
            what: StopWhat::JobInto { on, form, .. },
        } => call.stop_into(on, *form).await,
        Effect::Stop {
            what: StopWhat::JobCancel { job, on, id },
        } => call.cancel(job, on, id).await,
        Effect::Stop {
            what: StopWhat::Cluster { cluster },
        }
        | Effect::Release {
            what: Releasable::ClusterProcesses { cluster },
        } => call.stop_cluster(cluster),
        Effect::Start {
            what: StartWhat::Cluster { cluster, .. },
        } => call.start_cluster(cluster).await,
        Effect::Start {
            what:
                StartWhat::Job {
                    job,
                    on,
                    jar,
                    from,
                    may_drop_state,
                    ..
                },
        } => {
            let jar = jar.as_ref().ok_or_else(|| {
                let what = format!("step {} starts {job} of no jar", step.id);
                refused(codes::NOT_IN_THE_PLAN, what)
            })?;
            call.start_job((job, on), jar, from.as_ref(), *may_drop_state)
                .await
        }
        Effect::Prepare {
            what: Preparation::Unpack { component },
        } => call.unpack(component).await,
        Effect::Configure { change, .. } => call.configure(change),
        Effect::Transfer {
            what: Artifact::Jar { job, to },
            ..
        } => call.upload(job, to).await,
        Effect::Release {
            what: Releasable::UploadedJar { cluster, jar },
        } => call.delete_jar(cluster, jar).await,
        Effect::Release {
            what: Releasable::RestorePointFiles { location, .. },
        } => super::dispose::attempt(location),
        Effect::Release {
            what: Releasable::SlotFiles { slot },
        } => super::dispose::attempt_slot(slot, bound),
        Effect::Release {
            what: Releasable::Scratch { folder },
        } => super::scratch::attempt(folder),
        // These are of other systems.
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
            codes::NOT_IN_THE_PLAN,
            format!("step {} is none of a cluster of Flink", step.id),
        )),
        // These look, and change nothing: their standing is never `Ready`.
        Effect::AdoptCheckpoint { .. }
        | Effect::Prepare {
            what: Preparation::Baseline { .. },
        }
        | Effect::Release {
            what: Releasable::RestorePoint { .. },
        }
        | Effect::Hold {
            gate: Gate::Soak { .. } | Gate::Finalize { .. } | Gate::Judged { .. },
        } => Err(refused(
            codes::NOT_IN_THE_PLAN,
            format!("step {} has nothing to be tried", step.id),
        )),
    }
}

struct Call<'a> {
    driver: &'a FlinkDriver,
    bound: &'a Bindings,
    intent: &'a Intent,
}

impl Call<'_> {
    async fn take_savepoint(&self, on: &ComponentId, form: RestorePointKind) -> Result<(), Fault> {
        let (client, _) = self.driver.cluster(on)?;
        let (job, root) = (
            standing::job_before(self.intent)?,
            &self.driver.site()?.savepoints,
        );
        let form = SavepointForm::try_from(form).map_err(Fault::Refused)?;
        client.trigger_savepoint(job, root, form, &self.intent.key).await
    }

    async fn stop_into(&self, on: &ComponentId, form: RestorePointKind) -> Result<(), Fault> {
        let (client, _) = self.driver.cluster(on)?;
        let (job, root) = (
            standing::job_before(self.intent)?,
            &self.driver.site()?.savepoints,
        );
        let form = SavepointForm::try_from(form).map_err(Fault::Refused)?;
        client
            .stop_with_savepoint(job, root, form, &self.intent.key)
            .await
    }

    async fn cancel(&self, job: &ComponentId, on: &ComponentId, id: &ForeignId) -> Result<(), Fault> {
        let (client, _) = self.driver.cluster(on)?;
        let jobs = client.jobs().await?;
        let found = standing::find_to_cancel(self.driver, self.bound, &jobs, job, id)?;
        match found.map_err(Fault::Refused)? {
            Some(found) if !found.state.is_over() => client.cancel(&found.jid).await.map(|_| ()),
            Some(_) | None => Ok(()),
        }
    }

    fn stop_cluster(&self, cluster: &ComponentId) -> Result<(), Fault> {
        let installation = self.installation(cluster)?;
        launch::terminate(&standing::processes_before(self.intent, &installation.conf))
    }

    async fn start_cluster(&self, cluster: &ComponentId) -> Result<(), Fault> {
        let installation = self.installation(cluster)?;
        launch::start(installation, &standing::missing(installation)?).await
    }

    async fn start_job(
        &self,
        (job, on): (&ComponentId, &ComponentId),
        jar: &BindingName,
        from: Option<&Slot>,
        may_drop_state: bool,
    ) -> Result<(), Fault> {
        let (client, cluster) = self.driver.cluster(on)?;
        let submission = standing::submission(self.driver, job, on)?;
        let unbound = |what: String| refused(codes::NOT_IN_THE_PLAN, what);
        let jar = self
            .bound
            .value(jar)
            .ok_or_else(|| unbound(format!("no jar was uploaded as {jar}")))?;
        let point = match from {
            Some(slot) => Some(
                self.bound
                    .slot(slot)
                    .ok_or_else(|| unbound(format!("nothing fills {slot}")))?,
            ),
            None => None,
        };
        let run = RunJar {
            job_id: &self.intent.key,
            entry_class: submission.entry_class.as_deref(),
            args: &submission.args,
            parallelism: submission.parallelism,
            savepoint: point.map(|point| point.location.as_str()),
            allow_non_restored_state: may_drop_state,
            configuration: &submission.configuration,
        };
        match client.run_jar(&cluster.version, jar, &run).await {
            Ok(_) => Ok(()),
            // An earlier request of the same try arrived after all.
            Err(Fault::Refused(no)) if says_duplicate(&no) => Ok(()),
            Err(Fault::Refused(no)) => Err(Fault::Refused(Failure {
                code: codes::SUBMIT_REFUSED,
                what: format!("cluster {on} did not take {job}"),
                far_side: no.far_side.or(Some(no.what)),
            })),
            Err(unsure) => Err(unsure),
        }
    }

    async fn unpack(&self, component: &ComponentId) -> Result<(), Fault> {
        let (_, cluster) = self.driver.cluster(component)?;
        let installation = self.installation(component)?;
        let Some(archive) = &installation.archive else {
            return Err(refused(
                codes::NOT_IN_THE_PLAN,
                format!("no archive of {component} is named"),
            ));
        };
        let key = &self.intent.key;
        unpack(
            archive,
            &installation.home,
            &cluster.version,
            key,
            &self.driver.secrets,
        )
        .await
    }

    fn configure(&self, change: &Change) -> Result<(), Fault> {
        let mark = format!("upshift, try {}", self.intent.key);
        let written = CarryOver::of(change).carry_out(&mark);
        written.map(|_| ()).map_err(|e| Fault::Refused(e.failure()))
    }

    async fn upload(&self, job: &ComponentId, to: &ComponentId) -> Result<(), Fault> {
        let (client, _) = self.driver.cluster(to)?;
        let submission = standing::submission(self.driver, job, to)?;
        let name = standing::upload_name(&self.intent.key, submission);
        // The server takes the same file twice, and only one copy would be deleted in the end.
        if client.jars().await?.iter().any(|jar| jar.name == name) {
            return Ok(());
        }
        client.upload_jar(&submission.jar, &name).await.map(|_| ())
    }

    async fn delete_jar(&self, cluster: &ComponentId, jar: &BindingName) -> Result<(), Fault> {
        let (client, _) = self.driver.cluster(cluster)?;
        match self.bound.value(jar) {
            Some(id) => client.delete_jar(id).await.map(|_| ()),
            None => Ok(()),
        }
    }

    fn installation(&self, cluster: &ComponentId) -> Result<&upshift_model::flink::Installation, Fault> {
        let (_, planned) = self.driver.cluster(cluster)?;
        planned.installation.as_ref().ok_or_else(|| {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("the plan knows no installation of cluster {cluster}"),
            )
        })
    }
}

/// Flink refuses a second job of one id by these exceptions: 1.x by the first, 2.3 by the second.
fn says_duplicate(refusal: &Failure) -> bool {
    let known = [
        "DuplicateJobSubmissionException",
        "DuplicateApplicationSubmissionException",
    ];
    refusal
        .far_side
        .as_deref()
        .is_some_and(|cause| known.iter().any(|class| cause.starts_with(class)))
}
