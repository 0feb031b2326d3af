//! Jobs: whether one is over, whether one came of our start.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Intent};
use upshift_model::step::ForeignId;

use super::{Look, contradicted, live, told};
use crate::realtime_compute::answers::Job;
use crate::realtime_compute::attempt::start;
use crate::realtime_compute::codes;
use crate::realtime_compute::expectation::{Seen, Sight};
use crate::realtime_compute::words::JobState;

/// Jobs that were there before, in a baseline.
const JOBS: &str = "jobs";

/// Jobs that were there before the try; none where the intent does not say.
pub(in super::super) fn jobs_before(intent: &Intent) -> Option<Vec<String>> {
    let known = intent.baseline.0.get(JOBS)?;
    Some(known.split(',').map(str::to_owned).collect())
}

impl Look<'_> {
    /// Whether a job is over. To stop one again that is being stopped changes nothing, so a stop is repeated at once.
    pub(super) async fn stopped(&self, on: &ComponentId, id: &ForeignId) -> Result<Standing, Fault> {
        let jobs = live(self.driver, on, id, self.bound).await?;
        if let Some(job) = jobs.first() {
            let state = &job.status.current_job_status;
            return Ok(match state {
                JobState::Cancelling => {
                    Standing::Underway(Progress::of(format!("job {} is {state}", job.job_id)))
                }
                _ => Standing::Ready(Baseline::default()),
            });
        }
        let name = match id {
            ForeignId::Seen(id) => return Ok(over(format!("job {id} is over"))),
            ForeignId::Bound(name) => name,
        };
        let late = match self.bound.value(name) {
            Some(_) => None,
            None => self.driver.may_come_late(self.step),
        };
        Ok(match late {
            Some(progress) => Standing::Waiting(progress),
            None => over(format!("{on} has no job that is not over")),
        })
    }

    /// Whether a job came of the start. Starts bear no mark: one that was not there before, of this deployment, with
    /// its state from where it was asked for, is ours.
    pub(super) async fn started(
        &self,
        on: &ComponentId,
        from: Option<&Slot>,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let start = start(self.driver, on, from, self.bound).await?;
        let jobs = self.driver.client.jobs(&start.deployment).await?;
        let ids: Vec<String> = jobs.iter().map(|job| job.job_id.clone()).collect();
        let ready = || Standing::Ready(Baseline([(JOBS.to_owned(), ids.join(","))].into()));
        let known = self
            .intent
            .map(|intent| jobs_before(intent).ok_or_else(|| self.without(JOBS)));
        let known = known.transpose()?;
        let ours = known
            .as_ref()
            .and_then(|known| jobs.iter().find(|job| start.made(job, known)));
        if let Some(job) = ours {
            return self.comes_up(on, job, into).await;
        }
        let other = jobs.iter().find(|job| !job.status.current_job_status.is_over());
        if let Some(job) = other {
            return Ok(contradicted(format!(
                "{on} has job {} that is {}, and this run did not start it",
                job.job_id, job.status.current_job_status
            )));
        }
        Ok(match self.missing() {
            Standing::Ready(_) => ready(),
            waits => waits,
        })
    }

    async fn comes_up(&self, on: &ComponentId, job: &Job, into: &BindingName) -> Result<Standing, Fault> {
        let (id, state) = (&job.job_id, &job.status.current_job_status);
        match state {
            JobState::Running => {}
            JobState::Failed => {
                let why = job.status.failure.as_ref();
                let what = format!("job {id} of {on} was started and failed");
                return Ok(Standing::Failed(told(codes::START_FAILED, what, why)));
            }
            JobState::Cancelled | JobState::Cancelling | JobState::Finished => {
                return Ok(contradicted(format!(
                    "job {id} of {on} was started by this run and is {state}"
                )));
            }
            JobState::Starting | JobState::Other(_) => {
                return Ok(Standing::Underway(Progress::of(format!("job {id} is {state}"))));
            }
        }
        let mut sight = Sight::of(self.driver, self.bound).with_job(on, id);
        let mut facts = vec![format!("job {id} of {on} is {state}")];
        for expectation in &self.step.after {
            match sight.evaluate(expectation).await? {
                Seen::Met(fact) => facts.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Underway(Progress::of(what))),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(Proof::of(facts).with(Binding::Value {
            name: into.clone(),
            value: id.clone(),
        })))
    }
}

fn over(what: String) -> Standing {
    Standing::Done(Proof::of([what]))
}
