//! A run's journal as lines that a person reads: when, where, what was seen. Used while a run is
//! followed and when its status is asked; it looks at nothing but the journal.

use jiff::tz::TimeZone;
use upshift_engine::engine::goes_back_by_itself;
use upshift_model::ids::{ComponentId, RunId, StepId};
use upshift_model::policy::Strategy;
use upshift_model::record::{
    Answer, AttemptOutcome, Entry, Failure, Halt, HaltKind, Line, Outcome, Question, Record, Who,
};
use upshift_model::run_state::{RunState, StepState};
use upshift_model::span::Millis;
use upshift_planner::dispatch;
use upshift_planner::render;
use upshift_planner::systems::fluss::codes::{UNSEEN, WAY_BACK};

/// The lines of one record; `before` is the run's state without it.
pub fn lines(line: &Line, before: Option<&RunState>) -> Vec<String> {
    let entry = line.entry();
    let Some(what) = what(entry, before) else {
        return Vec::new();
    };
    let place = entry.record.step().map_or_else(String::new, ToString::to_string);
    let first = format!("{}  {place:<8} {what}", clock_time(entry.at));
    let day = before
        .filter(|state| day(state.last.at) != day(entry.at))
        .map(|_| day(entry.at));
    day.into_iter()
        .chain(std::iter::once(first))
        .chain(details(entry, before))
        .collect()
}

/// What happened, in a line; nothing for what the next record tells.
fn what(entry: &Entry, before: Option<&RunState>) -> Option<String> {
    let words_of = |step: &StepId| before.map_or_else(String::new, |state| words(state, step));
    Some(match &entry.record {
        Record::Opened { plan, by } => {
            let plan = plan.digest.short();
            format!("run {} of plan {plan} opened by {}", entry.run, said(by))
        }
        Record::Intent { step, intent } if intent.attempt > 1 => {
            format!("{} (try {}) …", words_of(step), intent.attempt)
        }
        Record::Intent { step, .. } => format!("{} …", words_of(step)),
        Record::Attempted { outcome, .. } => match outcome {
            // The call's own word proves nothing, and a refusal is told by the record that follows.
            AttemptOutcome::Sent | AttemptOutcome::Refused(_) => return None,
            AttemptOutcome::NotSent(text) => format!("not sent, will be tried again: {text}"),
            AttemptOutcome::Ambiguous(text) => {
                format!("no answer; looking what came of it before anything else: {text}")
            }
        },
        Record::Done { step, proof } => {
            let begun = before.and_then(|s| s.steps.get(step)).and_then(|s| s.intended_at);
            let facts = told(&proof.facts);
            match begun {
                Some(begun) => format!("done in {}{facts}", Millis::between(begun, entry.at)),
                None => format!("{}: done{facts}", words_of(step)),
            }
        }
        Record::Failed { attempt, failure, .. } => {
            format!("try {attempt} failed: {} [{}]", failure.what, failure.code)
        }
        Record::Held { observed, .. } => format!("held for {observed} of observed time"),
        Record::Asked { step, question } => {
            let at = before.and_then(|s| s.steps.get(step));
            asks(question, at.is_some_and(StepState::went_on_in_spite))
        }
        Record::Answered { answer, by, .. } => format!("{} by {}", answered(*answer), said(by)),
        Record::Paused { by } => format!("paused by {}", said(by)),
        Record::Resumed { by } => format!("going on, by {}", said(by)),
        Record::Halted { halt, .. } => headline(halt),
        Record::Noted { failure, .. } => format!("NOTE {} [{}]", failure.what, failure.code),
        Record::Parked { failure, .. } => {
            format!("parked, the others go on: {} [{}]", failure.what, failure.code)
        }
        Record::Aside { wave, by } => format!("first, beside the plan: {}, by {}", wave.title, said(by)),
        Record::Turned { plan, by } => {
            let steps = plan.plan.steps().count();
            match plan.plan.strategy {
                Strategy::Rehearsal => format!("DISCARDING what it made in {steps} steps, by {}", said(by)),
                _ => format!("GOING BACK to {} in {steps} steps, by {}", plan.plan.to, said(by)),
            }
        }
        Record::Closed { outcome, by, .. } => {
            let word = before.map_or_else(
                || ended(*outcome),
                |state| ended_as(state.plan.plan.strategy, *outcome),
            );
            by.as_ref()
                .map_or_else(|| word.to_owned(), |by| format!("{word} by {}", said(by)))
        }
    })
}

/// What a person needs beside the line: the far side's words, where the state is, what to do next.
fn details(entry: &Entry, before: Option<&RunState>) -> Vec<String> {
    match &entry.record {
        Record::Failed { failure, .. } => far_side(failure).collect(),
        Record::Asked { question, .. } => {
            let back = before.is_none_or(|state| may_go_back(state, entry.at));
            answers(question, &entry.run, back)
        }
        Record::Halted { halt, .. } => {
            let next = match before.is_some_and(|state| goes_back_by_itself(state, halt)) {
                true => vec!["            next: it goes back by itself, as the policy says".to_owned()],
                false => next_commands(halt, entry, before),
            };
            last_words(halt, before).into_iter().chain(next).collect()
        }
        Record::Closed { left, .. } => left
            .iter()
            .map(|l| format!("            left over: {l}"))
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether going back may be asked for. What a look would have to tell is left to whoever asks.
fn may_go_back(state: &RunState, now: jiff::Timestamp) -> bool {
    let closed = || dispatch::way_back(state, None, now).is_err_and(|no| no.code == WAY_BACK);
    state.back.is_none() && dispatch::knows_a_way_back(&state.plan.plan) && !closed()
}

/// What a step does, in words.
fn words(state: &RunState, step: &StepId) -> String {
    state
        .step(step)
        .map_or_else(String::new, |s| render::words(state.current(), &s.effect))
}

/// `2026-11-21` where the person is.
fn day(at: jiff::Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string()
}

/// The first fact, which is the one that counts; the others are in `status --verbose`.
fn told(facts: &[String]) -> String {
    match facts {
        [] => String::new(),
        [only] => format!(": {only}"),
        [first, others @ ..] => format!(": {first} (+{})", others.len()),
    }
}

/// Every fact of a step's proof, a line each.
pub fn facts(line: &Line) -> Vec<String> {
    match &line.entry().record {
        Record::Done { proof, .. } => proof
            .facts
            .iter()
            .map(|fact| format!("            {fact}"))
            .collect(),
        _ => Vec::new(),
    }
}

/// `21:06:02` where the person is.
pub fn clock_time(at: jiff::Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// A time as somebody reads it who knows what day it was at `then`.
pub fn time_from(then: jiff::Timestamp, at: jiff::Timestamp) -> String {
    match day(then) == day(at) {
        true => clock_time(at),
        false => day_and_time(at),
    }
}

/// `2026-11-21 21:06:02` where the person is: for what may be days ago.
pub fn day_and_time(at: jiff::Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Who said something, with the reason and the ticket where there are any.
pub fn said(by: &Who) -> String {
    let why = by
        .why
        .as_ref()
        .map_or_else(String::new, |why| format!(" ({why})"));
    let ticket = by
        .ticket
        .as_ref()
        .map_or_else(String::new, |ticket| format!(" [{ticket}]"));
    format!("{}{why}{ticket}", by.name)
}

/// The first line of a halt.
pub fn headline(halt: &Halt) -> String {
    let kind = match halt.kind {
        HaltKind::Drift => "somebody else changed the system",
        HaltKind::Failed => "a step failed",
        HaltKind::Refused => "the system refused",
        HaltKind::TimedOut => "a wait came to its end",
        HaltKind::Gate => "a gate failed",
    };
    format!("HALTED, {kind}: {} [{}]", halt.failure.what, halt.failure.code)
}

/// What the far side said last, and whether state is safe and where.
fn last_words(halt: &Halt, before: Option<&RunState>) -> Vec<String> {
    let safety = halt.state.iter().map(|s| {
        let safe = if s.safe {
            "state safe"
        } else {
            "STATE NOT SEEN TO BE SAFE"
        };
        format!("            {} {safe}: {}", job_name(&s.job, before), s.at)
    });
    far_side(&halt.failure).chain(safety).collect()
}

/// A job's name, as people know it.
fn job_name(job: &ComponentId, state: Option<&RunState>) -> String {
    let known = state.and_then(|state| state.plan.plan.site.flink()?.jobs.get(job));
    known.map_or_else(|| job.to_string(), |known| known.name.clone())
}

/// The literal next commands after a halt. Going back is named where the journal knows of a way.
fn next_commands(halt: &Halt, entry: &Entry, before: Option<&RunState>) -> Vec<String> {
    let run = &entry.run;
    // What a look would have to tell is left to whoever asks.
    let back = before.is_some_and(|state| match dispatch::way_back(state, None, entry.at) {
        Ok(_) => true,
        Err(no) => no.code == UNSEEN,
    });
    let other = match back {
        true => format!("upshift rollback {run}    goes back, and says first what is replayed"),
        false => format!("upshift journal runbook {run}    what is left, as commands to type by hand"),
    };
    let next = [
        format!("upshift resume {run}      once the cause is gone"),
        other,
        format!("upshift explain {}", halt.failure.code),
    ];
    next.iter().map(|n| format!("            next: {n}")).collect()
}

/// Whether every job's state was seen to be safe.
pub fn is_safe(halt: &Halt) -> bool {
    halt.state.iter().all(|s| s.safe)
}

/// The question that a run asks; `in_spite` where somebody went on in spite of a gate that failed there.
pub fn asks(question: &Question, in_spite: bool) -> String {
    match question {
        Question::Finalize if in_spite => {
            "WAITING FOR A PERSON: a gate failed, and somebody went on in spite of it".to_owned()
        }
        Question::Finalize => "WAITING FOR A PERSON: every gate held".to_owned(),
        Question::FailedGate { failure } => {
            format!(
                "WAITING FOR A PERSON: a gate failed: {} [{}]",
                failure.what, failure.code
            )
        }
        Question::Replay { amount, .. } => format!("WAITING FOR A PERSON before going back: {amount}"),
    }
}

/// The commands that answer it; `back` where the system knows a way back.
fn answers(question: &Question, run: &RunId, back: bool) -> Vec<String> {
    let commands = match question {
        Question::Finalize if !back => {
            vec![format!("upshift finalize {run}    accepts; there is no way back")]
        }
        Question::FailedGate { .. } if !back => vec![
            format!("upshift answer {run} continue    goes on in spite of it; its time starts anew"),
            format!("upshift abandon {run}            leaves everything as it is"),
        ],
        Question::Finalize => vec![
            format!("upshift finalize {run}    accepts, and closes the way back"),
            format!("upshift rollback {run}    goes back, and says first what is replayed"),
        ],
        Question::FailedGate { .. } => vec![
            format!("upshift answer {run} continue    goes on in spite of it; its time starts anew"),
            format!("upshift rollback {run}           goes back, and says first what is replayed"),
        ],
        Question::Replay { .. } => vec![
            format!("upshift rollback {run} --accept-replay    goes back"),
            format!("upshift resume {run}                      goes on instead"),
        ],
    };
    let mut text: Vec<String> = match question {
        Question::FailedGate { failure }
        | Question::Replay {
            failure: Some(failure),
            ..
        } => far_side(failure).collect(),
        Question::Finalize | Question::Replay { failure: None, .. } => Vec::new(),
    };
    text.extend(commands.into_iter().map(|c| format!("            next: {c}")));
    text
}

fn far_side(failure: &Failure) -> impl Iterator<Item = String> + '_ {
    let lines = failure.far_side.iter().flat_map(|text| text.lines());
    lines.map(|line| format!("            the system said: {line}"))
}

const fn answered(answer: Answer) -> &'static str {
    match answer {
        Answer::Finalize => "accepted: the way back is closed,",
        Answer::Continue => "going on in spite of the failed gate,",
    }
}

/// How a run ended.
pub const fn ended_as(strategy: Strategy, outcome: Outcome) -> &'static str {
    match (strategy, outcome) {
        (Strategy::RestorePoints, Outcome::Finalized | Outcome::RolledBack) => "DONE",
        (Strategy::Rehearsal, Outcome::Finalized) => "REHEARSED: it held; what it made is discarded",
        (Strategy::Rehearsal, Outcome::RolledBack) => "THE REHEARSAL FAILED; what it made is discarded",
        (_, outcome) => ended(outcome),
    }
}

/// How an upgrade ended.
pub const fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Finalized => "FINALIZED: on the new release, accepted",
        Outcome::RolledBack => "ROLLED BACK: where it was before",
        Outcome::Abandoned => "ABANDONED",
    }
}
