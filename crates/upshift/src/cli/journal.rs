//! `upshift journal`: verify a run's journal, export it, print what is left as commands.

use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;
use upshift_engine::store::StoreError;
use upshift_model::digest::Digest;

use crate::app::context::{Context, store_trouble};
use crate::app::find_run::{self, Found, Survey};
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
        /// Hold it against a mark that was kept elsewhere, as `journal head` printed it.
        #[arg(long, value_name = "SEQ:DIGEST", requires = "run")]
        head: Option<Mark>,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print number and digest of the newest record, to be kept elsewhere.
    Head {
        /// The run's id, its beginning, or the system's name.
        run: String,
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
        What::Verify { run, head, json } => {
            return verify(context, run.as_deref(), head.as_ref(), *json).await;
        }
        What::Head { run } => {
            let last = find_run::find(context, Some(run)).await?.state.last;
            super::say(&format!("{}:{}", last.seq, last.digest))?;
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

/// The head of a journal at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    seq: u64,
    digest: Digest,
}

impl std::str::FromStr for Mark {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "expected SEQ:DIGEST, as `upshift journal head RUN` prints it";
        let (seq, digest) = text.split_once(':').ok_or(WANTED)?;
        let digest = serde_json::from_value(serde_json::Value::String(digest.to_owned()));
        Ok(Self {
            seq: seq.parse().map_err(|_| WANTED)?,
            digest: digest.map_err(|_| WANTED)?,
        })
    }
}

impl Mark {
    /// Whether the journal still holds the record that the mark is of.
    fn held_against(&self, found: &Found) -> Result<(), StoreError> {
        let run = found.state.run.clone();
        let line = found.lines.iter().find(|line| line.entry().seq == self.seq);
        match line {
            Some(line) if *line.digest() == self.digest => Ok(()),
            Some(line) => Err(StoreError::Changed {
                run,
                seq: self.seq,
                expected: self.digest.clone(),
                found: line.digest().clone(),
            }),
            None => Err(StoreError::Lost {
                run,
                expected: self.seq,
                found: found.state.last.seq,
            }),
        }
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    run: &'a str,
    records: u64,
    last: &'a Digest,
    /// Records that are dated before the one before them: the clock of a writer was set back.
    back_in_time: Vec<u64>,
}

/// Time stamps are for people; a clock that was set back is worth telling, and decides nothing.
fn back_in_time(found: &Found) -> Vec<u64> {
    let pairs = found.lines.windows(2);
    let back = pairs.filter(|pair| pair[1].entry().at < pair[0].entry().at);
    back.map(|pair| pair[1].entry().seq).collect()
}

/// Prints the journals that are whole. Whatever cannot be verified is an error of reading.
async fn verify(context: &Context, run: Option<&str>, head: Option<&Mark>, json: bool) -> Result<Exit, Stop> {
    let Survey { found, damaged } = match run {
        Some(_) => Survey {
            found: vec![find_run::find(context, run).await?],
            damaged: Vec::new(),
        },
        None => find_run::survey(context).await?,
    };
    for found in &found {
        if let Some(mark) = head {
            mark.held_against(found).map_err(|e| store_trouble(&e))?;
        }
    }
    let rows: Vec<Whole<'_>> = found
        .iter()
        .map(|found| Whole {
            run: found.state.run.as_str(),
            records: found.state.last.seq,
            last: &found.state.last.digest,
            back_in_time: back_in_time(found),
        })
        .collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let back: Vec<_> = row.back_in_time.iter().map(ToString::to_string).collect();
            let clock = match back.is_empty() {
                true => String::new(),
                false => format!(
                    "; a clock was set back before record {}, which decides nothing",
                    back.join(", ")
                ),
            };
            format!(
                "run {}: {} records, whole; the chain ends in {}{clock}",
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
