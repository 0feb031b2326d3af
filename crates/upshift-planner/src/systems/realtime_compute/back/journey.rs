//! How far each deployment came on the way there: read off the steps of a plan, and of each whether it was begun or
//! done.

use std::collections::BTreeMap;

use upshift_model::ids::{ComponentId, Slot};
use upshift_model::plan::Plan;
use upshift_model::realtime_compute as work;
use upshift_model::step::{Effect, Preparation, StartWhat, Step, StopWhat};

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::systems::realtime_compute) enum Fate {
    /// Nothing was ever about to be sent.
    Untouched,
    /// Something was, and its end was not seen.
    Begun,
    /// Seen to be done.
    Done,
}

/// How far one deployment came.
#[derive(Debug, Clone)]
pub(super) struct Travelled {
    /// What its copy is called, and whether it was made.
    pub(super) copy: Option<(ComponentId, Fate)>,
    /// What the draft is called that was saved for it.
    pub(super) draft: Option<ComponentId>,
    /// The savepoint that was taken before.
    pub(super) before: Option<Slot>,
    /// Whether the job was stopped, and what the stop left.
    pub(super) stop: Fate,
    pub(super) last: Option<Slot>,
    /// Whether the deployment itself names another engine.
    pub(super) engine: Fate,
    /// Where it was started on the new engine.
    pub(super) start: Option<(ComponentId, Fate)>,
}

impl Travelled {
    const fn nowhere() -> Self {
        Self {
            copy: None,
            draft: None,
            before: None,
            stop: Fate::Untouched,
            last: None,
            engine: Fate::Untouched,
            start: None,
        }
    }

    /// Whether the new engine may have processed anything.
    pub(super) fn ran(&self) -> bool {
        self.start.is_some()
    }

    /// What the original starts from: the savepoint of its stop, where there is one, for that is the last that its
    /// own engine wrote; otherwise the one before.
    pub(super) fn home(&self) -> Option<&Slot> {
        self.last.as_ref().or(self.before.as_ref())
    }
}

/// How far all came.
#[derive(Debug, Clone)]
pub(in crate::systems::realtime_compute) struct Journey {
    pub(super) jobs: BTreeMap<ComponentId, Travelled>,
}

impl Journey {
    /// By what `fate` tells of each step.
    pub(in crate::systems::realtime_compute) fn of(plan: &Plan, fate: impl Fn(&Step) -> Fate) -> Self {
        let mut jobs: BTreeMap<ComponentId, Travelled> = BTreeMap::new();
        for step in plan.steps() {
            let became = fate(step);
            if became == Fate::Untouched {
                continue;
            }
            let mut of = |job: &ComponentId, note: &dyn Fn(&mut Travelled)| {
                note(jobs.entry(job.clone()).or_insert_with(Travelled::nowhere));
            };
            match &step.effect {
                Effect::Prepare {
                    what: Preparation::Clone { of: job, to, .. },
                } => of(job, &|one| one.copy = Some((to.clone(), became))),
                Effect::Prepare {
                    what: Preparation::RealtimeCompute(work::Preparation::SaveAs { of: job, to, .. }),
                } => of(job, &|one| one.draft = Some(to.clone())),
                Effect::Prepare {
                    what: Preparation::Release { component, .. },
                } => of(component, &|one| one.engine = became),
                Effect::TakeRestorePoint { of: job, into, .. } if became == Fate::Done => {
                    of(job, &|one| one.before = Some(into.clone()));
                }
                Effect::Stop {
                    what: StopWhat::JobInto { job, into, .. },
                } => of(job, &|one| {
                    one.stop = became;
                    one.last = (became == Fate::Done).then(|| into.clone());
                }),
                Effect::Stop {
                    what: StopWhat::JobCancel { job, on, .. },
                } if job == on => of(job, &|one| one.stop = became),
                Effect::Start {
                    what: StartWhat::Job { job, on, .. },
                } => of(job, &|one| one.start = Some((on.clone(), became))),
                _ => {}
            }
        }
        Self { jobs }
    }

    /// The restore points that the way back starts from.
    pub(in crate::systems::realtime_compute) fn slots(&self) -> Vec<Slot> {
        let stopped = self.jobs.values().filter(|one| one.stop != Fate::Untouched);
        stopped.filter_map(|one| one.home().cloned()).collect()
    }

    /// Whether any original was stopped.
    pub(in crate::systems::realtime_compute) fn stopped(&self) -> bool {
        self.jobs.values().any(|one| one.stop != Fate::Untouched)
    }

    /// Whether any deployment was stopped, or runs on the new engine.
    pub(in crate::systems::realtime_compute) fn moved(&self) -> bool {
        self.jobs
            .values()
            .any(|one| one.stop != Fate::Untouched || one.ran())
    }

    /// What a return would process again, in words.
    pub(in crate::systems::realtime_compute) fn replayed(&self) -> String {
        let stopped: Vec<_> = self
            .jobs
            .values()
            .filter(|one| one.stop != Fate::Untouched)
            .collect();
        if stopped.is_empty() {
            return "nothing: the original runs on".to_owned();
        }
        let since_stop = stopped.iter().all(|one| one.last.is_some());
        let ran = self.jobs.values().any(Travelled::ran);
        match (since_stop, ran) {
            (true, false) => "nothing: no job ran after its savepoint".to_owned(),
            (true, true) => {
                "all that the new engine has processed since its start; written twice where the sink does not tell"
                    .to_owned()
            }
            (false, _) => {
                "all since the savepoint before the stop; written twice where the sink does not tell".to_owned()
            }
        }
    }
}
