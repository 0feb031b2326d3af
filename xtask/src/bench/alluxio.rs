//! `cargo xtask bench alluxio`: how long it takes to judge a large backup, beside `gzip -dc` of the same file; with
//! `--downtime`, how long a real cluster is down while it is upgraded.
//!
//! Same files, same machine, turn by turn, a process for every reading. A measurement, not a test.

mod downtime;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use upshift_lab::Cache;
use upshift_lab::alluxio::synthetic_backup;
use upshift_lab::metadata::{Took, measure};

use super::run::release_build;
use crate::workspace::{print, say};

/// Arguments of `bench alluxio`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How often each file is read by each.
    #[arg(long, default_value_t = 5)]
    turns: u32,
    /// Sizes, in entries.
    #[arg(long, default_values_t = [1_000_000, 10_000_000])]
    entries: Vec<u64>,
    /// Measure the downtime of a whole upgrade instead, beside a careful script of the vendor's steps.
    #[arg(long)]
    downtime: bool,
    /// With `--downtime`: how many files the tree has that lie in the under-store only.
    #[arg(long, default_value_t = 20_000, requires = "downtime")]
    stored: u32,
    /// An upshift that is built already; otherwise a release build is made.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Runs the chore.
pub(super) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let program = match &args.program {
        Some(program) => program.clone(),
        None => release_build()?,
    };
    if args.downtime {
        crate::fetch::alluxio_needed(&cache)?;
        print(&downtime::measure(&cache, &program, args.turns, args.stored)?);
        return Ok(());
    }
    let mut lines = vec![format!(
        "{:>10} {:>8} {:>22} {:>22} {:>7} {:>9} {:>8}",
        "entries", "MB", "gzip -dc s (spread)", "upshift s (spread)", "ratio", "M/s", "peak MiB"
    )];
    for entries in &args.entries {
        say(&format!("{entries} entries: writing, where it is not there"));
        let file = synthetic_backup(&cache, *entries)?;
        let (mut gzip, mut upshift, mut read) = (Vec::new(), Vec::new(), 0);
        for turn in 1..=args.turns {
            say(&format!("{entries} entries, turn {turn}"));
            gzip.push(whole(inflated(&file)?)?);
            let took = whole(judged(&program, &file)?)?;
            read = entries_of(&took)?;
            upshift.push(took);
        }
        lines.push(line(read, &file, &gzip, &upshift)?);
    }
    print(&lines.join("\n"));
    Ok(())
}

fn inflated(file: &Path) -> Result<Took> {
    let words = [
        "-c".into(),
        "exec gzip -dc \"$1\" > /dev/null".into(),
        "sh".into(),
        file.into(),
    ];
    Ok(measure(Path::new("sh"), &words)?)
}

fn judged(program: &Path, file: &Path) -> Result<Took> {
    let words = [
        "inspect", "backup", "--target", "2.9.6", "--source", "2.9.6", "--json",
    ]
    .map(OsString::from);
    Ok(measure(program, &[&words[..], &[file.into()]].concat())?)
}

/// A reading that did not read everything is none.
fn entries_of(took: &Took) -> Result<u64> {
    let said = took
        .said
        .split("\"entries\":")
        .nth(1)
        .context("no count of entries")?;
    let digits: String = said
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    ensure!(
        took.said.contains("\"whole\": true"),
        "it was not read to its end"
    );
    digits.parse().context("no count of entries")
}

fn whole(took: Took) -> Result<Took> {
    ensure!(took.status == 0, "exit {}: {}", took.status, took.said);
    Ok(took)
}

fn line(entries: u64, file: &Path, gzip: &[Took], upshift: &[Took]) -> Result<String> {
    let bytes = std::fs::metadata(file).with_context(|| format!("looking at {}", file.display()))?;
    let (theirs, mine) = (median(gzip), median(upshift));
    Ok(format!(
        "{entries:>10} {:>8.1} {:>22} {:>22} {:>6.2}x {:>9.2} {:>8}",
        bytes.len() as f64 / 1e6,
        spread(gzip),
        spread(upshift),
        mine / theirs,
        entries as f64 / 1e6 / mine,
        upshift.iter().map(|took| took.peak).max().unwrap_or(0) >> 20,
    ))
}

fn sorted(all: &[Took]) -> Vec<f64> {
    let mut values: Vec<f64> = all.iter().map(|took| took.wall).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(all: &[Took]) -> f64 {
    let values = sorted(all);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(all: &[Took]) -> String {
    let values = sorted(all);
    let end = |wall: Option<&f64>| wall.copied().unwrap_or(f64::NAN);
    format!(
        "{:.3} ({:.3}-{:.3})",
        median(all),
        end(values.first()),
        end(values.last())
    )
}
