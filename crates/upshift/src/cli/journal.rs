//! `upshift journal`: verify a run's journal, export it, print what is left as commands.

use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;
use upshift_model::digest::Digest;

use crate::app::context::Context;
use crate::app::find_run::{self, Survey};
use crate::app::journal;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Verify, export or spell out a run's journal.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with a journal.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Read it whole: every record, the chain of digests, the head mark.
    Verify {
        /// The run's id, its beginning, or the system's name; all runs where it is left out.
        run: Option<String>,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print it as it is stored, one JSON document a line.
    Export {
        /// The run's id, its beginning, or the system's name.
        run: String,
    },
    /// Print the remaining steps as plain commands.
    Runbook {
        /// The run's id, its beginning, or the system's name.
        run: String,
    },
}

/// Does what the subcommand says.
///
/// # Errors
/// When no run fits, or a journal is damaged.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    match &args.what {
        What::Verify { run, json } => return verify(context, run.as_deref(), *json).await,
        What::Export { run } => {
            let found = find_run::find(context, Some(run)).await?;
            let lines: Vec<&str> = found.lines.iter().map(|line| line.text()).collect();
            super::say(&lines.join("\n"))?;
        }
        What::Runbook { run } => super::say(&journal::runbook(
            &find_run::find(context, Some(run)).await?.state,
        ))?,
    }
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Whole<'a> {
    run: &'a str,
    records: u64,
    last: &'a Digest,
}

/// Prints the journals that are whole. Whatever cannot be verified is an error of reading.
async fn verify(context: &Context, run: Option<&str>, json: bool) -> Result<Exit, Stop> {
    let Survey { found, damaged } = match run {
        Some(_) => Survey {
            found: vec![find_run::find(context, run).await?],
            damaged: Vec::new(),
        },
        None => find_run::survey(context).await?,
    };
    let rows: Vec<Whole<'_>> = found
        .iter()
        .map(|found| Whole {
            run: found.state.run.as_str(),
            records: found.state.last.seq,
            last: &found.state.last.digest,
        })
        .collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "run {}: {} records, whole; the chain ends in {}",
                row.run, row.records, row.last
            )
        })
        .collect();
    match (json, rows.is_empty() && damaged.is_empty()) {
        (true, _) => super::say_json(&rows)?,
        (false, true) => super::say(&format!(
            "no run was ever started here, in {}",
            context.whereabouts()
        ))?,
        (false, false) => super::say(&lines.join("\n"))?,
    }
    match damaged.is_empty() {
        true => Ok(Exit::Done),
        false => Err(damaged.into_iter().map(|d| d.trouble).collect::<Vec<_>>().into()),
    }
}
