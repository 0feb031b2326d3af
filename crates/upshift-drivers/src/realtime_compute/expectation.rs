//! What must be true of a job, held against a fresh look: at the service's word, and at Flink's own through its proxy.

use std::collections::BTreeMap;

use serde_json::Value;
use upshift_engine::driver::Fault;
use upshift_model::expect::Expectation;
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::proof::Bindings;
use upshift_model::record::Failure;
use upshift_model::version::Version;

use super::answers::Job;
use super::codes;
use super::driver::{RealtimeComputeDriver, failure};
use super::observe::flink_id;
use super::words::JobState;

/// The answer to one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It holds; in words.
    Met(String),
    /// It does not hold yet; what is missing.
    NotYet(String),
    /// It does not hold.
    Bad(Failure),
}

/// One look, in which everything is asked for once.
pub(super) struct Sight<'a> {
    driver: &'a RealtimeComputeDriver,
    bound: &'a Bindings,
    known: BTreeMap<ComponentId, String>,
    jobs: BTreeMap<String, Job>,
    checkpoints: BTreeMap<String, Value>,
}

impl<'a> Sight<'a> {
    pub(super) fn of(driver: &'a RealtimeComputeDriver, bound: &'a Bindings) -> Self {
        Self {
            driver,
            bound,
            known: BTreeMap::new(),
            jobs: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
        }
    }

    /// The same where the job of a place is known and not bound yet.
    pub(super) fn with_job(mut self, on: &ComponentId, id: &str) -> Self {
        self.known.insert(on.clone(), id.to_owned());
        self
    }

    pub(super) async fn evaluate(&mut self, expectation: &Expectation) -> Result<Seen, Fault> {
        match expectation {
            Expectation::JobIs { job, id, .. } => self.is_the_one(job, id).await,
            Expectation::JobRunning { cluster, .. } => self.runs(cluster).await,
            Expectation::NoRestarts { cluster, .. } => self.restarts(cluster).await,
            Expectation::ReleaseIs { component, version } => self.engine(component, version).await,
            Expectation::RestoredFrom { cluster, slot, .. } => self.restored(cluster, slot).await,
            Expectation::CheckpointCompleted { cluster, .. } => self.checkpoint(cluster).await,
            Expectation::Fits { slot, criteria } => self.driver.fits(slot, criteria, self.bound).await,
            Expectation::ProbeHolds { probe } => self.driver.probe_holds(probe, self.bound).await,
            other => Err(Fault::Refused(failure(
                codes::NOT_IN_THE_PLAN,
                format!("{other:?} is not asked of Realtime Compute"),
            ))),
        }
    }

    async fn job(&mut self, id: &str) -> Result<Option<Job>, Fault> {
        if !self.jobs.contains_key(id)
            && let Some(job) = self.driver.client.job(id).await?
        {
            self.jobs.insert(id.to_owned(), job);
        }
        Ok(self.jobs.get(id).cloned())
    }

    fn id_on(&self, on: &ComponentId) -> Option<String> {
        let name = BindingName::new(format!("job/{on}"));
        let known = self.known.get(on).map(String::as_str);
        known.or_else(|| self.bound.value(&name)).map(str::to_owned)
    }

    /// The job that the run started in a place.
    async fn job_on(&mut self, on: &ComponentId) -> Result<Result<Job, Failure>, Fault> {
        let Some(id) = self.id_on(on) else {
            let what = format!("no job was started on {on} by this run");
            return Err(Fault::Refused(failure(codes::NOT_IN_THE_PLAN, what)));
        };
        Ok(match self.job(&id).await? {
            Some(job) => Ok(job),
            None => Err(failure(
                codes::JOB_AWAY,
                format!("the service knows no job {id} any more"),
            )),
        })
    }

    async fn is_the_one(&mut self, job: &ComponentId, id: &str) -> Result<Seen, Fault> {
        let deployed = self.driver.deployed(job)?;
        Ok(match self.job(id).await? {
            Some(seen)
                if seen.status.current_job_status == JobState::Running
                    && seen.deployment_id == deployed.id =>
            {
                Seen::Met(format!("job {id} is RUNNING"))
            }
            Some(seen) => Seen::Bad(failure(
                codes::JOB_AWAY,
                format!("job {id} of {job} is {}", seen.status.current_job_status),
            )),
            None => Seen::Bad(failure(
                codes::JOB_AWAY,
                format!("the service knows no job {id} of {job} any more"),
            )),
        })
    }

    async fn runs(&mut self, on: &ComponentId) -> Result<Seen, Fault> {
        let job = match self.job_on(on).await? {
            Ok(job) => job,
            Err(failure) => return Ok(Seen::Bad(failure)),
        };
        let (id, state) = (&job.job_id, &job.status.current_job_status);
        let running = job.status.running.as_ref();
        let flink = running.and_then(|running| running.observed_flink_job_status.as_deref());
        let restarts = running
            .and_then(|running| running.observed_flink_job_restarts)
            .unwrap_or(0);
        Ok(match (state, flink) {
            (JobState::Running, Some("RUNNING")) => {
                Seen::Met(format!("job {id} is RUNNING, by Flink's word, too"))
            }
            (JobState::Running, Some(word)) if restarts > 0 => Seen::Bad(failure(
                codes::RESTARTS,
                format!(
                    "job {id} is RUNNING by the service's word, {word} by Flink's, after {restarts} restarts"
                ),
            )),
            (JobState::Running, word) => Seen::NotYet(format!(
                "job {id} is RUNNING, and {} by Flink's word",
                word.unwrap_or("nothing")
            )),
            (JobState::Starting | JobState::Other(_), _) => Seen::NotYet(format!("job {id} is {state}")),
            (JobState::Failed | JobState::Cancelled | JobState::Finished | JobState::Cancelling, _) => {
                Seen::Bad(failure(codes::JOB_AWAY, format!("job {id} of {on} is {state}")))
            }
        })
    }

    async fn restarts(&mut self, on: &ComponentId) -> Result<Seen, Fault> {
        let job = match self.job_on(on).await? {
            Ok(job) => job,
            Err(failure) => return Ok(Seen::Bad(failure)),
        };
        let running = job.status.running.as_ref();
        Ok(
            match running.and_then(|running| running.observed_flink_job_restarts) {
                Some(0) => Seen::Met("no restarts".to_owned()),
                Some(restarts) => Seen::Bad(failure(
                    codes::RESTARTS,
                    format!(
                        "job {} was restarted {restarts} times since its start",
                        job.job_id
                    ),
                )),
                None => Seen::NotYet(format!(
                    "the service does not say how often job {} was restarted",
                    job.job_id
                )),
            },
        )
    }

    /// A deployment that this run started nothing on, or whose lane was parked: what it names.
    async fn names(&self, on: &ComponentId, version: &Version) -> Result<Seen, Fault> {
        let seen = match self.driver.id_of(on, self.bound).await? {
            Some(id) => self.driver.client.deployment(&id).await?,
            None => None,
        };
        let told = seen
            .as_ref()
            .map_or("nothing that is there", |seen| seen.engine_version());
        Ok(match told.eq_ignore_ascii_case(version.as_str()) {
            true => Seen::Met(format!("{on} names {version}")),
            false => Seen::Bad(failure(
                codes::OTHER_ENGINE,
                format!("{on} names {told}, {version} was wanted"),
            )),
        })
    }

    /// By the service's word and by that of the Flink that runs.
    async fn engine(&mut self, on: &ComponentId, version: &Version) -> Result<Seen, Fault> {
        if self.id_on(on).is_none() {
            return self.names(on, version).await;
        }
        let job = match self.job_on(on).await? {
            Ok(job) => job,
            Err(failure) => return Ok(Seen::Bad(failure)),
        };
        let other = |what: String| Ok(Seen::Bad(failure(codes::OTHER_ENGINE, what)));
        let told = job
            .engine_version
            .as_deref()
            .unwrap_or("an engine that the service does not name");
        if !told.eq_ignore_ascii_case(version.as_str()) {
            return other(format!("job {} runs on {told}, {version} was wanted", job.job_id));
        }
        let config = self.driver.client.flink(&job.job_id, "/config").await?;
        match config
            .as_ref()
            .and_then(|config| config["flink-version"].as_str())
        {
            Some(build) if fits(build, version) => Ok(Seen::Met(format!("{version}, Flink says {build}"))),
            Some(build) => other(format!(
                "job {} runs on Flink {build}, {version} was wanted",
                job.job_id
            )),
            None => Ok(Seen::NotYet(format!(
                "the Flink of job {} does not tell its version",
                job.job_id
            ))),
        }
    }

    async fn checkpoints(&mut self, job: &str) -> Result<Value, Fault> {
        if let Some(seen) = self.checkpoints.get(job) {
            return Ok(seen.clone());
        }
        let id = flink_id(&self.driver.client, job).await?;
        let seen = self
            .driver
            .client
            .flink(job, &format!("/jobs/{id}/checkpoints"))
            .await?;
        let seen = seen.unwrap_or(Value::Null);
        self.checkpoints.insert(job.to_owned(), seen.clone());
        Ok(seen)
    }

    async fn restored(&mut self, on: &ComponentId, slot: &Slot) -> Result<Seen, Fault> {
        let job = match self.job_on(on).await? {
            Ok(job) => job,
            Err(failure) => return Ok(Seen::Bad(failure)),
        };
        let point = self.bound.slot(slot).ok_or_else(|| {
            Fault::Refused(failure(codes::NOT_IN_THE_PLAN, format!("nothing fills {slot}")))
        })?;
        let seen = self.checkpoints(&job.job_id).await?;
        Ok(match seen["latest"]["restored"]["external_path"].as_str() {
            Some(path) if plain(path) == plain(&point.location) => Seen::Met(format!("restored from {path}")),
            Some(path) => Seen::Bad(failure(
                codes::NOT_RESTORED,
                format!(
                    "job {} was restored from {path}, and not from {}",
                    job.job_id, point.location
                ),
            )),
            None => Seen::NotYet(format!(
                "Flink does not say from where job {} was restored",
                job.job_id
            )),
        })
    }

    async fn checkpoint(&mut self, on: &ComponentId) -> Result<Seen, Fault> {
        let job = match self.job_on(on).await? {
            Ok(job) => job,
            Err(failure) => return Ok(Seen::Bad(failure)),
        };
        let seen = self.checkpoints(&job.job_id).await?;
        let count = |name: &str| seen["counts"][name].as_u64();
        Ok(match (count("completed"), count("failed")) {
            (Some(0), Some(failed)) if failed > 0 => Seen::Bad(failure(
                codes::NO_CHECKPOINT,
                format!(
                    "no checkpoint of job {} has completed, {failed} have failed",
                    job.job_id
                ),
            )),
            (Some(0), _) => Seen::NotYet(format!("no checkpoint of job {} has completed yet", job.job_id)),
            (Some(completed), _) => Seen::Met(format!("{completed} checkpoints since")),
            (None, _) => Seen::NotYet(format!(
                "Flink does not tell the checkpoints of job {}",
                job.job_id
            )),
        })
    }
}

/// `1.17-vvr-8.0.11-4` fits `vvr-8.0.11-flink-1.17`, and so does `1.17.2`, which names no engine.
fn fits(build: &str, version: &Version) -> bool {
    let wanted = version.as_str().to_ascii_lowercase();
    let begins = |text: &str, with: &str| {
        text.strip_prefix(with)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let flink = wanted
        .rsplit_once("flink-")
        .is_some_and(|(_, flink)| begins(build, flink));
    let lower = build.to_ascii_lowercase();
    let engine = ["vvr-", "vera-"].iter().find_map(|line| {
        let told = lower.split_once(line)?.1;
        let number = wanted.strip_prefix(line)?.split('-').next()?;
        Some(begins(told, number))
    });
    flink && engine.unwrap_or(true)
}

/// Flink writes `file:/x` where others write `file:///x`.
fn plain(uri: &str) -> String {
    uri.replacen("file:///", "file:/", 1)
        .trim_end_matches('/')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{fits, plain};

    #[test]
    fn a_build_is_held_against_line_and_number() {
        let fits = |build: &str, version: &str| fits(build, &version.parse().expect("a version"));
        assert!(fits("1.17-vvr-8.0.11-4", "vvr-8.0.11-flink-1.17"));
        assert!(fits("1.20-vvr-11.7.0-3-jdk11", "vvr-11.7-jdk11-flink-1.20"));
        assert!(fits("1.20.5", "vvr-11.7-jdk11-flink-1.20"));
        assert!(!fits("1.17-vvr-8.0.11-4", "vvr-8.0.1-flink-1.17"));
        assert!(!fits("1.20-vvr-11.70.0", "vvr-11.7-jdk11-flink-1.20"));
        assert!(!fits("1.2.1", "vvr-11.7-jdk11-flink-1.20"));
        assert_eq!(plain("file:///s/savepoint-1/"), plain("file:/s/savepoint-1"));
    }
}
