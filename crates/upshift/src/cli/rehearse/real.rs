//! On real servers: the jobs of a plan, started on a scratch cluster of the new release from savepoints taken without
//! stopping, proven, and discarded.

use std::collections::BTreeMap;

use upshift_engine::request::Ask;
use upshift_model::ids::RunId;

use super::Args;
use crate::app::context::Context;
use crate::app::rehearse::real::{self, Wanted};
use crate::app::{find_run, plan_file, run};
use crate::cli::follow::{self, Until};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Sees an earlier rehearsal to its end, then carries this one out.
///
/// # Errors
/// When the plan cannot be rehearsed, has drifted, or its system has an open run.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let of = plan_file::read_to_rehearse(&args.plan)?;
    if let Some(earlier) = real::broken_off(context, &of).await? {
        let state = &earlier.state;
        crate::cli::tell(&format!(
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
    let plan = real::plan(context, &of, &wanted)?;
    let id = run::open(context, plan, args.speaker.who()).await?;
    let worker = run::spawn_worker(context, &id)?;
    let exit = follow::follow(context, &id, 0, Until::Over, Some(worker)).await?;
    Ok(told(context, &id).await?.unwrap_or(exit))
}

async fn told(context: &Context, id: &RunId) -> Result<Option<Exit>, Stop> {
    let found = find_run::find(context, Some(id.as_str())).await?;
    Ok(real::verdict(&found.state))
}
