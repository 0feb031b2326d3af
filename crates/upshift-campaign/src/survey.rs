//! Every fault at every step of a plan at which it can strike, one at a time: which cases there are, and what
//! came of each. On the way there, and on the way back from where every gate held.
//!
//! It draws nothing: the same plan and inventory give the same cases in the same order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use upshift_model::ids::StepId;
use upshift_model::plan::Plan;
use upshift_model::record::{Failure, Outcome, Question, Record};
use upshift_model::step::{Effect, Step};
use upshift_sim::direct::{Fault, Place, Planned, When};

use crate::case::{Case, Setting, Trouble, fits};
use crate::memory::MemoryStore;
use crate::mortal::Death;
use crate::person::Wish;
use crate::run::{Told, in_virtual_time, of_case};
use crate::stage::Given;

/// What the run is after when the fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Course {
    /// The upgrade, which a person accepts.
    There,
    /// The way back, which a person asks for once every gate held: the longest that there is.
    Back,
}

impl Course {
    /// The case in which nothing goes wrong.
    pub fn calm(self, given: &Given) -> Case {
        let calm = Case::calm(Setting::Given(Box::new(given.clone())));
        match self {
            Self::There => calm,
            Self::Back => Case {
                wish: Wish::BackAtTheEnd,
                ..calm
            },
        }
    }

    /// The plan that is carried out on it, and the number of the record that began it. None where nothing had to be
    /// undone.
    fn begun(self, calm: &Told) -> Option<(&Plan, u64)> {
        calm.lines.iter().find_map(|line| {
            let plan = match (self, &line.entry().record) {
                (Self::There, Record::Opened { plan, .. }) | (Self::Back, Record::Turned { plan, .. }) => {
                    plan
                }
                _ => return None,
            };
            Some((&plan.plan, line.entry().seq))
        })
    }

    /// The steps that are carried out on it, from the run in which nothing goes wrong.
    pub fn steps(self, calm: &Told) -> impl Iterator<Item = &Step> {
        self.begun(calm).into_iter().flat_map(|(plan, _)| plan.steps())
    }
}

/// One fault at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strike {
    /// At a contact of a step.
    Contact {
        /// On which way.
        course: Course,
        /// Which fault, and where.
        planned: Planned,
    },
    /// upshift's process dies at a record of the journal.
    Record {
        /// On which way.
        course: Course,
        /// The number of the record.
        record: u64,
        /// Before it is durable or after.
        how: Death,
        /// The step that the record is about, where it is about one.
        step: Option<StepId>,
    },
}

impl Strike {
    /// The fault.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Contact { planned, .. } => planned.fault,
            Self::Record {
                how: Death::Before, ..
            } => Fault::KilledBeforeRecord,
            Self::Record {
                how: Death::After, ..
            } => Fault::KilledAfterRecord,
        }
    }

    /// On which way it strikes.
    pub const fn course(&self) -> Course {
        match self {
            Self::Contact { course, .. } | Self::Record { course, .. } => *course,
        }
    }

    /// The step at which it strikes.
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::Contact { planned, .. } => Some(&planned.place.step),
            Self::Record { step, .. } => step.as_ref(),
        }
    }

    /// The case of it.
    pub fn case(&self, given: &Given) -> Case {
        let trouble = match self {
            Self::Contact { planned, .. } => Trouble {
                planned: vec![planned.clone()],
                deaths: Vec::new(),
            },
            Self::Record { record, how, .. } => Trouble {
                planned: Vec::new(),
                deaths: vec![(*record, *how)],
            },
        };
        Case {
            trouble,
            ..self.course().calm(given)
        }
    }
}

/// The contacts of a step at which a fault means something; none where it means nothing there.
pub fn contacts(fault: Fault, step: &Step) -> Vec<When> {
    let waits = match &step.effect {
        // A person's word is asked of no system.
        Effect::Hold {
            gate: upshift_model::gate::Gate::Finalize { .. },
        } => return Vec::new(),
        Effect::Hold { .. } => true,
        _ => false,
    };
    match fault {
        _ if !fits(fault, step) => Vec::new(),
        Fault::KilledBeforeRecord | Fault::KilledAfterRecord => Vec::new(),
        Fault::Loops
        | Fault::WrongState
        | Fault::StateLacking
        | Fault::Stillborn
        | Fault::NeverRegisters
        | Fault::WrittenOver
        | Fault::StuckReplica
        | Fault::Stranger => vec![When::Look(1)],
        _ if waits => vec![When::Look(1), When::Look(2)],
        Fault::KilledAfter | Fault::AnswerLost | Fault::HungThenDone | Fault::CutShort | Fault::Refused => {
            vec![When::Act(1)]
        }
        _ => vec![When::Act(1), When::Look(2)],
    }
}

/// All strikes of these faults on a way, in the order of its plan, from the run in which nothing goes wrong on it.
pub fn strikes(course: Course, calm: &Told, faults: &[Fault]) -> Vec<Strike> {
    let Some((plan, begins)) = course.begun(calm) else {
        return Vec::new();
    };
    let at_steps = plan.steps().flat_map(|step| {
        faults.iter().flat_map(move |fault| {
            contacts(*fault, step)
                .into_iter()
                .map(move |when| Strike::Contact {
                    course,
                    planned: Planned {
                        fault: *fault,
                        place: Place {
                            step: step.id.clone(),
                            when,
                        },
                    },
                })
        })
    });
    let deaths = [
        (Fault::KilledBeforeRecord, Death::Before),
        (Fault::KilledAfterRecord, Death::After),
    ];
    let deaths = deaths.into_iter().filter(|(fault, _)| faults.contains(fault));
    let at_records = deaths.flat_map(|(_, how)| {
        // The first record opens the run: without it there is none. That a run turns may die like any other.
        let from = if begins == 1 { 2 } else { begins };
        let lines = calm.lines.iter().filter(move |line| line.entry().seq >= from);
        lines.map(move |line| Strike::Record {
            course,
            record: line.entry().seq,
            how,
            step: line.entry().record.step().cloned(),
        })
    });
    at_steps.chain(at_records).collect()
}

/// How a run with a fault ended, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// State was lost or doubled, or the run did not come to an end.
    Lost,
    /// It halted, and a person had to say what becomes of it.
    Asked,
    /// It went back by itself.
    WentBack,
    /// It went through to where it was meant to, and somebody had to say `resume` after upshift itself was killed.
    Resumed,
    /// It went through to where it was meant to.
    WentThrough,
}

/// What came of a strike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// Which.
    pub strike: Strike,
    /// How it ended.
    pub ending: Ending,
    /// Why it stopped first, where it did.
    pub stopped: Option<Failure>,
    /// What the simulated person's words led to.
    pub outcome: Option<Outcome>,
    /// Everything that speaks against it; empty when state survived.
    pub flaws: Vec<String>,
}

impl Struck {
    fn of(strike: Strike, told: Told) -> Self {
        let (asked, stopped) = stop(&told);
        let ending = match told.outcome {
            _ if !told.flaws.is_empty() => Ending::Lost,
            None => Ending::Lost,
            _ if asked => Ending::Asked,
            Some(Outcome::Abandoned) => Ending::Asked,
            Some(Outcome::RolledBack) if strike.course() == Course::There => Ending::WentBack,
            Some(_) if told.processes > 1 => Ending::Resumed,
            Some(_) => Ending::WentThrough,
        };
        Self {
            strike,
            ending,
            stopped,
            outcome: told.outcome,
            flaws: told.flaws,
        }
    }
}

/// Whether a person was asked, and what the run stopped for first.
fn stop(told: &Told) -> (bool, Option<Failure>) {
    let (mut asked, mut first) = (false, None);
    for (at, line) in told.lines.iter().enumerate() {
        let failure = match &line.entry().record {
            Record::Halted { halt, .. } => {
                let next = told.lines.get(at + 1).map(|line| &line.entry().record);
                asked |= !matches!(next, Some(Record::Turned { by, .. }) if by.host.is_empty());
                Some(&halt.failure)
            }
            Record::Asked { question, .. } => {
                asked |= *question != Question::Finalize;
                match question {
                    Question::FailedGate { failure } => Some(failure),
                    Question::Replay { failure, .. } => failure.as_ref(),
                    Question::Finalize => None,
                }
            }
            _ => None,
        };
        first = first.or_else(|| failure.cloned());
    }
    (asked, first)
}

/// Lives through all strikes on so many threads; `progress` hears after each how many are over. Strikes that never
/// happened, because the run does not come to their place, are left out. In the order of the strikes.
///
/// # Panics
/// When the simulation itself does.
pub fn survey(
    given: &Given,
    strikes: &[Strike],
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Struck> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let thread = || {
        let mut lived = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some(strike) = strikes.get(turn) else {
                return lived;
            };
            let store = Arc::new(MemoryStore::default());
            let told = in_virtual_time(of_case(strike.case(given), store));
            if !told.happened.is_empty() || !told.died.is_empty() {
                lived.push((turn, Struck::of(strike.clone(), told)));
            }
            progress(1 + done.fetch_add(1, Ordering::Relaxed));
        }
    };
    let mut all: Vec<(usize, Struck)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(thread)).collect();
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(lived) => lived,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.flatten().collect()
    });
    all.sort_by_key(|(turn, _)| *turn);
    all.into_iter().map(|(_, struck)| struck).collect()
}
