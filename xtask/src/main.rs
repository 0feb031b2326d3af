//! The command line of the chores: `cargo xtask COMMAND`.
//!
//! It parses and dispatches, nothing else.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{
    alluxio_lab, alluxio_told, bench, demo, fetch, fluss_lab, fuzz, knowledge, probe, provoke, snapshots,
    stage, suite, tidy, try_job, weka_demo, weka_lab, weka_parity,
};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the upshift project")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Start a real Alluxio cluster with a tree and a system file, to try upshift on by hand.
    AlluxioLab(alluxio_lab::Args),
    /// Record what real servers of Alluxio tell in every state that an upgrade meets them in.
    AlluxioTold(alluxio_told::Args),
    /// Fetch what tests, demo and benchmark need into the cache directory, digests checked.
    Fetch(fetch::Args),
    /// Run all tests, real Flink included, after format and lints.
    Test(suite::Args),
    /// Upgrade a real Flink cluster with a running job, and prove that its state was kept.
    Demo(demo::Args),
    /// Measure how long a job is down while its cluster is upgraded.
    Bench(bench::Args),
    /// Start a real Fluss cluster under a load that checks itself, with a system file, to try upshift on by hand.
    FlussLab(fluss_lab::Args),
    /// Feed mutated inputs to a reader of files.
    Fuzz(fuzz::Args),
    /// Check the rules of the house that no compiler checks.
    Tidy,
    /// Write a new row of changes, or check all of them.
    Knowledge(knowledge::Args),
    /// Compile the class that reads the graph of a job.
    Probe,
    /// Try rows of changes on the real classes of the releases before and after.
    Provoke(provoke::Args),
    /// Take snapshots of real jobs on real clusters, and keep them with what Flink itself reads from them.
    Snapshots(snapshots::Args),
    /// Set up an old cluster with a job and a system file, to try upshift on by hand.
    Stage(stage::Args),
    /// Run the lab's self-checking job on releases of Flink, with a stop and a restore.
    TryJob(try_job::Args),
    /// Upgrades a made-up WEKA cluster over two hops with its clients, and shows how.
    WekaDemo(weka_demo::Args),
    /// Start a made-up WEKA cluster on real hosts, with a system file, to try upshift on by hand.
    WekaLab(weka_lab::Args),
    /// Run the vendor's own checker and upshift on a made-up WEKA cluster, with every fault, and compare.
    WekaParity(weka_parity::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().chore {
        Chore::AlluxioLab(args) => alluxio_lab::run(&args),
        Chore::FlussLab(args) => fluss_lab::run(&args),
        Chore::AlluxioTold(args) => alluxio_told::run(&args),
        Chore::Fetch(args) => fetch::run(&args),
        Chore::Test(args) => suite::run(&args),
        Chore::Bench(args) => bench::run(&args),
        Chore::Fuzz(args) => fuzz::run(&args),
        Chore::Demo(args) => demo::run(&args),
        Chore::Tidy => tidy::run(),
        Chore::Knowledge(args) => knowledge::run(&args),
        Chore::Probe => probe::run(),
        Chore::Provoke(args) => provoke::run(&args),
        Chore::Snapshots(args) => snapshots::run(&args),
        Chore::Stage(args) => stage::run(&args),
        Chore::TryJob(args) => try_job::run(&args),
        Chore::WekaDemo(args) => weka_demo::run(&args),
        Chore::WekaLab(args) => weka_lab::run(&args),
        Chore::WekaParity(args) => weka_parity::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            xtask::workspace::say(&format!("error: {e:#}"));
            ExitCode::FAILURE
        }
    }
}
