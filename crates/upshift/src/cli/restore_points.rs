//! `upshift restore-points`: take, list, verify and release savepoints without an upgrade.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;
use upshift_model::plan::Sealed;

use super::follow::{self, Until};
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::restore_points::{self, Known};
use crate::app::run;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Take, list, verify and release restore points.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with restore points.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Take a savepoint of running jobs; they run on.
    Take {
        /// The system file.
        file: PathBuf,
        /// Only this job; may be given several times.
        #[arg(long, value_name = "NAME")]
        job: Vec<String>,
        #[command(flatten)]
        /// Who, why and a ticket, for the journal.
        speaker: Speaker,
    },
    /// List the restore points of all runs.
    List {
        /// Only of the system of this name.
        system: Option<String>,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read the restore points of all runs and hold them against the journal.
    Verify {
        /// Only of the system of this name.
        system: Option<String>,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete the files of a restore point that no run keeps.
    Release {
        /// Its location, as `list` shows it.
        location: String,
        /// Although the policy's time is not over.
        #[arg(long)]
        early: bool,
        #[command(flatten)]
        /// Who, why and a ticket, for the journal.
        speaker: Speaker,
    },
}

#[derive(Serialize)]
struct Row<'a> {
    run: &'a str,
    system: &'a str,
    slot: &'a str,
    keeping: String,
    point: &'a upshift_model::restore::RestorePoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<Option<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
}

/// Does what the subcommand says.
///
/// # Errors
/// As the subcommand's use case.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    match &args.what {
        What::Take { file, job, speaker } => {
            let plan = restore_points::plan_take(file, job).await?;
            carry_out(context, plan, speaker).await
        }
        What::Release {
            location,
            early,
            speaker,
        } => {
            let plan = restore_points::plan_release(context, location, *early).await?;
            carry_out(context, plan, speaker).await
        }
        What::List { system, json } => {
            let known = restore_points::list(context, system.as_deref()).await?;
            match json {
                true => super::say_json(&known.iter().map(row).collect::<Vec<_>>())?,
                false => super::say(&text(context, system.as_deref(), &known))?,
            }
            Ok(Exit::Done)
        }
        What::Verify { system, json } => verify(context, system.as_deref(), *json).await,
    }
}

async fn carry_out(context: &Context, plan: Sealed, speaker: &Speaker) -> Result<Exit, Stop> {
    let id = run::open(context, plan, speaker.who()).await?;
    let worker = run::spawn_worker(context, &id)?;
    follow::follow(context, &id, 0, Until::NeedsPerson, Some(worker)).await
}

async fn verify(context: &Context, system: Option<&str>, json: bool) -> Result<Exit, Stop> {
    let mut exit = Exit::Done;
    let mut rows = Vec::new();
    let known = restore_points::list(context, system).await?;
    for known in known
        .iter()
        .filter(|k| k.keeping != restore_points::Keeping::Disposed)
    {
        let reading = restore_points::verify(known).await;
        exit = exit.max(match reading.whole {
            Some(true) => Exit::Done,
            Some(false) => Exit::Blocked,
            None => Exit::Unknown,
        });
        rows.push(Row {
            whole: Some(reading.whole),
            seen: Some(reading.what),
            ..row(known)
        });
    }
    match json {
        true => super::say_json(&rows)?,
        false => super::say(&verdicts(context, system, &rows))?,
    }
    Ok(exit)
}

fn row(known: &Known) -> Row<'_> {
    Row {
        run: known.run.as_str(),
        system: &known.system,
        slot: known.slot.as_str(),
        keeping: known.keeping.words(),
        point: &known.point,
        whole: None,
        seen: None,
    }
}

fn none(context: &Context, system: Option<&str>) -> String {
    let of = system.map_or_else(String::new, |name| format!(" of a system called {name:?}"));
    format!(
        "no run{of} has made a restore point here, in {}",
        context.state_dir.display()
    )
}

fn text(context: &Context, system: Option<&str>, known: &[Known]) -> String {
    if known.is_empty() {
        return none(context, system);
    }
    let lines = known.iter().map(|k| {
        let bytes = k
            .point
            .bytes
            .map_or_else(|| "size not known".to_owned(), |b| format!("{b} bytes"));
        let at = k.point.triggered_at.strftime("%Y-%m-%d %H:%M:%S UTC");
        format!(
            "{}  {}  {} of {at}, {bytes}\n    {}\n    {}, run {}",
            k.system,
            k.slot,
            k.point.kind.words(),
            k.point.location,
            k.keeping.words(),
            k.run
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn verdicts(context: &Context, system: Option<&str>, rows: &[Row<'_>]) -> String {
    if rows.is_empty() {
        return none(context, system);
    }
    let lines = rows.iter().map(|row| {
        let word = match row.whole.flatten() {
            Some(true) => "whole",
            Some(false) => "DAMAGED",
            None => "UNKNOWN",
        };
        format!(
            "{word:<8} {}\n         {}",
            row.point.location,
            row.seen.as_deref().unwrap_or_default()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
