//! Where the world stands on a step: one arm an effect. Changes nothing, waits for nothing, repeats nothing.

mod document;
mod draft;
mod job;
mod savepoint;

pub(super) use job::jobs_before;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::proof::{Bindings, Proof};
use upshift_model::realtime_compute as work;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::{Effect, ForeignId, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::answers::Job;
use super::client::refused;
use super::codes;
use super::driver::{RealtimeComputeDriver, failure};
use super::expectation::{Seen, Sight};

/// One look at one step.
pub(super) struct Look<'a> {
    driver: &'a RealtimeComputeDriver,
    step: &'a Step,
    bound: &'a Bindings,
    intent: Option<&'a Intent>,
}

pub(super) async fn standing(
    driver: &RealtimeComputeDriver,
    step: &Step,
    bound: &Bindings,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let look = Look {
        driver,
        step,
        bound,
        intent,
    };
    match look.effect().await? {
        Standing::Ready(baseline) => match look.before().await? {
            None => Ok(Standing::Ready(baseline)),
            Some(not) => Ok(not),
        },
        other => Ok(other),
    }
}

/// The name under which the id of the savepoint in a slot is bound.
fn name_of(slot: &Slot) -> BindingName {
    BindingName::new(format!("savepoint/{slot}"))
}

/// Where the id of the draft is bound that a copy comes from.
pub(super) fn draft_of(place: &ComponentId) -> BindingName {
    BindingName::new(format!("draft/{place}"))
}

/// The service's id of what fills a slot.
pub(super) fn savepoint_of<'a>(slot: &Slot, bound: &'a Bindings) -> Option<&'a str> {
    bound.value(&name_of(slot))
}

/// Jobs in a place that are not over: the one that was seen, or any where the id was to be bound.
pub(super) async fn live(
    driver: &RealtimeComputeDriver,
    on: &ComponentId,
    id: &ForeignId,
    bound: &Bindings,
) -> Result<Vec<Job>, Fault> {
    let all = match id {
        ForeignId::Seen(id) => driver.client.job(id).await?.into_iter().collect(),
        ForeignId::Bound(_) => match driver.id_of(on, bound).await? {
            Some(deployment) => driver.client.jobs(&deployment).await?,
            None => Vec::new(),
        },
    };
    let is_over = |job: &Job| job.status.current_job_status.is_over();
    Ok(all.into_iter().filter(|job| !is_over(job)).collect())
}

impl Look<'_> {
    async fn effect(&self) -> Result<Standing, Fault> {
        match &self.step.effect {
            Effect::Prepare {
                what: Preparation::Clone { of, to, into },
            } => match self.driver.deployed(of)?.draft {
                Some(_) => self.deployed(of, to, into).await,
                None => self.copied(of, to, into).await,
            },
            Effect::Prepare {
                what: Preparation::RealtimeCompute(work::Preparation::SaveAs { of, to, into }),
            } => self.saved_as(of, to, into).await,
            Effect::Prepare {
                what: Preparation::RealtimeCompute(work::Preparation::Validate { draft, .. }),
            } => self.validated(draft).await,
            Effect::Prepare {
                what: Preparation::Baseline { probe, into },
            } => self.driver.baseline(probe, into).await,
            Effect::Prepare {
                what: Preparation::Release { component, from, to },
            } => self.named(component, from, to).await,
            Effect::TakeRestorePoint { of, form, into, .. } => self.saved(of, *form, into).await,
            Effect::Stop {
                what: StopWhat::JobInto { job, form, into, .. },
            } => self.stopped_into(job, *form, into).await,
            Effect::Stop {
                what: StopWhat::JobCancel { on, id, .. },
            } => self.stopped(on, id).await,
            Effect::Start {
                what: StartWhat::Job { on, from, into, .. },
            } => self.started(on, from.as_ref(), into).await,
            Effect::Release {
                what: Releasable::Deployment { deployment, id },
            } => self.deleted(deployment, id).await,
            Effect::Release {
                what: Releasable::Draft { draft, id },
            } => self.draft_deleted(draft, id).await,
            Effect::Release {
                what: Releasable::SlotFiles { slot },
            } => self.savepoint_deleted(slot).await,
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => self.sample(watch).await,
            _ => Err(self.driver.not_known(self.step)),
        }
    }

    /// What a try has asked for and does not show; ready again when it will not come any more.
    fn missing(&self) -> Standing {
        let waits = self
            .intent
            .and_then(|intent| self.driver.may_come(self.step, intent));
        match waits {
            Some(progress) => Standing::Waiting(progress),
            None => Standing::Ready(upshift_model::record::Baseline::default()),
        }
    }

    /// What was there before is in the intent, or nothing can be told from it.
    fn without(&self, what: &str) -> Fault {
        refused(
            codes::NOT_IN_THE_PLAN,
            format!(
                "the intent of step {} does not say which {what} were there before it",
                self.step.id
            ),
        )
    }

    /// What keeps the step from being begun.
    async fn before(&self) -> Result<Option<Standing>, Fault> {
        let mut sight = Sight::of(self.driver, self.bound);
        for expectation in &self.step.before {
            match sight.evaluate(expectation).await? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => return Ok(Some(Standing::Waiting(Progress::of(what)))),
                // Nobody has changed what does not fit.
                Seen::Bad(failure) if matches!(expectation, Expectation::Fits { .. }) => {
                    return Ok(Some(Standing::Failed(failure)));
                }
                Seen::Bad(failure) => return Ok(Some(Standing::Contradicted(failure))),
            }
        }
        Ok(None)
    }

    /// One sample of a gate.
    async fn sample(&self, watch: &[upshift_model::expect::Expectation]) -> Result<Standing, Fault> {
        let mut sight = Sight::of(self.driver, self.bound);
        let mut met = Vec::new();
        for expectation in watch {
            match sight.evaluate(expectation).await? {
                Seen::Met(fact) => met.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Waiting(Progress::of(what))),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(Proof::of(met)))
    }
}

fn contradicted(what: String) -> Standing {
    Standing::Contradicted(failure(codes::NOT_AS_PLANNED, what))
}

/// A failure with what the service says of it.
fn told(code: upshift_model::ids::Code, what: String, of: Option<&super::answers::Failure>) -> Failure {
    let words = of.map(|of| {
        let parts = [of.reason.as_deref(), of.message.as_deref()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
        crate::wire::shorten(&crate::wire::redact_text(&text), 600)
    });
    Failure {
        code,
        what,
        far_side: words.filter(|words| !words.is_empty()),
    }
}
