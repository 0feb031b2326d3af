//! Where a run stands: a pure fold over its journal. Illegal sequences are refused on replay, too.
//!
//! This is the only reading of a journal there is; the engine, `status` and the planner of the way
//! back all ask it. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::digest::Digest;
use crate::ids::{ComponentId, RunId, StepId};
use crate::plan::{Plan, Sealed};
use crate::proof::{Bindings, Proof};
use crate::record::{
    Answer, AttemptOutcome, BrokenChain, Entry, Failure, Halt, Intent, Line, Outcome, Question, Record, Who,
};
use crate::span::Millis;
use crate::step::Wave;

/// Where a run stands after some entry of its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    /// The run.
    pub run: RunId,
    /// The plan it was opened with. Shared, as are all large parts that never change: states are copied at every
    /// turn of the engine.
    pub plan: Arc<Sealed>,
    /// The plan of the way back, once it has turned.
    pub back: Option<Arc<Sealed>>,
    /// Steps that people asked for beside the plan, in order.
    pub asides: Vec<Arc<Wave>>,
    /// Who opened it.
    pub opened_by: Who,
    /// When.
    pub opened_at: jiff::Timestamp,
    /// What is going on.
    pub phase: Phase,
    /// Every step that was ever begun, in both directions.
    pub steps: BTreeMap<StepId, StepState>,
    /// What steps left for one another.
    pub bindings: Bindings,
    /// The last entry folded.
    pub last: Position,
}

/// The place of the last entry folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Its number.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// The epoch it was written in.
    pub epoch: u64,
    /// When it was written.
    pub at: jiff::Timestamp,
}

/// What is going on with the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Steps are carried out.
    Going,
    /// A person stopped it.
    Paused {
        /// Who.
        by: Who,
        /// When.
        since: jiff::Timestamp,
    },
    /// A person is asked.
    Waiting {
        /// At which step.
        step: StepId,
        /// What.
        question: Question,
        /// When.
        since: jiff::Timestamp,
    },
    /// The world stopped it.
    Halted {
        /// At which step.
        step: Option<StepId>,
        /// Why.
        halt: Halt,
        /// When.
        since: jiff::Timestamp,
    },
    /// It is over.
    Closed {
        /// How.
        outcome: Outcome,
        /// What is left.
        left: Vec<String>,
        /// When.
        at: jiff::Timestamp,
    },
}

impl Phase {
    /// Whether something failed that a person has to see to: the run halted, or asks about a gate.
    pub const fn stands_at_a_failure(&self) -> bool {
        matches!(
            self,
            Self::Halted { .. }
                | Self::Waiting {
                    question: Question::FailedGate { .. },
                    ..
                }
        )
    }
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepState {
    /// The latest intent, if anything was ever about to be sent.
    pub intent: Option<Intent>,
    /// When that was written.
    pub intended_at: Option<jiff::Timestamp>,
    /// What the latest call said.
    pub outcome: Option<AttemptOutcome>,
    /// Tries that certainly failed.
    pub failures: Vec<Failure>,
    /// Proof, once done, and when it was written.
    pub done: Option<(Proof, jiff::Timestamp)>,
    /// Observed time of a soak so far.
    pub held: Millis,
    /// Answers given at this step, in order.
    pub answers: Vec<(Answer, Who)>,
    /// What was noted at this step without stopping the run.
    pub notes: Vec<Failure>,
    /// The failure for which the step's lane was parked.
    pub parked: Option<Failure>,
}

impl StepState {
    const fn untouched() -> Self {
        Self {
            intent: None,
            intended_at: None,
            outcome: None,
            failures: Vec::new(),
            done: None,
            held: Millis::ZERO,
            answers: Vec::new(),
            notes: Vec::new(),
            parked: None,
        }
    }

    /// Whether somebody went on in spite of a gate that failed at this step.
    pub fn went_on_in_spite(&self) -> bool {
        self.answers.iter().any(|(answer, _)| *answer == Answer::Continue)
    }

    /// Who accepted at this step.
    pub fn accepted(&self) -> Option<&Who> {
        let mut answers = self.answers.iter();
        answers.find_map(|(answer, by)| (*answer == Answer::Finalize).then_some(by))
    }
}

/// A journal that cannot have been written by upshift as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IllegalRecord {
    /// The chain is broken.
    #[error(transparent)]
    Chain(#[from] BrokenChain),
    /// The first entry does not open the run, or a later one does.
    #[error("entry {seq} is {found:?}, where {expected}")]
    Order {
        /// Where.
        seq: u64,
        /// What stands there.
        found: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// The step is in neither plan.
    #[error("entry {seq} speaks of step {step}, which the plan does not have")]
    UnknownStep {
        /// Where.
        seq: u64,
        /// Which step.
        step: StepId,
    },
    /// No entry at all.
    #[error("the journal is empty")]
    Empty,
}

impl RunState {
    /// Folds a whole journal.
    ///
    /// # Errors
    /// When the journal is empty, its chain is broken or its sequence is impossible.
    pub fn fold<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Result<Self, IllegalRecord> {
        let mut lines = lines.into_iter();
        let first = lines.next().ok_or(IllegalRecord::Empty)?;
        let mut state = Self::open(first)?;
        for line in lines {
            state.apply(line)?;
        }
        Ok(state)
    }

    fn open(line: &Line) -> Result<Self, IllegalRecord> {
        let entry = line.entry();
        if entry.seq != 1 {
            return Err(BrokenChain::Seq {
                expected: 1,
                found: entry.seq,
            }
            .into());
        }
        if entry.prev != Digest::zero() {
            let (expected, found) = (Digest::zero(), entry.prev.clone());
            return Err(BrokenChain::Digest {
                seq: 1,
                expected,
                found,
            }
            .into());
        }
        let Record::Opened { plan, by } = &entry.record else {
            let found = entry.record.word();
            return Err(IllegalRecord::Order {
                seq: entry.seq,
                found,
                expected: "a run must be opened first",
            });
        };
        Ok(Self {
            run: entry.run.clone(),
            plan: Arc::new((**plan).clone()),
            back: None,
            asides: Vec::new(),
            opened_by: by.clone(),
            opened_at: entry.at,
            phase: Phase::Going,
            steps: BTreeMap::new(),
            bindings: Bindings::default(),
            last: Position {
                seq: entry.seq,
                digest: line.digest().clone(),
                epoch: entry.epoch,
                at: entry.at,
            },
        })
    }

    /// Takes in the next entry.
    ///
    /// # Errors
    /// When it does not follow the last one, or cannot stand where it stands. The state is then
    /// unchanged.
    pub fn apply(&mut self, line: &Line) -> Result<(), IllegalRecord> {
        let entry = line.entry();
        self.admits(line)?;
        self.take_in(entry);
        self.last = Position {
            seq: entry.seq,
            digest: line.digest().clone(),
            epoch: entry.epoch,
            at: entry.at,
        };
        Ok(())
    }

    /// Whether an entry follows the last one and can stand where it would stand.
    ///
    /// # Errors
    /// When it cannot.
    pub fn admits(&self, line: &Line) -> Result<(), IllegalRecord> {
        let entry = line.entry();
        let seq = entry.seq;
        if seq != self.last.seq + 1 {
            return Err(BrokenChain::Seq {
                expected: self.last.seq + 1,
                found: seq,
            }
            .into());
        }
        if entry.prev != self.last.digest {
            let (expected, found) = (self.last.digest.clone(), entry.prev.clone());
            return Err(BrokenChain::Digest { seq, expected, found }.into());
        }
        if entry.epoch < self.last.epoch {
            return Err(BrokenChain::Epoch {
                seq,
                expected: self.last.epoch,
                found: entry.epoch,
            }
            .into());
        }
        let order = |expected| {
            Err(IllegalRecord::Order {
                seq,
                found: entry.record.word(),
                expected,
            })
        };
        if matches!(self.phase, Phase::Closed { .. }) {
            return order("nothing may follow the end");
        }
        match &entry.record {
            Record::Opened { .. } => return order("a run is opened once"),
            Record::Turned { .. } if self.back.is_some() => return order("a run turns back once"),
            Record::Aside { .. } if !self.phase.stands_at_a_failure() => {
                return order("steps beside the plan are for a run that halted, or whose gate failed");
            }
            Record::Aside { wave, .. } if self.knows_a_step_of(wave) => {
                return order("steps beside the plan have numbers of their own");
            }
            Record::Answered { .. } if !matches!(self.phase, Phase::Waiting { .. }) => {
                return order("nobody was asked");
            }
            Record::Attempted { step, attempt, .. } | Record::Failed { step, attempt, .. } => {
                let intent = self.steps.get(step).and_then(|s| s.intent.as_ref());
                if intent.is_none_or(|i| i.attempt != *attempt) {
                    return order("an outcome needs the intent of the same try before it");
                }
            }
            _ => {}
        }
        match entry.record.step() {
            Some(step) if self.step(step).is_none() => Err(IllegalRecord::UnknownStep {
                seq,
                step: step.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn take_in(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.record {
            Record::Opened { .. } => {}
            Record::Intent { step, intent } => {
                let s = self.touch(step);
                s.intent = Some(intent.clone());
                s.intended_at = Some(at);
                s.outcome = None;
            }
            Record::Attempted { step, outcome, .. } => self.touch(step).outcome = Some(outcome.clone()),
            Record::Done { step, proof } => {
                self.bindings.absorb(proof);
                self.touch(step).done = Some((proof.clone(), at));
            }
            Record::Failed { step, failure, .. } => self.touch(step).failures.push(failure.clone()),
            Record::Held { step, observed } => self.touch(step).held = *observed,
            Record::Asked { step, question } => {
                self.phase = Phase::Waiting {
                    step: step.clone(),
                    question: question.clone(),
                    since: at,
                };
            }
            Record::Answered { step, answer, by } => {
                let s = self.touch(step);
                s.answers.push((*answer, by.clone()));
                s.held = Millis::ZERO;
                self.phase = Phase::Going;
            }
            Record::Paused { by } => {
                self.phase = Phase::Paused {
                    by: by.clone(),
                    since: at,
                }
            }
            Record::Resumed { .. } => self.phase = Phase::Going,
            Record::Halted { step, halt } => {
                self.phase = Phase::Halted {
                    step: step.clone(),
                    halt: halt.clone(),
                    since: at,
                };
            }
            Record::Noted { step, failure } => self.touch(step).notes.push(failure.clone()),
            Record::Parked { step, failure } => self.touch(step).parked = Some(failure.clone()),
            Record::Aside { wave, .. } => {
                if let Phase::Waiting { step, .. } = self.phase.clone() {
                    self.touch(&step).held = Millis::ZERO;
                }
                self.asides.push(Arc::new((**wave).clone()));
                self.phase = Phase::Going;
            }
            Record::Turned { plan, .. } => {
                self.back = Some(Arc::new((**plan).clone()));
                // What was asked for and never begun was for the way there.
                let steps = &self.steps;
                self.asides
                    .retain(|wave| wave.steps().any(|step| steps.contains_key(&step.id)));
                self.phase = Phase::Going;
            }
            Record::Closed { outcome, left, .. } => {
                self.phase = Phase::Closed {
                    outcome: *outcome,
                    left: left.clone(),
                    at,
                };
            }
        }
    }

    fn touch(&mut self, step: &StepId) -> &mut StepState {
        self.steps
            .entry(step.clone())
            .or_insert_with(StepState::untouched)
    }

    /// The plan whose steps are carried out now: the way back once the run has turned.
    pub fn current(&self) -> &Plan {
        self.back.as_ref().map_or(&self.plan.plan, |back| &back.plan)
    }

    /// The waves that are carried out now.
    pub fn waves(&self) -> &[Wave] {
        &self.current().waves
    }

    /// Steps beside the plan that are carried out before anything else, the newest first.
    pub fn open_aside(&self) -> Option<&Wave> {
        let is_open = |wave: &&Arc<Wave>| wave.steps().any(|step| !self.is_done(&step.id));
        self.asides.iter().rfind(is_open).map(|wave| &**wave)
    }

    /// A step of either plan, or one beside them.
    pub fn step(&self, id: &StepId) -> Option<&crate::step::Step> {
        let mut beside = self.asides.iter().flat_map(|wave| wave.steps());
        self.plan
            .plan
            .step(id)
            .or_else(|| self.back.as_ref().and_then(|back| back.plan.step(id)))
            .or_else(|| beside.find(|step| step.id == *id))
    }

    fn knows_a_step_of(&self, wave: &Wave) -> bool {
        wave.steps().any(|step| self.step(&step.id).is_some())
    }

    /// Whether the step is done.
    pub fn is_done(&self, id: &StepId) -> bool {
        self.steps.get(id).is_some_and(|s| s.done.is_some())
    }

    /// Whether anything was ever about to be sent for the step.
    pub fn is_begun(&self, id: &StepId) -> bool {
        self.steps
            .get(id)
            .is_some_and(|s| s.intent.is_some() || s.done.is_some())
    }

    /// Who accepted the upgrade, once somebody or the policy's timer has. From that word on there is no way back,
    /// though the step that waited for it may not be recorded as done yet.
    pub fn accepted(&self) -> Option<&Who> {
        self.steps.values().find_map(StepState::accepted)
    }

    /// Steps that were about to be tried and are not known to have ended.
    pub fn open_intents(&self) -> BTreeSet<StepId> {
        self.steps
            .iter()
            .filter(|(_, s)| {
                s.done.is_none()
                    && s.intent
                        .as_ref()
                        .is_some_and(|i| s.failures.len() < usize::from(i.attempt))
            })
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Jobs whose lane was parked in the current plan.
    pub fn parked(&self) -> BTreeSet<ComponentId> {
        let lanes = self.waves().iter().flat_map(|wave| wave.lanes.iter());
        lanes
            .filter(|lane| {
                lane.steps
                    .iter()
                    .any(|step| self.steps.get(&step.id).is_some_and(|s| s.parked.is_some()))
            })
            .filter_map(|lane| lane.subject.clone())
            .collect()
    }

    /// The index of the first wave of the current plan that is not wholly done; the number of waves
    /// when all are. Lanes of parked jobs do not count.
    pub fn wave_at(&self) -> usize {
        let parked = self.parked();
        let over = |wave: &Wave| {
            wave.lanes
                .iter()
                .filter(|lane| lane.subject.as_ref().is_none_or(|job| !parked.contains(job)))
                .all(|lane| lane.steps.iter().all(|step| self.is_done(&step.id)))
        };
        self.waves()
            .iter()
            .position(|wave| !over(wave))
            .unwrap_or(self.waves().len())
    }

    /// The latest intent of the step, unless its try is known to have failed.
    pub fn live_intent(&self, id: &StepId) -> Option<&Intent> {
        let step = self.steps.get(id)?;
        step.intent
            .as_ref()
            .filter(|i| step.failures.len() < usize::from(i.attempt))
    }
}

impl Record {
    /// The word under which the record is stored.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Intent { .. } => "intent",
            Self::Attempted { .. } => "attempted",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Held { .. } => "held",
            Self::Asked { .. } => "asked",
            Self::Answered { .. } => "answered",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Halted { .. } => "halted",
            Self::Noted { .. } => "noted",
            Self::Parked { .. } => "parked",
            Self::Aside { .. } => "aside",
            Self::Turned { .. } => "turned",
            Self::Closed { .. } => "closed",
        }
    }

    /// The step it speaks of.
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::Intent { step, .. }
            | Self::Attempted { step, .. }
            | Self::Done { step, .. }
            | Self::Failed { step, .. }
            | Self::Held { step, .. }
            | Self::Asked { step, .. }
            | Self::Answered { step, .. }
            | Self::Noted { step, .. }
            | Self::Parked { step, .. } => Some(step),
            Self::Halted { step, .. } => step.as_ref(),
            Self::Opened { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Aside { .. }
            | Self::Turned { .. }
            | Self::Closed { .. } => None,
        }
    }
}
