//! What can be wrong with a plan.

use std::fmt;

use thiserror::Error;
use upshift_model::ids::{BindingName, ComponentId, Slot, StepId};

/// A rule that a plan breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// At which step, where it is one.
    pub step: Option<StepId>,
    /// Which rule.
    pub rule: Rule,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "step {step}: {}", self.rule),
            None => write!(f, "{}", self.rule),
        }
    }
}

/// The rules, by what breaks them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rule {
    /// An id comes twice.
    #[error("its id comes twice")]
    IdTwice,
    /// An id is not the step's position.
    #[error("stands at position {expected}")]
    IdNotPosition {
        /// The position.
        expected: StepId,
    },
    /// A lane without steps, or a wave without lanes.
    #[error("wave {wave} has a lane without steps")]
    EmptyLane {
        /// Which wave, from 1.
        wave: usize,
    },
    /// A step that can never be tried, or is given up at once.
    #[error("is never tried or given up at once")]
    NeverTried,
    /// A component that the site does not have.
    #[error("{component} is not part of the site")]
    UnknownComponent {
        /// Which.
        component: ComponentId,
    },
    /// A slot is needed that no earlier step fills.
    #[error("{slot} is not filled by an earlier step")]
    SlotUnfilled {
        /// Which.
        slot: Slot,
    },
    /// A slot is filled a second time.
    #[error("{slot} is filled a second time")]
    SlotFilledTwice {
        /// Which.
        slot: Slot,
    },
    /// A binding is needed that no earlier step leaves.
    #[error("{name} is not bound by an earlier step")]
    Unbound {
        /// Which.
        name: BindingName,
    },
    /// A job is started from a restore point that nobody read, or a cluster is stopped though nobody
    /// read what its jobs left.
    #[error("{slot} is not verified to fit before something rests on it")]
    NotVerified {
        /// Which.
        slot: Slot,
    },
    /// A job that holds state is started from nothing.
    #[error("{job} holds state and starts from nothing")]
    StateForgotten {
        /// Which job.
        job: ComponentId,
    },
    /// A job may drop state, and no waiver names any operator.
    #[error("{job} may drop state, and no operator is named")]
    DropsUnnamed {
        /// Which job.
        job: ComponentId,
    },
    /// A job has no submission to the cluster it is started on.
    #[error("{job} has no submission to {cluster}")]
    NotSubmittable {
        /// Which job.
        job: ComponentId,
        /// Which cluster.
        cluster: ComponentId,
    },
    /// A job is started while it runs.
    #[error("{job} is started on {cluster} and was not stopped on {runs_on}")]
    StartedTwice {
        /// Which job.
        job: ComponentId,
        /// Where it would start.
        cluster: ComponentId,
        /// Where it runs.
        runs_on: ComponentId,
    },
    /// A job is stopped where it does not run.
    #[error("{job} does not run on {cluster} when it is stopped there")]
    NotThere {
        /// Which job.
        job: ComponentId,
        /// Where it would be stopped.
        cluster: ComponentId,
    },
    /// A running job is stopped without looking that it is still the one that was seen.
    #[error("{job} is stopped without looking that it is still the one that was seen")]
    NotIdentified {
        /// Which job.
        job: ComponentId,
    },
    /// A started job is not looked at.
    #[error("{job} counts as started without looking that it runs, and from where it was restored")]
    NotSeenRunning {
        /// Which job.
        job: ComponentId,
    },
    /// A cluster stops while a named job runs there.
    #[error("{cluster} stops while {job} runs there")]
    StopsUnderJob {
        /// Which cluster.
        cluster: ComponentId,
        /// Which job.
        job: ComponentId,
    },
    /// A cluster stops without looking for jobs that nobody named.
    #[error("{cluster} stops without looking for other jobs")]
    NotAlone {
        /// Which cluster.
        cluster: ComponentId,
    },
    /// Something is done on a cluster that does not run.
    #[error("{cluster} does not run")]
    ClusterDown {
        /// Which cluster.
        cluster: ComponentId,
    },
    /// A cluster starts at an address where another one answers.
    #[error("{cluster} starts at an address where {other} still answers")]
    AddressTaken {
        /// Which cluster.
        cluster: ComponentId,
        /// Who answers there.
        other: ComponentId,
    },
    /// Two lanes that run side by side touch one job.
    #[error("{job} is touched by two lanes of wave {wave}")]
    TornJob {
        /// Which job.
        job: ComponentId,
        /// Which wave, from 1.
        wave: usize,
    },
    /// A step's word on downtime does not match what it does.
    #[error("its word on downtime does not match what it does")]
    DowntimeUnmarked,
    /// A job is still down when the plan ends.
    #[error("{job} is down when the plan ends")]
    DownForEver {
        /// Which job.
        job: ComponentId,
    },
    /// Something is let go before anybody accepted.
    #[error("lets go before anybody accepted")]
    ReleasedEarly,
    /// A way back lets a restore point go.
    #[error("lets a restore point go on the way back")]
    ReleasedOnTheWayBack,
    /// A probe's ratio has nothing to refer to.
    #[error("probe {probe} is compared with a value that nobody took")]
    NoBaseline {
        /// Which probe.
        probe: String,
    },
    /// The jobs are accepted without ever having been watched.
    #[error("{job} is accepted without ever having been watched")]
    NotProven {
        /// Which job.
        job: ComponentId,
    },
    /// Ways back and waves do not match in number.
    #[error("{found} ways back for {expected} waves")]
    WaysBackMissing {
        /// Waves.
        expected: usize,
        /// Ways back.
        found: usize,
    },
    /// A way back that was closed opens again.
    #[error("the way back is closed before wave {wave} and open in it")]
    OpensAgain {
        /// Which wave, from 1.
        wave: usize,
    },
    /// The way back closes before anybody was asked, and no reason names why.
    #[error("wave {wave} lets go and calls its way back open")]
    NotClosed {
        /// Which wave, from 1.
        wave: usize,
    },
    /// A way back does not lead back.
    #[error("the way back from wave {wave} leaves {component} as it should not be")]
    LeadsElsewhere {
        /// Which wave, from 1.
        wave: usize,
        /// What is not as it was.
        component: ComponentId,
    },
    /// A way back says that nothing is restored, and restores, or the other way round.
    #[error("wave {wave} names other restore points than its way back uses")]
    OtherSlots {
        /// Which wave, from 1.
        wave: usize,
    },
    /// A way back breaks a rule of its own.
    #[error("on the way back from wave {wave}: {flaw}")]
    OnTheWayBack {
        /// Which wave, from 1.
        wave: usize,
        /// What is wrong there.
        flaw: Box<Flaw>,
    },
}
