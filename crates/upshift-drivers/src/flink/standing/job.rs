//! Jobs: their jars brought to a cluster and taken away again, started, cancelled.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::flink::Submission;
use upshift_model::ids::{AttemptKey, BindingName, ComponentId, Slot};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Failure};
use upshift_model::step::ForeignId;

use super::super::answers::{JobState, JobSummary};
use super::super::client::FlinkClient;
use super::super::expectation::file_is;
use super::super::{FlinkDriver, codes};
use super::cluster::{Left, left_of};
use super::restore_point::known_id;
use super::{Look, failure, refused};

/// The file name under which a jar is uploaded. The key in it is how a later look knows the upload of
/// this very try: the server puts a random id before the name and keeps the rest.
pub(in super::super) fn upload_name(key: &AttemptKey, submission: &Submission) -> String {
    let name = submission
        .jar
        .file_name()
        .map_or("job.jar".into(), |name| name.to_string_lossy());
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(plain).collect();
    // The server takes nothing that does not end like a jar.
    let end = if name.ends_with(".jar") { "" } else { ".jar" };
    format!("{key}-{name}{end}")
}

impl Look<'_> {
    pub(super) async fn uploaded(
        &self,
        job: &ComponentId,
        to: &ComponentId,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let (client, _) = self.driver.cluster(to)?;
        let submission = submission(self.driver, job, to)?;
        if let Some(intent) = self.intent {
            let name = upload_name(&intent.key, submission);
            let jars = client.jars().await?;
            if let Some(jar) = jars.into_iter().find(|jar| jar.name == name) {
                let facts = [format!(
                    "cluster {to} has {} as {}",
                    submission.jar.display(),
                    jar.id
                )];
                let binding = Binding::Value {
                    name: into.clone(),
                    value: jar.id,
                };
                return Ok(Standing::Done(Proof::of(facts).with(binding)));
            }
        }
        match file_is(&submission.jar, &submission.jar_sha256).await {
            Ok(_) => Ok(Standing::Ready(Baseline::default())),
            Err(changed) => Ok(Standing::Contradicted(changed)),
        }
    }

    pub(super) async fn jar_released(
        &self,
        cluster: &ComponentId,
        jar: &BindingName,
    ) -> Result<Standing, Fault> {
        let (client, _) = self.driver.cluster(cluster)?;
        let Some(id) = self.bound.value(jar) else {
            return Ok(Standing::Done(Proof::of([format!(
                "no jar was uploaded as {jar}"
            )])));
        };
        if left_of(self.driver, cluster).await? != Left::Manager {
            let fact = format!("cluster {cluster} is gone, and {id} with it");
            return Ok(Standing::Done(Proof::of([fact])));
        }
        let there = client.jars().await?.iter().any(|jar| jar.id == id);
        Ok(match there {
            true => Standing::Ready(Baseline::default()),
            false => Standing::Done(Proof::of([format!("cluster {cluster} has no jar {id}")])),
        })
    }

    pub(super) async fn cancelled(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        id: &ForeignId,
    ) -> Result<Standing, Fault> {
        let (client, _) = self.driver.cluster(on)?;
        match (left_of(self.driver, on).await?, id) {
            (Left::Nothing, _) => {
                let fact = format!("cluster {on} is gone, and its jobs with it");
                return Ok(Standing::Done(Proof::of([fact])));
            }
            // No job was ever seen to run there: the cluster did not come up.
            (Left::TaskManagers, ForeignId::Bound(name)) if self.bound.value(name).is_none() => {
                let fact = format!("cluster {on} has no job manager, and no job of this run ran there");
                return Ok(Standing::Done(Proof::of([fact])));
            }
            // Tasks go on without their job manager until its heartbeat is missed (50 s by default).
            (Left::TaskManagers, _) => {
                let what = format!("cluster {on} has task managers and no job manager: end them by hand");
                return Ok(Standing::Waiting(Progress::of(what)));
            }
            (Left::Manager, _) => {}
        }
        let jobs = client.jobs().await?;
        let found = match find_to_cancel(self.driver, self.bound, &jobs, job, id)? {
            Ok(found) => found,
            Err(doubled) => return Ok(Standing::Contradicted(doubled)),
        };
        Ok(match found {
            None => Standing::Done(Proof::of([format!("no {job} to cancel on cluster {on}")])),
            Some(seen) if seen.state.is_over() => {
                Standing::Done(Proof::of([format!("job {} is {}", seen.jid, seen.state)]))
            }
            Some(seen) if seen.state == JobState::Cancelling => {
                Standing::Underway(Progress::of(format!("job {} is {}", seen.jid, seen.state)))
            }
            // Cancelling twice is cancelling once.
            Some(_) => Standing::Ready(Baseline::default()),
        })
    }

    pub(super) async fn job_started(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        from: Option<&Slot>,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let (client, _) = self.driver.cluster(on)?;
        let name = &self.driver.job(job)?.name;
        let jobs = client.jobs().await?;
        let key = self.intent.map(|intent| intent.key.as_hex());
        let others = jobs.iter().filter(|j| j.name == *name && !j.state.is_over());
        let mut others = others.filter(|j| Some(j.jid.as_str()) != key);
        if let Some(other) = others.next() {
            let what = format!(
                "job {name} is {} on cluster {on} already, as {}",
                other.state, other.jid
            );
            return Ok(Standing::Contradicted(failure(codes::DOUBLED_JOB, what)));
        }
        if let Some(slot) = from.filter(|slot| self.bound.slot(slot).is_none()) {
            return Err(refused(
                codes::NOT_IN_THE_PLAN,
                format!("nothing fills {slot}, which {job} starts from"),
            ));
        }
        match jobs.iter().find(|j| Some(j.jid.as_str()) == key) {
            // The server refuses a job id that it knows, so asking once more starts no second job.
            None => Ok(Standing::Ready(Baseline::default())),
            Some(mine) => self.submitted(client, mine, into).await,
        }
    }

    async fn submitted(
        &self,
        client: &FlinkClient,
        job: &JobSummary,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let id = &job.jid;
        let failed = |cause: Option<String>| {
            let what = format!("job {} ({id}) is {} after it was started", job.name, job.state);
            Standing::Failed(Failure {
                code: codes::JOB_FAILED,
                what,
                far_side: cause,
            })
        };
        Ok(match &job.state {
            JobState::Running if job.all_running() => {
                let (running, total) = job.tasks_running();
                let fact = format!("job {id} is RUNNING, {running} of {total} tasks running");
                let binding = Binding::Value {
                    name: into.clone(),
                    value: id.clone(),
                };
                Standing::Done(Proof::of([fact]).with(binding))
            }
            JobState::Running => {
                let (running, total) = job.tasks_running();
                Standing::Underway(Progress::of(format!(
                    "job {id}: {running} of {total} tasks running"
                )))
            }
            JobState::Failed => failed(client.failure_of(id).await?),
            JobState::Failing | JobState::Restarting => {
                let exceptions = client.exceptions(id).await?;
                match exceptions.and_then(|all| all.into_iter().next()) {
                    Some(newest) => failed(Some(newest.cause())),
                    // The history may be 3 s old; without a cause the failure would say nothing.
                    None => Standing::Underway(Progress::of(format!(
                        "job {id} is {}, cause not told yet",
                        job.state
                    ))),
                }
            }
            JobState::Canceled | JobState::Cancelling | JobState::Suspended => {
                let what = format!("job {} ({id}) is {}, and not by this step", job.name, job.state);
                Standing::Contradicted(failure(codes::JOB_GONE, what))
            }
            JobState::Finished => failed(Some("it came to its end by itself".to_owned())),
            JobState::Initializing | JobState::Created | JobState::Reconciling | JobState::Other(_) => {
                Standing::Underway(Progress::of(format!("job {id} is {}", job.state)))
            }
        })
    }
}

/// How the job is submitted to the cluster.
pub(in super::super) fn submission<'d>(
    driver: &'d FlinkDriver,
    job: &ComponentId,
    on: &ComponentId,
) -> Result<&'d Submission, Fault> {
    driver.job(job)?.submissions.get(on).ok_or_else(|| {
        refused(
            codes::NOT_IN_THE_PLAN,
            format!("the plan does not say how {job} is submitted to cluster {on}"),
        )
    })
}

/// The job to cancel, if it is there. A start that failed left no binding; then the job goes by its
/// name, the one that ran before the upgrade excepted.
pub(in super::super) fn find_to_cancel<'j>(
    driver: &FlinkDriver,
    bound: &Bindings,
    jobs: &'j [JobSummary],
    job: &ComponentId,
    id: &ForeignId,
) -> Result<Result<Option<&'j JobSummary>, Failure>, Fault> {
    let id = match id {
        ForeignId::Seen(id) => Some(id.as_str()),
        ForeignId::Bound(name) => bound.value(name),
    };
    if let Some(id) = id {
        return Ok(Ok(jobs.iter().find(|j| j.jid == id)));
    }
    let planned = driver.job(job)?;
    let mut alive = jobs.iter().filter(|j| {
        j.name == planned.name && !j.state.is_over() && Some(&j.jid) != planned.running_as.as_ref()
    });
    let first = alive.next();
    match (first, alive.next()) {
        (Some(one), Some(other)) => {
            let what = format!("job {} runs as {} and as {}", planned.name, one.jid, other.jid);
            Ok(Err(failure(codes::DOUBLED_JOB, what)))
        }
        (first, _) => Ok(Ok(first)),
    }
}

/// The id of the job for expectations: what was bound or seen.
pub(in super::super) fn expected_id(
    driver: &FlinkDriver,
    bound: &Bindings,
    job: &ComponentId,
    on: &ComponentId,
) -> Result<String, Fault> {
    known_id(driver, bound, job, on)?.ok_or_else(|| {
        refused(
            codes::NOT_IN_THE_PLAN,
            format!("no step has said under which id {job} runs on cluster {on}"),
        )
    })
}
