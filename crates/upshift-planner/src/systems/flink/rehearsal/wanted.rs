//! What a rehearsal takes from the plan of the upgrade: the installation, the configuration, and how each job is
//! snapshotted and started.

use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::{Installation, NEW, OLD, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::plan::Plan;
use upshift_model::restore::RestorePointKind;
use upshift_model::step::{Change, Effect, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::RehearsalError;
use crate::systems::flink::recipe::steps::{Hands, Snapshot};

/// What of the upgrade's plan the scratch cluster is made from.
pub(super) struct Wanted<'p> {
    pub(super) plan: &'p Plan,
    pub(super) site: &'p Site,
    pub(super) installation: &'p Installation,
    pub(super) change: &'p Change,
    pub(super) slots: u32,
}

impl<'p> Wanted<'p> {
    pub(super) fn of(plan: &'p Plan) -> Result<Self, RehearsalError> {
        let site = plan.site.flink().ok_or(RehearsalError::NoInstallation)?;
        let installation = site
            .clusters
            .get(&ComponentId::new(NEW))
            .and_then(|c| c.installation.as_ref());
        let change = plan.steps().find_map(|step| match &step.effect {
            Effect::Configure { change, .. } => Some(change),
            _ => None,
        });
        let slots = plan.steps().find_map(|step| match &step.effect {
            Effect::Start {
                what: StartWhat::Cluster { slots, .. },
            } => Some(*slots),
            _ => None,
        });
        match (installation, change, slots) {
            (Some(installation), Some(change), Some(slots)) => Ok(Self {
                plan,
                site,
                installation,
                change,
                slots,
            }),
            _ => Err(RehearsalError::NoInstallation),
        }
    }

    pub(super) fn version(&self) -> &Version {
        &self.plan.to
    }

    /// How the job's savepoint is taken in the rehearsal: as the plan takes its trial, or as its stop would.
    pub(super) fn savepoint(&self, hands: &Hands<'_>, job: &ComponentId) -> Option<Step> {
        let trial = self
            .plan
            .steps()
            .find(|step| matches!(&step.effect, Effect::TakeRestorePoint { of, .. } if of == job));
        let mut step = trial.cloned().or_else(|| {
            let (form, into) = self.plan.steps().find_map(|step| match &step.effect {
                Effect::Stop {
                    what:
                        StopWhat::JobInto {
                            job: of, form, into, ..
                        },
                } if of == job => Some((*form, into)),
                _ => None,
            })?;
            Some(hands.trial(job, &ComponentId::new(OLD), &self.snapshot(form, into)))
        })?;
        for expectation in &mut step.after {
            if let Expectation::Fits { criteria, .. } = expectation {
                criteria.runs_on = true;
            }
        }
        Some(step)
    }

    fn snapshot(&self, form: RestorePointKind, stop: &Slot) -> Snapshot {
        let fit = self
            .plan
            .steps()
            .flat_map(watched)
            .find_map(|expectation| match expectation {
                Expectation::Fits { slot, criteria } if slot == stop => Some((**criteria).clone()),
                _ => None,
            });
        Snapshot {
            form,
            why: Vec::new(),
            into: stop.clone(),
            fit: fit.unwrap_or_else(FitCriteria::default),
            bytes: None,
            timeout: None,
        }
    }

    pub(super) fn starts(&self, job: &ComponentId) -> bool {
        self.plan.steps().any(
            |step| matches!(&step.effect, Effect::Start { what: StartWhat::Job { job: of, .. } } if of == job),
        )
    }

    pub(super) fn may_drop_state(&self, job: &ComponentId) -> bool {
        self.plan.steps().any(|step| {
            matches!(&step.effect, Effect::Start { what: StartWhat::Job { job: of, may_drop_state: true, .. } } if of == job)
        })
    }

    pub(super) fn checkpoints(&self, job: &ComponentId) -> bool {
        let of_job =
            |e: &Expectation| matches!(e, Expectation::CheckpointCompleted { job: of, .. } if of == job);
        self.plan.steps().flat_map(watched).any(of_job)
    }
}

fn watched(step: &Step) -> &[Expectation] {
    match &step.effect {
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => watch,
        _ => &[],
    }
}
