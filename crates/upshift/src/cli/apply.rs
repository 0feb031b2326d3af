//! `upshift apply PLAN`: carries a plan out, in a process that outlives the terminal, and follows it.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use upshift_model::plan::Sealed;

use super::follow::{self, Until};
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::{plan_file, run};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Carry a plan out.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The plan file that `upshift plan` wrote.
    pub plan: PathBuf,
    /// Start the run and do not follow it.
    #[arg(long)]
    pub detach: bool,
    /// Start no process for the run: a daemon (`upshift worker`) takes it up.
    #[arg(long)]
    pub no_worker: bool,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

/// Opens the run, starts its process, follows it.
///
/// # Errors
/// When the plan cannot be used, is blocked, has drifted, or its system has an open run.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let sealed: Sealed = plan_file::read(&args.plan)?;
    let run = run::open(context, sealed, args.speaker.who()).await?;
    let worker = match args.no_worker {
        true => None,
        false => Some(run::spawn_worker(context, &run)?),
    };
    if args.detach {
        super::say(&format!(
            "run {run} is under way; follow it with `upshift status {run} --watch`"
        ))?;
        return Ok(Exit::Done);
    }
    follow::follow(context, &run, 0, Until::NeedsPerson, worker).await
}
