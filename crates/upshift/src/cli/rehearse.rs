//! `upshift rehearse PLAN --real`: the jobs of a plan, started on a scratch cluster of the new release from savepoints
//! taken without stopping, proven, and discarded.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use upshift_engine::request::Ask;
use upshift_model::ids::RunId;
use upshift_model::span::Millis;

use super::follow::{self, Until};
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::rehearse::{self, Wanted};
use crate::app::{find_run, plan_file, run};
use crate::config::duration;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Play a plan where nothing can be harmed.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The plan file that `upshift plan` wrote.
    pub plan: PathBuf,
    /// On real servers: a scratch cluster of the new release on this machine. The real cluster is asked for a savepoint
    /// of each job, and for nothing else.
    #[arg(long, required = true)]
    pub real: bool,
    /// How long the copies must run without a restart or an exception.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub soak: Millis,
    /// Configuration of the scratch cluster alone, such as less memory.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Let the copies write where the real jobs write, where the file gives no `rehearsal_args`.
    #[arg(long)]
    pub with_real_sinks: bool,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

fn time(text: &str) -> Result<Millis, String> {
    duration::parse(text).ok_or_else(|| "a length of time such as 10s or 2m was expected".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| "KEY=VALUE was expected".to_owned())
}

/// Sees an earlier rehearsal to its end, then carries this one out.
///
/// # Errors
/// When the plan cannot be rehearsed, has drifted, or its system has an open run.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let of = plan_file::read(&args.plan)?;
    if let Some(earlier) = rehearse::broken_off(context, &of).await? {
        let state = &earlier.state;
        super::tell(&format!(
            "rehearsal {} was broken off; it is seen to its end first",
            state.run
        ))?;
        let worker = run::ask(context, state, Ask::Resume, args.speaker.who()).await?;
        let seen = state.last.seq;
        let exit = follow::follow_word(context, &state.run, seen, Until::Over, worker).await?;
        if told(context, &state.run).await?.is_none() {
            return Ok(exit);
        }
    }
    let wanted = Wanted {
        soak: args.soak,
        set: args.set.iter().cloned().collect::<BTreeMap<_, _>>(),
        with_real_sinks: args.with_real_sinks,
    };
    let plan = rehearse::plan(context, &of, &wanted)?;
    let id = run::open(context, plan, args.speaker.who()).await?;
    let worker = run::spawn_worker(context, &id)?;
    let exit = follow::follow(context, &id, 0, Until::Over, Some(worker)).await?;
    Ok(told(context, &id).await?.unwrap_or(exit))
}

async fn told(context: &Context, id: &RunId) -> Result<Option<Exit>, Stop> {
    let found = find_run::find(context, Some(id.as_str())).await?;
    Ok(rehearse::verdict(&found.state))
}
