//! How long a real cluster is down while it goes from 2.7.3 to 2.9.6 by backup, format and restore: by upshift, and by a
//! careful script of the steps of the vendor's page. Each has a cluster of its own with the same tree. A cluster is up
//! when its master answers with a worker in service and somebody listens at the worker's port.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use upshift_lab::Cache;

use crate::alluxio_lab::AlluxioLab;
use crate::bench::run::load_average;
use crate::plain_http::get;
use crate::workspace::say;

const FROM: &str = "2.7.3";
const TO: &str = "2.9.6";
/// The aim: upshift's downtime against the script's.
const AIM: f64 = 0.8;
const EVERY: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(300);

#[expect(clippy::disallowed_methods, reason = "a measurement waits on real processes")]
fn pause(time: Duration) {
    thread::sleep(time);
}

/// Both, one after the other, so many times; gives a table.
pub(super) fn measure(cache: &Cache, program: &Path, turns: u32, stored: u32) -> Result<String> {
    let mut lines = vec![format!(
        "{:>8} {:>8} {:>10} {:>6}",
        "who", "turn", "down s", "load"
    )];
    let (mut theirs, mut mine) = (Vec::new(), Vec::new());
    for turn in 1..=turns {
        for who in ["script", "upshift"] {
            say(&format!("{who}, turn {turn}"));
            let down = one(cache, (who == "upshift").then_some(program), stored)
                .with_context(|| format!("{who}, turn {turn}"))?;
            let load = load_average()?;
            lines.push(format!(
                "{who:>8} {turn:>8} {:>10.1} {load:>6.1}",
                down.as_secs_f64()
            ));
            match who {
                "script" => theirs.push(down),
                _ => mine.push(down),
            }
        }
    }
    let median = |all: &mut Vec<Duration>| -> f64 {
        all.sort();
        all.get(all.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
    };
    let ratio = median(&mut mine) / median(&mut theirs);
    lines.push(format!(
        "{stored} files in the under-store only: upshift / script: {ratio:.2} (aim {AIM})"
    ));
    Ok(lines.join("\n"))
}

struct Cluster(AlluxioLab);

fn one(cache: &Cache, program: Option<&Path>, stored: u32) -> Result<Duration> {
    let cluster = Cluster(AlluxioLab::start(cache, "bench-alluxio", (FROM, TO), stored)?);
    let before = cluster.listing(&cluster.0.old)?;
    ensure!(
        before.len() > stored as usize,
        "the store's files are not in the tree"
    );
    let probe = Probe::start(&cluster)?;
    pause(Duration::from_secs(1));
    match program {
        Some(program) => cluster.upshift(program)?,
        None => cluster.script(&before)?,
    }
    let down = probe.ended()?;
    ensure!(cluster.listing(&cluster.0.new)? == before, "the tree is another");
    Ok(down)
}

impl Cluster {
    /// Modes, sizes and paths, sorted.
    fn listing(&self, at: &Path) -> Result<Vec<String>> {
        let said = self.0.host.shell(at, &[&["fs", "ls", "-R", "/"]])?.concat();
        let mut all: Vec<String> = said
            .lines()
            .filter(|line| line.starts_with(['d', '-']))
            .map(|line| {
                let (head, path) = line.split_once(" /").unwrap_or((line, ""));
                let words: Vec<&str> = head.split_whitespace().take(4).collect();
                format!("{} /{}", words.join(" "), path.trim_end())
            })
            .collect();
        all.sort();
        Ok(all)
    }

    /// The vendor's steps, with a look after each: its scripts end with 0 whatever comes of them.
    fn script(&self, before: &[String]) -> Result<()> {
        let dir = self.0.host.dir();
        let backups = dir.join("backups").display().to_string();
        let said = self.0.host.script(
            &self.0.old,
            "alluxio",
            &["fsadmin", "backup", &backups, "--local"],
        )?;
        let words = said.out.split(['\r', '\n', ' ']);
        let mut words = words.map(|word| word.trim_start_matches("file://"));
        let file = words.rfind(|word| word.ends_with(".gz"));
        let file = file.with_context(|| format!("no backup: {}", said.out))?;
        let whole = Command::new("gzip").args(["-t", file]).status()?;
        ensure!(whole.success(), "{file} is damaged");
        self.0.host.script(&self.0.old, "alluxio-stop.sh", &["all"])?;
        fs::rename(dir.join("journal"), dir.join("journal.old"))?;
        fs::create_dir(dir.join("journal"))?;
        self.0.host.script(&self.0.new, "alluxio", &["formatMasters"])?;
        let started = self
            .0
            .host
            .script(&self.0.new, "alluxio-start.sh", &["-i", file, "master"])?;
        ensure!(started.out.contains("healthy"), "{}", started.out);
        // "Healthy" is said before the restore is over; the master answers once it is.
        self.until_answers()?;
        let log = fs::read_to_string(self.0.new.join("logs/master.out"))?;
        ensure!(log.contains("entries from backup"), "nothing was restored");
        ensure!(
            self.listing(&self.0.new)? == before,
            "the tree is another before workers are started"
        );
        let started = self.0.host.script(&self.0.new, "alluxio-start.sh", &["worker"])?;
        ensure!(started.out.contains("healthy"), "{}", started.out);
        Ok(())
    }

    /// Waits until the master tells that it is of the new release.
    fn until_answers(&self) -> Result<()> {
        let rest = self.0.host.rest();
        let master = rest.trim_start_matches("http://");
        let begun = Instant::now();
        // A master that restores refuses or resets: asked again.
        while !answer(master).is_ok_and(|said| is_of(&said, TO)) {
            ensure!(begun.elapsed() < LIMIT, "the master of {TO} does not answer");
            pause(EVERY);
        }
        Ok(())
    }

    fn upshift(&self, program: &Path) -> Result<()> {
        let dir = self.0.host.dir();
        let text = self.0.system_file("bench", Some("backup"));
        File::create(dir.join("bench.toml"))?.write_all(text.as_bytes())?;
        for (words, code) in [
            (&["plan", "bench.toml", "-o", "bench.plan"][..], 0),
            // Every gate held, and a person is waited for.
            (&["apply", "bench.plan"][..], 6),
        ] {
            let output = Command::new(program)
                .args(["--state-dir", "state"])
                .args(words)
                .current_dir(dir)
                .env("HOME", dir)
                .stdin(Stdio::null())
                .output()
                .context("running upshift")?;
            let said = [output.stdout, output.stderr].concat();
            if output.status.code() != Some(code) {
                bail!(
                    "{words:?}: {}:\n{}",
                    output.status,
                    String::from_utf8_lossy(&said)
                );
            }
            // Where the time went.
            say(&String::from_utf8_lossy(&said));
        }
        Ok(())
    }
}

/// Asks again and again whether the cluster is up.
struct Probe {
    over: Arc<AtomicBool>,
    thread: thread::JoinHandle<Vec<(Instant, bool, bool)>>,
}

impl Probe {
    fn start(cluster: &Cluster) -> Result<Self> {
        let site = fs::read_to_string(cluster.0.new.join("conf/alluxio-site.properties"))?;
        let port = site
            .lines()
            .find_map(|line| line.strip_prefix("alluxio.worker.web.port="));
        let worker = format!("127.0.0.1:{}", port.context("the worker's port")?);
        let rest = cluster.0.host.rest();
        let master = rest.trim_start_matches("http://").to_owned();
        let over = Arc::new(AtomicBool::new(false));
        let told = over.clone();
        let thread = thread::spawn(move || {
            let mut all = Vec::new();
            while !told.load(Ordering::Relaxed) {
                let at = Instant::now();
                let said = answer(&master).unwrap_or_default();
                let serves = said.contains("\"In Service\"") || said.contains("\"ACTIVE\"");
                let is_up = serves && TcpStream::connect(&worker).is_ok();
                all.push((at, is_up, is_of(&said, TO)));
                pause(EVERY.saturating_sub(at.elapsed()));
            }
            all
        });
        Ok(Self { over, thread })
    }

    /// Waits until the new release is up, and gives the time between the last look at the old one and the first at that.
    fn ended(self) -> Result<Duration> {
        // Whoever says that it is up is not believed: a worker registers after its port is open.
        pause(Duration::from_secs(20));
        self.over.store(true, Ordering::Relaxed);
        let all = self
            .thread
            .join()
            .map_err(|_| anyhow::anyhow!("the probe broke"))?;
        let last = all.iter().rev().find(|(_, up, new)| *up && !new);
        let first = all.iter().find(|(_, up, new)| *up && *new);
        match (last, first) {
            (Some((last, ..)), Some((first, ..))) => Ok(first.duration_since(*last)),
            _ => bail!("the cluster was not seen to be up before and after"),
        }
    }
}

fn is_of(said: &str, release: &str) -> bool {
    said.contains(&format!("\"version\":\"{release}\""))
}

fn answer(master: &str) -> std::io::Result<String> {
    get(master, "/api/v1/master/info").map(|(_, body)| body)
}
