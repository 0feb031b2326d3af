//! `upshift journal`: verify a run's journal, export it, print what is left as commands.

use clap::{Args as ClapArgs, Subcommand};

use crate::app::context::Context;
use crate::app::{find_run, journal};
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
        // Whatever cannot be verified is an error of reading.
        What::Verify { run: None } => {
            let all = find_run::all(context).await?;
            let lines: Vec<String> = all.iter().map(verified).collect();
            super::say(
                if lines.is_empty() {
                    "no run was ever started here".to_owned()
                } else {
                    lines.join("\n")
                }
                .as_str(),
            )?;
        }
        What::Verify { run: Some(run) } => {
            super::say(&verified(&find_run::find(context, Some(run)).await?))?;
        }
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

fn verified(found: &find_run::Found) -> String {
    let last = &found.state.last;
    format!(
        "run {}: {} records, whole; the chain ends in {}",
        found.state.run, last.seq, last.digest
    )
}
