//! How long it takes to say whether a WEKA cluster is ready: upshift and the vendor's own checker, turn by turn on the
//! same made-up cluster, over the same real sshd of each server.
//!
//! A measurement, not a test. The vendor's checker is not part of the project: its path is given.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use upshift_lab::{WekaCluster, WekaOptions};

use crate::workspace::{print, say};

/// Arguments of `bench preflight`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the vendor's checker, out of a checkout of its public repository; left out, upshift runs alone.
    #[arg(long)]
    checker: Option<PathBuf>,
    /// The folder of a `python3` with `packaging` and `setuptools` below 81, which the checker needs.
    #[arg(long)]
    python: Option<PathBuf>,
    /// The program that is measured.
    #[arg(long, default_value = "target/release/upshift")]
    upshift: PathBuf,
    /// Numbers of backends.
    #[arg(long, value_delimiter = ',', default_value = "3,32,100,200")]
    backends: Vec<usize>,
    /// How long a call of `weka` takes, in milliseconds.
    #[arg(long, default_value_t = 100)]
    delay: u64,
    /// How often upshift runs; the vendor's checker runs once.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The vendor's checker is ended after so many seconds.
    #[arg(long, default_value_t = 1800)]
    deadline: u64,
    /// One more round with a server that takes the login and says no more.
    #[arg(long)]
    stalled: bool,
}

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let upshift = args
        .upshift
        .canonicalize()
        .context("the program that is measured: cargo build --release")?;
    print("| backends | upshift, median | the vendor's checker | ratio |\n|---|---|---|---|");
    for &backends in &args.backends {
        let mut cluster = WekaCluster::start(WekaOptions {
            delay_ms: args.delay,
            ..WekaOptions::healthy(backends, "4.4.26", "5.1.25")
        })?;
        let file = cluster.system_file_with("server_deadline = \"10m\"\n")?;
        let mut times = Vec::new();
        for _ in 0..args.rounds {
            times.push(timed(Command::new(&upshift).arg("check").arg(&file), args.deadline)?.0);
            say(&format!(
                "{backends} backends: upshift {:.2?}",
                times[times.len() - 1]
            ));
        }
        times.sort();
        let median = times[times.len() / 2];
        let theirs = match &args.checker {
            None => None,
            Some(_) => {
                let theirs = vendor(args, &cluster)?;
                say(&format!(
                    "{backends} backends: the vendor's checker {:.2?}, {}",
                    theirs.0,
                    ended(theirs.1)
                ));
                Some(theirs)
            }
        };
        let ratio = theirs.map_or_else(String::new, |(time, _)| {
            format!("{:.1}", time.as_secs_f64() / median.as_secs_f64())
        });
        let theirs = theirs.map_or_else(String::new, |(time, code)| {
            format!("{:.1} s, {}", time.as_secs_f64(), ended(code))
        });
        print(&format!(
            "| {backends} | {:.2} s | {theirs} | {ratio} |",
            median.as_secs_f64()
        ));
        if args.stalled {
            let last = backends - 1;
            cluster.with_faults(&[&format!("stalled@{last}")])?;
            let file = cluster.system_file_with("server_deadline = \"30s\"\n")?;
            let (time, code) = timed(Command::new(&upshift).arg("check").arg(&file), args.deadline)?;
            print(&format!(
                "| {backends}, one stalls | {:.2} s, {} | | |",
                time.as_secs_f64(),
                ended(code)
            ));
        }
    }
    Ok(())
}

fn ended(code: Option<i32>) -> String {
    code.map_or_else(
        || "ended at the deadline".to_owned(),
        |code| format!("code {code}"),
    )
}

fn vendor(args: &Args, cluster: &WekaCluster) -> Result<(Duration, Option<i32>)> {
    let checker = args.checker.as_ref().context("no checker")?;
    let dir = tempfile::tempdir()?;
    for entry in std::fs::read_dir(checker)? {
        let path = entry?.path();
        if path.is_file() {
            std::fs::copy(&path, dir.path().join(path.file_name().context("a name")?))?;
        }
    }
    let mut python = Command::new("python3");
    python
        .arg("weka_upgrade_checker.py")
        .args(["-t", "5.1.25"])
        .current_dir(dir.path());
    for (name, value) in cluster.on_first_backend(args.python.as_deref())? {
        python.env(name, value);
    }
    timed(&mut python, args.deadline)
}

/// How long it took, and its code; none where the deadline was first.
fn timed(command: &mut Command, deadline: u64) -> Result<(Duration, Option<i32>)> {
    let out = tempfile::tempfile()?;
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .spawn()?;
    let limit = Duration::from_secs(deadline);
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.code().is_some(), "it was ended by a signal");
            return Ok((begun.elapsed(), status.code()));
        }
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok((begun.elapsed(), None));
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement waits for a process; there is no engine here"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
