//! `cargo xtask bench sim`: whole simulated upgrades a minute, on all cores, in a build of its own profile.
//!
//! What counts is held against the minima of a whole upgrade and printed. A measurement, not a test: a slow
//! run fails nothing, and a seed that loses state fails it.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use upshift_lab::cargo::cargo;

use super::run::load_average;
use crate::workspace::{print, root};

/// Whole upgrades a minute.
const AIM: f64 = 10_000.0;
/// What a whole upgrade has at least: jobs or instances, records, faults that happened.
const LEAST: (usize, usize, usize) = (3, 40, 1);

/// Arguments of `bench sim`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 20_000)]
    runs: u64,
    /// Every so many seeds a journal is kept in the embedded store on disk; 0 keeps none there.
    #[arg(long, default_value_t = 200)]
    on_disk_every: u64,
}

/// What the example says of its seeds.
#[derive(Debug, Deserialize)]
struct Told {
    seconds: f64,
    runs: u64,
    whole: u64,
    on_disk: u64,
    processes: u64,
    records: Spread,
    subjects: Spread,
    faults: Spread,
    outcomes: BTreeMap<String, u64>,
    by_fault: BTreeMap<String, u64>,
    failing: Vec<Failing>,
}

#[derive(Debug, Deserialize)]
struct Spread {
    least: usize,
    median: usize,
    most: usize,
}

#[derive(Debug, Deserialize)]
struct Failing {
    seed: u64,
    against: Vec<String>,
}

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let built = cargo()
        .args(["build", "--profile", "sim", "--quiet"])
        .args(["-p", "upshift-campaign", "--example", "campaign"])
        .current_dir(root())
        .status()
        .context("building the example campaign")?;
    ensure!(built.success(), "the example campaign does not build");
    let threads = std::thread::available_parallelism()?.get();
    let numbers = [args.seed, args.runs, threads as u64, args.on_disk_every];
    let output = Command::new(root().join("target/sim/examples/campaign"))
        .args(numbers.map(|number| number.to_string()))
        .stderr(Stdio::inherit())
        .output()
        .context("running the example campaign")?;
    ensure!(
        output.status.success(),
        "the example campaign ended with {}",
        output.status
    );
    let told: Told = serde_json::from_slice(&output.stdout).context("reading what the example said")?;
    print(&table(args, &told, threads, load_average()?));
    let (subjects, records, faults) = LEAST;
    ensure!(
        told.subjects.least >= subjects && told.records.least >= records && told.faults.least >= faults,
        "what was counted as whole upgrades is smaller than {LEAST:?}"
    );
    if let Some(first) = told.failing.first() {
        bail!(
            "{} seeds failed; the first is `upshift sim --seed {}`: {}",
            told.failing.len(),
            first.seed,
            first.against.join("; ")
        );
    }
    Ok(())
}

fn table(args: &Args, told: &Told, threads: usize, load: f64) -> String {
    let a_minute = |n: u64| n as f64 * 60.0 / told.seconds;
    let spread = |of: &Spread| format!("least {}, median {}, most {}", of.least, of.median, of.most);
    let counted = |all: &BTreeMap<String, u64>| {
        let words: Vec<String> = all.iter().map(|(word, n)| format!("{word} {n}")).collect();
        words.join(", ")
    };
    let whole = a_minute(told.whole);
    [
        format!(
            "seeds {} to {} on {threads} threads in {:.1} s; load average {:.1}",
            args.seed,
            args.seed + args.runs - 1,
            told.seconds,
            load
        ),
        format!("all seeds a minute       {:.0}", a_minute(told.runs)),
        format!(
            "whole upgrades a minute  {whole:.0} (aim {AIM:.0}, {:.2} of it); {} of {} seeds are whole",
            whole / AIM,
            told.whole,
            told.runs
        ),
        format!("records                  {}", spread(&told.records)),
        format!("jobs or instances        {}", spread(&told.subjects)),
        format!("faults that happened     {}", spread(&told.faults)),
        format!(
            "journals on disk         {} of {} ({:.2} %)",
            told.on_disk,
            told.runs,
            told.on_disk as f64 * 100.0 / told.runs.max(1) as f64
        ),
        format!("processes of upshift     {}", told.processes),
        format!("outcomes                 {}", counted(&told.outcomes)),
        format!("faults                   {}", counted(&told.by_fault)),
        format!("lost or doubled          {}", told.failing.len()),
    ]
    .join("\n")
}
