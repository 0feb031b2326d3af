//! What a person at the terminal saw of an upgrade of WEKA, as one text: the lines of `upshift apply`, the waits, and what
//! the cluster was told.

use jiff::{SignedDuration, Timestamp};
use upshift_cli::cli::timeline;
use upshift_model::record::{Line, Record};
use upshift_model::run_state::RunState;

use crate::stage::{BEGINS_AT, Came};

/// What a person saw of these steps, of what befell the run, and of these waits; then what the cluster was told.
pub(crate) fn seen(came: &Came, steps: &[&str], waits: &[&str]) -> String {
    let mut said: Vec<(Timestamp, String)> = Vec::new();
    let mut state: Option<RunState> = None;
    for line in &came.lines {
        if is_of(line, steps) {
            said.extend(shown(line, state.as_ref()));
        }
        match &mut state {
            Some(state) => state.apply(line).expect("a journal"),
            None => state = Some(RunState::fold([line]).expect("a journal")),
        }
    }
    let waited = came.waits.iter();
    let waited = waited.filter(|wait| steps.contains(&wait.step.as_str()));
    let waited = waited.filter(|wait| waits.iter().any(|part| wait.what.contains(part)));
    said.extend(waited.map(|wait| {
        let text = format!("{}  {:<8} {}", elapsed(wait.since), wait.step, wait.what);
        (wait.since, text)
    }));
    said.sort_by_key(|(at, _)| *at);
    let begun = came.state.begun.iter();
    let begun = begun.map(|one| match one.ended {
        Some(code) => format!("{} {} -> {code}", one.release, one.words.join(" ")),
        None => format!("{} {}", one.release, one.words.join(" ")),
    });
    let said: Vec<String> = said.into_iter().map(|(_, text)| text).collect();
    format!(
        "{}\n--\n{}\n",
        said.join("\n"),
        begun.collect::<Vec<_>>().join("\n")
    )
}

fn is_of(line: &Line, steps: &[&str]) -> bool {
    let record = &line.entry().record;
    let step = record.step().map(ToString::to_string);
    let named = step.is_some_and(|step| steps.contains(&step.as_str()));
    named || matches!(record, Record::Resumed { .. })
}

fn shown(line: &Line, before: Option<&RunState>) -> Vec<(Timestamp, String)> {
    let at = line.entry().at;
    let clock = timeline::clock_time(at);
    let lines = timeline::lines(line, before).into_iter();
    lines
        .map(|text| match text.strip_prefix(&clock) {
            Some(rest) => (at, format!("{}{rest}", elapsed(at))),
            None => (at, text),
        })
        .collect()
}

fn elapsed(at: Timestamp) -> String {
    let begins = Timestamp::from_millisecond(BEGINS_AT).expect("a time");
    let seconds = at.duration_since(begins).max(SignedDuration::ZERO).as_secs();
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}
