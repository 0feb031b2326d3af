//! `cargo xtask fuzz READER --for 10m`: the long run of a fuzz target. The short one is a test.

use anyhow::{Context as _, Result, bail, ensure};
use upshift_lab::cargo::cargo;

use crate::workspace::root;

/// Arguments of `fuzz`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// metadata, view, files, keyed-header, operator-header, properties, class, backup, backup-entries or journal-log.
    reader: String,
    /// How long, in seconds, or in minutes with an `m` behind the number.
    #[arg(long = "for", default_value = "10m", value_name = "TIME")]
    time: String,
    /// The number of the first input: another one goes on where an earlier run ended.
    #[arg(long, default_value_t = 0)]
    first: u64,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let status = cargo()
        .args(["run", "--quiet", "--release", "--package", "upshift-formats"])
        .args(["--example", "fuzz", "--", &args.reader])
        .args([seconds(&args.time)?.to_string(), args.first.to_string()])
        .current_dir(root())
        .status()
        .context("running cargo")?;
    ensure!(status.success(), "the fuzz target ended with {status}");
    Ok(())
}

fn seconds(time: &str) -> Result<u64> {
    let (number, unit) = match time.strip_suffix('m') {
        Some(number) => (number, 60),
        None => (time.strip_suffix('s').unwrap_or(time), 1),
    };
    match number.parse::<u64>() {
        Ok(number) => Ok(number * unit),
        Err(_) => bail!("{time:?} is no length of time such as 90s or 10m"),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn minutes_and_seconds_are_told_apart() {
        assert_eq!(seconds("10m").ok(), Some(600));
        assert_eq!(seconds("90s").ok(), Some(90));
        assert!(seconds("an hour").is_err());
    }
}
