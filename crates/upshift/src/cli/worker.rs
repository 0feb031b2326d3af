//! `upshift worker RUN`: carries one run on in this process. `apply` and `resume` start it; a service
//! manager may, too.

use clap::Args as ClapArgs;
use upshift_engine::engine::Ended;
use upshift_model::ids::RunId;

use crate::app::context::Context;
use crate::app::{find_run, worker};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Carry one run on in this process, until it is over or halted.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id or its beginning.
    pub run: String,
}

/// Owns the run and carries it on.
///
/// # Errors
/// When no open run fits, another process owns it, or its journal cannot be used.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find_open(context, Some(&args.run)).await?;
    let run: RunId = found.state.run;
    match worker::carry_on(context, &run).await? {
        Ended::Closed(_) => Ok(Exit::Done),
        Ended::Halted => Ok(Exit::Halted),
    }
}
