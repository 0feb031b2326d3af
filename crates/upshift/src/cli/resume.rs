//! `upshift resume`: goes on after a pause, a halt, or the death of the run's process.

use clap::Args as ClapArgs;
use upshift_engine::request::Ask;

use super::follow::{self, Until};
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::{find_run, run};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Go on after a pause, a halt, or the death of the run's process.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id, its beginning, or the system's name; the only open run where it is left out.
    pub run: Option<String>,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

/// Puts the word into the run's inbox and follows what comes of it.
///
/// # Errors
/// When no open run fits, or the store cannot be written.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find_open(context, args.run.as_deref()).await?;
    super::say(&super::phase::stands_at(&found.state))?;
    let id = &found.state.run;
    let worker = run::ask(context, &found.state, Ask::Resume, args.speaker.who()).await?;
    follow::follow_word(context, id, found.state.last.seq, Until::NeedsPerson, worker).await
}
