//! One step, carried out: look, and act only when the look says that nothing was done yet.
//!
//! This is the step-level retry loop of the product, and its recovery code: a process that comes
//! back after a crash runs the same loop with the journal's intent.

use std::time::Duration;

use upshift_model::gate::Gate;
use upshift_model::ids::AttemptKey;
use upshift_model::policy::Strategy;
use upshift_model::proof::Proof;
use upshift_model::record::{AttemptOutcome, Baseline, Failure, Halt, HaltKind, Intent, Record};
use upshift_model::run_state::StepState;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Step, StopWhat};

use crate::codes;
use crate::counsel::Counsel;
use crate::driver::{Driver, Fault, Progress, Standing};
use crate::journal::Journal;
use crate::lane::{LaneEnd, Wish};
use crate::pace::{self, Pace, Stopwatch};
use crate::safety;
use crate::soak;
use crate::store::{LaneNote, StoreError};

/// Carries out one step of one lane.
pub(crate) struct StepLoop<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) driver: &'a dyn Driver,
    pub(crate) step: &'a Step,
    counsel: &'a dyn Counsel,
    begun: Stopwatch,
    // Between tries that nobody answers, or that are sent once more.
    repeats: Pace,
    // Tries that failed in this call; a person who resumes after a halt grants the step its tries anew.
    failed: u16,
}

impl<'a> StepLoop<'a> {
    pub(crate) fn new(
        journal: &'a Journal,
        driver: &'a dyn Driver,
        counsel: &'a dyn Counsel,
        step: &'a Step,
    ) -> Self {
        Self {
            journal,
            driver,
            step,
            counsel,
            begun: Stopwatch::since(journal.now()),
            repeats: Pace::of_repeats(),
            failed: 0,
        }
    }

    /// Ends when the step is done, or with the reason why the lane must stop.
    pub(crate) async fn carry_out(mut self) -> Result<(), LaneEnd> {
        match &self.step.effect {
            Effect::Hold {
                gate: Gate::Soak { .. },
            } => return soak::hold(&self).await,
            Effect::Hold {
                gate: Gate::Finalize { .. },
            } => return self.await_finalize().await,
            _ => {}
        }
        let mut pace = match &self.step.effect {
            Effect::Hold {
                gate: Gate::Judged { .. },
            } => Pace::of_whole_looks(),
            _ => Pace::new(),
        };
        let mut said = None;
        loop {
            self.heed_wishes().await?;
            self.heed_downtime().await?;
            let (standing, intent) = self.look().await;
            let waits = match standing {
                Ok(Standing::Done(proof)) => {
                    let step = self.step.id.clone();
                    return Ok(self.journal.write(Record::Done { step, proof }).await?);
                }
                Ok(Standing::Contradicted(failure)) => return Err(self.halt(HaltKind::Drift, failure).await),
                Ok(Standing::Failed(failure)) => {
                    self.retry_or_halt(failure, intent.as_ref()).await?;
                    None
                }
                Ok(Standing::Ready(baseline)) => {
                    self.attempt(baseline, intent).await?;
                    None
                }
                Ok(Standing::Waiting(progress) | Standing::Underway(progress)) => Some(progress),
                Err(Fault::Transient(text) | Fault::Ambiguous(text)) => {
                    Some(Progress::of(format!("cannot see the system: {text}")))
                }
                Err(Fault::Refused(failure)) => return Err(self.halt(HaltKind::Refused, failure).await),
            };
            match waits {
                Some(progress) => self.wait(progress, &mut said, &mut pace).await?,
                None => pace.quicken(),
            }
        }
    }

    /// Where the step stands, and the intent by which that was told.
    async fn look(&self) -> (Result<Standing, Fault>, Option<Intent>) {
        let state = self.journal.state().await;
        if let Effect::Hold {
            gate: Gate::Judged { from, to },
        } = &self.step.effect
        {
            let run = state.clone();
            drop(state);
            return (self.counsel.judge(&run, (from, to)).await, None);
        }
        let (bound, intent) = (state.bindings.clone(), state.live_intent(&self.step.id).cloned());
        drop(state);
        let standing = self.driver.standing(self.step, &bound, intent.as_ref()).await;
        (standing, intent)
    }

    async fn attempt(&mut self, baseline: Baseline, open: Option<Intent>) -> Result<(), LaneEnd> {
        let repeats = open.is_some();
        let intent = self.intend(baseline, open).await?;
        let bound = self.journal.state().await.bindings.clone();
        self.journal.confirm().await?;
        let (outcome, refusal) = match self.driver.attempt(self.step, &bound, &intent).await {
            Ok(()) => (AttemptOutcome::Sent, None),
            Err(Fault::Refused(failure)) => (AttemptOutcome::Refused(failure.clone()), Some(failure)),
            Err(Fault::Transient(text)) => (AttemptOutcome::NotSent(text), None),
            Err(Fault::Ambiguous(text)) => (AttemptOutcome::Ambiguous(text), None),
        };
        let sent = matches!(outcome, AttemptOutcome::Sent);
        let (step, attempt) = (self.step.id.clone(), intent.attempt);
        self.journal
            .write(Record::Attempted {
                step: step.clone(),
                attempt,
                outcome,
            })
            .await?;
        if let Some(failure) = refusal {
            // A refusal changed nothing, so this try is over; a later one gets a key of its own. Where it is the answer to
            // a repeat, what was sent before under the same key may still arrive, and the try stays open.
            if !repeats {
                let failure = failure.clone();
                self.journal
                    .write(Record::Failed {
                        step,
                        attempt,
                        failure,
                    })
                    .await?;
            }
            return Err(self.halt(HaltKind::Refused, failure).await);
        }
        // What is found not begun time and again would be sent without a pause.
        if !sent || repeats {
            let what = match sent {
                true => "it was sent, found not begun, and is sent once more",
                false => "the last call got no answer",
            };
            self.check_patience(&Progress::of(what)).await?;
            let pause = self.repeats.next();
            self.rest(pause).await?;
        }
        Ok(())
    }

    /// The key of a try whose fate is not known is used again; only a try that certainly failed is
    /// followed by a new one.
    async fn intend(&self, baseline: Baseline, open: Option<Intent>) -> Result<Intent, StoreError> {
        let state = self.journal.state().await;
        let latest = state
            .steps
            .get(&self.step.id)
            .and_then(|s| s.intent.as_ref())
            .map_or(0, |i| i.attempt);
        drop(state);
        let attempt = open.map_or(latest + 1, |intent| intent.attempt);
        let patience = i64::try_from(self.step.give_up.0).unwrap_or(i64::MAX);
        let now = self.journal.now();
        let intent = Intent {
            key: AttemptKey::derive(self.journal.run(), &self.step.id, attempt),
            attempt,
            baseline,
            deadline: now
                .saturating_add(jiff::SignedDuration::from_millis(patience))
                .unwrap_or(now),
        };
        let step = self.step.id.clone();
        self.journal
            .write(Record::Intent {
                step,
                intent: intent.clone(),
            })
            .await?;
        Ok(intent)
    }

    async fn retry_or_halt(&mut self, failure: Failure, intent: Option<&Intent>) -> Result<(), LaneEnd> {
        if let Some(intent) = intent {
            let (step, attempt) = (self.step.id.clone(), intent.attempt);
            self.journal
                .write(Record::Failed {
                    step,
                    attempt,
                    failure: failure.clone(),
                })
                .await?;
        }
        self.failed += 1;
        match self.failed < self.step.tries {
            true => Ok(()),
            false => Err(self.halt(HaltKind::Failed, failure).await),
        }
    }

    async fn wait(
        &self,
        progress: Progress,
        said: &mut Option<String>,
        pace: &mut Pace,
    ) -> Result<(), LaneEnd> {
        self.check_patience(&progress).await?;
        if said.as_ref() != Some(&progress.what) {
            pace.quicken();
            *said = Some(progress.what.clone());
        }
        self.note(progress.what).await?;
        self.rest(pace.next()).await
    }

    /// Nothing is done for a while, but to hear what a person wishes.
    async fn rest(&self, mut left: Duration) -> Result<(), LaneEnd> {
        while left > pace::LISTEN_EVERY {
            pace::nap(pace::LISTEN_EVERY).await;
            left -= pace::LISTEN_EVERY;
            self.heed_wishes().await?;
        }
        pace::nap(left).await;
        Ok(())
    }

    pub(crate) async fn note(&self, what: String) -> Result<(), LaneEnd> {
        let patience = i64::try_from(self.step.give_up.0).unwrap_or(i64::MAX);
        let since = self.begun.began();
        let until = since
            .saturating_add(jiff::SignedDuration::from_millis(patience))
            .ok();
        let note = LaneNote {
            step: self.step.id.clone(),
            what,
            since,
            until,
        };
        Ok(self.journal.note(note).await?)
    }

    async fn check_patience(&self, progress: &Progress) -> Result<(), LaneEnd> {
        let waited = self.begun.waited(self.journal.now());
        if waited <= self.step.give_up {
            return Ok(());
        }
        let failure = Failure {
            code: codes::TIMED_OUT,
            what: format!("step {} was given up after {waited}", self.step.id),
            far_side: Some(progress.what.clone()),
        };
        Err(self.halt(HaltKind::TimedOut, failure).await)
    }

    /// A wish to go back or to give up interrupts a wait; a pause only stops between steps.
    pub(crate) async fn heed_wishes(&self) -> Result<(), LaneEnd> {
        match Wish::urgent(&self.journal.inbox().await?) {
            // A savepoint that is under way is seen to its end first: what it leaves decides what the
            // way back is. Who gives up wants no way back and waits for nothing.
            Some(wish)
                if wish.goes_back() && self.leaves_a_savepoint().await && self.is_under_way().await =>
            {
                Ok(())
            }
            Some(wish) => Err(LaneEnd::Wished(wish)),
            None => Ok(()),
        }
    }

    /// One of a stop, which the way back needs; or one that a rehearsal must find to discard it.
    async fn leaves_a_savepoint(&self) -> bool {
        match &self.step.effect {
            Effect::Stop {
                what: StopWhat::JobInto { .. },
            } => true,
            Effect::TakeRestorePoint { .. } => {
                self.journal.state().await.plan.plan.strategy == Strategy::Rehearsal
            }
            _ => false,
        }
    }

    async fn is_under_way(&self) -> bool {
        self.journal.state().await.live_intent(&self.step.id).is_some()
    }

    /// The gate on downtime: its answer was decided beforehand.
    async fn heed_downtime(&self) -> Result<(), LaneEnd> {
        let state = self.journal.state().await;
        let Some(limit) = state.current().policy.max_downtime else {
            return Ok(());
        };
        let Some((down_since, at)) = down_since(&state, self.step) else {
            return Ok(());
        };
        let down = Millis::between(down_since, self.journal.now());
        let said = state
            .steps
            .get(&at)
            .is_some_and(|s| s.notes.iter().any(|n| n.code == codes::MAX_DOWNTIME));
        let turned = state.back.is_some();
        drop(state);
        if down <= limit || said || turned {
            return Ok(());
        }
        let failure = Failure {
            code: codes::MAX_DOWNTIME,
            what: format!("down for {down}, the plan allows {limit}"),
            far_side: None,
        };
        self.journal
            .write(Record::Noted {
                step: at,
                failure: failure.clone(),
            })
            .await?;
        Err(LaneEnd::Downtime(failure))
    }

    /// The halt of this step; the record is written by whoever decides what follows.
    pub(crate) async fn halt(&self, kind: HaltKind, failure: Failure) -> LaneEnd {
        let state = self.journal.state().await;
        LaneEnd::Halted {
            step: self.step.id.clone(),
            halt: Halt {
                kind,
                failure,
                state: safety::of(&state),
            },
        }
    }

    /// Done once somebody has accepted; until then it is a question.
    async fn await_finalize(&self) -> Result<(), LaneEnd> {
        self.heed_wishes().await?;
        let state = self.journal.state().await;
        let accepted = state
            .steps
            .get(&self.step.id)
            .and_then(StepState::accepted)
            .map(|by| by.name.clone());
        drop(state);
        let step = self.step.id.clone();
        match accepted {
            Some(name) => {
                let proof = Proof::of([format!("accepted by {name}")]);
                Ok(self.journal.write(Record::Done { step, proof }).await?)
            }
            None => Err(LaneEnd::Question { step }),
        }
    }
}

/// Since when the step's lane is down, and the step that began it.
fn down_since(
    state: &upshift_model::run_state::RunState,
    step: &Step,
) -> Option<(jiff::Timestamp, upshift_model::ids::StepId)> {
    let subject = state
        .waves()
        .iter()
        .flat_map(|wave| wave.lanes.iter())
        .find(|lane| lane.steps.iter().any(|s| s.id == step.id))
        .and_then(|lane| lane.subject.clone());
    // A lane without a subject (the cluster's own) counts for every job that is down.
    let mut since = None;
    for lane in state.waves().iter().flat_map(|wave| wave.lanes.iter()) {
        if subject.is_some() && lane.subject != subject {
            continue;
        }
        for s in &lane.steps {
            match s.downtime {
                Downtime::None => {}
                Downtime::Begins => {
                    let at = state.steps.get(&s.id).and_then(|x| x.intended_at);
                    since = at.map(|at| (at, s.id.clone())).or(since);
                }
                Downtime::Ends if state.is_done(&s.id) => since = None,
                Downtime::Ends => {}
            }
        }
    }
    since
}
