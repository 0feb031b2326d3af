//! Jobs: one start of a deployment each, with what the deployment was then. How a job stands is learned
//! from its cluster and never from a clock.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::fault::Fault;
use super::savepoints::Point;
use super::work::{Look, Run, Saving, Work};
use super::world::{Asked, Told, World};

/// One start.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) deployment: String,
    pub(super) engine: String,
    pub(super) state: String,
    pub(super) queue: String,
    pub(super) cost: (f64, f64),
    /// The deployment as it was.
    frozen: Map<String, Value>,
    restore: Value,
    look: Look,
    failure: Option<(String, String)>,
    started: i64,
    pub(super) ended: i64,
    /// Flink runs it again and again, by the fault of that name.
    loops: bool,
    /// Its checkpoints are told as failed, by the fault of that name.
    unchecked: bool,
}

impl Job {
    /// Whether it is over for good.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "FAILED" | "CANCELLED" | "FINISHED")
    }

    /// Whether its cluster has to be asked about it.
    pub(super) fn is_watched(&self) -> bool {
        !self.is_over() && self.failure.is_none()
    }

    /// Its id in Flink.
    pub(super) fn flink(&self) -> String {
        self.id.replace('-', "")
    }
}

/// The jar, class and arguments of a deployment; why there are none, otherwise.
pub(super) fn program(fields: &Map<String, Value>) -> Result<(String, Option<String>, Vec<String>), String> {
    let artifact = fields.get("artifact").unwrap_or(&Value::Null);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    match artifact["kind"].as_str().unwrap_or_default() {
        "JAR" => {
            let jar = &artifact["jarArtifact"];
            let uri = jar["jarUri"].as_str().ok_or("jarArtifact.jarUri is missing")?;
            let entry = jar["entryClass"]
                .as_str()
                .filter(|class| !class.is_empty())
                .map(str::to_owned);
            Ok((
                uri.to_owned(),
                entry,
                words(jar["mainArgs"].as_str().unwrap_or_default()),
            ))
        }
        // It runs no Python: a jar among its dependencies stands in for the program.
        "PYTHON" => {
            let python = &artifact["pythonArtifact"];
            let jars = python["additionalDependencies"].as_array().into_iter().flatten();
            let mut jars = jars.filter_map(Value::as_str).filter(|uri| uri.ends_with(".jar"));
            let jar = jars.next().ok_or(
                "the emulator runs no Python: a jar in pythonArtifact.additionalDependencies is run instead",
            )?;
            let args = words(python["mainArgs"].as_str().unwrap_or_default());
            Ok((jar.to_owned(), None, args))
        }
        "SQLSCRIPT" => {
            let script = artifact["sqlArtifact"]["sqlScript"].as_str().unwrap_or_default();
            let line = script
                .lines()
                .find_map(|line| line.trim().strip_prefix("-- emulator runs "));
            let mut line = words(line.ok_or(
                "the emulator reads no SQL: a line `-- emulator runs JAR ARGUMENTS` names what it runs instead",
            )?);
            let jar = if line.is_empty() {
                String::new()
            } else {
                line.remove(0)
            };
            Ok((jar, None, line))
        }
        other => Err(format!("the emulator runs no artifact of kind {other:?}")),
    }
}

impl World {
    pub(super) fn start_job(&mut self, asked: &Asked<'_>) -> Answer {
        let id = asked.text("deploymentId").to_owned();
        let Some(at) = self.deployments.iter().position(|one| one.id == id) else {
            return Answer::not_found();
        };
        let mut frozen = self.deployments[at].fields.clone();
        let is_batch = frozen.get("executionMode").is_some_and(|mode| mode == "BATCH");
        if !is_batch && self.jobs.iter().any(|job| job.deployment == id && !job.is_over()) {
            return Answer::no("Emulator.JobRuns", "the deployment has a job that is not over");
        }
        if let Some(Value::Array(given)) = asked.body.get("localVariables")
            && !given.is_empty()
        {
            frozen.insert("localVariables".to_owned(), json!(given));
        }
        let program = match program(&frozen) {
            Ok(program) => program,
            Err(why) => return Answer::no("Emulator.CannotRun", &why),
        };
        let restore = asked
            .body
            .get("restoreStrategy")
            .cloned()
            .unwrap_or_else(|| json!({ "kind": "NONE" }));
        let from = match self.restored(&id, &restore) {
            Ok(from) => from,
            Err(no) => return no,
        };
        let queue = asked.text("resourceQueueName");
        let own = frozen
            .get("deploymentTarget")
            .and_then(|target| target["name"].as_str())
            .unwrap_or_default();
        let queue = if queue.is_empty() { own } else { queue }.to_owned();
        let engine = frozen["engineVersion"].as_str().unwrap_or_default().to_owned();
        let job = Job {
            id: self.new_id(4),
            deployment: id,
            engine,
            state: "STARTING".to_owned(),
            cost: cost(&frozen),
            queue,
            frozen,
            restore,
            look: Look::default(),
            failure: None,
            started: asked.now,
            ended: 0,
            loops: false,
            unchecked: false,
        };
        self.deployments[at].changed = false;
        self.begin(job, program, from, asked.now)
    }

    fn begin(
        &mut self,
        mut job: Job,
        program: (String, Option<String>, Vec<String>),
        from: Option<Point>,
        now: i64,
    ) -> Answer {
        let stateful = from.is_some();
        let fails = if self.is_full(&job) || self.strikes(Fault::QueueFull, "StartJobWithParams") {
            Some((
                "KubernetesDeploymentNotProgressing",
                "exceeded quota: resourcequota",
            ))
        } else if stateful && self.strikes(Fault::IncompatibleState, "StartJobWithParams") {
            Some((
                "JobInitializationFailed",
                "cannot map savepoint state to the new program",
            ))
        } else if stateful && self.strikes(Fault::NewerSavepoint, "StartJobWithParams") {
            Some((
                "JobInitializationFailed",
                "Unsupported savepoint version: it was written by a newer engine",
            ))
        } else {
            None
        };
        job.loops = fails.is_none() && self.strikes(Fault::RestartLoop, "StartJobWithParams");
        job.unchecked = stateful && self.strikes(Fault::NoCheckpoint, "StartJobWithParams");
        let (jar, entry, args) = program;
        let flink_conf = job
            .frozen
            .get("flinkConf")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let run = Run {
            engine: job.engine.clone(),
            id: job.flink(),
            jar,
            entry,
            args,
            parallelism: parallelism(&job.frozen),
            conf: of_the_job(&flink_conf),
            from: from.map(|point| point.location),
            lax: job.restore["allowNonRestoredState"] == true,
        };
        let told = self.job_told(&job);
        self.note(
            &job.deployment,
            &job.id,
            "JobStarting",
            "the job is being started",
            now,
        );
        match fails {
            // The start itself was taken; what becomes of it shows a moment later.
            Some((reason, message)) => job.failure = Some((reason.to_owned(), message.to_owned())),
            None => self.works.push(Work::Run(run, self.setup.delays[0])),
        }
        self.jobs.push(job);
        Answer::data(told)
    }

    /// The savepoint that a strategy means.
    fn restored(&self, deployment: &str, restore: &Value) -> Result<Option<Point>, Answer> {
        let whole = |point: &&Point| point.deployment == deployment && point.state == "COMPLETED";
        match restore["kind"].as_str().unwrap_or("NONE") {
            "NONE" => Ok(None),
            "FROM_SAVEPOINT" => {
                let id = restore["savepointId"].as_str().unwrap_or_default();
                match self.points.iter().find(|point| point.id == id) {
                    Some(point) if point.state == "COMPLETED" => Ok(Some(point.clone())),
                    Some(_) => Err(Answer::no(
                        "Emulator.SavepointNotWhole",
                        "the savepoint is not completed",
                    )),
                    None => Err(Answer::not_found()),
                }
            }
            "LATEST_STATE" => Ok(self.points.iter().rfind(whole).cloned()),
            "LATEST_SAVEPOINT" => {
                let asked_for = |point: &&Point| whole(point) && point.origin != "RETAINED_CHECKPOINT";
                Ok(self.points.iter().rfind(asked_for).cloned())
            }
            other => Err(Answer::no(
                "Emulator.NoSuchStrategy",
                &format!("restore strategy {other}"),
            )),
        }
    }

    fn is_full(&self, job: &Job) -> bool {
        let (cpu, memory) = self.used(&job.queue);
        let queue = self.setup.queues.iter().find(|queue| queue.name == job.queue);
        queue.is_some_and(|q| cpu + job.cost.0 > q.cpu || memory + job.cost.1 > q.memory)
    }

    /// What jobs that are not over use of a queue.
    pub(super) fn used(&self, queue: &str) -> (f64, f64) {
        let running = self
            .jobs
            .iter()
            .filter(|job| job.queue == queue && !job.is_over());
        running.fold((0.0, 0.0), |(cpu, memory), job| {
            (cpu + job.cost.0, memory + job.cost.1)
        })
    }

    pub(super) fn stop_job(&mut self, asked: &Asked<'_>) -> Answer {
        let id = asked.part(0).to_owned();
        let Some(at) = self.jobs.iter().position(|job| job.id == id) else {
            return Answer::not_found();
        };
        if self.jobs[at].is_over() || self.jobs[at].state == "CANCELLING" {
            return Answer::data(self.job_told(&self.jobs[at]));
        }
        let how = match asked.text("stopStrategy") {
            "NONE" | "" => None,
            "STOP_WITH_SAVEPOINT" => Some(Saving::Stop),
            "STOP_WITH_DRAIN" => Some(Saving::Drain),
            other => return Answer::no("Emulator.NoSuchStrategy", &format!("stop strategy {other}")),
        };
        if how.is_some() && self.jobs[at].state != "RUNNING" {
            return Answer::no(
                "Emulator.JobNotRunning",
                "only a job that runs can be stopped with a savepoint",
            );
        }
        let job = self.jobs[at].clone();
        let delay = self.setup.delays[1];
        match how {
            None => self.works.push(Work::Cancel {
                engine: job.engine.clone(),
                job: job.flink(),
                delay,
            }),
            Some(how) => self.save(&job, "STOP_WITH_SAVEPOINT", how, None, "", asked.now),
        }
        self.jobs[at].state = "CANCELLING".to_owned();
        self.note(
            &job.deployment,
            &id,
            "JobStopping",
            "the job is being stopped",
            asked.now,
        );
        Answer::data(self.job_told(&self.jobs[at]))
    }

    pub(super) fn not_run(&mut self, flink: &str, why: &str, now: i64) {
        for job in self
            .jobs
            .iter_mut()
            .filter(|job| job.flink() == flink && !job.is_over())
        {
            job.failure = Some(("JobInitializationFailed".to_owned(), why.to_owned()));
            (job.state, job.ended) = ("FAILED".to_owned(), now);
        }
    }

    pub(super) fn seen(&mut self, flink: &str, look: Look, now: i64) {
        let mut news = Vec::new();
        for job in self
            .jobs
            .iter_mut()
            .filter(|job| job.flink() == flink && !job.is_over())
        {
            let next = match (look.word.as_str(), job.state.as_str()) {
                ("FAILED", _) => "FAILED",
                ("CANCELED", _) => "CANCELLED",
                ("FINISHED", _) => "FINISHED",
                (_, "STARTING") if look.whole => "RUNNING",
                (_, state) => state,
            };
            if let ("FAILED", Some(cause)) = (next, &look.cause) {
                job.failure = Some(("JobFailed".to_owned(), cause.clone()));
            }
            if next != job.state {
                news.push((job.deployment.clone(), job.id.clone(), next.to_owned()));
                job.state = next.to_owned();
                job.ended = if job.is_over() { now } else { 0 };
            }
            let counted = job.look.restarts;
            job.look = look.clone();
            if job.loops {
                (job.look.word, job.look.restarts) = ("RESTARTING".to_owned(), counted + 1);
            }
        }
        for (deployment, job, state) in news {
            self.note(
                &deployment,
                &job,
                "JobStateChanged",
                &format!("the job is {state}"),
                now,
            );
        }
    }

    /// A stop whose savepoint came to nothing leaves the job running.
    pub(super) fn runs_on(&mut self, id: &str) {
        for job in self
            .jobs
            .iter_mut()
            .filter(|job| job.id == id && job.state == "CANCELLING")
        {
            job.state = "RUNNING".to_owned();
        }
    }

    pub(super) fn list_jobs(&mut self, asked: &Asked<'_>) -> Answer {
        let Some(of) = asked.request.asked("deploymentId") else {
            return Answer::gateway(400, "MissingdeploymentId", "deploymentId is missing");
        };
        self.settle(asked.now);
        let ours = self
            .jobs
            .iter()
            .filter(|job| job.deployment == of && self.is_listed(job.started, asked.now));
        asked.page(&ours.rev().map(|job| self.job_told(job)).collect::<Vec<_>>())
    }

    pub(super) fn get_job(&mut self, asked: &Asked<'_>) -> Answer {
        self.settle(asked.now);
        match self.jobs.iter().find(|job| job.id == asked.part(0)) {
            Some(job) => Answer::data(self.job_told(job)),
            None => Answer::not_found(),
        }
    }

    /// Starts that fail by a fault have failed by now.
    fn settle(&mut self, now: i64) {
        for job in self
            .jobs
            .iter_mut()
            .filter(|job| job.failure.is_some() && !job.is_over())
        {
            (job.state, job.ended) = ("FAILED".to_owned(), now);
        }
    }

    pub(super) fn delete_job(&mut self, asked: &Asked<'_>) -> Answer {
        match self.jobs.iter().find(|job| job.id == asked.part(0)) {
            None => Answer::not_found(),
            Some(job) if !job.is_over() => Answer::no("Emulator.JobNotOver", "the job is not over"),
            Some(_) => {
                self.jobs.retain(|job| job.id != asked.part(0));
                Answer::data(Value::Null)
            }
        }
    }

    /// Flink itself is asked, with reading paths alone. The resource is a job or, as some clients have it,
    /// its deployment.
    pub(super) fn proxied(&mut self, asked: &Asked<'_>) -> Told {
        let resource = asked.request.asked("resourceId").unwrap_or_default();
        let path = asked.request.asked("flinkApiPath").unwrap_or_default();
        if asked.request.asked("resourceType").as_deref() != Some("jobs") || !path.starts_with('/') {
            return Told::Answer(Answer::no(
                "Emulator.NoSuchResource",
                "resourceType jobs, and a path",
            ));
        }
        let is_meant = |job: &&Job| job.id == resource || job.deployment == resource;
        match self.jobs.iter().rfind(is_meant) {
            Some(job) if job.is_over() => Told::Answer(Answer::no(
                "Emulator.JobNotRunning",
                "the job is over, and Flink with it",
            )),
            Some(job) => Told::Flink {
                engine: job.engine.clone(),
                unchecked: job.unchecked && path.ends_with("/checkpoints"),
                path,
            },
            None => Told::Answer(Answer::not_found()),
        }
    }

    pub(super) fn start_log(&mut self, asked: &Asked<'_>) -> Answer {
        let last = self.jobs.iter().rfind(|job| job.deployment == asked.part(0));
        let text = last.map(|job| match &job.failure {
            Some((reason, message)) => format!("job {} failed: {reason}: {message}", job.id),
            None => format!("job {} is {}", job.id, job.state),
        });
        Answer::data(json!(text.unwrap_or_default()))
    }

    pub(super) fn diagnosis(&mut self, asked: &Asked<'_>) -> Answer {
        let Some(job) = self.jobs.iter().find(|job| job.id == asked.part(1)) else {
            return Answer::not_found();
        };
        let ill = job.failure.is_some() || job.look.restarts > 0;
        let symptoms = match &job.failure {
            Some((reason, message)) => json!({ "startup": [{ "name": reason, "description": message }] }),
            None => json!({}),
        };
        Answer::data(json!({
            "diagnoseId": job.id, "diagnoseTime": asked.now, "healthScore": if ill { 40 } else { 100 },
            "riskLevel": if ill { "RISK_LEVEL_HIGH" } else { "" }, "symptoms": symptoms,
            "namespace": self.setup.namespace, "workspace": self.setup.workspace,
        }))
    }

    fn job_told(&self, job: &Job) -> Value {
        let mut status = json!({ "currentJobStatus": job.state });
        if let (Some((reason, message)), true) = (&job.failure, job.is_over()) {
            status["failure"] = json!({ "reason": reason, "message": message, "failedAt": job.ended / 1000 });
        }
        if job.state == "RUNNING" {
            status["running"] = json!({
                "observedFlinkJobRestarts": job.look.restarts, "observedFlinkJobStatus": job.look.word,
            });
            status["healthScore"] = json!(if job.look.restarts > 0 { 60 } else { 100 });
            status["riskLevel"] = json!("");
        }
        let (cpu, memory) = job.cost;
        let mut told = json!({
            "jobId": job.id, "deploymentId": job.deployment, "deploymentName": job.frozen.get("name"),
            "workspace": self.setup.workspace, "namespace": self.setup.namespace,
            "engineVersion": job.engine, "status": status, "restoreStrategy": job.restore,
            "metric": { "totalCpu": cpu, "totalMemoryByte": memory * f64::from(1 << 30) },
            "startTime": job.started / 1000, "endTime": job.ended / 1000,
            "createdAt": (job.started / 1000).to_string(),
        });
        for name in [
            "executionMode",
            "artifact",
            "flinkConf",
            "localVariables",
            "streamingResourceSetting",
        ] {
            told[name] = job.frozen.get(name).cloned().unwrap_or(Value::Null);
        }
        told["userFlinkConf"] = told["flinkConf"].clone();
        told
    }
}

fn parallelism(fields: &Map<String, Value>) -> Option<u64> {
    let basic = fields
        .get("streamingResourceSetting")?
        .get("basicResourceSetting")?;
    basic.get("parallelism")?.as_u64()
}

/// Cores and gibibytes of a job: one job manager, and a task manager for every so many slots.
fn cost(fields: &Map<String, Value>) -> (f64, f64) {
    let setting = fields
        .get("streamingResourceSetting")
        .map(|all| &all["basicResourceSetting"]);
    let spec = |name: &str| {
        let spec = setting.map(|all| &all[name]);
        let memory = spec
            .and_then(|all| all["memory"].as_str())
            .and_then(|text| text.trim_end_matches("Gi").parse().ok());
        (
            spec.and_then(|all| all["cpu"].as_f64()).unwrap_or(1.0),
            memory.unwrap_or(1.0),
        )
    };
    let slots = fields
        .get("flinkConf")
        .and_then(|conf| conf["taskmanager.numberOfTaskSlots"].as_u64());
    let managers = parallelism(fields)
        .unwrap_or(1)
        .div_ceil(slots.unwrap_or(1).max(1));
    let managers = f64::from(u32::try_from(managers).unwrap_or(u32::MAX));
    let (one, many) = (
        spec("jobmanagerResourceSettingSpec"),
        spec("taskmanagerResourceSettingSpec"),
    );
    (one.0 + managers * many.0, one.1 + managers * many.1)
}

/// What of a deployment's configuration belongs to its job. The rest is a cluster's, which is there already.
fn of_the_job(conf: &Map<String, Value>) -> BTreeMap<String, String> {
    const CLUSTERS: [&str; 5] = [
        "taskmanager.",
        "jobmanager.",
        "kubernetes.",
        "rest.",
        "high-availability",
    ];
    conf.iter()
        .filter(|(name, _)| !CLUSTERS.iter().any(|begin| name.starts_with(begin)))
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect()
}
