//! How far an upgrade came, as its steps tell: which jobs left, which may run on the new cluster,
//! which cluster was touched.
//!
//! Where a step may have taken effect, the answer is the one that is safe to act upon, because every
//! step of a way back is done also when there is nothing to do. Only whether a job left the old
//! cluster cannot be assumed either way: that stays unsettled.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::flink::{NEW, OLD};
use upshift_model::gate::Gate;
use upshift_model::ids::{ComponentId, Slot, StepId};
use upshift_model::plan::Plan;
use upshift_model::run_state::RunState;
use upshift_model::step::{Artifact, Effect, ForeignId, StartWhat, Step, StopWhat};

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing was ever sent for it.
    Untouched,
    /// It was tried and certainly failed; what it may have left behind is looked at anyway. Holds the
    /// key of the latest try.
    Failed(String),
    /// It was tried, and how that ended is not known. Holds the key of the try.
    Maybe(String),
    /// It is done.
    Done,
}

impl Fate {
    /// What a run's journal says of it.
    pub(crate) fn in_run(run: &RunState, step: &Step) -> Self {
        let Some(state) = run.steps.get(&step.id) else {
            return Self::Untouched;
        };
        match (&state.done, &state.intent) {
            (Some(_), _) => Self::Done,
            // A gate is answered rather than attempted, and accepting counts from the answer on.
            (None, None) if state.accepted().is_some() => Self::Done,
            (None, None) => Self::Untouched,
            (None, Some(intent)) => {
                let key = intent.key.as_hex().to_owned();
                match state.failures.len() >= usize::from(intent.attempt) {
                    true => Self::Failed(key),
                    false => Self::Maybe(key),
                }
            }
        }
    }
}

/// How far an upgrade came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Journey {
    /// Every job of the plan.
    pub(crate) jobs: BTreeMap<ComponentId, Place>,
    /// Whether the old cluster was stopped, or may have been.
    pub(crate) old_stopped: bool,
    /// Whether only a part of the old cluster may have been stopped.
    pub(crate) old_in_doubt: bool,
    /// Whether the new cluster was started, or may have been.
    pub(crate) new_started: bool,
    /// Jobs whose jar was uploaded to the new cluster.
    pub(crate) uploaded: BTreeSet<ComponentId>,
    /// Whether somebody accepted the upgrade.
    pub(crate) accepted: bool,
}

/// Where one job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) left: Left,
    /// What it is started from when it goes back.
    pub(crate) from: Option<Slot>,
    /// The step that still has to find its restore point.
    pub(crate) adopt: Option<Step>,
    /// Its id on the new cluster, where it may run.
    pub(crate) on_new: Option<ForeignId>,
    /// Whether a start there was asked for that may still take effect, however late.
    pub(crate) may_appear: bool,
}

/// Whether a job left the old cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Left {
    No,
    Yes,
    Unsettled(StepId),
}

impl Journey {
    /// How far the plan came, by what became of each of its steps.
    pub(crate) fn of(plan: &Plan, fate: impl Fn(&Step) -> Fate) -> Self {
        let mut journey = Self::default();
        for step in plan.steps() {
            journey.take_in(step, fate(step));
        }
        journey
    }

    fn place(&mut self, job: &ComponentId) -> &mut Place {
        let nowhere = Place {
            left: Left::No,
            from: None,
            adopt: None,
            on_new: None,
            may_appear: false,
        };
        self.jobs.entry(job.clone()).or_insert(nowhere)
    }

    fn take_in(&mut self, step: &Step, fate: Fate) {
        let touched = fate != Fate::Untouched;
        match &step.effect {
            Effect::Stop {
                what: StopWhat::JobInto { job, into, .. },
            } => {
                let place = self.place(job);
                place.left = left(step, &fate);
                place.from = Some(into.clone());
            }
            Effect::Stop {
                what: StopWhat::JobCancel { job, .. },
            } => self.place(job).left = left(step, &fate),
            Effect::AdoptCheckpoint { of, into, .. } => {
                let place = self.place(of);
                place.from = Some(into.clone());
                place.adopt = (fate != Fate::Done).then(|| step.clone());
            }
            Effect::Start {
                what: StartWhat::Job { job, into, .. },
            } => {
                let place = self.place(job);
                place.may_appear = matches!(fate, Fate::Maybe(_));
                place.on_new = match fate {
                    Fate::Untouched => None,
                    Fate::Failed(key) | Fate::Maybe(key) => Some(ForeignId::Seen(key)),
                    Fate::Done => Some(ForeignId::Bound(into.clone())),
                };
            }
            Effect::Start {
                what: StartWhat::Cluster { cluster, .. },
            } if cluster.as_str() == NEW => {
                self.new_started |= touched;
            }
            Effect::Stop {
                what: StopWhat::Cluster { cluster },
            } if cluster.as_str() == OLD => {
                self.old_stopped |= touched;
                self.old_in_doubt |= touched && fate != Fate::Done;
            }
            Effect::Transfer {
                what: Artifact::Jar { job, to },
                ..
            } if to.as_str() == NEW => {
                if fate == Fate::Done {
                    self.uploaded.insert(job.clone());
                }
            }
            Effect::Hold {
                gate: Gate::Finalize { .. },
            } => self.accepted |= fate == Fate::Done,
            Effect::TakeRestorePoint { .. }
            | Effect::Prepare { .. }
            | Effect::Configure { .. }
            | Effect::Transfer { .. }
            | Effect::Stop { .. }
            | Effect::Start { .. }
            | Effect::Prove { .. }
            | Effect::Weka { .. }
            | Effect::Fluss { .. }
            | Effect::Release { .. }
            | Effect::Hold { .. } => {}
        }
    }

    /// Jobs that have to be started on the old cluster again.
    pub(crate) fn to_return(&self) -> impl Iterator<Item = (&ComponentId, &Place)> {
        self.jobs.iter().filter(|(_, place)| place.left == Left::Yes)
    }

    /// The first job of which it is not known whether it left.
    pub(crate) fn unsettled(&self) -> Option<(&ComponentId, &StepId)> {
        self.jobs.iter().find_map(|(job, place)| match &place.left {
            Left::Unsettled(step) => Some((job, step)),
            Left::No | Left::Yes => None,
        })
    }
}

/// A stop that certainly failed left the job where it was: Flink goes on with a job whose savepoint
/// fails.
fn left(step: &Step, fate: &Fate) -> Left {
    match fate {
        Fate::Untouched | Fate::Failed(_) => Left::No,
        Fate::Maybe(_) => Left::Unsettled(step.id.clone()),
        Fate::Done => Left::Yes,
    }
}
