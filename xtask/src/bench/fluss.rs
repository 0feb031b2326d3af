//! A roll of a real Fluss cluster under load: by upshift, by the vendor's page with a script that waits for a fixed
//! time, and beside them one orderly failover of leaders, the least that any roll can cost. Each has a cluster of its
//! own; what operations had to wait is measured by the load, which also proves that nothing was lost.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use upshift_lab::fluss::ledger::{Figures, Kind};
use upshift_lab::{
    Cache, FlussCluster, FlussHome, FlussLoad, FlussOptions, Java, LoadAccount, LoadOptions, Sandbox,
};

use super::run::{load_average, release_build};
use crate::fetch;
use crate::workspace::{print, say};

/// The hop that is measured: the two newest releases whose servers are published.
const FROM: &str = "0.7.0";
const TO: &str = "0.9.1-incubating";
const SERVERS: u32 = 3;
/// The aims: longest wait and p99 against one failover, the whole roll against the script's.
const OF_FAILOVER: f64 = 1.2;
const OF_SCRIPT: f64 = 0.7;

/// Arguments of `bench fluss`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many seconds the script waits after each server. 30 is `log.replica.max-lag-time`: by then a replica is
    /// back or out.
    #[arg(long, default_value_t = 30)]
    wait: u64,
    /// Measure the script and the failover only.
    #[arg(long)]
    without_upshift: bool,
    /// An upshift that is built already; otherwise a release build is made.
    #[arg(long)]
    program: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    Failover,
    Script,
    Upshift,
}

struct Measured {
    contender: Contender,
    took: Duration,
    window: (SystemTime, SystemTime),
    account: LoadAccount,
    load: f64,
}

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    fetch::fluss_needed(&cache)?;
    let program = match (&args.program, args.without_upshift) {
        (Some(program), _) => program.clone(),
        (None, true) => PathBuf::new(),
        (None, false) => release_build()?,
    };
    let mut all = Vec::new();
    for contender in [Contender::Failover, Contender::Script, Contender::Upshift] {
        if contender == Contender::Upshift && args.without_upshift {
            continue;
        }
        let measured = measure(&cache, contender, args, &program)
            .with_context(|| format!("{} of {FROM} to {TO}", contender.name()))?;
        say(&format!("{}: {:.1?}", contender.name(), measured.took));
        all.push(measured);
    }
    print(&render(&all));
    ensure!(
        all.iter().all(|one| one.account.is_whole()),
        "records were lost, wrong or doubled"
    );
    Ok(())
}

impl Contender {
    const fn name(self) -> &'static str {
        match self {
            Self::Failover => "one orderly failover",
            Self::Script => "script, fixed wait",
            Self::Upshift => "upshift",
        }
    }
}

fn measure(cache: &Cache, contender: Contender, args: &Args, program: &Path) -> Result<Measured> {
    let java = Java::ready(cache)?;
    let (old, new) = (FlussHome::ready(cache, FROM)?, FlussHome::ready(cache, TO)?);
    let sandbox = Sandbox::new(cache, "bench-fluss")?;
    let options = FlussOptions {
        tablet_servers: SERVERS,
        ..FlussOptions::default()
    };
    let mut cluster = FlussCluster::start(&old, &java, &sandbox.path("cluster"), &options)?;
    let wish = LoadOptions::default();
    let load = FlussLoad::start(cache, &java, &cluster, &sandbox.path("load"), wish)?;
    // Compilers of all processes do their work first.
    pause(Duration::from_secs(10));
    let begun = FlussLoad::now();
    match contender {
        Contender::Failover => {
            cluster.stop_tablet_server(1)?;
            cluster.start_tablet_server(1, &old)?;
        }
        Contender::Script => script(&mut cluster, &new, Duration::from_secs(args.wait))?,
        Contender::Upshift => upshift(&cluster, (&old, &new), &sandbox, program)?,
    }
    let ended = FlussLoad::now();
    // What the last step costs shows after it.
    pause(Duration::from_secs(5));
    let window = (begun, FlussLoad::now());
    let load_average = load_average()?;
    Ok(Measured {
        contender,
        took: ended.duration_since(begun).unwrap_or_default(),
        window,
        account: load.stop()?,
        load: load_average,
    })
}

/// The vendor's page: tablet servers one by one, then the coordinator. A script cannot see replicas, so it waits.
fn script(cluster: &mut FlussCluster, new: &FlussHome, wait: Duration) -> Result<()> {
    for id in 0..SERVERS {
        cluster.stop_tablet_server(id)?;
        cluster.start_tablet_server(id, new)?;
        pause(wait);
    }
    cluster.stop_coordinator()?;
    cluster.start_coordinator(new)?;
    Ok(())
}

fn upshift(
    cluster: &FlussCluster,
    (old, new): (&FlussHome, &FlussHome),
    sandbox: &Sandbox,
    program: &Path,
) -> Result<()> {
    let evidence = sandbox.path("evidence");
    fs::create_dir_all(&evidence)?;
    let text = cluster.system_file("bench", (old, new), &evidence.display().to_string());
    let file = sandbox.path("bench.toml");
    File::create(&file)?.write_all(text.as_bytes())?;
    let plan = sandbox.path("bench.plan");
    let store = sandbox.path("state");
    // The server that must be restarted before the run can go on, where it halted for one.
    let words = |command: &mut Command| -> Result<Option<String>> {
        let output = command.stdin(Stdio::null()).output().context("running upshift")?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let command = said.rsplit_once("free it by: upshift ");
        let stuck = command.and_then(|(_, command)| command.split_once("restart "));
        match (output.status.code(), stuck) {
            // 6: every gate held, and a person is waited for.
            (Some(0 | 6), _) => Ok(None),
            (Some(7), Some((_, rest))) => Ok(rest.split_whitespace().next().map(str::to_owned)),
            _ => bail!("{command:?}: {}:\n{said}", output.status),
        }
    };
    let with = |words: &[&Path]| {
        let mut command = Command::new(program);
        command.arg("--state-dir").arg(&store).args(words);
        // Marks of what was started lie in the home of whoever runs it.
        command.env("HOME", sandbox.dir());
        command
    };
    words(with(&[Path::new("plan"), &file]).arg("-o").arg(&plan))?;
    let mut stuck = words(&mut with(&[Path::new("apply"), &plan]))?;
    // What an operator of 0.7 would do, and what it takes counts.
    while let Some(server) = stuck {
        say(&format!("{server} was stuck and is restarted"));
        stuck = words(with(&[Path::new("restart")]).args([server.as_str(), "bench"]))?;
    }
    Ok(())
}

fn render(all: &[Measured]) -> String {
    let mut text = String::from(
        "| who | seconds | failed | longest wait, s | p99, s | longest gap, s | lost, wrong or doubled | load |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for one in all {
        let whole = one.whole();
        let account = &one.account;
        let line = format!(
            "| {} | {:.1} | {} | {:.2} | {:.2} | {:.2} | {} | {:.1} |\n",
            one.contender.name(),
            one.took.as_secs_f64(),
            whole.failed,
            whole.longest_wait.as_secs_f64(),
            whole.p99.as_secs_f64(),
            whole.longest_gap.as_secs_f64(),
            account.lost + account.wrong + account.duplicated + account.stale + account.misread,
            one.load
        );
        text.push_str(&line);
    }
    let of = |who| all.iter().find(|one| one.contender == who);
    let failover = of(Contender::Failover).map(Measured::whole);
    for one in all.iter().filter(|one| one.contender != Contender::Failover) {
        let (Some(least), whole) = (failover, one.whole()) else {
            continue;
        };
        for (what, ours, theirs) in [
            ("longest wait", whole.longest_wait, least.longest_wait),
            ("p99", whole.p99, least.p99),
        ] {
            let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
            text.push_str(&verdict(one.contender, what, ratio, "one failover", OF_FAILOVER));
        }
    }
    if let (Some(ours), Some(script)) = (of(Contender::Upshift), of(Contender::Script)) {
        let ratio = ours.took.as_secs_f64() / script.took.as_secs_f64();
        text.push_str(&verdict(
            ours.contender,
            "whole roll",
            ratio,
            "the script",
            OF_SCRIPT,
        ));
    }
    text
}

fn verdict(who: Contender, what: &str, ratio: f64, of: &str, aim: f64) -> String {
    let met = if ratio <= aim { "met" } else { "missed" };
    format!(
        "{}: {what} is {ratio:.2} of that of {of}; aim {aim}: {met}\n",
        who.name()
    )
}

impl Measured {
    /// The worst of writes and lookups that began while it went on.
    fn whole(&self) -> Figures {
        let (from, to) = self.window;
        let kinds = [Kind::Append, Kind::Upsert, Kind::Lookup];
        kinds.iter().fold(Figures::default(), |worst, kind| {
            let one = self.account.during(*kind, from..to);
            Figures {
                begun: worst.begun + one.begun,
                succeeded: worst.succeeded + one.succeeded,
                failed: worst.failed + one.failed,
                hung: worst.hung + one.hung,
                median: worst.median.max(one.median),
                p99: worst.p99.max(one.p99),
                longest_wait: worst.longest_wait.max(one.longest_wait),
                longest_gap: worst.longest_gap.max(one.longest_gap),
            }
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a chore outside the engine: the script that is measured waits for a fixed time"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}
