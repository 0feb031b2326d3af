//! Test binaries, two at a time: one lane for those that run real servers, which mostly wait and must take turns, and
//! one for the rest. A lane that has nothing more of its own helps the other.
//!
//! What a binary says is held back until it is over, and then printed whole: the words of two do not mix.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::binaries::Binary;
use super::tally::Tally;
use crate::workspace::say;

/// Runs them all, even when one fails.
///
/// # Errors
/// When a binary failed, with the names of all that did; when one cannot be run at all.
pub(super) fn run(binaries: Vec<Binary>, logs: &Path) -> Result<Tally> {
    std::fs::create_dir_all(logs).with_context(|| format!("making {}", logs.display()))?;
    let (servers, others) = binaries.into_iter().partition(Binary::is_on_servers);
    let queues = Queues {
        servers: Mutex::new(servers),
        others: Mutex::new(others),
    };
    let (one, two) = thread::scope(|scope| {
        let one = scope.spawn(|| lane(|| queues.next(&queues.servers, &queues.others), logs));
        let two = lane(|| queues.next(&queues.others, &queues.servers), logs);
        (one.join(), two)
    });
    let Ok(one) = one else {
        bail!("a lane of tests ended in mid-work");
    };
    let all = one?.and(two?);
    if !all.failed.is_empty() {
        bail!("{all}; failed:\n  {}", all.failed.join("\n  "));
    }
    Ok(all)
}

struct Queues {
    servers: Mutex<VecDeque<Binary>>,
    others: Mutex<VecDeque<Binary>>,
}

impl Queues {
    fn next(&self, own: &Mutex<VecDeque<Binary>>, other: &Mutex<VecDeque<Binary>>) -> Option<Binary> {
        let take = |of: &Mutex<VecDeque<Binary>>| of.lock().ok().and_then(|mut queue| queue.pop_front());
        take(own).or_else(|| take(other))
    }
}

fn lane(next: impl Fn() -> Option<Binary>, logs: &Path) -> Result<Tally> {
    let mut tally = Tally::default();
    while let Some(binary) = next() {
        say(&format!(
            "     Running {} ({})",
            binary.source.display(),
            binary.name
        ));
        let began = Instant::now();
        let log = logs.join(format!("{}.log", binary.name.replace(' ', ".")));
        let passed = run_one(&binary, &log)?;
        let said = std::fs::read(&log).with_context(|| format!("reading {}", log.display()))?;
        let said = String::from_utf8_lossy(&said);
        tally.add(&binary.name, passed, &said);
        show(&binary, began.elapsed(), passed, &said)?;
    }
    Ok(tally)
}

/// To a file, not a pipe: a process that a test left behind would hold the pipe open.
fn run_one(binary: &Binary, log: &Path) -> Result<bool> {
    let file = File::create(log).with_context(|| format!("making {}", log.display()))?;
    let twin = file
        .try_clone()
        .with_context(|| format!("sharing {}", log.display()))?;
    let status = Command::new(&binary.program)
        .current_dir(&binary.package)
        .env("CARGO_MANIFEST_DIR", &binary.package)
        .env("CARGO", env!("CARGO"))
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(twin)
        .status()
        .with_context(|| format!("running {}", binary.program.display()))?;
    Ok(status.success())
}

/// In one piece, so that the other lane's words come before or after.
fn show(binary: &Binary, took: Duration, passed: bool, said: &str) -> Result<()> {
    let word = if passed { "passed" } else { "FAILED" };
    let source = binary.source.display();
    let whole = format!(
        "==> {source} ({}) {word} after {} s\n{said}\n",
        binary.name,
        took.as_secs()
    );
    let mut out = io::stdout().lock();
    out.write_all(whole.as_bytes())
        .and_then(|()| out.flush())
        .context("writing what the tests said")
}
