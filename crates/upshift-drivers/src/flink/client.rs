//! Flink's REST API, typed, as servers of 1.16 to 2.3 speak it.
//!
//! One method a call. Nothing is cached, waited for or decided here. Where a body differs between
//! releases it is built for the server's: 1.16 to 1.19 refuse unknown fields, 1.20 and later drop
//! them in silence. Answers of Flink are cached by Flink for about 3 s (job details, checkpoint
//! statistics); only [`FlinkClient::job_status`] is fresh, and the rest must be read by the server's
//! own time stamps.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use upshift_engine::driver::Fault;
use upshift_model::ids::AttemptKey;
use upshift_model::record::Failure;
use upshift_model::restore::RestorePointKind;
use upshift_model::version::Version;

use super::answers::*;
use super::cause::last_cause;
use crate::wire::{Answer, Body, Http, codes};

/// A read that the server does not answer for so long says nothing any more: its own cached and
/// aggregated answers have an internal limit of 10 s (`web.timeout`).
const READ: Duration = Duration::from_secs(12);

/// A trigger is acknowledged before its work begins.
const TRIGGER: Duration = Duration::from_secs(30);

/// `run` executes the jar's `main` inside the request; a job that reads a catalogue or lists files
/// takes tens of seconds there.
const RUN: Duration = Duration::from_secs(300);

/// 1 GB over a slow 10 MB/s line, and some.
const UPLOAD: Duration = Duration::from_secs(180);

/// A Flink cluster's REST API.
#[derive(Debug, Clone)]
pub struct FlinkClient {
    http: Http,
}

/// A job's submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunJar<'a> {
    /// The id under which the job shall run, chosen before it is sent.
    pub job_id: &'a AttemptKey,
    /// The class with `main`; none leaves it to the jar's manifest.
    pub entry_class: Option<&'a str>,
    /// Arguments of `main`.
    pub args: &'a [String],
    /// Parallelism; none leaves it to job and cluster.
    pub parallelism: Option<u32>,
    /// Where to restore from; the claim mode is always NO_CLAIM.
    pub savepoint: Option<&'a str>,
    /// Whether state that no operator claims may be dropped.
    pub allow_non_restored_state: bool,
    /// Configuration of this job alone; sent to 1.17 and later, refused before sending otherwise.
    pub configuration: &'a BTreeMap<String, String>,
}

impl FlinkClient {
    /// Over this wire.
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// The address without its user part.
    pub fn address(&self) -> &str {
        self.http.address()
    }

    /// `GET /overview`: the release, slots and counts of jobs. The first call to make: an answer of
    /// anything but Flink is refused here by name.
    pub async fn overview(&self) -> Result<Overview, Fault> {
        self.read("/overview").await
    }

    /// `GET /config`: what the dashboard is told.
    pub async fn dashboard(&self) -> Result<Dashboard, Fault> {
        self.read("/config").await
    }

    /// `GET /jobmanager/config`: the effective configuration, sensitive values as the server shows
    /// them (it hides those it knows; see `super::sensitive` for the rest).
    pub async fn jobmanager_config(&self) -> Result<BTreeMap<String, String>, Fault> {
        let entries: Vec<ConfigEntry> = self.read("/jobmanager/config").await?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect())
    }

    /// `GET /taskmanagers`.
    pub async fn task_managers(&self) -> Result<Vec<TaskManager>, Fault> {
        Ok(self.read::<TaskManagers>("/taskmanagers").await?.taskmanagers)
    }

    /// `GET /jobs/overview`: every job that the server remembers, in the order of their start.
    pub async fn jobs(&self) -> Result<Vec<JobSummary>, Fault> {
        let mut jobs = self.read::<Jobs>("/jobs/overview").await?.jobs;
        jobs.sort_by(|a, b| (a.start_time, &a.jid).cmp(&(b.start_time, &b.jid)));
        Ok(jobs)
    }

    /// `GET /jobs/:id`; none when the server does not know the job. Up to 3 s old.
    pub async fn job(&self, job: &str) -> Result<Option<Job>, Fault> {
        self.read_known(&format!("/jobs/{job}")).await
    }

    /// `GET /jobs/:id/status`; none when the server does not know the job. Fresh.
    pub async fn job_status(&self, job: &str) -> Result<Option<JobState>, Fault> {
        let answer = self.http.get(&format!("/jobs/{job}/status"), READ).await?;
        // This one handler answers 500 for a job that it does not know (seen on 1.18.1 and 2.3.0).
        let unknown = answer.status == 500
            && errors_of(&answer)
                .is_some_and(|all| all.iter().any(|e| e.contains("FlinkJobNotFoundException")));
        if unknown || is_known_nothing(&answer) {
            return Ok(None);
        }
        Ok(Some(accepted(answer)?.json::<JobStatus>()?.status))
    }

    /// `GET /jobs/:id/checkpoints`; none when the server does not know the job, or the job does not
    /// checkpoint. Up to 3 s old.
    pub async fn checkpoints(&self, job: &str) -> Result<Option<Checkpoints>, Fault> {
        self.read_known(&format!("/jobs/{job}/checkpoints")).await
    }

    /// `GET /jobs/:id/checkpoints/config`; none as for [`Self::checkpoints`].
    pub async fn checkpoint_config(&self, job: &str) -> Result<Option<CheckpointConfig>, Fault> {
        self.read_known(&format!("/jobs/{job}/checkpoints/config")).await
    }

    /// `GET /jobs/:id/exceptions`: newest first; none when the server does not know the job.
    pub async fn exceptions(&self, job: &str) -> Result<Option<Vec<JobException>>, Fault> {
        let found: Option<Exceptions> = self.read_known(&format!("/jobs/{job}/exceptions")).await?;
        Ok(found.map(|found| {
            let mut entries = found.exception_history.entries;
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.timestamp));
            entries
        }))
    }

    /// `GET /jobs/:id/execution-result`: the useful line of why a job that is over failed; none when
    /// it did not, is not over, or is not known. Fresh.
    pub async fn failure_of(&self, job: &str) -> Result<Option<String>, Fault> {
        let found: Option<ExecutionResult> =
            self.read_known(&format!("/jobs/{job}/execution-result")).await?;
        Ok(found.and_then(ExecutionResult::cause))
    }

    /// `GET /jobs/:id/metrics?get=…`: metrics of the job itself, those that it has.
    pub async fn job_metrics(&self, job: &str, names: &[&str]) -> Result<BTreeMap<String, String>, Fault> {
        let found: Vec<Metric> = self
            .read(&format!("/jobs/{job}/metrics?get={}", names.join(",")))
            .await?;
        Ok(found
            .into_iter()
            .filter_map(|metric| Some((metric.id, metric.value?)))
            .collect())
    }

    /// Restarts since the job was submitted (metric `numRestarts`); none while the server has no
    /// such metric of it.
    pub async fn restarts(&self, job: &str) -> Result<Option<u64>, Fault> {
        let found = self.job_metrics(job, &["numRestarts"]).await?;
        Ok(found.get("numRestarts").and_then(|text| text.parse().ok()))
    }

    /// `GET /jars`: uploaded jars.
    pub async fn jars(&self) -> Result<Vec<UploadedJar>, Fault> {
        Ok(self.read::<Jars>("/jars").await?.files)
    }

    /// `POST /jars/upload` under the file name `name`; gives the server's id of the jar, which ends
    /// with that name. Uploads do not survive the job manager.
    pub async fn upload_jar(&self, jar: &Path, name: &str) -> Result<String, Fault> {
        let body = Body::File {
            field: "jarfile",
            path: jar.to_owned(),
            name: name.to_owned(),
        };
        let answer = accepted(
            self.http
                .change(Method::POST, "/jars/upload", body, UPLOAD)
                .await?,
        )?;
        let uploaded: Uploaded = answer.json()?;
        match uploaded.filename.rsplit(['/', '\\']).next() {
            Some(id) if uploaded.status == "success" && !id.is_empty() => Ok(id.to_owned()),
            _ => Err(answer.refused(codes::NOT_THE_API, "did not name the uploaded jar")),
        }
    }

    /// `DELETE /jars/:id`; false when the server does not have it.
    pub async fn delete_jar(&self, id: &str) -> Result<bool, Fault> {
        let answer = self
            .http
            .change(Method::DELETE, &format!("/jars/{id}"), Body::Empty, TRIGGER)
            .await?;
        // A jar that is not there is answered with 400, as other refusals are: the list tells which.
        if answer.status == 400 && !self.jars().await?.iter().any(|jar| jar.id == id) {
            return Ok(false);
        }
        accepted(answer).map(|_| true)
    }

    /// `POST /jars/:id/plan`: runs the jar's `main` inside the job manager and gives the job graph.
    pub async fn plan_jar(
        &self,
        id: &str,
        entry_class: Option<&str>,
        args: &[String],
        parallelism: Option<u32>,
    ) -> Result<JarPlan, Fault> {
        let mut body = json!({ "programArgsList": args });
        if let Some(parallelism) = parallelism {
            body["parallelism"] = json!(parallelism);
        }
        if let Some(class) = entry_class {
            body["entryClass"] = json!(class);
        }
        let answer = self
            .http
            .change(Method::POST, &format!("/jars/{id}/plan"), Body::Json(body), RUN)
            .await?;
        match (answer.status, errors_of(&answer)) {
            // Flink's words for a `main` that threw: an answer, and the same one the next time.
            (500, Some(errors)) => Err(Fault::Refused(Failure {
                code: crate::wire::codes::REQUEST_REFUSED,
                what: format!(
                    "{}: the jar's main failed before it called execute",
                    answer.asked()
                ),
                far_side: Some(useful(&errors)),
            })),
            _ => accepted(answer)?.json(),
        }
    }

    /// `POST /jars/:id/run` on a server of release `version`; gives the id under which the job runs.
    /// A second request with the same job id is refused by the server as long as it remembers the
    /// first.
    pub async fn run_jar(&self, version: &Version, jar: &str, run: &RunJar<'_>) -> Result<String, Fault> {
        let body = Body::Json(run.body(version)?);
        let answer = self
            .http
            .change(Method::POST, &format!("/jars/{jar}/run"), body, RUN)
            .await?;
        let started: Started = accepted(answer)?.json()?;
        Ok(started.jobid)
    }

    /// `POST /jobs/:id/stop`: stops with a savepoint, without draining. The answer means nothing but
    /// "asked", for unknown jobs, too; what came of it is told by [`Self::savepoint`].
    pub async fn stop_with_savepoint(
        &self,
        job: &str,
        directory: &str,
        form: SavepointForm,
        trigger: &AttemptKey,
    ) -> Result<(), Fault> {
        let body = json!({
            "targetDirectory": directory, "drain": false,
            "formatType": form.word(), "triggerId": trigger.as_hex(),
        });
        self.trigger(&format!("/jobs/{job}/stop"), body).await
    }

    /// `POST /jobs/:id/savepoints`: takes a savepoint and lets the job run. As with stopping, the
    /// answer means "asked".
    pub async fn trigger_savepoint(
        &self,
        job: &str,
        directory: &str,
        form: SavepointForm,
        trigger: &AttemptKey,
    ) -> Result<(), Fault> {
        let body = json!({
            "target-directory": directory, "cancel-job": false,
            "formatType": form.word(), "triggerId": trigger.as_hex(),
        });
        self.trigger(&format!("/jobs/{job}/savepoints"), body).await
    }

    /// `GET /jobs/:id/savepoints/:trigger`: what came of a savepoint or of a stop; none when the
    /// server does not know the trigger (never asked, forgotten after some minutes, or restarted).
    pub async fn savepoint(&self, job: &str, trigger: &str) -> Result<Option<SavepointStatus>, Fault> {
        let path = format!("/jobs/{job}/savepoints/{trigger}");
        let found: Option<AsyncAnswer> = self.read_known(&path).await?;
        Ok(found.map(SavepointStatus::from))
    }

    /// `POST /savepoint-disposal`; gives the id to ask for the result with.
    pub async fn dispose_savepoint(&self, location: &str) -> Result<String, Fault> {
        let body = Body::Json(json!({ "savepoint-path": location }));
        let answer = self
            .http
            .change(Method::POST, "/savepoint-disposal", body, TRIGGER)
            .await?;
        let triggered: Triggered = accepted(answer)?.json()?;
        Ok(triggered.request_id)
    }

    /// `GET /savepoint-disposal/:id`: what came of a disposal; none when the server does not know it.
    pub async fn disposal(&self, request: &str) -> Result<Option<DisposalStatus>, Fault> {
        let found: Option<AsyncAnswer> = self.read_known(&format!("/savepoint-disposal/{request}")).await?;
        Ok(found.map(DisposalStatus::from))
    }

    /// `PATCH /jobs/:id?mode=cancel`; false when the server does not know the job, or it is over.
    pub async fn cancel(&self, job: &str) -> Result<bool, Fault> {
        let path = format!("/jobs/{job}?mode=cancel");
        let answer = self
            .http
            .change(Method::PATCH, &path, Body::Empty, TRIGGER)
            .await?;
        // 409: the job is in a terminal state already (JobCancellationHandler).
        if matches!(answer.status, 404 | 409) {
            return Ok(false);
        }
        accepted(answer).map(|_| true)
    }

    async fn trigger(&self, path: &str, body: Value) -> Result<(), Fault> {
        let answer = self
            .http
            .change(Method::POST, path, Body::Json(body), TRIGGER)
            .await?;
        accepted(answer)?.json::<Triggered>().map(|_| ())
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        accepted(self.http.get(path, READ).await?)?.json()
    }

    async fn read_known<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Fault> {
        let answer = self.http.get(path, READ).await?;
        if is_known_nothing(&answer) {
            return Ok(None);
        }
        accepted(answer)?.json().map(Some)
    }
}

impl RunJar<'_> {
    /// The request body for a server of release `version`.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the release cannot take what is asked for; nothing was sent.
    pub fn body(&self, version: &Version) -> Result<Value, Fault> {
        let line = (version.major(), version.minor());
        let mut body = json!({
            "programArgsList": self.args,
            "jobId": self.job_id.as_hex(),
            "allowNonRestoredState": self.allow_non_restored_state,
        });
        if let Some(class) = self.entry_class {
            body["entryClass"] = json!(class);
        }
        if let Some(parallelism) = self.parallelism {
            body["parallelism"] = json!(parallelism);
        }
        if let Some(savepoint) = self.savepoint {
            body["savepointPath"] = json!(savepoint);
            // 1.20 renamed the field and still takes the old name; before it there is only that.
            let field = if line >= (1, 20) {
                "claimMode"
            } else {
                "restoreMode"
            };
            body[field] = json!("NO_CLAIM");
        }
        if !self.configuration.is_empty() {
            if line < (1, 17) {
                return Err(Fault::Refused(Failure {
                    code: super::codes::RELEASE_TAKES_NO_CONFIGURATION,
                    what: format!("Flink {version} takes no configuration with a submitted job; needed 1.17"),
                    far_side: None,
                }));
            }
            body["flinkConfiguration"] = json!(self.configuration);
        }
        Ok(body)
    }
}

/// The forms of a savepoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavepointForm {
    /// Read by every state backend.
    Canonical,
    /// The backend's own.
    Native,
}

impl SavepointForm {
    /// The word in a request.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Canonical => "CANONICAL",
            Self::Native => "NATIVE",
        }
    }
}

impl TryFrom<RestorePointKind> for SavepointForm {
    type Error = Failure;

    fn try_from(kind: RestorePointKind) -> Result<Self, Failure> {
        match kind {
            RestorePointKind::SavepointCanonical => Ok(Self::Canonical),
            RestorePointKind::SavepointNative => Ok(Self::Native),
            RestorePointKind::Checkpoint => Err(Failure {
                code: super::codes::NOT_A_SAVEPOINT_FORM,
                what: "a checkpoint was asked for where only a savepoint can be taken".to_owned(),
                far_side: None,
            }),
        }
    }
}

/// The texts of Flink's `{"errors": […]}`; none when that is not what the body is.
fn errors_of(answer: &Answer) -> Option<Vec<String>> {
    let errors: Errors = serde_json::from_slice(&answer.body).ok()?;
    Some(errors.errors)
}

/// Whether Flink itself says that there is no such thing.
fn is_known_nothing(answer: &Answer) -> bool {
    answer.status == 404 && errors_of(answer).is_some()
}

/// The answer if it is 2xx; otherwise the fault, with the useful line of Flink's error text.
fn accepted(answer: Answer) -> Result<Answer, Fault> {
    let status = answer.status;
    let asked = answer.asked().to_owned();
    let cause = errors_of(&answer).map(|errors| useful(&errors));
    match (answer.ok(), cause) {
        (Ok(answer), _) => Ok(answer),
        (Err(Fault::Refused(failure)), Some(cause)) => Err(Fault::Refused(Failure {
            far_side: Some(cause),
            ..failure
        })),
        // A 404 that is not in Flink's own words comes from something else at that address.
        (Err(Fault::Refused(failure)), None) if status == 404 => Err(Fault::Refused(Failure {
            code: codes::NOT_THE_API,
            ..failure
        })),
        (Err(Fault::Transient(_)), Some(cause)) => {
            Err(Fault::Transient(format!("{asked}: status {status}: {cause}")))
        }
        (Err(Fault::Ambiguous(_)), Some(cause)) => {
            Err(Fault::Ambiguous(format!("{asked}: status {status}: {cause}")))
        }
        (Err(fault), None) => Err(fault),
    }
}

/// The causes, without the line that says nothing.
fn useful(errors: &[String]) -> String {
    const SAYS_NOTHING: &str = "Internal server error.";
    let causes: Vec<String> = errors
        .iter()
        .filter(|e| *e != SAYS_NOTHING)
        .map(|e| last_cause(e))
        .collect();
    if causes.is_empty() {
        errors.join("; ")
    } else {
        causes.join("; ")
    }
}
