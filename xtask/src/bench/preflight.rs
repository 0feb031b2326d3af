//! How long it takes to say whether a WEKA cluster is ready: upshift and the vendor's own checker, turn by turn on the
//! same made-up cluster, over the same real sshd of each server.
//!
//! A measurement, not a test. The vendor's checker is not part of the project: its path is given.

use std::path::{Path, PathBuf};
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
    /// The program that plays the servers.
    #[arg(long, default_value = "target/release/weka-host")]
    weka_host: PathBuf,
    /// How long a call of `weka` takes, in milliseconds.
    #[arg(long, default_value_t = 100)]
    delay: u64,
    /// How often upshift runs; the vendor's checker runs once.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The vendor's checker is ended after so many seconds.
    #[arg(long, default_value_t = 600)]
    deadline: u64,
    /// One more round with a server that takes the login and says no more.
    #[arg(long)]
    stalled: bool,
}

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let made = |path: &PathBuf| {
        path.canonicalize().with_context(|| {
            format!(
                "{}: cargo build --release -p upshift -p upshift-sim --bins",
                path.display()
            )
        })
    };
    let (upshift, weka_host) = (made(&args.upshift)?, made(&args.weka_host)?);
    print(
        "| backends | upshift, median | connections a server | the vendor's checker | connections a server | ratio |",
    );
    print("|---|---|---|---|---|---|");
    for &backends in &args.backends {
        let options = WekaOptions {
            delay_ms: args.delay,
            ..WekaOptions::healthy(backends, "4.4.26", "5.1.25")
        };
        let mut cluster = WekaCluster::played_by(&weka_host, options)?;
        side_by_side(args, &upshift, &mut cluster, backends)?;
        if args.stalled {
            one_stalls(args, &upshift, &mut cluster, backends)?;
        }
    }
    Ok(())
}

/// One number of backends: several times upshift, and once the checker.
fn side_by_side(args: &Args, upshift: &Path, cluster: &mut WekaCluster, backends: usize) -> Result<()> {
    let file = cluster.system_file_with("server_deadline = \"10m\"\n")?;
    let mut times = Vec::new();
    let before = connections(cluster)?;
    for _ in 0..args.rounds {
        let (time, code) = timed(
            Command::new("timeout")
                .arg(args.deadline.to_string())
                .arg(upshift)
                .arg("check")
                .arg(&file),
        )?;
        ensure!(code == Some(0), "upshift says {code:?} of a healthy cluster");
        say(&format!("{backends} backends: upshift {time:.2?}"));
        times.push(time);
    }
    times.sort();
    let median = times[times.len() / 2];
    let ours = connections(cluster)?.saturating_sub(before) / args.rounds;
    let mut row = format!(
        "| {backends} | {:.2} s | {} |",
        median.as_secs_f64(),
        each(ours, backends)
    );
    if args.checker.is_some() {
        let before = connections(cluster)?;
        let (time, code) = vendor(args, cluster)?;
        say(&format!(
            "{backends} backends: the vendor's checker {time:.2?}, {}",
            ended(code)
        ));
        let theirs = connections(cluster)?.saturating_sub(before);
        let at_least = if code.is_none() { "at least " } else { "" };
        row.push_str(&format!(
            " {:.1} s, {} | {} | {at_least}{:.1} |",
            time.as_secs_f64(),
            ended(code),
            each(theirs, backends),
            time.as_secs_f64() / median.as_secs_f64()
        ));
    } else {
        row.push_str(" not run | | |");
    }
    print(&row);
    Ok(())
}

/// One server takes the login and says no more.
fn one_stalls(args: &Args, upshift: &Path, cluster: &mut WekaCluster, backends: usize) -> Result<()> {
    let last = backends - 1;
    cluster.with_faults(&[&format!("stalled@{last}")])?;
    let file = cluster.system_file_with("server_deadline = \"30s\"\n")?;
    let (time, code) = timed(Command::new(upshift).arg("check").arg(&file))?;
    let ours = format!("{:.2} s, {}", time.as_secs_f64(), ended(code));
    let theirs = match args.checker {
        None => "not run".to_owned(),
        Some(_) => {
            let (time, code) = vendor(args, cluster)?;
            format!("{:.1} s, {}", time.as_secs_f64(), ended(code))
        }
    };
    print(&format!(
        "| {backends}, one of them stalls; upshift allows each 30 s | {ours} | | {theirs} | | |"
    ));
    Ok(())
}

/// Connections that let somebody in, by the logs of all servers.
fn connections(cluster: &mut WekaCluster) -> Result<usize> {
    let mut all = 0;
    for host in cluster.fabric().hosts() {
        all += host.log()?.matches("Accepted publickey").count();
    }
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn each(all: usize, backends: usize) -> String {
    format!("{:.2}", all as f64 / backends as f64)
}

fn ended(code: Option<i32>) -> String {
    code.map_or_else(
        || "never ended: stopped at the deadline".to_owned(),
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
    // Ends all that it started, too.
    let mut python = Command::new("timeout");
    python
        .args(["--kill-after=5", &args.deadline.to_string()])
        .args(["python3", "weka_upgrade_checker.py", "-t", "5.1.25"])
        .current_dir(dir.path());
    for (name, value) in cluster.on_first_backend(args.python.as_deref())? {
        python.env(name, value);
    }
    timed(&mut python)
}

/// How `timeout` ends when it was needed.
const OUT_OF_TIME: [i32; 2] = [124, 137];

/// How long it took, and its code; none where its deadline was first.
fn timed(command: &mut Command) -> Result<(Duration, Option<i32>)> {
    let out = tempfile::tempfile()?;
    let begun = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .status()?;
    let code = status.code().context("it was ended by a signal")?;
    Ok((begun.elapsed(), (!OUT_OF_TIME.contains(&code)).then_some(code)))
}
