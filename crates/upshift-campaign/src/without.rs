//! Plans with one safety step taken out: what a simulator is worth shows in whether it sees the difference.

use std::fmt;
use std::str::FromStr;

use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::StepId;
use upshift_model::plan::Plan;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, ForeignId, Step, StopWhat};

use upshift_sim::direct::Fault;

/// A safety step, or a safety condition of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// The savepoint is read before anything rests on it.
    Reading,
    /// A savepoint is taken and read before the job is stopped.
    Trial,
    /// Everything is watched for a time before a person is asked.
    Soak,
    /// The job stops with its savepoint as its last act; without it a savepoint is taken and the job cancelled.
    StopWithSavepoint,
    /// What a job was restored from is compared with what it was to be restored from.
    RestoredFrom,
    /// A cluster is not stopped while a job runs there that nobody named.
    NoOtherJobs,
    /// Every replica is in sync before the next server goes down.
    InSync,
    /// A server is seen to run the new release before the next one goes down.
    ReleaseSeen,
}

impl Safety {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Reading,
        Self::Trial,
        Self::Soak,
        Self::StopWithSavepoint,
        Self::RestoredFrom,
        Self::NoOtherJobs,
        Self::InSync,
        Self::ReleaseSeen,
    ];

    /// The name by which it is asked for.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Trial => "trial",
            Self::Soak => "soak",
            Self::StopWithSavepoint => "stop-with-savepoint",
            Self::RestoredFrom => "restored-from",
            Self::NoOtherJobs => "no-other-jobs",
            Self::InSync => "in-sync",
            Self::ReleaseSeen => "release-seen",
        }
    }

    /// Whether it is a step of a rolling system.
    pub const fn is_of_rolling(self) -> bool {
        matches!(self, Self::InSync | Self::ReleaseSeen)
    }

    /// The fault that it is there for; none where its lack shows without one.
    pub const fn guards_against(self) -> Option<Fault> {
        match self {
            Self::Reading | Self::Trial => Some(Fault::StateLacking),
            Self::Soak => Some(Fault::Loops),
            Self::RestoredFrom => Some(Fault::WrongState),
            Self::NoOtherJobs => Some(Fault::Stranger),
            Self::ReleaseSeen => Some(Fault::WrongState),
            Self::StopWithSavepoint | Self::InSync => None,
        }
    }

    /// The plan without it.
    pub fn taken_out_of(self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        for wave in &mut plan.waves {
            for lane in &mut wave.lanes {
                let steps = std::mem::take(&mut lane.steps);
                lane.steps = steps.into_iter().flat_map(|step| self.taken_out(step)).collect();
            }
            wave.lanes.retain(|lane| !lane.steps.is_empty());
        }
        plan.waves.retain(|wave| !wave.lanes.is_empty());
        plan
    }

    fn taken_out(self, mut step: Step) -> Vec<Step> {
        let reads = |watch: &[Expectation]| matches!(watch, [Expectation::Fits { .. }]);
        let watches =
            |name: &str, e: &Expectation| matches!(e, Expectation::ProbeHolds { probe } if probe == name);
        match (self, &mut step.effect) {
            (
                Self::Reading,
                Effect::Hold {
                    gate: Gate::Soak { watch, .. },
                },
            ) if reads(watch) => return Vec::new(),
            (Self::Trial, Effect::TakeRestorePoint { .. }) => return Vec::new(),
            (
                Self::Soak,
                Effect::Hold {
                    gate: Gate::Soak { watch, .. },
                },
            ) if !reads(watch) => return Vec::new(),
            (Self::StopWithSavepoint, _) => return plainly(step),
            (
                Self::RestoredFrom,
                Effect::Hold {
                    gate: Gate::Soak { watch, .. },
                },
            ) => watch.retain(|e| !matches!(e, Expectation::RestoredFrom { .. })),
            (
                Self::InSync | Self::ReleaseSeen,
                Effect::Hold {
                    gate: Gate::Soak { watch, .. },
                },
            ) => watch.retain(|e| match self {
                Self::InSync => !watches(crate::rolling::IN_SYNC, e),
                _ => !matches!(e, Expectation::ReleaseIs { .. }),
            }),
            _ => {}
        }
        let kept = |e: &Expectation| match self {
            Self::RestoredFrom => !matches!(e, Expectation::RestoredFrom { .. }),
            Self::NoOtherJobs => !matches!(e, Expectation::NoOtherJobs { .. }),
            Self::InSync => !watches(crate::rolling::IN_SYNC, e),
            Self::ReleaseSeen => !matches!(e, Expectation::ReleaseIs { .. }),
            Self::Reading | Self::Trial | Self::Soak | Self::StopWithSavepoint => true,
        };
        step.before.retain(kept);
        step.after.retain(kept);
        vec![step]
    }
}

/// A stop with savepoint, done as a savepoint and a cancellation.
fn plainly(step: Step) -> Vec<Step> {
    let Effect::Stop {
        what: StopWhat::JobInto { job, on, form, into },
    } = &step.effect
    else {
        return vec![step];
    };
    let seen = step.before.iter().find_map(|e| match e {
        Expectation::JobIs { id, .. } => Some(id.clone()),
        _ => None,
    });
    let cancel = Step {
        id: StepId::new(format!("{}.plain", step.id)),
        effect: Effect::Stop {
            what: StopWhat::JobCancel {
                job: job.clone(),
                on: on.clone(),
                id: ForeignId::Seen(seen.unwrap_or_default()),
            },
        },
        before: Vec::new(),
        after: Vec::new(),
        give_up: Millis::from_secs(240),
        ..step.clone()
    };
    let take = Step {
        effect: Effect::TakeRestorePoint {
            of: job.clone(),
            on: on.clone(),
            form: *form,
            into: into.clone(),
        },
        downtime: Downtime::None,
        ..step
    };
    vec![take, cancel]
}

impl fmt::Display for Safety {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Safety {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|safety| safety.word() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::word);
            format!("no safety step {text:?}; there are {}", all.join(", "))
        })
    }
}
