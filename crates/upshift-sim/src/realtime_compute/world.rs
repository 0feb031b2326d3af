//! The namespace: what is in it, and how a request becomes an answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::action::Action;
use super::answer::Answer;
use super::fault::{DRAWN, Fault, Injection};
use super::gate::Gate;
use super::jobs::Job;
use super::request::Request;
use super::savepoints::Point;
use super::setup::Setup;
use super::work::{Report, Work};
use crate::chance::Chance;

/// How long lists lag behind, and how long a deployment cannot be deleted, where that goes wrong.
pub(super) const LAG: i64 = 3_000;
/// How often a request goes wrong when a seed says so, of a hundred.
const OFTEN: usize = 10;

/// See the module.
#[derive(Debug)]
pub struct World {
    pub(super) setup: Setup,
    pub(super) gate: Gate,
    pub(super) deployments: Vec<Kept>,
    pub(super) drafts: Vec<Kept>,
    pub(super) jobs: Vec<Job>,
    pub(super) points: Vec<Point>,
    /// Results of tickets: what was asked, and when it is done.
    pub(super) tickets: BTreeMap<String, Value>,
    pub(super) events: Vec<Value>,
    pub(super) works: Vec<Work>,
    injections: Vec<Injection>,
    drawn: Option<Chance>,
    count: u64,
    /// Requests that were let in, by action.
    pub(super) asked: BTreeMap<&'static str, u64>,
}

/// A document that somebody gave, with what the service adds.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) fields: Map<String, Value>,
    pub(super) created: i64,
    pub(super) modified: i64,
    /// Changed since a job was last started of it.
    pub(super) changed: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// It is answered.
    Answer(Answer),
    /// It is done, and the connection ends without an answer.
    Lost,
    /// Flink is asked: of this engine, this path.
    Flink {
        /// The engine.
        engine: String,
        /// The path.
        path: String,
        /// Whether checkpoints in its answer are told as failed.
        unchecked: bool,
    },
}

/// Counts of what there is and was, for those who judge a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    /// Deployments that are there.
    pub deployments: usize,
    /// Savepoints that are there, of every origin and state.
    pub savepoints: usize,
    /// Jobs that were ever started.
    pub jobs: usize,
    /// Requests that were let in, by action.
    pub asked: BTreeMap<&'static str, u64>,
}

/// A request on its way through.
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) action: &'static Action,
    pub(super) parts: Vec<String>,
    pub(super) body: Value,
    pub(super) now: i64,
}

impl Asked<'_> {
    pub(super) fn part(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", String::as_str)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

impl World {
    /// An empty namespace.
    pub fn new(setup: Setup, injections: Vec<Injection>, seed: Option<u64>) -> Self {
        Self {
            gate: Gate::new(setup.keys.clone()),
            setup,
            deployments: Vec::new(),
            drafts: Vec::new(),
            jobs: Vec::new(),
            points: Vec::new(),
            tickets: BTreeMap::new(),
            events: Vec::new(),
            works: Vec::new(),
            injections,
            drawn: seed.map(Chance::of),
            count: 0,
            asked: BTreeMap::new(),
        }
    }

    /// Answers a request. Work that comes of it is taken with [`Self::take_works`].
    pub fn call(&mut self, request: &Request, now: i64) -> Told {
        let route = Action::of(request);
        let name = route.as_ref().map_or("", |(action, ..)| action.name);
        if let Err(no) = self.gateway(request, name, now) {
            return Told::Answer(no);
        }
        let Some((action, namespace, parts)) = route else {
            return Told::Answer(Answer::gateway(404, "InvalidApi.NotFound", "no such API"));
        };
        if let Err(no) = self.let_in(request, action, namespace) {
            return Told::Answer(no);
        }
        *self.asked.entry(action.name).or_default() += 1;
        let body = match request.body.as_slice() {
            [] => Value::Null,
            bytes => match serde_json::from_slice(bytes) {
                Ok(body) => body,
                Err(_) => {
                    return Told::Answer(Answer::gateway(400, "InvalidParameter", "the body is no JSON"));
                }
            },
        };
        let asked = Asked {
            request,
            action,
            parts,
            body,
            now,
        };
        let told = self.done(&asked);
        let mut answer = match told {
            Told::Answer(answer) => answer,
            other => return other,
        };
        if action.makes() && !answer.is_no() && self.strikes(Fault::LostAnswer, action.name) {
            return Told::Lost;
        }
        if action.makes() && !answer.is_no() && self.strikes(Fault::NonceUsed, action.name) {
            answer = Answer::gateway(400, "SignatureNonceUsed", "nonce already used");
        }
        if answer.is_no() && self.strikes(Fault::NoAsStatus, action.name) {
            answer = answer.into_status();
        }
        if self.strikes(Fault::NewWords, action.name) {
            answer.body["newInTheService"] = json!({ "since": "tomorrow" });
            if let Some(fields) = answer.body["data"].as_object_mut() {
                fields.insert("newInTheService".to_owned(), json!([1, "two", null]));
            }
        }
        Told::Answer(answer)
    }

    /// One thing more goes wrong from now on.
    pub fn inject(&mut self, injection: Injection) {
        self.injections.push(injection);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&mut self) {
        self.injections.clear();
    }

    /// Work that has come up since this was last asked.
    pub fn take_works(&mut self) -> Vec<Work> {
        std::mem::take(&mut self.works)
    }

    /// Jobs that have to be looked at: engine and id in Flink.
    pub fn watched(&self) -> Vec<(String, String)> {
        let watched = self.jobs.iter().filter(|job| job.is_watched());
        watched.map(|job| (job.engine.clone(), job.flink())).collect()
    }

    /// Something came of work, or of a look.
    pub fn hear(&mut self, report: Report, now: i64) {
        match report {
            Report::NotRun { job, why } => self.not_run(&job, &why, now),
            Report::Seen { job, look } => self.seen(&job, look, now),
            Report::Saved { point, result } => self.saved(&point, result, now),
            Report::Kept { job, location } => self.kept(&job, location, now),
        }
    }

    /// What there is.
    pub fn inside(&self) -> Inside {
        Inside {
            deployments: self.deployments.len(),
            savepoints: self.points.len(),
            jobs: self.jobs.len(),
            asked: self.asked.clone(),
        }
    }

    /// What happens before anybody looks at what is asked.
    fn gateway(&mut self, request: &Request, name: &str, now: i64) -> Result<(), Answer> {
        let mut shed = Answer::gateway(429, "Throttling.User", "flow control");
        shed.headers = vec![("x-acs-retry-after", "300".to_owned())];
        for (fault, answer) in [
            (Fault::Throttled, shed),
            (
                Fault::ThrottledPlainly,
                Answer::gateway(400, "Throttling.Api", "flow control"),
            ),
            (
                Fault::Unavailable,
                Answer::gateway(503, "ServiceUnavailable", "temporarily unavailable"),
            ),
        ] {
            if self.strikes(fault, name) {
                return Err(answer);
            }
        }
        if self.strikes(Fault::SignatureRefused, name) {
            return Err(Answer::gateway(
                400,
                "SignatureDoesNotMatch",
                "signature mismatch",
            ));
        }
        let ahead = if self.strikes(Fault::ClockAhead, name) {
            20 * 60 * 1000
        } else {
            0
        };
        self.gate.admit(request, now + ahead)
    }

    fn let_in(
        &mut self,
        request: &Request,
        action: &'static Action,
        namespace: Option<String>,
    ) -> Result<(), Answer> {
        if request.header("x-acs-action") != Some(action.name) {
            return Err(Answer::gateway(
                404,
                "InvalidApi.NotFound",
                "path and x-acs-action do not belong together",
            ));
        }
        if self.strikes(Fault::Denied, action.name) {
            let mut no = Answer::gateway(403, "NoPermission", "not authorized");
            no.body["AccessDeniedDetail"] = json!({ "AuthAction": format!("stream:{}", action.name) });
            return Err(no);
        }
        if action.name == "ListEditableNamespace" {
            return Ok(());
        }
        let proxied = request.asked("namespace");
        if namespace
            .or(proxied)
            .is_some_and(|named| named != self.setup.namespace)
        {
            return Err(Answer::no("990301", "namespace not found"));
        }
        match request.header("workspace") {
            Some(workspace) if workspace == self.setup.workspace => Ok(()),
            Some(_) => Err(Answer::no("990301", "workspace not found")),
            None => Err(Answer::gateway(
                400,
                "Missingworkspace",
                "header workspace is missing",
            )),
        }
    }

    fn done(&mut self, asked: &Asked<'_>) -> Told {
        let answer = match asked.action.name {
            "FlinkApiProxy" => return self.proxied(asked),
            "ListEngineVersionMetadata" => self.engines(),
            "ListDeploymentTargets" => self.queues(asked),
            "ListEditableNamespace" => self.editable(),
            "ListDeployments" | "GetDeploymentsByName" | "GetDeploymentsByLabel" => {
                self.list_deployments(asked)
            }
            "GetDeployment" => self.get_deployment(asked),
            "CreateDeployment" => self.create_deployment(asked),
            "UpdateDeployment" => self.update_deployment(asked),
            "DeleteDeployment" => self.delete_deployment(asked),
            "StartJobWithParams" | "StartJob" => self.start_job(asked),
            "StopJob" => self.stop_job(asked),
            "ListJobs" => self.list_jobs(asked),
            "GetJob" => self.get_job(asked),
            "DeleteJob" => self.delete_job(asked),
            "CreateSavepoint" => self.create_savepoint(asked),
            "ListSavepoints" => self.list_savepoints(asked),
            "GetSavepoint" => self.get_savepoint(asked),
            "DeleteSavepoint" => self.delete_savepoint(asked),
            "GetEvents" => self.list_events(asked),
            "GetLatestJobStartLog" => self.start_log(asked),
            "GetJobDiagnosis" => self.diagnosis(asked),
            _ => self.draft_call(asked),
        };
        Told::Answer(answer)
    }

    fn engines(&mut self) -> Answer {
        let mut engines = self.setup.engines.clone();
        if self.strikes(Fault::NewWords, "engines") {
            engines
                .iter_mut()
                .for_each(|engine| engine.status = "RECOMMENDED".to_owned());
        }
        let told = |engine: &super::setup::Engine| {
            json!({
                "engineVersion": engine.version, "status": engine.status,
                "features": { "supportNativeSavepoint": engine.is_native(), "useForSqlDeployments": true },
            })
        };
        Answer::data(json!({
            "defaultEngineVersion": engines.first().map(|engine| &engine.version),
            "engineVersionMetadata": engines.iter().map(told).collect::<Vec<_>>(),
        }))
    }

    fn queues(&self, asked: &Asked<'_>) -> Answer {
        let amount = |cpu: f64, memory: f64| json!({ "cpu": cpu, "memory": format!("{memory}Gi") });
        let queues = self.setup.queues.iter().map(|queue| {
            let (cpu, memory) = self.used(&queue.name);
            json!({
                "name": queue.name, "namespace": self.setup.namespace,
                "quota": { "limit": amount(queue.cpu, queue.memory), "used": amount(cpu, memory) },
            })
        });
        asked.page(&queues.collect::<Vec<_>>())
    }

    fn editable(&self) -> Answer {
        let one = json!({
            "WorkspaceId": self.setup.workspace, "Namespace": self.setup.namespace, "Role": "OWNER",
        });
        let mut answer = Answer::data(json!([one]));
        answer.body["message"] = json!("");
        answer.body["reason"] = json!("");
        answer
    }

    fn list_events(&self, asked: &Asked<'_>) -> Answer {
        let of = asked.request.asked("deploymentId");
        let ours = self
            .events
            .iter()
            .filter(|event| of.as_deref().is_none_or(|id| event["deploymentId"] == id));
        asked.page(&ours.rev().cloned().collect::<Vec<_>>())
    }

    pub(super) fn note(&mut self, deployment: &str, job: &str, name: &str, message: &str, now: i64) {
        let id = self.new_id(9);
        self.events.push(json!({
            "eventId": id, "eventName": name, "message": message, "deploymentId": deployment, "jobId": job,
            "createdAt": (now / 1000).to_string(), "namespace": self.setup.namespace,
            "workspace": self.setup.workspace,
        }));
    }

    /// Whether a fault strikes here and now; one that strikes a number of times has struck once more.
    pub(super) fn strikes(&mut self, fault: Fault, action: &str) -> bool {
        let fits = |one: &&mut Injection| {
            one.fault == fault
                && one.times != Some(0)
                && one.action.as_deref().is_none_or(|wanted| wanted == action)
        };
        if let Some(found) = self.injections.iter_mut().find(fits) {
            found.times = found.times.map(|left| left - 1);
            return true;
        }
        DRAWN.contains(&fault) && self.drawn.as_mut().is_some_and(|drawn| drawn.percent(OFTEN))
    }

    /// Whether a fault is on at all, without counting.
    pub(super) fn is_on(&self, fault: Fault) -> bool {
        self.injections
            .iter()
            .any(|one| one.fault == fault && one.times != Some(0))
    }

    /// Whether a list shows what was made at this time.
    pub(super) fn is_listed(&self, made: i64, now: i64) -> bool {
        !self.is_on(Fault::ListsLag) || made + LAG <= now
    }

    /// A new id. Without its dashes it is 32 hex digits, as Flink wants the ids of its jobs.
    pub(super) fn new_id(&mut self, kind: u16) -> String {
        self.count += 1;
        format!(
            "{:08x}-{kind:04x}-4000-8000-{:012x}",
            self.setup.origin, self.count
        )
    }
}

impl Asked<'_> {
    pub(super) fn page(&self, all: &[Value]) -> Answer {
        Answer::page(
            all,
            self.request.asked("pageIndex"),
            self.request.asked("pageSize"),
        )
    }
}
