//! `cargo xtask demo`: a real upgrade from beginning to end, with the proof from the job's own output.
//!
//! It does what a person would do at a terminal, and shows it; upshift does the upgrade.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use upshift_lab::cargo::cargo;
use upshift_lab::{Cache, Scene, Stage, Strategy};

use crate::fetch;
use crate::workspace::{root, say};

const FROM: &str = "1.18.1";
const TO: &str = "1.20.5";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Stop the old cluster and start the new one in its place, instead of moving the job to a cluster beside it.
    #[arg(long)]
    in_place: bool,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    heading("build upshift and fetch two releases of Flink");
    let program = build()?;
    fetch::needed(&cache, &[FROM, TO])?;

    let began = Instant::now();
    heading(&format!(
        "start a Flink {FROM} cluster with a job that counts, per key, in checkpointed state"
    ));
    let strategy = if args.in_place {
        Strategy::InPlace
    } else {
        Strategy::Shadow
    };
    let stage = Stage::set(&cache, &Scene::new("demo", FROM, TO, strategy))?;
    say(&format!(
        "job {} runs at {}",
        stage.job_id(),
        stage.old().rest().url()
    ));

    let (file, plan) = (stage.system_file(), stage.sandbox().path("demo.plan"));
    let (file, plan) = (text(&file), text(&plan));
    let upshift = |title: &str, args: &[&str], codes: &[i32]| {
        heading(title);
        show(&mut stage.upshift(&program), args, codes)
    };
    upshift("look before anything is touched", &["check", &file], &[0])?;
    upshift("write the plan", &["plan", &file, "-o", &plan], &[0])?;
    // 6: every gate held, and a person's word is waited for.
    upshift("carry it out, while the job runs", &["apply", &plan], &[0, 6])?;
    upshift(
        "accept, which closes the way back and clears up",
        &["finalize"],
        &[0],
    )?;
    upshift("what happened when", &["status", "demo"], &[0])?;

    heading("prove it from what the job wrote");
    let report = stage.finish(stage.new_rest(strategy))?;
    say(&report.to_string());
    ensure!(
        report.is_exactly_once(),
        "the output does not prove that the state was kept"
    );
    say(&format!(
        "Flink {FROM} -> {TO}: no record lost, doubled or computed on wrong state; the job was down for {} ms.",
        report.longest_gap.as_millis()
    ));
    drop(stage);
    say(&format!(
        "cleaned up; the demo took {} s",
        began.elapsed().as_secs()
    ));
    Ok(())
}

fn build() -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo
        .args(["build", "--quiet", "--package", "upshift"])
        .current_dir(root());
    ensure!(
        cargo.status().context("running cargo build")?.success(),
        "cargo build failed"
    );
    // Where cargo puts it, whatever the target directory is called: beside this very program.
    let here = std::env::current_exe().context("finding this program")?;
    Ok(here.with_file_name("upshift"))
}

fn show(program: &mut Command, args: &[&str], codes: &[i32]) -> Result<()> {
    let short = |a: &&str| {
        Path::new(a)
            .file_name()
            .map_or_else(|| (*a).to_owned(), |n| n.to_string_lossy().into_owned())
    };
    let line = args.iter().map(short).collect::<Vec<_>>().join(" ");
    say(&format!("$ upshift {line}"));
    let status = program
        .args(args)
        .stdin(Stdio::null())
        .status()
        .context("running upshift")?;
    match status.code() {
        Some(code) if codes.contains(&code) => Ok(()),
        _ => bail!("`upshift {line}` ended with {status}"),
    }
}

pub(crate) fn heading(text: &str) {
    say(&format!("\n== {text}"));
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
