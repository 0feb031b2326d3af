//! A soak: everything watched must hold for a length of *observed* time. A single bad sample starts
//! the time anew; several in a row fail the gate; time in which nothing could be seen does not count.

use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::proof::Proof;
use upshift_model::record::{Failure, HaltKind, Record};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step};
use upshift_model::{alluxio, fluss};

use crate::codes;
use crate::driver::{Fault, Standing};
use crate::lane::LaneEnd;
use crate::pace::{self, Stopwatch};
use crate::step_loop::StepLoop;

struct Rules {
    hold_for: Millis,
    every: Millis,
    fail_after: u16,
    blind_for: Millis,
}

#[derive(Default)]
struct Tally {
    held: Millis,
    last_good: Option<jiff::Timestamp>,
    bad_in_a_row: u16,
    blind: Option<Stopwatch>,
    waiting: Option<Stopwatch>,
    written: Millis,
}

/// How often the journal is told of the time held so far: a takeover loses at most this much.
const MARK_EVERY: Millis = Millis::from_secs(15);

/// Carries out the step's own gate.
pub(crate) async fn hold(step_loop: &StepLoop<'_>) -> Result<(), LaneEnd> {
    let facts = until_held(step_loop, step_loop.step).await?;
    let (step, proof) = (step_loop.step.id.clone(), Proof::of(facts));
    Ok(step_loop.journal.write(Record::Done { step, proof }).await?)
}

/// Ends when the gate held, with what was seen; what it failed of is said of the loop's step.
pub(crate) async fn until_held(step_loop: &StepLoop<'_>, gated: &Step) -> Result<Vec<String>, LaneEnd> {
    let journal = step_loop.journal;
    let Effect::Hold {
        gate:
            Gate::Soak {
                hold_for,
                every,
                fail_after,
                blind_for,
                ..
            },
    } = &gated.effect
    else {
        return Ok(Vec::new());
    };
    let rules = Rules {
        hold_for: *hold_for,
        every: *every,
        fail_after: *fail_after,
        blind_for: *blind_for,
    };
    let (step, bound, held) = {
        let state = journal.state().await;
        let held = state.steps.get(&gated.id).map_or(Millis::ZERO, |s| s.held);
        let step = without_parked(gated, &state.parked());
        let in_spite = state.steps.get(&gated.id).is_some_and(|s| s.went_on_in_spite());
        (
            if in_spite { without_the_past(step) } else { step },
            state.bindings.clone(),
            held,
        )
    };
    let mut tally = Tally {
        held,
        written: held,
        ..Tally::default()
    };
    loop {
        step_loop.heed_wishes().await?;
        let sample = step_loop.driver.standing(&step, &bound, None).await;
        let now = journal.now();
        match tally.take(sample, now, &rules, step.give_up) {
            Verdict::Held(facts) => {
                let held = format!("everything watched held for {} of observed time", tally.held);
                let first = (rules.hold_for > Millis::ZERO).then_some(held);
                return Ok(first.into_iter().chain(facts).collect());
            }
            Verdict::GoOn(what) => step_loop.note(what).await?,
            Verdict::Fails(failure) => return Err(step_loop.halt(HaltKind::Gate, failure).await),
            Verdict::Drift(failure) => return Err(step_loop.halt(HaltKind::Drift, failure).await),
        }
        if tally.held.0 >= tally.written.0 + MARK_EVERY.0 || tally.held < tally.written {
            tally.written = tally.held;
            let step = step.id.clone();
            journal
                .write(Record::Held {
                    step,
                    observed: tally.held,
                })
                .await?;
        }
        pace::nap(rules.every.as_duration()).await;
    }
}

enum Verdict {
    GoOn(String),
    Held(Vec<String>),
    Fails(Failure),
    Drift(Failure),
}

impl Tally {
    fn take(
        &mut self,
        sample: Result<Standing, Fault>,
        now: jiff::Timestamp,
        rules: &Rules,
        patience: Millis,
    ) -> Verdict {
        match sample {
            Ok(Standing::Underway(progress)) => self.good(vec![progress.what], now, rules),
            Ok(Standing::Done(proof)) => self.good(proof.facts, now, rules),
            Ok(Standing::Waiting(progress)) => self.not_yet(progress.what, now, patience),
            Ok(Standing::Ready(_)) => self.not_yet("not begun".to_owned(), now, patience),
            Ok(Standing::Failed(failure)) => self.bad(failure, rules),
            Ok(Standing::Contradicted(failure)) => Verdict::Drift(failure),
            Err(Fault::Refused(failure)) => self.bad(failure, rules),
            Err(Fault::Transient(text) | Fault::Ambiguous(text)) => self.blind(text, now, rules),
        }
    }

    fn good(&mut self, facts: Vec<String>, now: jiff::Timestamp, rules: &Rules) -> Verdict {
        (self.bad_in_a_row, self.blind, self.waiting) = (0, None, None);
        if let Some(before) = self.last_good {
            // Between two good looks no more than two intervals count: a process that was stopped
            // for an hour has not observed that hour.
            let gap = Millis::between(before, now);
            self.held = self.held.plus(Millis(gap.0.min(rules.every.0.max(1) * 2)));
        }
        self.last_good = Some(now);
        match self.held >= rules.hold_for {
            true => Verdict::Held(facts),
            false => Verdict::GoOn(format!(
                "held {} of {}: {}",
                self.held,
                rules.hold_for,
                facts.join(", ")
            )),
        }
    }

    fn not_yet(&mut self, what: String, now: jiff::Timestamp, patience: Millis) -> Verdict {
        self.last_good = None;
        let waiting = self.waiting.get_or_insert_with(|| Stopwatch::since(now));
        let waited = waiting.waited(now);
        match waited > patience {
            true => Verdict::Fails(Failure {
                code: codes::TIMED_OUT,
                what: format!("not there after {waited}"),
                far_side: Some(what),
            }),
            false => Verdict::GoOn(what),
        }
    }

    fn bad(&mut self, failure: Failure, rules: &Rules) -> Verdict {
        (self.last_good, self.held) = (None, Millis::ZERO);
        self.bad_in_a_row += 1;
        match self.bad_in_a_row >= rules.fail_after {
            true => Verdict::Fails(failure),
            false => Verdict::GoOn(format!(
                "bad sample {} of {} that fail the gate: {}",
                self.bad_in_a_row, rules.fail_after, failure.what
            )),
        }
    }

    fn blind(&mut self, text: String, now: jiff::Timestamp, rules: &Rules) -> Verdict {
        self.last_good = None;
        let blind = self.blind.get_or_insert_with(|| Stopwatch::since(now));
        let blind = blind.waited(now);
        match blind > rules.blind_for {
            true => Verdict::Fails(Failure {
                code: codes::BLIND,
                what: format!("the system could not be seen for {blind}"),
                far_side: Some(text),
            }),
            false => Verdict::GoOn(format!("cannot see the system (time does not count): {text}")),
        }
    }
}

/// A parked job is left where it is; watching it would fail the others' gate.
fn without_parked(step: &Step, parked: &std::collections::BTreeSet<ComponentId>) -> Step {
    let mut step = step.clone();
    if let Effect::Hold {
        gate: Gate::Soak { watch, .. },
    } = &mut step.effect
    {
        watch.retain(|expectation| job_of(expectation).is_none_or(|job| !parked.contains(job)));
    }
    step
}

/// What somebody went on in spite of is not asked again where no later look can find it otherwise.
fn without_the_past(mut step: Step) -> Step {
    if let Effect::Hold {
        gate: Gate::Soak { watch, .. },
    } = &mut step.effect
    {
        watch.retain(|expectation| !is_past(expectation));
    }
    step
}

/// Whether a gate holds something against what was written down before: where it fails, only a person can let it pass.
pub(crate) fn asks_of_the_past(step: &Step) -> bool {
    match &step.effect {
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => watch.iter().any(is_past),
        _ => false,
    }
}

const fn is_past(expectation: &Expectation) -> bool {
    matches!(
        expectation,
        Expectation::Fluss(fluss::Condition::CleanEnd { .. })
            | Expectation::Alluxio(
                alluxio::Condition::NothingLate { .. }
                    | alluxio::Condition::TiersHold { .. }
                    | alluxio::Condition::OnlyCopies { .. }
                    | alluxio::Condition::NothingWritten { .. }
                    | alluxio::Condition::SameTree { .. }
            )
    )
}

const fn job_of(expectation: &Expectation) -> Option<&ComponentId> {
    match expectation {
        Expectation::JobIs { job, .. }
        | Expectation::JobRunning { job, .. }
        | Expectation::RestoredFrom { job, .. }
        | Expectation::CheckpointCompleted { job, .. }
        | Expectation::NoRestarts { job, .. }
        | Expectation::NoExceptions { job, .. } => Some(job),
        Expectation::ReleaseIs { .. }
        | Expectation::Stopped { .. }
        | Expectation::NoOtherJobs { .. }
        | Expectation::ProbeHolds { .. }
        | Expectation::SlotsFree { .. }
        | Expectation::PortsFree { .. }
        | Expectation::DiskFree { .. }
        | Expectation::FileIs { .. }
        | Expectation::Fits { .. }
        | Expectation::Fluss(_)
        | Expectation::Alluxio(_)
        | Expectation::Weka(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use upshift_model::fluss::Condition;

    use super::*;

    #[test]
    fn only_what_no_later_look_can_find_otherwise_is_not_asked_again() {
        let whole = Expectation::Fluss(Condition::Whole);
        let past = Expectation::Fluss(Condition::CleanEnd { server: 1 });
        let gate = |watch| Gate::Soak {
            watch,
            hold_for: Millis::ZERO,
            every: Millis(500),
            fail_after: 1,
            blind_for: Millis::ZERO,
        };
        let step = Step {
            id: upshift_model::ids::StepId::new("1.1"),
            effect: Effect::Hold {
                gate: gate(vec![past, whole.clone()]),
            },
            before: Vec::new(),
            after: Vec::new(),
            why: Vec::new(),
            usual: None,
            give_up: Millis::ZERO,
            tries: 1,
            downtime: upshift_model::step::Downtime::None,
            by_hand: Vec::new(),
        };
        let left = Effect::Hold {
            gate: gate(vec![whole]),
        };
        assert_eq!(without_the_past(step).effect, left);
    }
}
