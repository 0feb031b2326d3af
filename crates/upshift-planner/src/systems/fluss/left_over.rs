//! What a run of Fluss leaves behind: told from its journal, and from a last look where there is one.

use upshift_model::fluss::System;
use upshift_model::run_state::RunState;

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, present: Option<&System>) -> Vec<String> {
    // What a step of the way there left open, the way back has settled.
    let settled = run.back.is_some();
    let open = run.open_intents().into_iter();
    let open = open.filter(|step| !settled || step.as_str().starts_with("back."));
    let mut left: Vec<String> = open
        .map(|step| format!("step {step} was begun and its end was not seen"))
        .collect();
    let over = run.wave_at() == run.waves().len();
    if !over || run.back.is_some() {
        return left;
    }
    let to = &run.plan.plan.to;
    let wanted = (to.major(), to.minor());
    match present {
        None => left.push("the cluster could not be looked at after the last step".to_owned()),
        Some(system) => left.extend(system.answers.iter().filter_map(
            |answer| match answer.line.as_result() {
                Ok(line) if *line == wanted => None,
                Ok((major, minor)) => Some(format!(
                    "{} answers as {major}.{minor}, {to} was wanted",
                    answer.server
                )),
                Err(gap) => Some(format!(
                    "the release of {} could not be seen: {gap}",
                    answer.server
                )),
            },
        )),
    }
    left
}
