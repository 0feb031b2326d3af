//! Carries a run on from wherever its journal says that it stands, until it is over, or the world or
//! a person must do something first.

use std::sync::Arc;

use upshift_model::ids::StepId;
use upshift_model::record::{Answer, Halt, Outcome, Question, Record};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::Effect;

use crate::accept;
use crate::counsel::Counsel;
use crate::decide::{self, Decider};
use crate::driver::Driver;
use crate::journal::Journal;
use crate::lane;
use crate::pace::{self, Stopwatch};
use crate::request::Ask;
use crate::store::StoreError;

/// Carries one owned run on.
pub struct Engine {
    journal: Journal,
    driver: Arc<dyn Driver>,
    counsel: Arc<dyn Counsel>,
}

/// Why [`Engine::carry_on`] came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The run is over.
    Closed(Outcome),
    /// The world stopped it; a person must say `resume`, `rollback` or `abandon`.
    Halted,
}

/// Whether a run that halts like this goes back without a person, as its policy says: such a halt is on its way and
/// no end.
pub fn goes_back_by_itself(state: &RunState, halt: &Halt) -> bool {
    Decider::turns_by_itself(state, halt)
}

impl Engine {
    /// An engine for an owned run.
    pub fn new(journal: Journal, driver: Arc<dyn Driver>, counsel: Arc<dyn Counsel>) -> Self {
        Self {
            journal,
            driver,
            counsel,
        }
    }

    /// Carries the run on until it is over or halted. A question to a person is waited for.
    ///
    /// # Errors
    /// When the journal cannot be written or read: nothing further is done then.
    pub async fn carry_on(&self) -> Result<Ended, StoreError> {
        let decider = Decider {
            journal: &self.journal,
            counsel: &*self.counsel,
        };
        loop {
            let state = self.journal.state().await.clone();
            match &state.phase {
                Phase::Closed { outcome, .. } => return Ok(Ended::Closed(*outcome)),
                Phase::Going => self.go(&state, &decider).await?,
                Phase::Waiting {
                    step,
                    question,
                    since,
                } => {
                    self.await_word(&state, &decider, Some((step, question, *since)))
                        .await?;
                }
                Phase::Paused { .. } => self.await_word(&state, &decider, None).await?,
                Phase::Halted { halt, .. } => {
                    let inbox = self.journal.inbox().await?;
                    let turns = Decider::turns_by_itself(&state, halt);
                    match inbox.first() {
                        // Such a run stands at its halt only when its process died there: to go on
                        // is to go back.
                        Some(pending) if turns && pending.request.ask == Ask::Resume => {
                            decider.turn_by_policy(&halt.failure, &[pending.id]).await?;
                        }
                        Some(pending) => decider.heed(pending).await?,
                        None if turns => decider.turn_by_policy(&halt.failure, &[]).await?,
                        None => return Ok(Ended::Halted),
                    }
                }
            }
        }
    }

    /// Lets go of the run, so that whoever carries it on next need not wait.
    ///
    /// # Errors
    /// When the store cannot be told; the claim ends by itself then.
    pub async fn leave(self) -> Result<(), StoreError> {
        self.journal.give_up().await
    }

    async fn go(&self, state: &RunState, decider: &Decider<'_>) -> Result<(), StoreError> {
        let next = state.waves().get(state.wave_at());
        let Some(wave) = state.open_aside().or(next) else {
            return self.close(state).await;
        };
        // Words that fit no step (a resume of what goes on already) are answered here.
        let inbox = self.journal.inbox().await?;
        if let Some(pending) = inbox
            .iter()
            .find(|p| matches!(p.request.ask, Ask::Resume | Ask::Answer(_)))
        {
            return decider.heed(pending).await;
        }
        let ends = lane::run_wave(&self.journal, &*self.driver, &*self.counsel, wave).await;
        decider.after_wave(ends).await
    }

    async fn close(&self, state: &RunState) -> Result<(), StoreError> {
        let mut left: Vec<String> = state
            .parked()
            .iter()
            .map(|job| format!("{job} was parked and is where its lane failed"))
            .collect();
        left.extend(self.counsel.left_over(state).await);
        let outcome = match state.back {
            Some(_) => Outcome::RolledBack,
            None => Outcome::Finalized,
        };
        self.journal
            .write(Record::Closed {
                outcome,
                left,
                by: None,
            })
            .await
    }

    async fn await_word(
        &self,
        state: &RunState,
        decider: &Decider<'_>,
        asked: Option<(&StepId, &Question, jiff::Timestamp)>,
    ) -> Result<(), StoreError> {
        let timer = asked.and_then(|(step, question, since)| {
            let after = finalize_after(state, step)?;
            (*question == Question::Finalize).then_some((step, Stopwatch::since(since), after))
        });
        loop {
            if let Some(pending) = self.journal.inbox().await?.first() {
                return match asked {
                    Some((step, Question::Finalize, _))
                        if pending.request.ask == Ask::Answer(Answer::Finalize) =>
                    {
                        let by = pending.request.by.clone();
                        accept::accept(decider, &*self.driver, step, by, &[pending.id]).await
                    }
                    _ => decider.heed(pending).await,
                };
            }
            if let Some((step, asked, after)) = timer
                && asked.waited(self.journal.now()) >= after
            {
                return accept::accept(decider, &*self.driver, step, decide::policy(), &[]).await;
            }
            pace::nap(pace::LISTEN_EVERY).await;
        }
    }
}

fn finalize_after(state: &RunState, step: &StepId) -> Option<Millis> {
    match &state.step(step)?.effect {
        Effect::Hold {
            gate: upshift_model::gate::Gate::Finalize { after },
        } => *after,
        _ => None,
    }
}
