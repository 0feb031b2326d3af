//! Whoever sits before the terminal in a simulation: answers questions, says what is to become of a halt,
//! and has plans of their own. The same each time for one case.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use upshift_engine::request::{Ask, Request};
use upshift_model::ids::ComponentId;
use upshift_model::record::{Answer, Failure, Line, Question, Record, Who};
use upshift_model::run_state::{Phase, RunState};

/// What the person is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// The upgrade, accepted when everything held.
    Upgrade,
    /// The way back, once everything held.
    BackAtTheEnd,
    /// The way back, as soon as the journal has so many records.
    BackAfter(u64),
    /// To give the run up, as soon as the journal has so many records.
    AbandonAfter(u64),
    /// The upgrade, with a pause after so many records.
    PauseAfter(u64),
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upgrade => f.write_str("accepts when every gate held"),
            Self::BackAtTheEnd => f.write_str("goes back when every gate held"),
            Self::BackAfter(n) => write!(f, "goes back after record {n}"),
            Self::AbandonAfter(n) => write!(f, "gives the run up after record {n}"),
            Self::PauseAfter(n) => write!(f, "pauses after record {n}"),
        }
    }
}

/// So often a halt is answered with `resume` before something else is tried.
const RESUMES: u32 = 2;

/// So often a server is restarted where that is the remedy.
const RESTARTS: u32 = 3;

/// What a halt says is the remedy: a server that is to be restarted.
fn remedy(failure: &Failure) -> Option<ComponentId> {
    let (_, server) = failure.what.rsplit_once("upshift restart ")?;
    Some(ComponentId::new(server.trim()))
}

/// See the module.
#[derive(Debug)]
pub struct Person {
    wish: Wish,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    said: bool,
    restarted: u32,
    resumed: u32,
    went_back: u32,
    abandons: bool,
}

impl Person {
    /// A person with a wish.
    pub fn with(wish: Wish) -> Self {
        Self {
            wish,
            inner: Mutex::default(),
        }
    }

    /// The name under which everything is asked.
    pub fn who() -> Who {
        Who {
            name: "ada".to_owned(),
            host: "simulated".to_owned(),
            why: None,
            ticket: None,
        }
    }

    fn request(ask: Ask) -> Request {
        Request { ask, by: Self::who() }
    }

    /// What the person says when a record has become durable.
    pub fn hears(&self, line: &Line, state: &RunState) -> Option<Request> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = line.entry().seq;
        let closed = matches!(state.phase, Phase::Closed { .. });
        let due = match self.wish {
            Wish::BackAfter(n) if seq >= n && state.back.is_none() => {
                Some(Ask::RollBack { accept_replay: true })
            }
            Wish::AbandonAfter(n) if seq >= n => Some(Ask::Abandon),
            Wish::PauseAfter(n) if seq >= n => Some(Ask::Pause),
            _ => None,
        };
        if let Some(ask) = due.filter(|_| !inner.said && !closed) {
            inner.said = true;
            return Some(Self::request(ask));
        }
        let ask = match &line.entry().record {
            // A run that goes back has no other way to turn to.
            Record::Asked {
                question: Question::FailedGate { .. },
                ..
            } if state.back.is_some() => Some(Ask::Answer(Answer::Continue)),
            Record::Asked { question, .. } => Some(self.answer(question)),
            Record::Paused { .. } => Some(Ask::Resume),
            _ => None,
        };
        ask.map(Self::request)
    }

    const fn answer(&self, question: &Question) -> Ask {
        match (question, self.wish) {
            (Question::Finalize, Wish::BackAtTheEnd) => Ask::RollBack { accept_replay: true },
            (Question::Finalize, _) => Ask::Answer(Answer::Finalize),
            (Question::FailedGate { .. } | Question::Replay { .. }, _) => {
                Ask::RollBack { accept_replay: true }
            }
        }
    }

    /// What the person says to a run that nobody carries on any more; `died` when its process did.
    pub fn finds(&self, state: &RunState, died: bool) -> Option<Request> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let remedy = match &state.phase {
            Phase::Halted { halt, .. } => remedy(&halt.failure),
            _ => None,
        };
        if let Some(server) = remedy.filter(|_| inner.restarted < RESTARTS) {
            inner.restarted += 1;
            return Some(Self::request(Ask::Restart { server }));
        }
        let ask = match &state.phase {
            Phase::Halted { .. } if inner.abandons => Ask::Abandon,
            Phase::Halted { .. } if inner.resumed < RESUMES => {
                inner.resumed += 1;
                Ask::Resume
            }
            Phase::Halted { .. } if state.back.is_none() && inner.went_back == 0 => {
                inner.went_back += 1;
                inner.resumed = 0;
                Ask::RollBack { accept_replay: true }
            }
            Phase::Halted { .. } => {
                inner.abandons = true;
                Ask::Abandon
            }
            // Whoever asked is answered again: what was said may have died with the process.
            Phase::Waiting { question, .. } if died => self.answer(question),
            Phase::Paused { .. } if died => Ask::Resume,
            _ => return None,
        };
        Some(Self::request(ask))
    }
}
