//! `upshift abandon RUN`: closes a run where it stands, frees its system, lists what is left over.

use clap::Args as ClapArgs;
use upshift_engine::request::Ask;

use super::follow::{self, Until};
use super::phase;
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::{find_run, run};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Close a run where it stands. Nothing is undone; what is left over is listed.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id or its beginning.
    pub run: String,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

/// Asks the run's process to close it.
///
/// # Errors
/// When no open run fits, or the store cannot be written.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find_open(context, Some(&args.run)).await?;
    super::say(&phase::stands_at(&found.state))?;
    let id = &found.state.run;
    let worker = run::ask(context, &found.state, Ask::Abandon, args.speaker.who()).await?;
    follow::follow_word(context, id, found.state.last.seq, Until::Over, worker).await
}
