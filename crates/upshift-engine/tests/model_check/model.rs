//! The protocol as a transition system: who does what next, one durable or visible thing at a time.

use stateright::{Model, Property};

use crate::far_side::{FarSide, Manner, Standing};
use crate::journal::{Back, End, Phase, Record, Slot, Step, Try, View, Why};
use crate::properties;

/// What differs between deployments, and which rule of the protocol is left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocol {
    /// A lease lapses while its holder lives (a stopped process); a kernel lock does not.
    pub(crate) lease: bool,
    pub(crate) strategy: Strategy,
    /// `on_failed_gate = "roll-back"`: a halt turns by itself.
    pub(crate) policy_turns: bool,
    pub(crate) broken: Option<Broken>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// The new cluster ends before the old one starts, for it has its address.
    InPlace,
    /// A new cluster of this run's own, beside the old one.
    Shadow,
}

/// One rule left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    NoIntentBeforeEffect,
    NoEpochCheck,
    /// A process that was stopped after its intent became durable sends without asking who owns the run.
    NoConfirmation,
    /// A try whose fate is not known is followed by one with another key.
    FreshKeys,
    /// A way back does not care whether the stop is settled.
    TurnsUnsettled,
    /// A start whose fate is not known is only cancelled, and its cluster stays.
    CancelsOnly,
    /// A try whose repeat was refused counts as over, whatever became of its first request.
    RefusalSettles,
    /// An upgrade that somebody accepted goes back all the same, as long as the step of it is not recorded as done.
    TurnsAccepted,
}

pub(crate) const CRASHES: u8 = 2;
const LAPSES: u8 = 1;
const LOST_ANSWERS: u8 = 1;
const FAULTS: u8 = 1;
const TRIES: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// Not running.
    Dead,
    /// About to read the journal's fold and the inbox: the head of every loop.
    Deciding,
    /// Has looked at the far side.
    Looked(Step, Standing),
    /// The intent is durable, nothing was sent.
    Intended(Try),
    /// Sent; waits for the answer.
    Asking(Try),
    /// The answer is there, or was given up.
    Heard(Try, Answer),
    /// The step has failed for good; the halt is not written yet.
    Halting(Step, Why),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Sent,
    Unknown,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Worker {
    pub(crate) at: At,
    pub(crate) epoch: u8,
    /// Tries of this step that it has seen fail; a process that takes over counts anew.
    failed: u8,
    /// Whether its present try was open when it took it up.
    repeats: bool,
}

impl Worker {
    const DEAD: Self = Self {
        at: At::Dead,
        epoch: 0,
        failed: 0,
        repeats: false,
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Request {
    pub(crate) what: Try,
    by: u8,
    epoch: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) view: View,
    pub(crate) epoch: u8,
    holder: Option<u8>,
    pub(crate) workers: [Worker; 2],
    /// Sent and not yet taken by the far side, however late that is.
    pub(crate) wire: Vec<Request>,
    pub(crate) far: FarSide,
    /// Requests of people, unread.
    wants_back: bool,
    wants_resume: bool,
    wants_finalize: bool,
    rollbacks_left: u8,
    resumes_left: u8,
    pub(crate) crashes_left: u8,
    lapses_left: u8,
    lost_left: u8,
    faults_left: u8,
    /// What must never happen, noted where it happens.
    pub(crate) fenced_append: bool,
    pub(crate) stray_effect: bool,
    pub(crate) unannounced_effect: bool,
    pub(crate) unfilled_way_back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Claim(u8),
    Crash(u8),
    Step(u8),
    TimeOut(u8),
    BadSample(u8),
    Arrive(u8, Manner),
    AnswerLost(u8),
    SayRollBack,
    SayResume,
    SayFinalize,
}

impl State {
    fn is_over(&self) -> bool {
        matches!(self.view.phase, Phase::Closed(_))
    }

    /// Somebody else has appended. Whoever stands at an older line can only find that out by the store's refusal, and
    /// ends then; the one thing it may still do first is to send what it has announced.
    fn leave_behind(&mut self, writer: u8) {
        let other = 1 - writer;
        match self.workers[usize::from(other)].at {
            At::Intended(_) | At::Dead => {}
            _ => self.die(other),
        }
    }

    /// A request that can change nothing any more, and whose sender has gone, need not be followed to its arrival.
    fn forget_vain_requests(&mut self) {
        let (far, workers) = (&self.far, &self.workers);
        self.wire.retain(|request| {
            let sender = workers[usize::from(request.by)];
            let awaited = sender.at == At::Asking(request.what) && sender.epoch == request.epoch;
            awaited || far.may_change_by(request.what)
        });
    }

    fn die(&mut self, who: u8) {
        self.workers[usize::from(who)] = Worker::DEAD;
        if self.holder == Some(who) {
            self.holder = None;
        }
    }
}

impl Protocol {
    fn breaks(&self, rule: Broken) -> bool {
        self.broken == Some(rule)
    }

    /// `Store::append`: the next line in the newest epoch, or the writer has lost the run and ends.
    fn append(&self, state: &mut State, who: u8, record: Record) -> bool {
        let worker = state.workers[usize::from(who)];
        let fenced = worker.epoch != state.epoch;
        if fenced && !self.breaks(Broken::NoEpochCheck) {
            state.die(who);
            return false;
        }
        state.fenced_append |= fenced;
        let unfilled = matches!(
            record,
            Record::Turned(Back {
                from: Some(Slot::OfStop),
                ..
            })
        );
        state.unfilled_way_back |= unfilled && !state.view.is_done(Step::Stop);
        state.view.take_in(record);
        state.leave_behind(who);
        true
    }

    fn step(&self, state: &mut State, who: u8) {
        let worker = state.workers[usize::from(who)];
        let go_to = |state: &mut State, at| state.workers[usize::from(who)].at = at;
        match worker.at {
            At::Dead | At::Asking(_) => {}
            At::Deciding => self.decide(state, who),
            At::Looked(step, Standing::Ready) => self.intend(state, who, step),
            At::Looked(step, Standing::Done) => {
                if self.append(state, who, Record::Done(step)) {
                    state.workers[usize::from(who)].failed = 0;
                    go_to(state, At::Deciding);
                }
            }
            At::Looked(step, Standing::Failed) => self.fail(state, who, step),
            At::Looked(step, Standing::Contradicted) => go_to(state, At::Halting(step, Why::Drift)),
            At::Looked(step, Standing::Refused) => go_to(state, At::Halting(step, Why::Refused)),
            At::Intended(what) => {
                // The owner asks the store once more right before it sends.
                if worker.epoch != state.epoch && !self.breaks(Broken::NoConfirmation) {
                    return state.die(who);
                }
                let request = Request {
                    what,
                    by: who,
                    epoch: worker.epoch,
                };
                state.wire.push(request);
                state.wire.sort_unstable();
                // Who has lost the run ends at its next append.
                match worker.epoch == state.epoch {
                    true => go_to(state, At::Asking(what)),
                    false => state.die(who),
                }
            }
            At::Heard(what, answer) => {
                // Without an intent there is nothing that an outcome could belong to.
                if !self.breaks(Broken::NoIntentBeforeEffect)
                    && !self.append(state, who, Record::Attempted(what))
                {
                    return;
                }
                match answer {
                    Answer::Refused if self.breaks(Broken::NoIntentBeforeEffect) => {
                        go_to(state, At::Halting(what.step, Why::Refused));
                    }
                    // What was sent before under this key may still arrive: its refused repeat settles nothing.
                    Answer::Refused if worker.repeats && !self.breaks(Broken::RefusalSettles) => {
                        go_to(state, At::Halting(what.step, Why::Refused));
                    }
                    Answer::Refused => {
                        if self.append(state, who, Record::Failed(what)) {
                            go_to(state, At::Halting(what.step, Why::Refused));
                        }
                    }
                    Answer::Sent | Answer::Unknown => go_to(state, At::Deciding),
                }
            }
            At::Halting(step, why) => {
                if self.append(state, who, Record::Halted(step, why)) {
                    state.workers[usize::from(who)].failed = 0;
                    go_to(state, At::Deciding);
                }
            }
        }
    }

    fn intend(&self, state: &mut State, who: u8, step: Step) {
        let view = state.view;
        let latest = view.latest(step);
        let live = view.live(step).filter(|_| !self.breaks(Broken::FreshKeys));
        let what = live.unwrap_or(Try {
            step,
            number: latest + 1,
        });
        if self.breaks(Broken::NoIntentBeforeEffect) || self.append(state, who, Record::Intent(what)) {
            let worker = &mut state.workers[usize::from(who)];
            (worker.at, worker.repeats) = (At::Intended(what), live.is_some());
        }
    }

    fn fail(&self, state: &mut State, who: u8, step: Step) {
        let view = state.view;
        if let Some(live) = view.live(step)
            && !self.append(state, who, Record::Failed(live))
        {
            return;
        }
        let worker = &mut state.workers[usize::from(who)];
        worker.failed += 1;
        worker.at = match worker.failed < TRIES {
            true => At::Deciding,
            false => At::Halting(step, Why::Failed),
        };
    }

    /// `Engine::carry_on` and `Decider`: by the phase, the inbox, and the policy.
    fn decide(&self, state: &mut State, who: u8) {
        let view = state.view;
        match view.phase {
            Phase::Closed(_) => state.die(who),
            Phase::Going => self.go(state, who, &view),
            Phase::Waiting if state.wants_back => self.turn(state, who, &view),
            Phase::Waiting if state.wants_finalize => {
                if self.append(state, who, Record::Answered) {
                    state.wants_finalize = false;
                }
            }
            Phase::Waiting => {}
            Phase::Halted(_, why) => {
                let turns = self.policy_turns
                    && !matches!(why, Why::Drift | Why::NoWayBack)
                    && view.is_begun(Step::Stop)
                    && view.back.is_none();
                if state.wants_back || turns {
                    self.turn(state, who, &view);
                } else if state.wants_resume {
                    if self.append(state, who, Record::Resumed) {
                        state.wants_resume = false;
                    }
                } else {
                    state.die(who);
                }
            }
        }
    }

    fn go(&self, state: &mut State, who: u8, view: &View) {
        let Some(step) = view.open_step() else {
            let end = view.back.map_or(End::Finalized, |_| End::RolledBack);
            self.append(state, who, Record::Closed(end));
            return;
        };
        if state.wants_resume {
            if self.append(state, who, Record::Resumed) {
                state.wants_resume = false;
            }
            return;
        }
        // A stop that is under way is seen to its end first.
        let heeds = step != Step::Stop || view.live(Step::Stop).is_none();
        if state.wants_back && heeds {
            return self.turn(state, who, view);
        }
        if step == Step::Accept {
            let record = if view.accepted {
                Record::Done(Step::Accept)
            } else {
                Record::Asked
            };
            self.append(state, who, record);
            return;
        }
        let filled = match view.back {
            Some(Back {
                from: Some(Slot::Trial),
                ..
            }) => true,
            _ => view.is_done(Step::Stop),
        };
        let seen = state.far.standing(step, view.live(step), filled);
        state.workers[usize::from(who)].at = At::Looked(step, seen);
    }

    /// `Decider::turn` with the counsel's `plan_back`: from the journal, and a fresh look where it cannot tell.
    fn turn(&self, state: &mut State, who: u8, view: &View) {
        let record = match view.back {
            Some(_) => Record::Resumed,
            None if view.accepted && !self.breaks(Broken::TurnsAccepted) => {
                Record::Halted(Step::Accept, Why::NoWayBack)
            }
            None => match self.way_back(state, view) {
                Some(back) => Record::Turned(back),
                None => Record::Halted(Step::Stop, Why::NoWayBack),
            },
        };
        if self.append(state, who, record) {
            state.wants_back = false;
        }
    }

    fn way_back(&self, state: &State, view: &View) -> Option<Back> {
        let maybe_left = view.live(Step::Stop).is_some() && !view.is_done(Step::Stop);
        let given_up = matches!(view.phase, Phase::Halted(Step::Stop, _));
        let from = match (view.is_done(Step::Stop), maybe_left) {
            (true, _) => Some(Slot::OfStop),
            (false, false) => None,
            (false, true) if self.breaks(Broken::TurnsUnsettled) => Some(Slot::OfStop),
            (false, true) if !state.far.original_over => None,
            (false, true) if given_up => Some(Slot::Trial),
            (false, true) => return None,
        };
        let unsure = view.live(Step::Start).is_some() && !view.is_done(Step::Start);
        let ends_new = match self.strategy {
            Strategy::InPlace => true,
            Strategy::Shadow => unsure && !self.breaks(Broken::CancelsOnly),
        };
        let clears = view.is_begun(Step::Start).then_some(match ends_new {
            true => Step::EndNew,
            false => Step::Cancel,
        });
        Some(Back {
            clears: clears.filter(|_| from.is_some()),
            from,
        })
    }

    fn arrive(state: &mut State, at: u8, manner: Manner) {
        let request = state.wire.remove(usize::from(at));
        if manner != Manner::Well {
            state.faults_left -= 1;
        }
        let (changed, refused) = state.far.take(request.what, manner);
        if changed {
            let view = state.view;
            let announced = view.latest(request.what.step) >= request.what.number;
            state.unannounced_effect |= !announced;
            // Somebody else owns the run by now and has turned it back, past the step that clears up behind a start.
            let forward = matches!(request.what.step, Step::Stop | Step::Start);
            let cleared = view
                .back
                .is_some_and(|back| back.clears.is_none_or(|step| view.is_done(step)));
            state.stray_effect |= request.epoch != state.epoch && forward && cleared;
        }
        let sender = &mut state.workers[usize::from(request.by)];
        if sender.at == At::Asking(request.what) && sender.epoch == request.epoch {
            let answer = if refused { Answer::Refused } else { Answer::Sent };
            sender.at = At::Heard(request.what, answer);
        }
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            view: View::opened(),
            epoch: 0,
            holder: None,
            workers: [Worker::DEAD; 2],
            wire: Vec::new(),
            far: FarSide::default(),
            wants_back: false,
            wants_resume: false,
            wants_finalize: false,
            rollbacks_left: 1,
            resumes_left: 1,
            crashes_left: CRASHES,
            lapses_left: LAPSES,
            lost_left: LOST_ANSWERS,
            faults_left: FAULTS,
            fenced_append: false,
            stray_effect: false,
            unannounced_effect: false,
            unfilled_way_back: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let view = state.view;
        let over = state.is_over();
        for who in 0..2_u8 {
            let worker = &state.workers[usize::from(who)];
            if worker.at == At::Dead {
                // The two are alike: where both are dead, it is the first that comes back.
                if who == 1 && state.workers[0].at == At::Dead {
                    continue;
                }
                let free = match state.holder {
                    None => true,
                    Some(_) => self.lease && state.lapses_left > 0,
                };
                // A halted run is taken up by a person's word only; or by the policy, when a process died at it.
                let wanted = !matches!(view.phase, Phase::Halted(..))
                    || state.wants_back
                    || state.wants_resume
                    || (self.policy_turns
                        && view.back.is_none()
                        && !matches!(view.phase, Phase::Halted(_, Why::Drift | Why::NoWayBack)));
                if free && wanted && !over {
                    actions.push(Action::Claim(who));
                }
                continue;
            }
            if !matches!(worker.at, At::Asking(_)) {
                actions.push(Action::Step(who));
            }
            if state.crashes_left > 0 {
                actions.push(Action::Crash(who));
            }
            if matches!(worker.at, At::Asking(_)) && state.lost_left > 0 {
                actions.push(Action::AnswerLost(who));
            }
            if let At::Looked(step, seen) = worker.at {
                let here = state.wire.iter().any(|request| request.what.step == step);
                let live = view.live(step).is_some();
                if state.faults_left > 0 && live && !here && seen != Standing::Contradicted {
                    actions.push(Action::TimeOut(who));
                }
                if state.faults_left > 0 && step == Step::Gate {
                    actions.push(Action::BadSample(who));
                }
            }
        }
        for (at, request) in (0_u8..).zip(&state.wire) {
            actions.push(Action::Arrive(at, Manner::Well));
            if state.faults_left > 0 && matches!(request.what.step, Step::Stop | Step::Start) {
                actions.push(Action::Arrive(at, Manner::Fails));
            }
            if state.faults_left > 0 && request.what.step == Step::Start {
                actions.push(Action::Arrive(at, Manner::Refuses));
            }
        }
        if !over && state.rollbacks_left > 0 {
            actions.push(Action::SayRollBack);
        }
        if state.resumes_left > 0 && matches!(view.phase, Phase::Halted(..)) {
            actions.push(Action::SayResume);
        }
        if view.phase == Phase::Waiting && !state.wants_finalize {
            actions.push(Action::SayFinalize);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Claim(who) => {
                if state.holder.is_some() {
                    state.lapses_left -= 1;
                }
                state.epoch += 1;
                state.holder = Some(who);
                state.workers[usize::from(who)] = Worker {
                    at: At::Deciding,
                    epoch: state.epoch,
                    failed: 0,
                    repeats: false,
                };
            }
            Action::Crash(who) => {
                state.crashes_left -= 1;
                state.die(who);
            }
            Action::Step(who) => self.step(&mut state, who),
            Action::TimeOut(who) => {
                state.faults_left -= 1;
                if let At::Looked(step, _) = state.workers[usize::from(who)].at {
                    state.workers[usize::from(who)].at = At::Halting(step, Why::TimedOut);
                }
            }
            Action::BadSample(who) => {
                state.faults_left -= 1;
                state.workers[usize::from(who)].at = At::Halting(Step::Gate, Why::Failed);
            }
            Action::Arrive(at, manner) => Self::arrive(&mut state, at, manner),
            Action::AnswerLost(who) => {
                state.lost_left -= 1;
                if let At::Asking(what) = state.workers[usize::from(who)].at {
                    state.workers[usize::from(who)].at = At::Heard(what, Answer::Unknown);
                }
            }
            Action::SayRollBack => (state.wants_back, state.rollbacks_left) = (true, 0),
            Action::SayResume => (state.wants_resume, state.resumes_left) = (true, 0),
            Action::SayFinalize => state.wants_finalize = true,
        }
        state.forget_vain_requests();
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
