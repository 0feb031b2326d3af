//! The vendor's own checker, run beside: under a deadline, in a folder of its own, its log kept without secrets.
//!
//! What it says is for the vendor's support and for comparing; no verdict depends on it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use tokio::process::Command;
use upshift_model::span::Millis;
use upshift_model::version::Version;

use super::redact::redacted;
use crate::app::output::{self, Present};
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes};

const PROGRAM: &str = "weka_upgrade_checker.py";
/// The log that it writes where it runs.
const OWN_LOG: &str = "weka_upgrade_checker.log";

/// How it is run.
#[derive(Debug, Clone)]
pub struct VendorWish {
    /// Its folder, or the program itself.
    pub checker: PathBuf,
    /// It is ended after this.
    pub deadline: Duration,
    /// Where its log is kept.
    pub log: PathBuf,
    /// Whether it looks at clients, too.
    pub clients: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Vendor {
    /// Its exit code; none where it was ended.
    pub exit: Option<i32>,
    /// How long it ran.
    pub took: Millis,
    /// Checks that it says passed; none where it did not come so far.
    pub passed: Option<u32>,
    /// Warnings.
    pub warned: Option<u32>,
    /// Failures.
    pub failed: Option<u32>,
    /// Where its log is, without secrets.
    pub log: PathBuf,
}

/// Runs it to its end, or to the deadline.
///
/// # Errors
/// When it cannot be started, or its log not be written.
pub async fn ask_vendor(wish: &VendorWish, target: &Version) -> Result<Vendor, Stop> {
    let program = program(&wish.checker)?;
    let dir = tempfile::tempdir()
        .map_err(|error| anyhow::anyhow!("no folder for the vendor's checker: {error}"))?;
    let began = clock::now();
    let (exit, said) = run(wish, &program, target, dir.path()).await?;
    let took = Millis::between(began, clock::now());
    let own = std::fs::read(dir.path().join(OWN_LOG)).ok();
    let own = own.map_or_else(String::new, |bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = redacted(&format!("{said}\n==== {OWN_LOG} ====\n{own}"));
    output::write(&wish.log, &text, Present::Keep)?;
    let count = |what: &str| {
        let line = text.lines().find(|line| line.contains(what))?;
        line.rsplit(':').next()?.trim().parse().ok()
    };
    Ok(Vendor {
        exit,
        took,
        passed: count("Total Checks Passed:"),
        warned: count("Total Warnings:"),
        failed: count("Total Checks Failed:"),
        log: wish.log.clone(),
    })
}

fn program(checker: &Path) -> Result<PathBuf, Trouble> {
    let wrong = |what: String| {
        Trouble::usage(codes::USAGE, what)
            .expected(format!("the folder of a checkout that holds {PROGRAM}"))
            .next("upshift check --help")
    };
    let program = match checker.is_dir() {
        true => checker.join(PROGRAM),
        false => checker.to_owned(),
    };
    let whole = program
        .canonicalize()
        .map_err(|error| wrong(format!("--vendor-checker {}: {error}", program.display())))?;
    Ok(whole)
}

/// Its files are copied: it looks for its tables and writes its log where it runs.
async fn run(
    wish: &VendorWish,
    program: &Path,
    target: &Version,
    dir: &Path,
) -> Result<(Option<i32>, String), Stop> {
    let no = |error: std::io::Error| anyhow::anyhow!("the vendor's checker cannot be run: {error}");
    let beside = program.parent().unwrap_or(Path::new("/"));
    for entry in std::fs::read_dir(beside).map_err(no)? {
        let path = entry.map_err(no)?.path();
        let wanted = path
            .extension()
            .is_some_and(|end| ["py", "json", "txt"].iter().any(|known| end == *known));
        if wanted && let Some(name) = path.file_name() {
            std::fs::copy(&path, dir.join(name)).map_err(no)?;
        }
    }
    let out = std::fs::File::create_new(dir.join("said")).map_err(no)?;
    let mut python = std::process::Command::new("python3");
    python
        .arg(dir.join(program.file_name().unwrap_or_default()))
        .args(["-t", target.as_str()])
        .args(wish.clients.then_some("-a"))
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(out.try_clone().map_err(no)?)
        .stderr(out)
        .process_group(0);
    let mut child = Command::from(python).kill_on_drop(true).spawn().map_err(no)?;
    let group = child.id();
    let ended = tokio::time::timeout(wish.deadline, child.wait()).await;
    let exit = match ended {
        Ok(status) => status.map_err(no)?.code(),
        Err(_) => {
            // It starts many of ssh's; they end with it.
            let group = group.and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).ok()?));
            if let Some(group) = group {
                rustix::process::kill_process_group(group, rustix::process::Signal::KILL)
                    .map_err(|error| no(error.into()))?;
            }
            child.wait().await.map_err(no)?;
            None
        }
    };
    let said = std::fs::read(dir.join("said")).map_err(no)?;
    Ok((exit, String::from_utf8_lossy(&said).into_owned()))
}
