//! Whether a word fits what a run is doing, and where a run stands, in words.

use upshift_model::record::Question;
use upshift_model::run_state::{Phase, RunState, StepState};

use super::timeline;
use crate::codes;
use crate::trouble::{Stop, Trouble};

/// A pause needs something that goes on.
///
/// # Errors
/// When the run stands still already.
pub fn must_be_going(state: &RunState) -> Result<(), Stop> {
    match &state.phase {
        Phase::Going => Ok(()),
        Phase::Paused { .. } | Phase::Waiting { .. } | Phase::Halted { .. } | Phase::Closed { .. } => {
            Err(unfit(state, "pause", "a run that is going on"))
        }
    }
}

/// Accepting needs the question.
///
/// # Errors
/// When the run does not ask whether to finalize.
pub fn must_ask_to_finalize(state: &RunState) -> Result<(), Stop> {
    match &state.phase {
        Phase::Waiting {
            question: Question::Finalize,
            ..
        } => Ok(()),
        _ => Err(unfit(
            state,
            "finalize",
            "a run whose gates held and that asks to be finalized",
        )),
    }
}

/// Going on in spite of a failed gate needs the failed gate.
///
/// # Errors
/// When the run does not ask about a failed gate.
pub fn must_ask_about_gate(state: &RunState) -> Result<(), Stop> {
    match &state.phase {
        Phase::Waiting {
            question: Question::FailedGate { .. },
            ..
        } => Ok(()),
        _ => Err(unfit(
            state,
            "answer continue",
            "a run that asks about a failed gate",
        )),
    }
}

fn unfit(state: &RunState, word: &str, expected: &str) -> Stop {
    Trouble::usage(
        codes::USAGE,
        format!("`{word}` does not fit: {}", stands_at(state)),
    )
    .expected(expected)
    .next(format!("upshift status {}", state.run))
    .into()
}

/// Where a run stands, in one line: what was begun and not seen to end, too.
pub fn stands_at(state: &RunState) -> String {
    let open: Vec<String> = state
        .open_intents()
        .into_iter()
        .map(|step| {
            let at = state.steps.get(&step).and_then(|s| s.intended_at);
            let at = at.map_or_else(String::new, |at| format!(" at {}", timeline::day_and_time(at)));
            format!("step {step} was begun{at} and its outcome is not recorded")
        })
        .collect();
    let phase = match &state.phase {
        Phase::Going => "going on".to_owned(),
        Phase::Paused { by, since } => {
            format!(
                "paused by {} since {}",
                timeline::said(by),
                timeline::day_and_time(*since)
            )
        }
        Phase::Waiting {
            step,
            question,
            since,
        } => {
            let in_spite = state.steps.get(step).is_some_and(StepState::went_on_in_spite);
            format!(
                "{} since {}",
                timeline::asks(question, in_spite),
                timeline::day_and_time(*since)
            )
        }
        Phase::Halted { halt, since, .. } => {
            format!(
                "{} since {}",
                timeline::headline(halt),
                timeline::day_and_time(*since)
            )
        }
        Phase::Closed { outcome, at, .. } => {
            let word = timeline::ended_as(state.plan.plan.strategy, *outcome);
            format!("{word} at {}", timeline::day_and_time(*at))
        }
    };
    let open = if open.is_empty() {
        String::new()
    } else {
        format!("; {}", open.join("; "))
    };
    format!("run {} of {}: {phase}{open}", state.run, state.plan.plan.system)
}

/// The phase as one word, for JSON.
pub const fn word(state: &RunState) -> &'static str {
    match &state.phase {
        Phase::Going => "going",
        Phase::Paused { .. } => "paused",
        Phase::Waiting { .. } => "waiting",
        Phase::Halted { .. } => "halted",
        Phase::Closed { .. } => "closed",
    }
}
