//! `upshift runs`: all runs of this state directory.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::phase;
use crate::app::context::{Context, store_trouble};
use crate::app::find_run;
use crate::exit::Exit;
use crate::trouble::Stop;

/// List all runs.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Row {
    run: String,
    system: String,
    from: String,
    to: String,
    strategy: String,
    plan: String,
    opened_at: jiff::Timestamp,
    opened_by: String,
    open: bool,
    phase: &'static str,
    held_by_pid: Option<u32>,
}

/// Prints them, oldest first.
///
/// # Errors
/// When the store cannot be read, and, after the others were printed, with the runs whose journals
/// cannot.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let mut rows = Vec::new();
    let mut text = Vec::new();
    let survey = find_run::survey(context).await?;
    for found in survey.found {
        let state = &found.state;
        let holder = context
            .store
            .holder(&state.run)
            .await
            .map_err(|e| store_trouble(&e))?;
        text.push(phase::stands_at(state));
        rows.push(Row {
            run: state.run.to_string(),
            system: state.plan.plan.system.to_string(),
            from: state.plan.plan.from.to_string(),
            to: state.plan.plan.to.to_string(),
            strategy: state.plan.plan.strategy.to_string(),
            plan: state.plan.digest.to_string(),
            opened_at: state.opened_at,
            opened_by: state.opened_by.name.clone(),
            open: found.open,
            phase: phase::word(state),
            held_by_pid: holder.map(|h| h.pid),
        });
    }
    match (args.json, text.is_empty() && survey.damaged.is_empty()) {
        (true, _) => super::say_json(&rows)?,
        (false, true) => super::say(&format!(
            "no run was ever started here, in {}",
            context.whereabouts()
        ))?,
        (false, false) => super::say(&text.join("\n"))?,
    }
    match survey.damaged.is_empty() {
        true => Ok(Exit::Done),
        false => Err(survey
            .damaged
            .into_iter()
            .map(|d| d.trouble)
            .collect::<Vec<_>>()
            .into()),
    }
}
