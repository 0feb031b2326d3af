//! From the words of the command line to a command, and from what came of it to an exit code.

use std::ffi::OsString;
use std::io::ErrorKind;

use clap::error::ErrorKind as UsageKind;
use clap::{Parser, Subcommand};

use super::called;
use super::common::{Global, say, tell};
use super::render::{self, Paint};
use super::{
    abandon, answer, apply, bundle, check, compat, completions, diff, emulate, explain, finalize, hosts,
    init, inspect, journal, knowledge, matrix, notes, observe, pause, plan, rehearse, restart,
    restore_points, resume, rollback, route, runs, sim, status, worker,
};
use crate::app::context::Context;
use crate::app::place::Wish;
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Upgrades long-running stateful data systems without losing their state.
#[derive(Debug, Parser)]
#[command(name = "upshift", version, after_help = Exit::help(), max_term_width = 110, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    /// Options of every command.
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at a system and show what is there.
    Observe(observe::Args),
    /// Judge an upgrade: findings and a verdict. Changes nothing.
    Check(check::Args),
    /// Write down everything that would be done, sealed. Changes nothing.
    Plan(plan::Args),
    /// Show how the configuration is carried over, and what changed since a plan was made.
    Diff(diff::Args),
    /// Play a plan where nothing can be harmed.
    Rehearse(rehearse::Args),
    /// Carry a plan out.
    Apply(apply::Args),
    /// Show where a run stands.
    Status(status::Args),
    /// List all runs.
    Runs(runs::Args),
    /// Stop a run between two steps.
    Pause(pause::Args),
    /// Go on after a pause, a halt, or the death of the run's process.
    Resume(resume::Args),
    /// Restart a server of a run that halted, with the release that it runs, and go on after that.
    Restart(restart::Args),
    /// Answer the question that a run asks.
    Answer(answer::Args),
    /// Accept the new release and close the way back.
    Finalize(finalize::Args),
    /// Go back to where the run started.
    Rollback(rollback::Args),
    /// Take, list, verify and release restore points.
    RestorePoints(restore_points::Args),
    /// Verify, export or spell out a run's journal.
    Journal(journal::Args),
    /// Put everything about a run into one archive, without secrets.
    Bundle(bundle::Args),
    /// Close a run where it stands and list what is left over.
    Abandon(abandon::Args),
    /// Carry one run on in this process, as `apply` and `resume` start it, or all that nobody carries on.
    Worker(worker::Args),
    /// Say whether one version may be replaced by another, of any system that is known.
    Compat(compat::Args),
    /// Search the way from one version to another, and the order of servers and clients.
    Route(route::Args),
    /// Print what may be upgraded to what, as a table.
    Matrix(matrix::Args),
    /// Say what changes on the way from one version to another, and what of it bites.
    Notes(notes::Args),
    /// Check your own rows of knowledge, or make rows from a vendor's table.
    Knowledge(knowledge::Args),
    /// Look into a savepoint or checkpoint, compare two, tell operator ids. Changes nothing.
    Inspect(inspect::Args),
    /// Live through simulated upgrades with faults drawn from a seed, to see what upshift does when things break.
    Sim(sim::Args),
    /// Serve an emulated Realtime Compute on this machine, in front of Flink clusters that run already.
    Emulate(emulate::Args),
    /// Print the page of a code, or list all codes.
    Explain(explain::Args),
    /// Try the way to hosts over ssh, and say what is missing there. Changes nothing.
    Hosts(hosts::Args),
    /// Write a first system file from a running cluster.
    Init(init::Args),
    /// Print completions for a shell.
    Completions(completions::Args),
}

/// Runs the program with the words of its command line, and gives its exit code.
pub fn main(words: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match start(&cli) {
        Ok(exit) => exit,
        Err(stop) => report(&stop, cli.global.paint_talk()),
    }
}

fn start(cli: &Cli) -> Result<Exit, Stop> {
    called::with(cli.global.state_dir.as_deref(), cli.global.store.as_deref());
    cli.global.start_log()?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(cli))
}

async fn run(cli: &Cli) -> Result<Exit, Stop> {
    let paint = cli.global.paint();
    match &cli.command {
        Command::Observe(args) => observe::run(args, paint).await,
        Command::Check(args) => check::run(args, paint).await,
        Command::Plan(args) => plan::run(args, paint).await,
        Command::Diff(args) => diff::run(args, paint).await,
        Command::Rehearse(args) if args.real => rehearse::real::run(args, &context(cli).await?).await,
        Command::Rehearse(args) => rehearse::simulated::run(args, paint),
        Command::Apply(args) => apply::run(args, &context(cli).await?).await,
        Command::Status(args) => status::run(args, &context(cli).await?).await,
        Command::Runs(args) => runs::run(args, &context(cli).await?).await,
        Command::Pause(args) => pause::run(args, &context(cli).await?).await,
        Command::Resume(args) => resume::run(args, &context(cli).await?).await,
        Command::Restart(args) => restart::run(args, &context(cli).await?).await,
        Command::Answer(args) => answer::run(args, &context(cli).await?).await,
        Command::Finalize(args) => finalize::run(args, &context(cli).await?).await,
        Command::Rollback(args) => rollback::run(args, &context(cli).await?).await,
        Command::RestorePoints(args) => restore_points::run(args, &context(cli).await?).await,
        Command::Journal(args) => journal::run(args, &context(cli).await?).await,
        Command::Bundle(args) => bundle::run(args, &context(cli).await?).await,
        Command::Abandon(args) => abandon::run(args, &context(cli).await?).await,
        Command::Worker(args) => {
            Box::pin(worker::run(args, context_for(cli, args.lease.as_deref()).await?)).await
        }
        Command::Compat(args) => compat::run(args, paint),
        Command::Route(args) => route::run(args, paint),
        Command::Matrix(args) => matrix::run(args),
        Command::Notes(args) => notes::run(args, paint).await,
        Command::Knowledge(args) => knowledge::run(args),
        Command::Inspect(args) => inspect::run(args, paint).await,
        Command::Sim(args) => sim::run(args, paint),
        Command::Emulate(args) => emulate::run(args),
        Command::Explain(args) => explain::run(args, paint),
        Command::Hosts(args) => hosts::run(args, paint).await,
        Command::Init(args) => init::run(args).await,
        Command::Completions(args) => completions::run(args),
    }
}

async fn context(cli: &Cli) -> Result<Context, Stop> {
    context_for(cli, None).await
}

async fn context_for(cli: &Cli, lease: Option<&str>) -> Result<Context, Stop> {
    let store = cli.global.store.as_deref();
    Context::open(&cli.global.state_dir()?, Wish { store, lease }).await
}

/// Says why a command cannot go on. A reader of its output that went away is no reason.
fn report(stop: &Stop, paint: Paint) -> Exit {
    if let Stop::Unexpected(error) = stop {
        let cause = error.downcast_ref::<std::io::Error>();
        if cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe) {
            return Exit::Done;
        }
    }
    match tell(&render::stop(stop, paint)) {
        Ok(()) => stop.exit(),
        Err(_) => stop.exit().max(Exit::Unexpected),
    }
}

/// Help and version are answers; everything else is a command line that cannot be understood.
fn usage(error: &clap::Error) -> Exit {
    match error.kind() {
        UsageKind::DisplayHelp | UsageKind::DisplayVersion => match say(&error.render().to_string()) {
            Ok(()) => Exit::Done,
            Err(_) => Exit::Unexpected,
        },
        kind => {
            let text = error.render().to_string();
            let trouble = match kind {
                UsageKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                    Trouble::usage(codes::USAGE, "a command is needed")
                }
                _ => misunderstood(&text),
            };
            let trouble = trouble.next("upshift --help");
            report(&trouble.into(), Paint(false))
        }
    }
}

/// What the parser said, as its own first line and the rest.
fn misunderstood(text: &str) -> Trouble {
    let what = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let known = |line: &&str| !line.is_empty() && !line.starts_with("For more information");
    let details: Vec<_> = text.lines().skip(1).map(str::trim).filter(known).collect();
    let mut trouble = Trouble::usage(codes::USAGE, what.trim_end_matches(':'));
    trouble.expected = (!details.is_empty()).then(|| details.join("\n"));
    trouble
}
