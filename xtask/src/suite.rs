//! `cargo xtask test`: the whole truth about the checkout, in the order in which it is cheapest to be told no.
//!
//! Format, lints, then all tests of the workspace, real Flink included. It fetches what the tests need first, and asks for
//! the servers that it cannot fetch, because a test that misses one fails: nothing is skipped.

use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use upshift_lab::Cache;

use crate::fetch;
use crate::workspace::{root, say};

mod binaries;
mod lanes;
mod tally;

/// Arguments of `test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave out format and lints.
    #[arg(long)]
    tests_only: bool,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let began = Instant::now();
    if !args.tests_only {
        cargo(&["fmt", "--all", "--check"])?;
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ])?;
    }
    upshift_lab::sshd::needed()?;
    let cache = Cache::open()?;
    fetch::needed(&cache, &fetch::NEEDED)?;
    fetch::fluss_needed(&cache)?;
    fetch::alluxio_needed(&cache)?;
    say("==> cargo test --workspace --no-run");
    let binaries = binaries::build()?;
    // All of them, even when one fails; documentation, too.
    let tests = lanes::run(binaries, &root().join("target/suite"));
    let examples = cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]);
    let tally = tests?;
    examples?;
    say(&format!(
        "all tests passed in {} s: {tally}",
        began.elapsed().as_secs()
    ));
    Ok(())
}

fn cargo(args: &[&str]) -> Result<()> {
    let shown = format!("cargo {}", args.join(" "));
    say(&format!("==> {shown}"));
    let mut command = upshift_lab::cargo::cargo();
    command.args(args).current_dir(root()).stdin(Stdio::null());
    let status = command.status().with_context(|| format!("running {shown}"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}
