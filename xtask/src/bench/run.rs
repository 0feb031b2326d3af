//! Runs the contenders in turn, several times, and measures each from the job's output.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Subcommand;
use upshift_lab::cargo::cargo;
use upshift_lab::output::count_records;
use upshift_lab::{Cache, Stage};

use super::alluxio;
use super::case::{Case, Mode, State};
use super::contender::{Contender, rest_after};
use super::emulated;
use super::fanout;
use super::fluss;
use super::plan;
use super::preflight;
use super::savepoint;
use super::sim;
use super::step;
use super::table::{self, Measured};
use crate::fetch;
use crate::workspace::{print, root, say};

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Upgrades of a real Flink cluster: upshift, the shell runbook, bare REST calls.
    Flink(Flink),
    /// Checking, planning and searching a way, at three sizes of a system.
    Plan(plan::Plan),
    /// Whole simulated upgrades a minute, with faults, on all cores.
    Sim(sim::Args),
    /// What a durable step costs, against two bare commits.
    Step(step::Args),
    /// Reading large snapshot metadata, against Flink's own loader.
    Savepoint(savepoint::Args),
    /// Judging large backups of Alluxio, against inflating them.
    Alluxio(alluxio::Args),
    /// A few commands on each of many hosts, against Ansible and bare OpenSSH.
    Fanout(fanout::Args),
    /// A roll of a real Fluss cluster under load: upshift, a script with a fixed wait, one failover.
    Fluss(fluss::Args),
    /// A deployment of the emulated service while answers are lost: the service's own stop and start, a careful script on
    /// the vendor's SDK, upshift.
    Emulated(emulated::Args),
    /// Whether a WEKA cluster is ready, at four sizes, against the vendor's own checker.
    Preflight(preflight::Args),
}

#[derive(Debug, clap::Args)]
struct Flink {
    /// How often each contender runs, turn by turn.
    #[arg(long, default_value_t = 3)]
    pairs: u32,
    /// Only these ways of upgrading.
    #[arg(long, value_enum)]
    mode: Vec<Mode>,
    /// Only these sizes of state.
    #[arg(long, value_enum)]
    state: Vec<State>,
    /// Measure the runbook and the floor only.
    #[arg(long)]
    without_upshift: bool,
    /// An upshift that is built already; otherwise a release build is made.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::Flink(flink) => upgrades(flink),
        What::Plan(sizes) => plan::run(sizes),
        What::Sim(seeds) => sim::run(seeds),
        What::Step(steps) => step::run(steps),
        What::Savepoint(args) => savepoint::run(args),
        What::Alluxio(args) => alluxio::run(args),
        What::Fanout(args) => fanout::run(args),
        What::Fluss(args) => fluss::run(args),
        What::Emulated(args) => emulated::run(args),
        What::Preflight(args) => preflight::run(args),
    }
}

fn upgrades(flink: &Flink) -> Result<()> {
    let cache = Cache::open()?;
    fetch::needed(&cache, &fetch::NEEDED)?;
    ensure!(
        Command::new("curl").arg("--version").output().is_ok(),
        "the shell runbook needs curl"
    );
    let program = match &flink.program {
        Some(program) => program.clone(),
        None if flink.without_upshift => PathBuf::new(),
        None => release_build()?,
    };
    let mut all = Vec::new();
    for case in cases(flink) {
        for turn in 1..=flink.pairs {
            for contender in contenders(case, flink) {
                let measured = measure(&cache, case, contender, &program)
                    .with_context(|| format!("{case}, {}, turn {turn}", contender.name()))?;
                say(&format!("{case}, {}, turn {turn}: {measured}", contender.name()));
                all.push(measured);
            }
        }
    }
    print(&table::render(&all));
    Ok(())
}

fn cases(flink: &Flink) -> Vec<Case> {
    let mut all = Vec::new();
    for mode in [Mode::Shadow, Mode::InPlace] {
        for state in [State::Small, State::Large] {
            let wanted = (flink.mode.is_empty() || flink.mode.contains(&mode))
                && (flink.state.is_empty() || flink.state.contains(&state));
            if wanted {
                all.push(Case { mode, state });
            }
        }
    }
    all
}

fn contenders(case: Case, flink: &Flink) -> Vec<Contender> {
    let mut all = vec![Contender::Runbook];
    if !flink.without_upshift {
        all.push(Contender::Upshift);
    }
    if case.mode == Mode::Shadow {
        all.push(Contender::Floor);
    }
    all
}

fn measure(cache: &Cache, case: Case, contender: Contender, program: &std::path::Path) -> Result<Measured> {
    let stage = Stage::set(cache, &case.scene())?;
    warm(&stage, case)?;
    let _new = contender.upgrade(cache, case, &stage, program)?;
    let at = rest_after(case, &stage);
    let [job] = at
        .running(&stage.job().name)?
        .try_into()
        .map_err(|jobs| anyhow::anyhow!("running: {jobs:?}"))?;
    let first_checkpoint = at.wait_for_checkpoints(&job, 1)?;
    let load = load_average()?;
    let report = stage.finish(at)?;
    ensure!(
        report.is_exactly_once(),
        "the output does not prove exactly-once:\n{report}"
    );
    Ok(Measured {
        case,
        contender,
        gap: report.longest_gap,
        to_checkpoint: Duration::from_millis(first_checkpoint.saturating_sub(report.gap_began)),
        load,
    })
}

/// Until the state has its size, and the compilers of both machines have done their work for a while.
fn warm(stage: &Stage, case: Case) -> Result<()> {
    for _ in 0..240 {
        if count_records(&stage.job().out)? >= case.warm_records() {
            return Ok(());
        }
        pause(Duration::from_millis(250));
    }
    bail!(
        "the job did not write {} records in a minute",
        case.warm_records()
    );
}

pub(super) fn load_average() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg").context("reading the load average")?;
    text.split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .context("the load average is no number")
}

pub(super) fn release_build() -> Result<PathBuf> {
    say("building upshift as it is released");
    let mut cargo = cargo();
    cargo
        .args(["build", "--quiet", "--release", "--package", "upshift"])
        .current_dir(root());
    ensure!(
        cargo.status().context("running cargo build")?.success(),
        "cargo build failed"
    );
    Ok(root().join("target/release/upshift"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a chore outside the engine waits for a job to warm up"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}
