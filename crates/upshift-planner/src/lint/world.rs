//! What the linter imagines of the world while it walks a plan.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::flink::{NEW, OLD, Site};
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::plan::Plan;
use upshift_model::step::{Effect, StartWhat};

/// Where a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// It runs on this cluster.
    On(ComponentId),
    /// It was stopped.
    Down,
    /// A way back that is looked at alone does not say.
    Anywhere,
}

/// The world as the steps so far leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct World {
    pub(super) slots: Known<Slot>,
    pub(super) verified: Known<Slot>,
    pub(super) bindings: Known<BindingName>,
    pub(super) jobs: BTreeMap<ComponentId, Whereabouts>,
    pub(super) clusters: BTreeMap<ComponentId, Option<bool>>,
    pub(super) baselines: BTreeSet<String>,
    pub(super) watched: BTreeSet<ComponentId>,
    pub(super) accepted: bool,
}

/// A set that may hold more than is told: a way back that is looked at alone rests on a journal that
/// the linter does not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known<T: Ord> {
    told: BTreeSet<T>,
    open: bool,
}

impl<T: Ord + Clone> Known<T> {
    fn new(open: bool) -> Self {
        Self {
            told: BTreeSet::new(),
            open,
        }
    }

    pub(super) fn may_hold(&self, item: &T) -> bool {
        self.open || self.told.contains(item)
    }

    /// Whether it was not there before.
    pub(super) fn put(&mut self, item: &T) -> bool {
        self.told.insert(item.clone())
    }

    fn absorb(&mut self, other: Self) {
        self.told.extend(other.told);
    }
}

impl World {
    /// The world before an upgrade: every job runs on the old cluster.
    pub(super) fn before(plan: &Plan, site: &Site) -> Self {
        let starts_new = plan.steps().any(|step| {
            matches!(&step.effect, Effect::Start { what: StartWhat::Cluster { cluster, .. } } if cluster.as_str() == NEW)
        });
        let on_old = |job: &ComponentId| (job.clone(), Whereabouts::On(ComponentId::from(OLD)));
        let clusters = site
            .clusters
            .keys()
            .map(|id| (id.clone(), Some(id.as_str() != NEW || !starts_new)))
            .collect();
        Self {
            jobs: site.jobs.keys().map(on_old).collect(),
            clusters,
            ..Self::empty(false)
        }
    }

    /// The world somewhere on the way: nothing is certain.
    pub(super) fn somewhere(site: &Site) -> Self {
        let jobs = site
            .jobs
            .keys()
            .map(|job| (job.clone(), Whereabouts::Anywhere))
            .collect();
        let clusters = site.clusters.keys().map(|id| (id.clone(), None)).collect();
        Self {
            jobs,
            clusters,
            ..Self::empty(true)
        }
    }

    fn empty(open: bool) -> Self {
        Self {
            slots: Known::new(open),
            verified: Known::new(open),
            bindings: Known::new(open),
            jobs: BTreeMap::new(),
            clusters: BTreeMap::new(),
            baselines: BTreeSet::new(),
            watched: BTreeSet::new(),
            accepted: false,
        }
    }

    /// Slots that were filled and that nobody read.
    pub(super) fn unread(&self) -> Vec<Slot> {
        let unread = |slot: &&Slot| !self.verified.may_hold(slot);
        self.slots.told.iter().filter(unread).cloned().collect()
    }

    /// Takes over what a lane changed since `before`.
    pub(super) fn absorb(&mut self, before: &Self, lane: Self) {
        self.slots.absorb(lane.slots);
        self.verified.absorb(lane.verified);
        self.bindings.absorb(lane.bindings);
        self.baselines.extend(lane.baselines);
        self.watched.extend(lane.watched);
        self.accepted |= lane.accepted;
        for (job, at) in lane.jobs {
            if before.jobs.get(&job) != Some(&at) {
                self.jobs.insert(job, at);
            }
        }
        for (cluster, up) in lane.clusters {
            if before.clusters.get(&cluster) != Some(&up) {
                self.clusters.insert(cluster, up);
            }
        }
    }
}
