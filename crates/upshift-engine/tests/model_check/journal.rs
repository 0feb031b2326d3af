//! The journal of the model: the records that decide something, and their fold. Mirrors `upshift_model::run_state` and
//! holds nothing that the protocol does not ask for.

/// A step of the run. The way there: `Stop` (a job, with savepoint, fills the slot), `Start` (it, on the new cluster,
/// from the slot), `Gate`, `Accept`. The way back: `EndNew` or `Cancel`, then `Return` (it, on the old cluster).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    Stop,
    Start,
    Gate,
    Accept,
    EndNew,
    Cancel,
    Return,
}

/// A try of a step: what its key is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Try {
    pub(crate) step: Step,
    pub(crate) number: u8,
}

/// What a way back starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// Filled by the stop.
    OfStop,
    /// Taken without stopping, before the model begins.
    Trial,
}

/// The plan of a way back, as the record `turned` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Back {
    /// `Cancel` or `EndNew`, where the job may run on the new cluster.
    pub(crate) clears: Option<Step>,
    /// From which slot the job is started again; none where it never left.
    pub(crate) from: Option<Slot>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    Drift,
    Failed,
    Refused,
    TimedOut,
    NoWayBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Finalized,
    RolledBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Record {
    Intent(Try),
    Attempted(Try),
    Failed(Try),
    Done(Step),
    Halted(Step, Why),
    Asked,
    Answered,
    Resumed,
    Turned(Back),
    Closed(End),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Going,
    Waiting,
    Halted(Step, Why),
    Closed(End),
}

/// What the journal says. Two histories that say the same are one state: the fold is all that anybody acts upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct View {
    pub(crate) phase: Phase,
    pub(crate) back: Option<Back>,
    pub(crate) accepted: bool,
    done: [bool; STEPS],
    // The number of the latest try; 0 before there is one.
    latest: [u8; STEPS],
    failures: [u8; STEPS],
}

const STEPS: usize = 7;
const THERE: [Step; 4] = [Step::Stop, Step::Start, Step::Gate, Step::Accept];

impl View {
    pub(crate) const fn opened() -> Self {
        Self {
            phase: Phase::Going,
            back: None,
            accepted: false,
            done: [false; STEPS],
            latest: [0; STEPS],
            failures: [0; STEPS],
        }
    }

    pub(crate) const fn take_in(&mut self, record: Record) {
        match record {
            Record::Intent(this) => self.latest[this.step as usize] = this.number,
            Record::Attempted(_) => {}
            Record::Failed(this) => self.failures[this.step as usize] += 1,
            Record::Done(step) => self.done[step as usize] = true,
            Record::Halted(step, why) => self.phase = Phase::Halted(step, why),
            Record::Asked => self.phase = Phase::Waiting,
            Record::Answered => (self.phase, self.accepted) = (Phase::Going, true),
            Record::Resumed => self.phase = Phase::Going,
            Record::Turned(back) => (self.phase, self.back) = (Phase::Going, Some(back)),
            Record::Closed(end) => self.phase = Phase::Closed(end),
        }
    }

    pub(crate) const fn is_done(&self, step: Step) -> bool {
        self.done[step as usize]
    }

    /// The number of the latest try; 0 before there is one.
    pub(crate) const fn latest(&self, step: Step) -> u8 {
        self.latest[step as usize]
    }

    /// The latest try, unless it is known to have failed.
    pub(crate) fn live(&self, step: Step) -> Option<Try> {
        let number = self.latest(step);
        (self.failures[step as usize] < number).then_some(Try { step, number })
    }

    /// Whether anything was ever about to be sent.
    pub(crate) const fn is_begun(&self, step: Step) -> bool {
        self.latest(step) > 0 || self.is_done(step)
    }

    /// The first step of the present direction that is not done; none when all are.
    pub(crate) fn open_step(&self) -> Option<Step> {
        let open = |step: &Step| !self.is_done(*step);
        match self.back {
            None => THERE.into_iter().find(open),
            Some(back) => {
                let steps = [back.clears, back.from.map(|_| Step::Return)];
                steps.into_iter().flatten().find(open)
            }
        }
    }
}
