//! `cargo xtask weka-lab`: a made-up WEKA cluster on real hosts, and a system file for it.
//!
//! It stands until standard input ends or somebody ends it; then everything in it is ended and removed.

use anyhow::Result;
use upshift_lab::{WekaCluster, WekaOptions};

use crate::until_told;
use crate::workspace::{print, say};

/// Arguments of `weka-lab`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release that runs.
    #[arg(default_value = "4.4.26")]
    from: String,
    /// The release that is wanted.
    #[arg(default_value = "5.1.25")]
    to: String,
    /// So many backends.
    #[arg(long, default_value_t = 6)]
    backends: usize,
    /// So many clients.
    #[arg(long, default_value_t = 2)]
    clients: usize,
    /// Something that is wrong, with `@N` for the backend and `@cN` for the client that has it.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,
    /// Varies what no document tells.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How long a call of `weka` takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay: u64,
    /// How long one step of an upgrade takes, in milliseconds.
    #[arg(long, default_value_t = 200)]
    step: u64,
    /// How long metadata is converted after an upgrade, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    conversion: u64,
    /// Print the names of all faults, and end.
    #[arg(long)]
    faults: bool,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    if args.faults {
        print(&WekaCluster::faults()?.join("\n"));
        return Ok(());
    }
    say(&format!("starting {} servers", args.backends + args.clients));
    let cluster = WekaCluster::start(WekaOptions {
        backends: args.backends,
        clients: args.clients,
        version: args.from.clone(),
        target: args.to.clone(),
        faults: args.fault.clone(),
        seed: args.seed,
        delay_ms: args.delay,
        step_ms: args.step,
        conversion_ms: args.conversion,
    })?;
    print(&format!("upshift check {}", cluster.system_file()?.display()));
    print(&format!(
        "ssh -F {} h0 weka status",
        cluster.ssh_config().display()
    ));
    say("Ctrl-D or Ctrl-C clears up");
    until_told::wait()?;
    Ok(())
}
