//! Savepoints, and checkpoints that a cancelled job left.

use serde_json::{Value, json};

use super::answer::Answer;
use super::fault::Fault;
use super::jobs::Job;
use super::work::{Saving, Work};
use super::world::{Asked, World};

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) id: String,
    pub(super) deployment: String,
    job: String,
    pub(super) origin: &'static str,
    pub(super) state: &'static str,
    native: bool,
    drained: bool,
    description: String,
    pub(super) location: String,
    engine: String,
    failure: Option<String>,
    created: i64,
    ended: i64,
}

impl World {
    pub(super) fn create_savepoint(&mut self, asked: &Asked<'_>) -> Answer {
        let of = asked.text("deploymentId");
        if !self.deployments.iter().any(|one| one.id == of) {
            return Answer::not_found();
        }
        let running = self
            .jobs
            .iter()
            .find(|job| job.deployment == of && job.state == "RUNNING");
        let Some(job) = running.cloned() else {
            return Answer::no("Emulator.JobNotRunning", "the deployment has no job that runs");
        };
        let native = asked.body.get("nativeFormat").and_then(Value::as_bool);
        let engine = self
            .setup
            .engines
            .iter()
            .find(|engine| engine.version == job.engine);
        if native == Some(true) && !engine.is_some_and(super::setup::Engine::is_native) {
            return Answer::no(
                "Emulator.NoNativeSavepoint",
                "the engine takes no native savepoints",
            );
        }
        self.save(
            &job,
            "USER_REQUEST",
            Saving::On,
            native,
            asked.text("description"),
            asked.now,
        );
        Answer::data(
            self.points
                .last()
                .map_or(Value::Null, |point| self.point_told(point)),
        )
    }

    /// Begins a savepoint. Whoever does not say a form gets the native one, where the engine has it.
    pub(super) fn save(
        &mut self,
        job: &Job,
        origin: &'static str,
        how: Saving,
        native: Option<bool>,
        description: &str,
        now: i64,
    ) {
        let engine = self
            .setup
            .engines
            .iter()
            .find(|engine| engine.version == job.engine);
        let native = native.unwrap_or_else(|| engine.is_some_and(super::setup::Engine::is_native));
        let id = self.new_id(5);
        self.points.push(Point {
            id: id.clone(),
            deployment: job.deployment.clone(),
            job: job.id.clone(),
            origin,
            state: "STARTED",
            native,
            drained: how == Saving::Drain,
            description: description.to_owned(),
            location: String::new(),
            engine: job.engine.clone(),
            failure: None,
            created: now,
            ended: now,
        });
        if self.strikes(Fault::SavepointFails, "CreateSavepoint") {
            return self.saved(&id, Err("Checkpoint expired before completing.".to_owned()), now);
        }
        self.works.push(Work::Save {
            engine: job.engine.clone(),
            job: job.flink(),
            point: id,
            native,
            how,
            delay: self.setup.delays[2],
        });
    }

    pub(super) fn saved(&mut self, id: &str, result: Result<String, String>, now: i64) {
        let mut runs_on = None;
        for point in self.points.iter_mut().filter(|point| point.id == id) {
            point.ended = now;
            match &result {
                Ok(location) => (point.state, point.location) = ("COMPLETED", location.clone()),
                Err(why) => {
                    (point.state, point.failure) = ("FAILED", Some(why.clone()));
                    runs_on = Some(point.job.clone());
                }
            }
        }
        if let Some(job) = runs_on {
            self.runs_on(&job);
        }
    }

    /// A cancelled job's last checkpoint becomes a state of its deployment.
    pub(super) fn kept(&mut self, flink: &str, location: String, now: i64) {
        let Some(job) = self.jobs.iter().find(|job| job.flink() == flink).cloned() else {
            return;
        };
        let id = self.new_id(5);
        self.points.push(Point {
            id,
            deployment: job.deployment.clone(),
            job: job.id,
            origin: "RETAINED_CHECKPOINT",
            state: "COMPLETED",
            native: true,
            drained: false,
            description: String::new(),
            location,
            engine: job.engine,
            failure: None,
            created: now,
            ended: now,
        });
    }

    pub(super) fn list_savepoints(&mut self, asked: &Asked<'_>) -> Answer {
        let of = |name: &str| asked.request.asked(name);
        let (deployment, job) = (of("deploymentId"), of("jobId"));
        let ours = self.points.iter().filter(|point| {
            deployment.as_ref().is_none_or(|id| point.deployment == *id)
                && job.as_ref().is_none_or(|id| point.job == *id)
                && self.is_listed(point.created, asked.now)
        });
        asked.page(&ours.rev().map(|point| self.point_told(point)).collect::<Vec<_>>())
    }

    pub(super) fn get_savepoint(&mut self, asked: &Asked<'_>) -> Answer {
        match self.points.iter().find(|point| point.id == asked.part(0)) {
            Some(point) => Answer::data(self.point_told(point)),
            None => Answer::not_found(),
        }
    }

    pub(super) fn delete_savepoint(&mut self, asked: &Asked<'_>) -> Answer {
        let Some(at) = self.points.iter().position(|point| point.id == asked.part(0)) else {
            return Answer::not_found();
        };
        let point = self.points.remove(at);
        if !point.location.is_empty() {
            self.works.push(Work::Dispose {
                engine: point.engine,
                location: point.location,
            });
        }
        Answer::data(Value::Null)
    }

    fn point_told(&self, point: &Point) -> Value {
        let mut status = json!({ "state": point.state });
        if let Some(why) = &point.failure {
            status["failure"] =
                json!({ "reason": "CheckpointException", "message": why, "failedAt": point.ended / 1000 });
        }
        json!({
            "savepointId": point.id, "deploymentId": point.deployment, "jobId": point.job,
            "namespace": self.setup.namespace, "savepointOrigin": point.origin,
            "nativeFormat": point.native, "stopWithDrainEnabled": point.drained,
            "description": point.description, "savepointLocation": point.location, "status": status,
            "createdAt": point.created / 1000, "modifiedAt": point.ended / 1000,
        })
    }
}
