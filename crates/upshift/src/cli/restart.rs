//! `upshift restart`: restarts one server of a run that halted or asks about a gate that failed, with the release that it runs, and goes on after that.

use clap::Args as ClapArgs;
use upshift_engine::request::Ask;
use upshift_model::ids::ComponentId;
use upshift_planner::{dispatch, render};

use super::follow::{self, Until};
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::{find_run, run, systems};
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Restart a server of a run that halted, or whose gate failed, with the release that it runs, and go on after that.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The server as the plan names it: tablet-server/2, coordinator.
    pub server: String,
    /// The run's id, its beginning, or the system's name; the only open run where it is left out.
    pub run: Option<String>,
    /// Show the steps and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

/// Shows the steps, then asks the run to carry them out before it goes on.
///
/// # Errors
/// When no open run fits, it did not halt, or the server cannot be restarted.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find_open(context, args.run.as_deref()).await?;
    let state = &found.state;
    if !state.phase.stands_at_a_failure() {
        let what = format!(
            "run {} did not halt, and no gate of it failed: {}",
            state.run,
            super::phase::stands_at(state)
        );
        return Err(Trouble::new(codes::NOT_HALTED, Exit::Usage, what)
            .expected("a run that halted or asks about a gate that failed, for a server is restarted beside its plan")
            .next(format!("upshift status {}", state.run))
            .into());
    }
    let server = ComponentId::new(args.server.clone());
    let present = systems::observe_plan(&state.plan.plan).await?;
    let wave = dispatch::restart(state, &server, &present).map_err(|failure| {
        Trouble::new(failure.code, Exit::Usage, failure.what).next(format!("upshift status {}", state.run))
    })?;
    for step in wave.steps() {
        super::say(&format!(
            "{}  {}",
            step.id,
            render::words(state.current(), &step.effect)
        ))?;
    }
    if args.dry_run {
        return Ok(Exit::Done);
    }
    let word = Ask::Restart { server };
    let worker = run::ask(context, state, word, args.speaker.who()).await?;
    follow::follow_word(context, &state.run, state.last.seq, Until::NeedsPerson, worker).await
}
