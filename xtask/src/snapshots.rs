//! `cargo xtask snapshots`: savepoints and checkpoints of real jobs on real clusters, kept as fixtures with what Flink
//! itself reads from them.
//!
//! One cluster a release, one job a kind. It judges nothing: the tests compare.

mod keep;
mod kinds;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use upshift_lab::job::STATE_ENTRY_CLASS;
use upshift_lab::rest::Submit;
use upshift_lab::{Account, Cache, Cluster, Home, Java, Options, Rest, Sandbox, state_job_jar};

use crate::workspace::{root, say};
use keep::Taken;
use kinds::{KINDS, Kind, Take};

/// Where the clusters write: absolute paths stand in the snapshots, so that it is the same on every machine.
const DATA: &str = "/tmp/upshift-snapshots";
const SQL_ENTRY_CLASS: &str = "upshift.lab.state.SqlJob";

/// Arguments of `snapshots`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Releases of Flink.
    #[arg(required = true)]
    versions: Vec<String>,
    /// Kinds of snapshots; all by default.
    #[arg(long = "kind")]
    kinds: Vec<String>,
    /// The directory to keep them in.
    #[arg(long)]
    to: Option<PathBuf>,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    if let Some(other) = args.kinds.iter().find(|kind| !known.contains(&kind.as_str())) {
        bail!(
            "no kind of snapshot is called {other}; there are {}",
            known.join(", ")
        );
    }
    let to = args
        .to
        .clone()
        .unwrap_or_else(|| root().join("fixtures/flink-kinds"));
    let cache = Cache::open()?;
    let java = Java::fetch(&cache)?;
    let jar = state_job_jar(&cache, &java)?;
    for version in &args.versions {
        let home = Home::ready(&cache, version)?;
        let account = Account::build(&cache, &java, &home, &jar)?;
        for files in [false, true] {
            let wanted: Vec<&Kind> = KINDS
                .iter()
                .filter(|kind| kind.files == files && kind.fits(home.minor()))
                .filter(|kind| args.kinds.is_empty() || args.kinds.iter().any(|name| name == kind.name))
                .collect();
            if !wanted.is_empty() {
                let sandbox = Sandbox::new(&cache, "snapshots")?;
                let data = Path::new(DATA).join(version);
                empty(&data)?;
                let options = options(home.minor(), &data, files);
                let cluster = Cluster::start(&home, &java, sandbox.dir(), &options)?;
                run_all(&cluster, &jar, &wanted, |taken| {
                    keep::keep(taken, &account, &data, &to)
                })?;
                cluster.stop_processes()?;
                fs::remove_dir_all(&data).with_context(|| format!("removing {}", data.display()))?;
            }
        }
    }
    Ok(())
}

/// One job after the other.
fn run_all(
    cluster: &Cluster,
    jar: &Path,
    kinds: &[&'static Kind],
    keep: impl Fn(&Taken) -> Result<()>,
) -> Result<()> {
    let (at, version) = (cluster.rest(), cluster.home().version());
    let uploaded = at.upload(jar)?;
    for kind in kinds {
        say(&format!("{version}, {}", kind.name));
        let taken = take(at, &uploaded, kind, version)
            .with_context(|| format!("{version}, {}: {}", kind.name, cluster.log_tail(20)))?;
        keep(&taken).with_context(|| format!("keeping {version}, {}", kind.name))?;
    }
    Ok(())
}

fn empty(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("emptying {}", dir.display()))?;
    }
    fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))
}

/// Small buffers keep what is in flight small; where changes are logged is a setting of the task managers.
fn options(minor: (u32, u32), data: &Path, files: bool) -> Options {
    let below = |name: &str| format!("file://{}", data.join(name).display());
    let (checkpoints, savepoints) = if minor < (2, 0) {
        ("state.checkpoints.dir", "state.savepoints.dir")
    } else {
        (
            "execution.checkpointing.dir",
            "execution.checkpointing.savepoint-dir",
        )
    };
    // The size up to which state stands in the metadata is the cluster's business, too.
    let inline = if files { "0b" } else { "20kb" };
    let configuration = [
        (checkpoints, below("checkpoints")),
        (savepoints, below("savepoints")),
        ("taskmanager.memory.segment-size", "4kb".to_owned()),
        ("state.storage.fs.memory-threshold", inline.to_owned()),
        ("execution.checkpointing.data-inline-threshold", inline.to_owned()),
        ("state.changelog.storage", "filesystem".to_owned()),
        ("dstl.dfs.base-path", below("changelog")),
        // Both are seen so: with compression where small state is inline, without it where all is in files.
        ("dstl.dfs.compression.enabled", (!files).to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    Options {
        configuration,
        ..Options::default()
    }
}

fn take(at: Rest, jar: &str, kind: &'static Kind, version: &str) -> Result<Taken> {
    let settings = kind.settings();
    let data = Path::new(DATA).join(version);
    let snapshot = match kind.take {
        Take::Savepoint(format) => {
            let job = submit(at, jar, kind, &[])?;
            at.wait_for_checkpoints(&job, 2)?;
            let place = at.savepoint(&job, &format!("file://{}/savepoints", data.display()), format)?;
            at.cancel(&job)?;
            local(&place)?
        }
        Take::Checkpoint(count) => retained(at, &submit(at, jar, kind, &[])?, count, &data)?,
        Take::Claimed(count) => {
            let first = retained(at, &submit(at, jar, kind, &[])?, count, &data)?;
            let first = format!("file://{}", first.display());
            // Under old and new keys, as all settings.
            let restore = [
                ("execution.savepoint.path", first.as_str()),
                ("execution.state-recovery.path", first.as_str()),
                ("execution.savepoint-restore-mode", "CLAIM"),
                ("execution.state-recovery.claim-mode", "CLAIM"),
            ];
            retained(at, &submit(at, jar, kind, &restore)?, count, &data)?
        }
    };
    Ok(Taken {
        kind,
        version: version.to_owned(),
        settings,
        snapshot,
    })
}

fn submit(at: Rest, jar: &str, kind: &Kind, more: &[(&str, &str)]) -> Result<String> {
    let (class, mut args) = match kind.parts {
        "sql" => (SQL_ENTRY_CLASS, Vec::new()),
        parts => (STATE_ENTRY_CLASS, vec![parts.to_owned()]),
    };
    let settings = kind.settings();
    let all = settings
        .iter()
        .map(|(key, value)| (*key, *value))
        .chain(more.iter().copied());
    args.extend(all.map(|(key, value)| format!("{key}={value}")));
    let how = Submit {
        args,
        entry_class: Some(class.to_owned()),
        ..Submit::default()
    };
    Ok(at.submit(jar, &how)?)
}

/// Lets a job take so many checkpoints, cancels it and gives the one that is left.
fn retained(at: Rest, job: &str, count: usize, data: &Path) -> Result<PathBuf> {
    at.wait_for_checkpoints(job, count)?;
    at.cancel(job)?;
    last_checkpoint(&data.join("checkpoints").join(job))
}

fn local(place: &str) -> Result<PathBuf> {
    let path = place
        .strip_prefix("file:")
        .with_context(|| format!("{place} is no file"))?;
    Ok(Path::new("/").join(path.trim_start_matches('/')))
}

/// The one that was retained. It may be there a moment after the job is said to be over.
fn last_checkpoint(dir: &Path) -> Result<PathBuf> {
    let number =
        |path: &PathBuf| -> Option<u64> { path.file_name()?.to_str()?.strip_prefix("chk-")?.parse().ok() };
    let mut found: Vec<PathBuf> = Vec::new();
    for _ in 0..20 {
        let entries = fs::read_dir(dir).with_context(|| format!("listing {}", dir.display()))?;
        found = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        found.retain(|path| number(path).is_some() && path.join("_metadata").is_file());
        if found.len() == 1 {
            break;
        }
        pause(Duration::from_millis(500));
    }
    ensure!(
        !found.is_empty(),
        "no checkpoint was retained in {}",
        dir.display()
    );
    found.sort_by_key(number);
    found.pop().context("a checkpoint")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a chore outside the engine waits for a cluster to tidy up"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
