//! `cargo xtask bench step`: the durable step against two bare commits of SQLite, in a build of its own profile.
//!
//! A measurement, not a test: a slow disk fails nothing.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use upshift_lab::cargo::cargo;

use super::run::load_average;
use crate::workspace::{print, root};

/// Arguments of `bench step`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many steps of each kind.
    #[arg(long, default_value_t = 400)]
    steps: u32,
    /// On which disk; a folder that is there.
    #[arg(long, default_value = "target")]
    on: std::path::PathBuf,
}

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let built = cargo()
        .args(["build", "--profile", "sim", "--quiet"])
        .args(["-p", "upshift-engine", "--example", "durable_step"])
        .current_dir(root())
        .status()
        .context("building the example durable_step")?;
    ensure!(built.success(), "the example durable_step does not build");
    print(&format!("load average {:.1}", load_average()?));
    let ended = Command::new(root().join("target/sim/examples/durable_step"))
        .arg(args.steps.to_string())
        .arg(&args.on)
        .status()
        .context("running the example durable_step")?;
    ensure!(ended.success(), "the example durable_step ended with {ended}");
    Ok(())
}
