//! `cargo xtask weka-demo`: the whole upgrade of a made-up WEKA cluster over two hops, clients among them, by upshift, as
//! somebody at a terminal would do it; at the end the cluster's own count of what was begun on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use upshift_lab::cargo::cargo;
use upshift_lab::{WekaCluster, WekaOptions};

use crate::demo;
use crate::workspace::{root, say};

/// Which kind of NFS a cluster of 4.2 has, no command tells.
const WAIVED: &str = "[[waive]]\ncode = \"UP-WEKA-0404\"\nsubject = \"NFS\"\nreason = \"this cluster has none of the old \
                      kind\"\nby = \"weka-demo\"\n";

/// Arguments of `weka-demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release that runs.
    #[arg(default_value = "4.2.18.34")]
    from: String,
    /// The release that is wanted.
    #[arg(default_value = "5.1.25")]
    to: String,
    /// So many backends.
    #[arg(long, default_value_t = 30)]
    backends: usize,
    /// So many clients.
    #[arg(long, default_value_t = 60)]
    clients: usize,
    /// So many clients at a time.
    #[arg(long, default_value_t = 15)]
    batch: u32,
    /// How long one step of an upgrade takes, in milliseconds: one container, or one client.
    #[arg(long, default_value_t = 200)]
    step: u64,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    demo::heading("build upshift and the programs that the servers play");
    let upshift = build()?;
    let began = Instant::now();
    demo::heading(&format!(
        "start {} backends and {} clients of WEKA {}, each behind an sshd of its own",
        args.backends, args.clients, args.from
    ));
    let cluster = WekaCluster::start(WekaOptions {
        clients: args.clients,
        step_ms: args.step,
        conversion_ms: 3_000,
        faults: vec!["package-missing@0".to_owned(), "rpc-statd@1".to_owned()],
        ..WekaOptions::healthy(args.backends, &args.from, &args.to)
    })?;
    let more = format!("client_batch = {}\nhold = \"5s\"\n{WAIVED}", args.batch);
    let file = cluster.system_file_with(&more)?;
    let at = Place {
        upshift: &upshift,
        folder: cluster.dir(),
    };
    demo::heading("is it ready?");
    at.upshift(&["check", &file.display().to_string()], &[0])?;
    demo::heading("write the plan");
    at.upshift(&["plan", &file.display().to_string(), "-o", "up.plan"], &[0])?;
    demo::heading("carry it out");
    at.upshift(&["apply", "up.plan"], &[6])?;
    demo::heading("accept");
    at.upshift(&["finalize", "emulated"], &[0])?;
    demo::heading("what happened when");
    at.upshift(&["status", "emulated"], &[0])?;
    demo::heading("what the cluster counted");
    counted(&cluster.state()?, args)?;
    say(&format!("cleaned up; it took {} s", began.elapsed().as_secs()));
    Ok(())
}

fn build() -> Result<PathBuf> {
    let mut cargo = cargo();
    // With the features that everything else is built with: nothing is built twice.
    cargo
        .args(["build", "--quiet", "--workspace", "--bin", "upshift"])
        .current_dir(root());
    ensure!(
        cargo.status().context("running cargo build")?.success(),
        "cargo build failed"
    );
    let here = std::env::current_exe().context("finding this program")?;
    Ok(here.with_file_name("upshift"))
}

struct Place<'a> {
    upshift: &'a Path,
    folder: &'a Path,
}

impl Place<'_> {
    fn upshift(&self, args: &[&str], codes: &[i32]) -> Result<()> {
        say(&format!("$ upshift {}", args.join(" ")));
        let status = Command::new(self.upshift)
            .arg("--state-dir")
            .arg(self.folder.join("state"))
            .args(args)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .status()
            .context("running upshift")?;
        match status.code() {
            Some(code) if codes.contains(&code) => Ok(()),
            _ => bail!("`upshift {}` ended with {status}", args.join(" ")),
        }
    }
}

/// Every command of an upgrade that was begun, and how it ended; none beside another, none lost, all on the release.
fn counted(state: &Value, args: &Args) -> Result<()> {
    let begun = state["begun"].as_array().context("commands that were begun")?;
    for one in begun {
        let words = one["words"].as_array().context("words")?;
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let release = one["release"].as_str().context("a release")?;
        let words = words.join(" ");
        say(&format!("in {release}: upgrade {words}  -> {}", one["ended"]));
        ensure!(one["ended"] == 0, "it did not end well");
    }
    ensure!(state["turned_away"] == 0, "a command was begun beside another");
    ensure!(state["release"] == args.to.as_str(), "backends are not all there");
    let clients = state["clients"].as_object().context("clients")?;
    ensure!(
        clients.len() == args.clients && clients.values().all(|on| *on == args.to.as_str()),
        "clients are not all there"
    );
    say(&format!(
        "{} commands, none beside another; {} backends and {} clients are on {}",
        begun.len(),
        args.backends,
        args.clients,
        args.to
    ));
    Ok(())
}
