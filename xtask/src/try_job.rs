//! `cargo xtask try-job`: the lab's job on real clusters, without upshift: started, stopped with a savepoint, restored.
//!
//! It shows that a release, the job and the reader of its output fit each other, before a test of upshift relies on it.

use anyhow::{Context as _, Result, ensure};
use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Cache, Cluster, Home, Java, Job, Options, Rest, Sandbox, Writing, check_output, job_jar};

use crate::workspace::print;

/// Arguments of `try-job`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release to start on.
    from: String,
    /// The releases to restore on, each from the savepoint of the one before; default: the first one again.
    to: Vec<String>,
    /// The state backend: hashmap or rocksdb.
    #[arg(long)]
    backend: Option<String>,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    let java = Java::fetch(&cache)?;
    let jar = job_jar(&cache, &java)?;
    let sandbox = Sandbox::new(&cache, "try-job")?;
    let mut job = Job::new("try-job", sandbox.path("out"));
    job.backend.clone_from(&args.backend);
    let again = [args.from.clone()];
    let rest = if args.to.is_empty() {
        again.as_slice()
    } else {
        args.to.as_slice()
    };
    let mut savepoint = None;
    for version in std::iter::once(&args.from).chain(rest) {
        let home = Home::ready(&cache, version)?;
        let cluster = Cluster::start(&home, &java, &sandbox.path(version), &Options::default())?;
        let at = cluster.rest();
        let id = at.upload(&jar)?;
        let how = Submit {
            args: job.args(),
            savepoint: savepoint.take(),
            ..Submit::default()
        };
        let running = at.submit(&id, &how).with_context(|| format!("on {version}"))?;
        settle(at, &running).with_context(|| cluster.log_tail(20))?;
        let target = format!("file://{}", sandbox.path("savepoints").display());
        savepoint = Some(at.stop_with_savepoint(&running, &target, Format::Canonical)?);
        at.wait_for_status(&running, "FINISHED")?;
        cluster.stop_processes()?;
        print(&format!(
            "{version}: ran, stopped with {}",
            savepoint.as_deref().unwrap_or_default()
        ));
    }
    let report = check_output(&job.out, Writing::No)?;
    print(&report.to_string());
    ensure!(report.is_exactly_once(), "the output does not prove exactly-once");
    Ok(())
}

fn settle(at: Rest, job: &str) -> Result<()> {
    at.wait_for_tasks(job)?;
    at.wait_for_checkpoints(job, 2)?;
    Ok(())
}
