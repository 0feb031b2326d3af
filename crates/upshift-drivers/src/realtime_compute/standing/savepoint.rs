//! Savepoints: one that was asked for, known by its mark; one that a stop left, known by its origin and job.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::proof::{Binding, Proof};
use upshift_model::realtime_compute::Deployed;
use upshift_model::record::{Baseline, Failure};
use upshift_model::restore::{RestorePoint, RestorePointKind};

use super::{Look, contradicted, name_of, savepoint_of, told};
use crate::realtime_compute::answers::Savepoint;
use crate::realtime_compute::codes;
use crate::realtime_compute::driver::failure;
use crate::realtime_compute::mark::Mark;
use crate::realtime_compute::words::{JobState, SavepointOrigin, SavepointState};

/// Savepoints of stops that were there before, in a baseline.
const POINTS: &str = "points";

impl Look<'_> {
    /// A savepoint that bears the mark of the try.
    pub(super) async fn saved(
        &self,
        of: &ComponentId,
        form: RestorePointKind,
        into: &Slot,
    ) -> Result<Standing, Fault> {
        let deployed = self.driver.deployed(of)?;
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let mark = Mark::of(&intent.key);
        match self.driver.client.savepoint_marked(&deployed.id, &mark).await? {
            None => Ok(self.missing()),
            Some(found) => Ok(self.came_to(&found, deployed, form, into)),
        }
    }

    fn came_to(
        &self,
        found: &Savepoint,
        deployed: &Deployed,
        form: RestorePointKind,
        into: &Slot,
    ) -> Standing {
        let id = &found.savepoint_id;
        match &found.status.state {
            SavepointState::Completed => match self.filled(found, deployed, form, into) {
                Ok(proof) => Standing::Done(proof),
                Err(failure) => Standing::Failed(failure),
            },
            SavepointState::Failed => Standing::Failed(told(
                codes::SAVEPOINT_FAILED,
                format!("savepoint {id} came to nothing"),
                found.status.failure.as_ref(),
            )),
            SavepointState::Started | SavepointState::Other(_) => {
                let word = found.status.state.word();
                Standing::Underway(Progress::of(format!("savepoint {id} is {word}")))
            }
        }
    }

    /// What a whole savepoint leaves for later steps; its form is the one that the service tells, and never the one
    /// that was asked for.
    fn filled(
        &self,
        found: &Savepoint,
        deployed: &Deployed,
        form: RestorePointKind,
        into: &Slot,
    ) -> Result<Proof, Failure> {
        let id = &found.savepoint_id;
        let unfit = |what: String| failure(codes::WRONG_FORM, what);
        let kind = match (form, deployed.native, found.native_format) {
            (_, None, _) | (_, Some(_), Some(false)) => RestorePointKind::SavepointCanonical,
            (RestorePointKind::SavepointNative, Some(_), Some(true)) => RestorePointKind::SavepointNative,
            (_, Some(_), Some(true)) => {
                return Err(unfit(format!(
                    "savepoint {id} is native, and a standard one is needed"
                )));
            }
            (_, Some(_), None) => {
                return Err(unfit(format!(
                    "the service does not say in which form savepoint {id} is"
                )));
            }
        };
        let location = found.savepoint_location.clone().ok_or_else(|| {
            unfit(format!(
                "savepoint {id} is completed, and the service does not say where it lies"
            ))
        })?;
        let at = found
            .created_at
            .and_then(|at| jiff::Timestamp::from_second(at).ok())
            .ok_or_else(|| {
                unfit(format!(
                    "savepoint {id} is completed, and the service does not say of when it is"
                ))
            })?;
        let fact = format!("{} {id} at {location}, {}", kind.words(), found.savepoint_origin);
        let point = RestorePoint {
            kind,
            location,
            taken_of: found.job_id.clone().unwrap_or_else(|| deployed.job.clone()),
            triggered_at: at,
            took: None,
            bytes: None,
            metadata_version: None,
            metadata_digest: None,
        };
        let slot = Binding::Restore {
            slot: into.clone(),
            point,
        };
        Ok(Proof::of([fact]).with(slot).with(Binding::Value {
            name: name_of(into),
            value: id.clone(),
        }))
    }

    /// The job has ended, and left a savepoint of its end. Stops bear no mark: a savepoint of a stop of this very job
    /// that was not there before is ours.
    pub(super) async fn stopped_into(
        &self,
        of: &ComponentId,
        form: RestorePointKind,
        into: &Slot,
    ) -> Result<Standing, Fault> {
        let deployed = self.driver.deployed(of)?;
        let Some(job) = self.driver.client.job(&deployed.job).await? else {
            return Ok(contradicted(format!(
                "the service knows no job {} any more",
                deployed.job
            )));
        };
        let points = self.driver.client.savepoints(&deployed.id).await?;
        let is_of_a_stop = |point: &&Savepoint| {
            point.savepoint_origin == SavepointOrigin::StopWithSavepoint
                && point.job_id.as_deref() == Some(&deployed.job)
        };
        let stops: Vec<&Savepoint> = points.iter().filter(is_of_a_stop).collect();
        let known: Vec<&str> = match self.intent {
            None => return Ok(Standing::Ready(before(&stops))),
            Some(intent) => intent
                .baseline
                .0
                .get(POINTS)
                .ok_or_else(|| self.without(POINTS))?
                .split(',')
                .collect(),
        };
        let new = stops
            .iter()
            .find(|point| !known.contains(&point.savepoint_id.as_str()));
        let state = &job.status.current_job_status;
        Ok(match (state, new) {
            (JobState::Finished | JobState::Cancelled, Some(point)) => {
                self.came_to(point, deployed, form, into)
            }
            (JobState::Finished | JobState::Cancelled, None) => match self.driver.may_come_late(self.step) {
                Some(progress) => Standing::Waiting(progress),
                None => contradicted(format!(
                    "job {} is {state} and left no savepoint of its stop",
                    deployed.job
                )),
            },
            (JobState::Failed, _) => contradicted(format!("job {} has failed by itself", deployed.job)),
            (_, Some(point)) if point.status.state == SavepointState::Failed => Standing::Failed(told(
                codes::SAVEPOINT_FAILED,
                format!(
                    "the savepoint of the stop came to nothing; job {} is {state}",
                    deployed.job
                ),
                point.status.failure.as_ref(),
            )),
            (JobState::Cancelling, _) | (_, Some(_)) => {
                Standing::Underway(Progress::of(format!("job {} is {state}", deployed.job)))
            }
            (_, None) => match self.missing() {
                Standing::Ready(_) => Standing::Ready(before(&stops)),
                other => other,
            },
        })
    }

    /// Whether a savepoint of the run is gone.
    pub(super) async fn savepoint_deleted(&self, slot: &Slot) -> Result<Standing, Fault> {
        let done = |what: String| Ok(Standing::Done(Proof::of([what])));
        let Some(id) = savepoint_of(slot, self.bound) else {
            return done(format!("nothing fills {slot}"));
        };
        match self.driver.client.savepoint(id).await? {
            None => done(format!("savepoint {id} is gone")),
            Some(_) => Ok(Standing::Ready(Baseline::default())),
        }
    }
}

fn before(stops: &[&Savepoint]) -> Baseline {
    let ids: Vec<&str> = stops.iter().map(|point| point.savepoint_id.as_str()).collect();
    Baseline([(POINTS.to_owned(), ids.join(","))].into())
}
