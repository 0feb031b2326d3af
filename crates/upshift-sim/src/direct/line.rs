//! The line between upshift and a simulated world: counts contacts, and lets happen what was planned for
//! each. It knows no system.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use upshift_engine::driver::Fault as Answer;
use upshift_model::ids::{Code, StepId};
use upshift_model::record::Failure;

use super::fault::{Fault, Place, Planned, When};
use super::time::pass;

/// How long a driver waits for an answer.
const LIMIT_MS: u64 = 30_000;
/// How much later than that the effect of a hung request may come.
pub(super) const LATE_MS: u64 = 20_000;
/// A slow answer.
const SLOW_MS: u64 = 4_000;

/// A fault that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When, in milliseconds.
    pub at: i64,
    /// How many records upshift had written by then.
    pub after: u64,
    /// Which.
    pub what: Planned,
}

/// What becomes of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// It goes through.
    Whole,
    /// It goes through, and the answer does not come back.
    Mute,
    /// A part of it goes through, and the answer does not come back.
    Partly,
    /// It goes through when nobody waits any more.
    Late,
    /// It goes through, and upshift does not live to hear of it.
    Fatal,
}

/// See the module.
#[derive(Default)]
pub struct Line {
    inner: Mutex<Inner>,
    doom: Notify,
}

#[derive(Default)]
struct Inner {
    planned: Vec<Planned>,
    looks: BTreeMap<StepId, u32>,
    acts: BTreeMap<StepId, u32>,
    happened: Vec<Happened>,
    written: u64,
}

impl Line {
    /// A line on which these faults are planned.
    pub fn with(planned: Vec<Planned>) -> Self {
        let inner = Inner {
            planned,
            ..Inner::default()
        };
        Self {
            inner: Mutex::new(inner),
            doom: Notify::new(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this is planned for the next try of the step.
    pub fn at_next_try(&self, step: &StepId, fault: Fault) {
        let mut inner = self.inner();
        let tried = inner.acts.get(step).copied().unwrap_or(0);
        let place = Place {
            step: step.clone(),
            when: When::Act(tried + 1),
        };
        inner.planned.push(Planned { fault, place });
    }

    /// Nothing is planned any more.
    pub fn forget_planned(&self) {
        self.inner().planned.clear();
    }

    /// The faults that happened so far.
    pub fn happened(&self) -> Vec<Happened> {
        self.inner().happened.clone()
    }

    /// Says how many records upshift has written, so that a fault can be told between two of them.
    pub fn has_written(&self, records: u64) {
        self.inner().written = records;
    }

    /// Comes back when upshift's process is to die.
    pub async fn doomed(&self) {
        self.doom.notified().await;
    }

    async fn die(&self) {
        self.doom.notify_one();
        std::future::pending::<()>().await;
    }

    /// Counts the contact and takes the faults that were planned for it.
    fn take(&self, step: &StepId, act: bool, now: i64) -> Vec<Fault> {
        let mut inner = self.inner();
        let counted = if act { &mut inner.acts } else { &mut inner.looks };
        let n = counted.entry(step.clone()).or_default();
        *n += 1;
        let here = if act { When::Act(*n) } else { When::Look(*n) };
        let all = std::mem::take(&mut inner.planned);
        let (due, rest) = all
            .into_iter()
            .partition::<Vec<_>, _>(|p| p.place.step == *step && p.place.when == here);
        inner.planned = rest;
        let faults = due.iter().map(|p| p.fault).collect();
        let after = inner.written;
        let happened = |what| Happened { at: now, after, what };
        inner.happened.extend(due.into_iter().map(happened));
        faults
    }

    /// A look at where the world stands on a step.
    pub(super) async fn look(
        &self,
        step: &StepId,
        now: i64,
        mut strike: impl FnMut(Fault),
    ) -> Result<(), Answer> {
        for fault in self.take(step, false, now) {
            match fault {
                Fault::Slow => pass(SLOW_MS).await,
                Fault::Hung | Fault::HungThenDone => {
                    pass(LIMIT_MS).await;
                    return Err(Answer::Transient(format!("no answer within {LIMIT_MS} ms")));
                }
                Fault::NotReached | Fault::AnswerLost | Fault::CutShort | Fault::Refused => {
                    return Err(Answer::Transient("connection refused".to_owned()));
                }
                Fault::KilledBefore | Fault::KilledAfter | Fault::KilledWaiting => self.die().await,
                struck => strike(struck),
            }
        }
        Ok(())
    }

    /// A try, before anything of it has left this machine.
    pub(super) async fn act(
        &self,
        step: &StepId,
        now: i64,
        mut strike: impl FnMut(Fault),
    ) -> Result<Passage, Answer> {
        let mut passage = Passage::Whole;
        for fault in self.take(step, true, now) {
            match fault {
                Fault::Slow => pass(SLOW_MS).await,
                Fault::Hung => {
                    pass(LIMIT_MS).await;
                    return Err(Answer::Ambiguous(format!("no answer within {LIMIT_MS} ms")));
                }
                Fault::HungThenDone => passage = Passage::Late,
                Fault::NotReached => return Err(Answer::Transient("connection refused".to_owned())),
                Fault::Refused => return Err(Answer::Refused(refusal())),
                Fault::AnswerLost => passage = Passage::Mute,
                Fault::CutShort => passage = Passage::Partly,
                Fault::KilledBefore | Fault::KilledWaiting => self.die().await,
                Fault::KilledAfter => passage = Passage::Fatal,
                struck => strike(struck),
            }
        }
        Ok(passage)
    }

    /// The way back of a try's answer.
    pub(super) async fn answer(&self, passage: Passage) -> Result<(), Answer> {
        match passage {
            Passage::Whole => Ok(()),
            Passage::Mute | Passage::Partly => Err(Answer::Ambiguous("connection reset".to_owned())),
            Passage::Late => {
                pass(LIMIT_MS).await;
                Err(Answer::Ambiguous(format!("no answer within {LIMIT_MS} ms")))
            }
            Passage::Fatal => {
                self.die().await;
                Ok(())
            }
        }
    }
}

fn refusal() -> Failure {
    Failure {
        code: Code::from("UP-SIM-0001".to_owned()),
        what: "the far side says no, as the simulation has it".to_owned(),
        far_side: Some("no".to_owned()),
    }
}
