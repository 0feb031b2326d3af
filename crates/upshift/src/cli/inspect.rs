//! `upshift inspect`: looks into snapshots, compares two of them, tells operator ids, looks into jars, into
//! Fluss clusters and into backups of Alluxio. Changes nothing.

mod backup;
mod diff;
mod fluss;
pub(super) mod fluss_tree;
mod jar;
mod journal;
mod savepoint;
mod tree;
mod uid;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::render::Paint;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Look into savepoints, checkpoints, jars, Fluss clusters and backups of Alluxio.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show what is in a savepoint or checkpoint.
    Savepoint(savepoint::Args),
    /// Show in what two of them differ.
    Diff(diff::Args),
    /// Print the operator ids of uids.
    Uid(uid::Args),
    /// Show what a job's jar was made for, what it brings along, and what a release lacks of it.
    Jar(jar::Args),
    /// Show the health of a Fluss cluster, why it is not green, and which ways back are open.
    Fluss(fluss::Args),
    /// Show what a backup of Alluxio holds, and whether a release can restore it.
    Backup(backup::Args),
    /// Show of which kind a journal folder of Alluxio is, and whether a release reads it.
    Journal(journal::Args),
}

/// Where object stores are, and which uids a person knows.
#[derive(Debug, ClapArgs)]
struct Shared {
    /// A system file; its [objects] says how S3 is reached, and the uids it declares are looked for.
    #[arg(long, value_name = "FILE")]
    system: Option<PathBuf>,
    /// A uid to look for: before Flink 2.0 snapshots hold ids alone.
    #[arg(long = "uid", value_name = "UID")]
    uids: Vec<String>,
    /// The same facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When a snapshot cannot be read.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    match &args.what {
        What::Savepoint(args) => savepoint::run(args, paint).await,
        What::Diff(args) => diff::run(args, paint).await,
        What::Uid(args) => uid::run(args),
        What::Jar(args) => jar::run(args, paint),
        What::Fluss(args) => fluss::run(args, paint).await,
        What::Backup(args) => backup::run(args, paint).await,
        What::Journal(args) => journal::run(args, paint),
    }
}
