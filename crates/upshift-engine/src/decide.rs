//! What follows when lanes stop: by the policy that is part of the plan, or by what a person said.
//! Nothing is decided here that was not decided beforehand.

use upshift_model::policy::{OnFailedGate, Strategy};
use upshift_model::record::{Answer, Failure, Halt, HaltKind, Outcome, Question, Record, Who};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::Downtime;
use upshift_model::way_back::WayBackOffer;

use crate::codes;
use crate::counsel::Counsel;
use crate::journal::Journal;
use crate::lane::LaneEnd;
use crate::request::{Ask, Pending};
use crate::safety;
use crate::soak;
use crate::store::StoreError;

/// Decides for one owned run.
pub(crate) struct Decider<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) counsel: &'a dyn Counsel,
}

/// Who decides where it was decided beforehand.
pub(crate) fn policy() -> Who {
    Who {
        name: "policy".to_owned(),
        host: String::new(),
        why: None,
        ticket: None,
    }
}

impl Decider<'_> {
    /// Turns the ends of a wave's lanes into records. The most telling end is taken; the others'
    /// lanes stand between two steps and go on from there.
    pub(crate) async fn after_wave(&self, mut ends: Vec<LaneEnd>) -> Result<(), StoreError> {
        ends.sort_by_key(rank);
        match ends.into_iter().next() {
            None | Some(LaneEnd::Yielded) => Ok(()),
            Some(LaneEnd::Store(error)) => Err(error),
            Some(LaneEnd::Wished(wish)) => self.heed(&wish.pending).await,
            Some(LaneEnd::Halted { step, halt }) => self.halted(step, halt, &[]).await,
            Some(LaneEnd::Downtime(failure)) => self.too_long_down(failure).await,
            Some(LaneEnd::Paused(pending)) => {
                let record = Record::Paused {
                    by: pending.request.by.clone(),
                };
                self.journal.write_answering(record, &[pending.id]).await
            }
            Some(LaneEnd::Question { step }) => {
                self.journal
                    .write(Record::Asked {
                        step,
                        question: Question::Finalize,
                    })
                    .await
            }
        }
    }

    /// The world stopped a step: a person is asked, or the run halts. `answered` are the words that led there.
    pub(crate) async fn halted(
        &self,
        step: upshift_model::ids::StepId,
        halt: Halt,
        answered: &[i64],
    ) -> Result<(), StoreError> {
        let state = self.journal.state().await;
        // A way back has no other way to turn to: what looking again cannot mend is for a person.
        let ask = match state.back {
            None => state.current().policy.on_failed_gate == OnFailedGate::Ask,
            Some(_) => state
                .current()
                .steps()
                .any(|of| of.id == step && soak::asks_of_the_past(of)),
        };
        drop(state);
        if halt.kind == HaltKind::Gate && ask {
            let question = Question::FailedGate {
                failure: halt.failure,
            };
            let record = Record::Asked { step, question };
            return self.journal.write_answering(record, answered).await;
        }
        let record = Record::Halted {
            step: Some(step),
            halt,
        };
        self.journal.write_answering(record, answered).await
    }

    /// Whether a run that halted like this goes back without a person.
    pub(crate) fn turns_by_itself(state: &RunState, halt: &Halt) -> bool {
        let decided = state.current().policy.on_failed_gate == OnFailedGate::RollBack;
        let rehearsal = state.plan.plan.strategy == Strategy::Rehearsal;
        // What drifted under a rehearsal is no reason to leave its remains standing.
        let about_the_world = halt.kind != HaltKind::Drift || rehearsal;
        let touched = state
            .plan
            .plan
            .steps()
            .any(|step| step.downtime == Downtime::Begins && state.is_begun(&step.id));
        decided
            && about_the_world
            && (touched || rehearsal)
            && state.back.is_none()
            && halt.failure.code != codes::NO_WAY_BACK
    }

    async fn too_long_down(&self, failure: Failure) -> Result<(), StoreError> {
        let state = self.journal.state().await;
        let halt = Halt {
            kind: HaltKind::Gate,
            failure,
            state: safety::of(&state),
        };
        let turns = Self::turns_by_itself(&state, &halt);
        drop(state);
        // With nobody to decide for the way back, stopping here would only make the downtime longer:
        // it is noted, people are told, and the lane goes on.
        match turns {
            true => self.journal.write(Record::Halted { step: None, halt }).await,
            false => Ok(()),
        }
    }

    /// Goes back because the policy says so.
    pub(crate) async fn turn_by_policy(&self, why: &Failure, answered: &[i64]) -> Result<(), StoreError> {
        let limit = self.journal.state().await.current().policy.replay_limit;
        let ask_above = |offer: &WayBackOffer| offer.replays > limit || doubles(offer);
        self.turn(policy(), answered, Some(why), ask_above).await
    }

    /// A person's word, whatever the run is doing.
    pub(crate) async fn heed(&self, pending: &Pending) -> Result<(), StoreError> {
        let by = pending.request.by.clone();
        match &pending.request.ask {
            Ask::RollBack { accept_replay } => {
                let ask_above = |offer: &WayBackOffer| !accept_replay && doubles(offer);
                self.turn(by, &[pending.id], None, ask_above).await
            }
            Ask::Abandon => {
                let state = self.journal.state().await.clone();
                let left = self.counsel.left_over(&state).await;
                let record = Record::Closed {
                    outcome: Outcome::Abandoned,
                    left,
                    by: Some(by),
                };
                self.journal.write_answering(record, &[pending.id]).await
            }
            Ask::Pause => {
                self.journal
                    .write_answering(Record::Paused { by }, &[pending.id])
                    .await
            }
            Ask::Resume => {
                self.journal
                    .write_answering(Record::Resumed { by }, &[pending.id])
                    .await
            }
            Ask::Restart { server } => self.restart(server, pending.id, by).await,
            Ask::Answer(answer) => {
                let (answer, phase) = (*answer, self.journal.state().await.phase.clone());
                match phase {
                    Phase::Waiting { step, question, .. } if suits(answer, &question) => {
                        let record = Record::Answered { step, answer, by };
                        self.journal.write_answering(record, &[pending.id]).await
                    }
                    // An answer to another question than the one that stands changes nothing: what is asked is
                    // asked again.
                    _ => {
                        self.journal
                            .write_answering(Record::Resumed { by }, &[pending.id])
                            .await
                    }
                }
            }
        }
    }

    /// Steps beside the plan, for a run that halted or whose gate failed; to one that goes on by now the word comes too
    /// late.
    async fn restart(
        &self,
        server: &upshift_model::ids::ComponentId,
        answered: i64,
        by: Who,
    ) -> Result<(), StoreError> {
        let state = self.journal.state().await.clone();
        let record = if state.phase.stands_at_a_failure() {
            match self.counsel.restart(&state, server).await {
                Ok(wave) => Record::Aside {
                    wave: Box::new(wave),
                    by,
                },
                Err(failure) => stands_still(&state.phase, failure).unwrap_or(Record::Resumed { by }),
            }
        } else {
            Record::Resumed { by }
        };
        self.journal.write_answering(record, &[answered]).await
    }

    async fn turn(
        &self,
        by: Who,
        answered: &[i64],
        why: Option<&Failure>,
        ask_first: impl Fn(&WayBackOffer) -> bool,
    ) -> Result<(), StoreError> {
        let state = self.journal.state().await.clone();
        if state.back.is_some() {
            // It goes back already: the wish is fulfilled by going on.
            return self
                .journal
                .write_answering(Record::Resumed { by }, answered)
                .await;
        }
        if let Some(who) = state.accepted() {
            let what = format!(
                "there is no way back: {} accepted the upgrade, which closed it",
                who.name
            );
            return self.stays(&state, what, None, answered).await;
        }
        match self.counsel.way_back(&state).await {
            Ok(offer) if ask_first(&offer) => {
                let step = first_open_step(&state);
                let question = Question::Replay {
                    amount: offer.amount,
                    failure: why.cloned(),
                };
                self.journal
                    .write_answering(Record::Asked { step, question }, answered)
                    .await
            }
            Ok(offer) => {
                let record = Record::Turned {
                    plan: Box::new(offer.plan.seal()),
                    by,
                };
                self.journal.write_answering(record, answered).await
            }
            Err(failure) => {
                let what = format!("no way back could be planned: {}", failure.what);
                self.stays(&state, what, failure.far_side, answered).await
            }
        }
    }

    /// Nothing further is done where somebody wanted to go back and cannot: the run halts where it is.
    async fn stays(
        &self,
        state: &RunState,
        what: String,
        far_side: Option<String>,
        answered: &[i64],
    ) -> Result<(), StoreError> {
        let halt = Halt {
            kind: HaltKind::Failed,
            failure: Failure {
                code: codes::NO_WAY_BACK,
                what,
                far_side,
            },
            state: safety::of(state),
        };
        self.journal
            .write_answering(Record::Halted { step: None, halt }, answered)
            .await
    }
}

/// A run that stays where it stands, and says another thing of why; none of one that stands at no failure.
fn stands_still(phase: &Phase, failure: Failure) -> Option<Record> {
    match phase {
        Phase::Halted { step, halt, .. } => Some(Record::Halted {
            step: step.clone(),
            halt: Halt {
                failure,
                ..halt.clone()
            },
        }),
        Phase::Waiting {
            step,
            question: Question::FailedGate { .. },
            ..
        } => Some(Record::Asked {
            step: step.clone(),
            question: Question::FailedGate { failure },
        }),
        _ => None,
    }
}

/// That it accepts is never taken for an answer here: see [`crate::accept`].
const fn suits(answer: Answer, question: &Question) -> bool {
    matches!(
        (answer, question),
        (Answer::Continue, Question::FailedGate { .. })
    )
}

fn doubles(offer: &WayBackOffer) -> bool {
    !offer.doubles.is_empty() && offer.replays > Millis::ZERO
}

fn first_open_step(state: &RunState) -> upshift_model::ids::StepId {
    let open = state
        .waves()
        .iter()
        .flat_map(|w| w.lanes.iter())
        .flat_map(|l| l.steps.iter());
    let first = open
        .clone()
        .find(|step| !state.is_done(&step.id))
        .or_else(|| open.clone().last());
    first.map_or_else(|| upshift_model::ids::StepId::new("1.1"), |step| step.id.clone())
}

const fn rank(end: &LaneEnd) -> u8 {
    match end {
        LaneEnd::Store(_) => 0,
        LaneEnd::Wished(_) => 1,
        LaneEnd::Halted { .. } => 2,
        LaneEnd::Downtime(_) => 3,
        LaneEnd::Question { .. } => 4,
        LaneEnd::Paused(_) => 5,
        LaneEnd::Yielded => 6,
    }
}
