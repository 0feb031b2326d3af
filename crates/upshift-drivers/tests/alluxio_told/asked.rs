//! The questions that are asked of both, as steps of a plan, and what decides in the answers.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Condition, Preparation, Role};
use upshift_model::ids::{BindingName, Code};
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::world::{prepare, step, watch};

/// A release that nobody runs.
pub(crate) const OTHER: &str = "2.99.0";

/// A question. Those of the last group are asked after the step was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// May the worker be stopped, or is it.
    StopWorker,
    StopMaster,
    /// Can counts be noted.
    Watch,
    /// Has nobody written since the cluster was seen to run.
    Quiet,
    Serving,
    ServingOther,
    Workers,
    Format,
    StartMaster,
    StartOther,

    /// The backup that was tried.
    Backup,
    /// The start from a backup that was tried.
    Restored,
}

/// What decides in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Ready,
    Done,
    Waiting,
    Underway,
    Failed(Code),
    Contradicted(Code),
    /// It could not be seen.
    Unseen,
    Refused(Code),
}

impl Verdict {
    pub(crate) fn of(said: Result<Standing, Fault>) -> Self {
        match said {
            Ok(Standing::Ready(_)) => Self::Ready,
            Ok(Standing::Done(_)) => Self::Done,
            Ok(Standing::Waiting(_)) => Self::Waiting,
            Ok(Standing::Underway(_)) => Self::Underway,
            Ok(Standing::Failed(failure)) => Self::Failed(failure.code),
            Ok(Standing::Contradicted(failure)) => Self::Contradicted(failure.code),
            Err(Fault::Transient(_) | Fault::Ambiguous(_)) => Self::Unseen,
            Err(Fault::Refused(failure)) => Self::Refused(failure.code),
        }
    }
}

fn name(text: &str) -> BindingName {
    BindingName::new(text)
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

impl Asked {
    /// The step of a plan that asks it.
    pub(crate) fn step(self, release: &str) -> Step {
        let stop = |role: Role| {
            step(Effect::Stop {
                what: StopWhat::Server {
                    server: role.component(),
                },
            })
        };
        let start = |release: &str| {
            step(Effect::Start {
                what: StartWhat::Server {
                    server: Role::Master.component(),
                    release: version(release),
                },
            })
        };
        let serving = |release: &str| {
            watch(Condition::Serving {
                release: version(release),
            })
        };
        match self {
            Self::StopWorker => stop(Role::Worker),
            Self::StopMaster => stop(Role::Master),
            Self::Watch => prepare(Preparation::Watch { into: name("writes") }),
            Self::Quiet => watch(Condition::Quiet {
                since: name("writes"),
            }),
            Self::Serving => serving(release),
            Self::ServingOther => serving(OTHER),
            Self::Workers => watch(Condition::Workers),
            Self::Format => prepare(Preparation::Format {
                server: Role::Master.component(),
                release: version(release),
            }),
            Self::StartMaster => start(release),
            Self::StartOther => start(OTHER),
            Self::Backup => prepare(Preparation::Backup {
                release: version(release),
                options: Vec::new(),
                marked: (version(release).major(), version(release).minor()) >= (2, 4),
                into: name("taken"),
            }),
            Self::Restored => step(Effect::Start {
                what: StartWhat::Restored {
                    server: Role::Master.component(),
                    release: version(release),
                    from: name("restore"),
                },
            }),
        }
    }
}
