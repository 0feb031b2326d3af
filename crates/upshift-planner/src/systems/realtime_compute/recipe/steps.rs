//! The single steps: what is done, what must hold before and after, and the same in the words of the service's API.

use upshift_model::expect::Expectation;
use upshift_model::flink::ProbeAsk;
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::realtime_compute::{self as work, Deployed, Drafted, Place, Site};
use upshift_model::restore::RestorePointKind;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, ForeignId, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::timing;
use crate::build::Draft;

/// What all steps are made of.
pub(in crate::systems::realtime_compute) struct Hands<'a> {
    pub(in crate::systems::realtime_compute) site: &'a Site,
}

/// A start.
pub(in crate::systems::realtime_compute) struct Launch<'a> {
    pub(in crate::systems::realtime_compute) job: &'a ComponentId,
    pub(in crate::systems::realtime_compute) on: &'a ComponentId,
    pub(in crate::systems::realtime_compute) from: Option<Slot>,
    pub(in crate::systems::realtime_compute) why: Vec<String>,
}

/// Where the id of a copy is bound.
pub(super) fn id_of(place: &ComponentId) -> BindingName {
    BindingName::new(format!("deployment/{place}"))
}

/// Where the id of a draft is bound that the copy comes from.
pub(in crate::systems::realtime_compute) fn draft_of(place: &ComponentId) -> BindingName {
    BindingName::new(format!("draft/{place}"))
}

/// Where the id of a job is bound that was started in a place.
pub(in crate::systems::realtime_compute) fn job_of(place: &ComponentId) -> BindingName {
    BindingName::new(format!("job/{place}"))
}

/// The savepoint before anything is touched.
pub(super) fn before_of(job: &ComponentId) -> Slot {
    Slot::new(format!("before/{job}"))
}

/// The savepoint of the stop.
pub(super) fn last_of(job: &ComponentId) -> Slot {
    Slot::new(format!("S/{job}"))
}

impl Hands<'_> {
    fn deployed(&self, job: &ComponentId) -> &Deployed {
        let of = self.site.deployments.get(job);
        of.expect("a plan moves only deployments of its site")
    }

    /// The id of the deployment in a place.
    pub(in crate::systems::realtime_compute) fn id(&self, place: &ComponentId) -> ForeignId {
        match self.site.place(place) {
            Some(Place::Original(of)) => ForeignId::Seen(of.id.clone()),
            Some(Place::Clone(_)) | None => ForeignId::Bound(id_of(place)),
        }
    }

    /// The job is still the one that was seen.
    fn is_the_one(&self, job: &ComponentId) -> Expectation {
        Expectation::JobIs {
            cluster: job.clone(),
            job: job.clone(),
            id: self.deployed(job).job.clone(),
        }
    }

    /// All that makes the copy of a deployment: one call, or the way of a draft to a deployment.
    pub(super) fn copies(&self, job: &ComponentId, to: &ComponentId) -> Vec<Step> {
        match &self.deployed(job).draft {
            None => vec![self.copy(job, to)],
            Some(drafted) => vec![
                self.save_as(job, to, drafted),
                self.validate(job, to, drafted),
                self.deploy(job, to, drafted),
            ],
        }
    }

    fn save_as(&self, job: &ComponentId, to: &ComponentId, drafted: &Drafted) -> Step {
        let what = work::Preparation::SaveAs {
            of: job.clone(),
            to: to.clone(),
            into: draft_of(to),
        };
        let engine = &self.deployed(job).new;
        let folder = drafted.folder.as_deref().unwrap_or("the folder of the original");
        let what = Preparation::RealtimeCompute(what);
        Draft::new(Effect::Prepare { what }, timing::DOCUMENT_GIVE_UP)
            .by_hand(vec![format!(
                "# GetDeploymentDraft {}; CreateDeploymentDraft of it as {to} in {folder}, engineVersion {engine}",
                drafted.id
            )])
            .step()
    }

    fn validate(&self, job: &ComponentId, to: &ComponentId, drafted: &Drafted) -> Step {
        let what = work::Preparation::Validate {
            of: job.clone(),
            draft: draft_of(to),
        };
        let what = Preparation::RealtimeCompute(what);
        Draft::new(Effect::Prepare { what }, timing::TICKET_GIVE_UP)
            .by_hand(vec![format!(
                "# ValidateDeploymentDraftAsync {to}, {}; GetValidateDeploymentDraftResult until FINISHED",
                drafted.queue
            )])
            .step()
    }

    fn deploy(&self, job: &ComponentId, to: &ComponentId, drafted: &Drafted) -> Step {
        let what = Preparation::Clone {
            of: job.clone(),
            to: to.clone(),
            into: id_of(to),
        };
        Draft::new(Effect::Prepare { what }, timing::TICKET_GIVE_UP)
            .why(format!("by deploying the new draft into {}", drafted.queue))
            .by_hand(vec![format!(
                "# DeployDeploymentDraftAsync {to}, PER_JOB {}; GetDeployDeploymentDraftResult until FINISHED; GetDeployment {to}",
                drafted.queue
            )])
            .step()
    }

    fn copy(&self, job: &ComponentId, to: &ComponentId) -> Step {
        let what = Preparation::Clone {
            of: job.clone(),
            to: to.clone(),
            into: id_of(to),
        };
        let of = self.deployed(job);
        let engine = &of.new;
        let runs = of.program.as_ref();
        let runs_by_hand = runs.map_or_else(String::new, |program| format!(", jarUri {}", program.jar));
        Draft::new(Effect::Prepare { what }, timing::DOCUMENT_GIVE_UP)
            .why_all(runs.map(|program| format!("it runs {}, as [[program]] says", program.jar)))
            .by_hand(vec![format!(
                "# GetDeployment {job}; CreateDeployment of it as {to}, engineVersion {engine}{runs_by_hand}; GetDeployment {to}"
            )])
            .step()
    }

    pub(super) fn savepoint(&self, job: &ComponentId, form: RestorePointKind, why: Vec<String>) -> Step {
        let into = before_of(job);
        let effect = Effect::TakeRestorePoint {
            of: job.clone(),
            on: job.clone(),
            form,
            into,
        };
        let native = form == RestorePointKind::SavepointNative;
        Draft::new(effect, timing::SAVEPOINT_GIVE_UP)
            .before(self.is_the_one(job))
            .why_all(why)
            .tries(2)
            .by_hand(vec![format!(
                "# CreateSavepoint of {job}, nativeFormat {native}, with a description of your own; GetSavepoint until COMPLETED"
            )])
            .step()
    }

    pub(super) fn stop_into(&self, job: &ComponentId, form: RestorePointKind, why: Vec<String>) -> Step {
        let what = StopWhat::JobInto {
            job: job.clone(),
            on: job.clone(),
            form,
            into: last_of(job),
        };
        let id = &self.deployed(job).job;
        Draft::new(Effect::Stop { what }, timing::LEAVE_GIVE_UP)
            .before(self.is_the_one(job))
            .why_all(why)
            .tries(2)
            .downtime(Downtime::Begins)
            .by_hand(vec![format!(
                "# StopJob {id}, STOP_WITH_SAVEPOINT; GetJob until FINISHED; ListSavepoints for its savepoint"
            )])
            .step()
    }

    /// The job that was seen ends plainly.
    pub(in crate::systems::realtime_compute) fn stop_plainly(
        &self,
        job: &ComponentId,
        gated: bool,
        why: Vec<String>,
    ) -> Step {
        let id = self.deployed(job).job.clone();
        let before = gated.then(|| self.is_the_one(job));
        self.cancel(job, job, ForeignId::Seen(id), why, before)
    }

    /// A job that this run started ends; done, too, where none came of the start.
    pub(in crate::systems::realtime_compute) fn stop_started(
        &self,
        job: &ComponentId,
        on: &ComponentId,
    ) -> Step {
        let why = vec!["done also where no job came of the start".to_owned()];
        self.cancel(job, on, ForeignId::Bound(job_of(on)), why, None)
    }

    fn cancel(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        id: ForeignId,
        why: Vec<String>,
        before: Option<Expectation>,
    ) -> Step {
        let what = StopWhat::JobCancel {
            job: job.clone(),
            on: on.clone(),
            id,
        };
        Draft::new(Effect::Stop { what }, timing::LEAVE_GIVE_UP)
            .before_all(before)
            .why_all(why)
            .tries(2)
            .downtime(Downtime::Begins)
            .by_hand(vec![format!(
                "# ListJobs of {on}; StopJob of what is not over, NONE; GetJob until it is over"
            )])
            .step()
    }

    /// The engine that a deployment names becomes another one.
    pub(in crate::systems::realtime_compute) fn engine(&self, job: &ComponentId, forward: bool) -> Step {
        let of = self.deployed(job);
        let (from, to) = match forward {
            true => (of.old.clone(), of.new.clone()),
            false => (of.new.clone(), of.old.clone()),
        };
        let by_hand = vec![format!(
            "# UpdateDeployment {}: {{\"engineVersion\": \"{to}\"}} and nothing else",
            of.id
        )];
        let draft = (forward && of.kind == "SQLSCRIPT").then(|| {
            format!(
                "a draft that it came of is not touched and keeps {from}: whoever deploys it brings that back"
            )
        });
        let what = Preparation::Release {
            component: job.clone(),
            from,
            to,
        };
        Draft::new(Effect::Prepare { what }, timing::DOCUMENT_GIVE_UP)
            .why_all(draft)
            .tries(2)
            .by_hand(by_hand)
            .step()
    }

    pub(in crate::systems::realtime_compute) fn start(&self, launch: Launch<'_>) -> Step {
        let Launch { job, on, from, why } = launch;
        let restored = from.clone().map(|slot| Expectation::RestoredFrom {
            cluster: on.clone(),
            job: job.clone(),
            slot,
        });
        let strategy = match &from {
            Some(slot) => format!("FROM_SAVEPOINT, the savepoint of {slot}, allowNonRestoredState false"),
            None => "NONE".to_owned(),
        };
        let what = StartWhat::Job {
            job: job.clone(),
            on: on.clone(),
            jar: None,
            from,
            may_drop_state: false,
            into: job_of(on),
        };
        Draft::new(Effect::Start { what }, timing::START_GIVE_UP)
            .after(running(job, on))
            .after_all(restored)
            .why_all(why)
            .downtime(Downtime::Ends)
            .by_hand(vec![format!(
                "# StartJobWithParams of {on}, {strategy}; GetJob until RUNNING"
            )])
            .step()
    }

    /// What the job must show in a place: the engine as planned, its state from where it should be, a checkpoint of its
    /// own, no restart.
    pub(in crate::systems::realtime_compute) fn proven(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        from: Option<&Slot>,
    ) -> Vec<Expectation> {
        let of = self.deployed(job);
        let is_new = match self.site.place(on) {
            Some(Place::Clone(_)) => true,
            Some(Place::Original(_)) | None => false,
        };
        let version = if is_new || of.clone.is_none() {
            &of.new
        } else {
            &of.old
        };
        self.proven_as(job, on, from, version)
    }

    /// The same where the deployment was changed back.
    pub(in crate::systems::realtime_compute) fn proven_as(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        from: Option<&Slot>,
        version: &upshift_model::version::Version,
    ) -> Vec<Expectation> {
        let (cluster, job) = (on.clone(), job.clone());
        let mut all = vec![
            Expectation::ReleaseIs {
                component: cluster.clone(),
                version: version.clone(),
            },
            running(&job, on),
        ];
        all.extend(from.map(|slot| Expectation::RestoredFrom {
            cluster: cluster.clone(),
            job: job.clone(),
            slot: slot.clone(),
        }));
        all.push(Expectation::CheckpointCompleted {
            cluster: cluster.clone(),
            job: job.clone(),
        });
        all.push(Expectation::NoRestarts { cluster, job });
        all
    }

    pub(in crate::systems::realtime_compute) fn watch(
        &self,
        watch: Vec<Expectation>,
        hold_for: Millis,
        give_up: Millis,
    ) -> Step {
        let gate = Gate::Soak {
            watch,
            hold_for,
            every: self.every(),
            fail_after: timing::BAD_SAMPLES,
            blind_for: timing::BLIND,
        };
        Draft::new(Effect::Hold { gate }, give_up)
            .by_hand(vec![
                "# GetJob: RUNNING, observedFlinkJobRestarts 0; FlinkApiProxy /jobs/ID/checkpoints: latest.restored and counts.completed; /config: the engine".to_owned(),
            ])
            .step()
    }

    /// How often gates look: all of them at once take no more than half of the calls that may be sent.
    fn every(&self) -> Millis {
        let calls = u64::try_from(self.site.deployments.len()).unwrap_or(u64::MAX);
        let calls = calls.saturating_mul(timing::CALLS_A_LOOK);
        let least = match self.site.calls_per_second {
            Some(budget) => calls.saturating_mul(2_000) / u64::from(budget.max(1)),
            None => 0,
        };
        Millis(timing::EVERY.0.max(least))
    }

    /// A probe is asked for its value before anything changes.
    pub(super) fn baseline(&self, probe: &str) -> Step {
        let what = Preparation::Baseline {
            probe: probe.to_owned(),
            into: BindingName::new(format!("probe/{probe}")),
        };
        Draft::new(Effect::Prepare { what }, timing::DOCUMENT_GIVE_UP)
            .tries(3)
            .by_hand(self.ask(probe))
            .step()
    }

    /// Probes hold, for as long as the jobs are watched.
    pub(super) fn probes_hold(&self, hold_for: Millis) -> Step {
        let names = self.site.probes.keys();
        let watch = names
            .clone()
            .map(|probe| Expectation::ProbeHolds { probe: probe.clone() });
        let by_hand = names.flat_map(|probe| self.ask(probe)).collect();
        let step = self.watch(watch.collect(), hold_for, timing::PROBE_GIVE_UP);
        Step { by_hand, ..step }
    }

    fn ask(&self, probe: &str) -> Vec<String> {
        let line = self.site.probes.get(probe).map(|probe| match &probe.ask {
            ProbeAsk::Http(endpoint) => format!("curl -fsS {}", endpoint.url),
            ProbeAsk::Command(words) => words.join(" "),
        });
        line.into_iter().collect()
    }

    pub(super) fn finalize(&self) -> Step {
        let gate = Gate::Finalize { after: None };
        Draft::new(Effect::Hold { gate }, timing::NEVER).step()
    }

    pub(in crate::systems::realtime_compute) fn delete(&self, place: &ComponentId, why: Vec<String>) -> Step {
        let what = Releasable::Deployment {
            deployment: place.clone(),
            id: self.id(place),
        };
        Draft::new(Effect::Release { what }, timing::DOCUMENT_GIVE_UP)
            .why_all(why)
            .tries(2)
            .by_hand(vec![format!("# DeleteDeployment of {place}")])
            .step()
    }

    pub(in crate::systems::realtime_compute) fn delete_draft(
        &self,
        place: &ComponentId,
        why: Vec<String>,
    ) -> Step {
        let what = Releasable::Draft {
            draft: place.clone(),
            id: draft_of(place),
        };
        Draft::new(Effect::Release { what }, timing::DOCUMENT_GIVE_UP)
            .why_all(why)
            .tries(2)
            .by_hand(vec![format!("# DeleteDeploymentDraft of {place}")])
            .step()
    }

    pub(super) fn delete_savepoint(&self, slot: Slot) -> Step {
        let by_hand = vec![format!("# DeleteSavepoint of {slot}")];
        let what = Releasable::SlotFiles { slot };
        Draft::new(Effect::Release { what }, timing::DOCUMENT_GIVE_UP)
            .tries(2)
            .by_hand(by_hand)
            .step()
    }
}

fn running(job: &ComponentId, on: &ComponentId) -> Expectation {
    Expectation::JobRunning {
        cluster: on.clone(),
        job: job.clone(),
    }
}
