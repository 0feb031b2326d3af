//! `upshift worker`: carries one run on in this process, or, as a daemon, all that nobody carries on.
//! `apply` and `resume` start it for one run; a service manager starts the daemon.

use clap::Args as ClapArgs;
use tokio::signal::unix::{SignalKind, signal};
use upshift_engine::engine::Ended;

use crate::app::context::Context;
use crate::app::daemon::{self, News, Rules};
use crate::app::{find_run, worker};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Carry one run on in this process, until it is over or halted; without one, every open run that nobody
/// carries on, until this process is told to stop.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id or its beginning.
    pub run: Option<String>,
    /// Take runs that were opened on other machines, too: this one sees the same files and processes.
    #[arg(long, conflicts_with = "run")]
    pub any_host: bool,
    /// How long a run is held at a time on a shared store; a daemon that dies is followed within twice as long.
    #[arg(long, value_name = "TIME")]
    pub lease: Option<String>,
}

/// Owns the run, or whatever run it can, and carries it on.
///
/// # Errors
/// When no open run fits, another process owns it, or its journal cannot be used.
pub async fn run(args: &Args, context: Context) -> Result<Exit, Stop> {
    let Some(run) = &args.run else {
        return serve(args, context).await;
    };
    let found = find_run::find_open(&context, Some(run)).await?;
    worker::leave_the_terminal();
    match worker::carry_on(&context, &found.state.run).await? {
        Ended::Closed(_) => Ok(Exit::Done),
        Ended::Halted => Ok(Exit::Halted),
    }
}

async fn serve(args: &Args, context: Context) -> Result<Exit, Stop> {
    let mut told_to_stop = signal(SignalKind::terminate())?;
    super::tell(&format!("carrying on the runs in {}", context.whereabouts()))?;
    let rules = Rules {
        any_host: args.any_host,
    };
    tokio::select! {
        () = daemon::serve(context, rules, Box::new(told)) => {}
        _ = told_to_stop.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(Exit::Done)
}

fn told(news: News<'_>) {
    let text = match news {
        News::Takes(run) => format!("takes run {run} up"),
        News::Ended(run, Ended::Closed(outcome)) => format!("run {run} is over: {outcome:?}"),
        News::Ended(run, Ended::Halted) => format!("run {run} halted: upshift status {run}"),
        News::Lost(run, Stop::Troubles(troubles)) => {
            let why: Vec<_> = troubles
                .iter()
                .map(|t| format!("{} {}", t.code, t.what))
                .collect();
            format!("cannot go on with run {run}: {}", why.join("; "))
        }
        News::Lost(run, Stop::Unexpected(error)) => format!("cannot go on with run {run}: {error:#}"),
        News::Blind(trouble) => format!("{} {}", trouble.code, trouble.what),
    };
    // The runs do not depend on a reader of these lines.
    if let Err(e) = super::tell(&text) {
        tracing::debug!("nobody reads what this daemon tells: {e}");
    }
}
