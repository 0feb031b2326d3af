//! A Flink installation before its upgrade: one of a scene, for which the planner plans, or somebody's own,
//! with the plan that he has. And what is to be expected of each of its jobs.

use std::collections::BTreeSet;

use upshift_model::inventory::Inventory;
use upshift_model::plan::{Sealed, Site};
use upshift_model::step::{Effect, StopWhat};
use upshift_sim::direct::Fault;
use upshift_sim::direct::flink::{Scene, given_machine};
use upshift_sim::flink::Machine;

/// A plan and the inventory that it was made from, given from outside.
#[derive(Debug, Clone)]
pub struct Given {
    /// The plan, as it would be applied.
    pub plan: Sealed,
    /// What the system looked like.
    pub inventory: Inventory,
}

impl Given {
    /// Faults that mean something to it.
    pub fn faults(&self) -> Vec<Fault> {
        match &self.plan.plan.site {
            Site::Flink(_) => known(crate::flink::STRIKES),
            _ => known(&[]),
        }
    }
}

/// Faults that any system may meet, and these of one kind's own.
pub(crate) fn known(strikes: &[Fault]) -> Vec<Fault> {
    let all = Fault::ALL.iter().copied();
    all.filter(|fault| !fault.strikes_the_world() || strikes.contains(fault))
        .collect()
}

/// Where an installation comes from.
pub(crate) enum Origin {
    Scene(Scene),
    Given(Box<Given>),
}

/// See the module.
pub(crate) struct Stage {
    pub(crate) origin: Origin,
    /// In a few words.
    pub(crate) words: String,
    /// Names of the jobs.
    pub(crate) jobs: Vec<String>,
    /// The release that it runs.
    pub(crate) from: String,
    /// The release that the jobs end on when all goes well.
    pub(crate) to: String,
    /// Jobs of whose state nobody wants anything kept.
    stateless: BTreeSet<String>,
    /// Jobs that the plan cancels: they go on from a checkpoint, and process again what came after it.
    replayed: BTreeSet<String>,
}

impl Stage {
    pub(crate) fn of_scene(scene: Scene) -> Self {
        Self {
            words: format!(
                "Flink {} to {}, {}",
                scene.releases.0,
                scene.wanted(),
                scene.way.words()
            ),
            jobs: scene.jobs.clone(),
            from: scene.releases.0.clone(),
            to: scene.wanted().to_owned(),
            origin: Origin::Scene(scene),
            stateless: BTreeSet::new(),
            replayed: BTreeSet::new(),
        }
    }

    pub(crate) fn of_given(given: Given) -> Self {
        let plan = &given.plan.plan;
        // A plan of another system has no jobs, and its machine cannot be made.
        let jobs = || plan.site.flink().into_iter().flat_map(|site| &site.jobs);
        let running = jobs().map(|(_, job)| job).filter(|job| job.running_as.is_some());
        let stateless = running.clone().filter(|job| job.stateless);
        let cancelled = |id| {
            plan.steps().any(|step| match &step.effect {
                Effect::Stop {
                    what: StopWhat::JobCancel { job, .. },
                } => job == id,
                _ => false,
            })
        };
        let replayed = jobs().filter(|(id, _)| cancelled(*id));
        Self {
            words: format!("{}: {} to {}", plan.system, plan.from, plan.to),
            jobs: running.map(|job| job.name.clone()).collect(),
            from: plan.from.as_str().to_owned(),
            to: plan.to.as_str().to_owned(),
            stateless: stateless.map(|job| job.name.clone()).collect(),
            replayed: replayed.map(|(_, job)| job.name.clone()).collect(),
            origin: Origin::Given(Box::new(given)),
        }
    }

    /// The machine as it is before the first step.
    pub(crate) fn machine(&self, now: i64) -> Result<Machine, String> {
        match &self.origin {
            Origin::Scene(scene) => Ok(scene.machine(now)),
            Origin::Given(given) => given_machine(&given.plan.plan, &given.inventory, now),
        }
    }

    pub(crate) fn keeps_state(&self, job: &str) -> bool {
        !self.stateless.contains(job)
    }

    pub(crate) fn may_replay(&self, job: &str) -> bool {
        self.replayed.contains(job)
    }
}
