//! `cargo xtask bench plan`: how checking, planning and searching a way grow with the size of a system.
//!
//! Sizes are measured turn by turn in one run, each in a process of its own, so that its peak of memory is
//! its own. A measurement, not a test: a slow run fails nothing.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::run::load_average;
use crate::workspace::{print, root, say};

/// Instances that are measured; half as many jobs run on them.
const SIZES: [u32; 3] = [1_000, 3_000, 10_000];
/// How much longer ten times the size may take.
const AIM_RATIO: f64 = 12.0;
/// How much memory the largest size may hold, in MiB.
const AIM_MIB: f64 = 300.0;

/// Arguments of `bench plan`.
#[derive(Debug, clap::Args)]
pub(super) struct Plan {
    /// How often each size runs, turn by turn.
    #[arg(long, default_value_t = 3)]
    turns: usize,
}

/// What one process says of its size.
#[derive(Debug, Clone, Deserialize)]
struct Told {
    jobs: u32,
    rows: u32,
    hops: u32,
    check: f64,
    plan: f64,
    render: f64,
    route: f64,
    peak_kib: u32,
}

impl Told {
    fn total(&self) -> f64 {
        self.check + self.plan + self.render + self.route
    }

    fn mib(&self) -> f64 {
        f64::from(self.peak_kib) / 1024.0
    }
}

pub(super) fn run(args: &Plan) -> Result<()> {
    let cargo = env!("CARGO");
    let package = ["-p", "upshift-planner", "--example", "plan_sizes"];
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet"])
        .args(package)
        .current_dir(root())
        .status()
        .context("building the example plan_sizes")?;
    ensure!(built.success(), "the example plan_sizes does not build");
    let mut all: Vec<(u32, Vec<Told>)> = SIZES.map(|size| (size, Vec::new())).into();
    for turn in 1..=args.turns {
        for (size, told) in &mut all {
            let one = measure(*size)?;
            say(&format!(
                "{size} instances, turn {turn}: {:.3} s, {:.0} MiB",
                one.total(),
                one.mib()
            ));
            told.push(one);
        }
    }
    print(&table(&mut all)?);
    Ok(())
}

fn measure(size: u32) -> Result<Told> {
    let program = root().join("target/release/examples/plan_sizes");
    let ran = Command::new(&program)
        .arg(size.to_string())
        .output()
        .with_context(|| format!("running {}", program.display()))?;
    ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).context("reading what the example says")
}

/// Per size the turn in the middle by its total.
fn table(all: &mut [(u32, Vec<Told>)]) -> Result<String> {
    let mut text = String::from(
        "| instances | jobs | check s | plan s | render s | route s | sum s | peak MiB |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut middles = Vec::new();
    for (size, told) in all {
        told.sort_by(|a, b| a.total().total_cmp(&b.total()));
        let middle = told.get(told.len() / 2).context("nothing was measured")?.clone();
        writeln!(
            text,
            "| {size} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} |",
            middle.jobs,
            middle.check,
            middle.plan,
            middle.render,
            middle.route,
            middle.total(),
            middle.mib()
        )?;
        middles.push(middle);
    }
    let (Some(least), Some(most)) = (middles.first(), middles.last()) else {
        return Ok(text);
    };
    let ratio = most.total() / least.total();
    writeln!(
        text,
        "\n{} rows, {} hops; t({})/t({}) = {ratio:.1} (aim: at most {AIM_RATIO}), peak {:.0} MiB (aim: below {AIM_MIB}), load {:.1}",
        most.rows,
        most.hops,
        SIZES[SIZES.len() - 1],
        SIZES[0],
        most.mib(),
        load_average()?
    )?;
    Ok(text)
}
