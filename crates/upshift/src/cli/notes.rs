//! `upshift notes SYSTEM FROM TO`: what changes on the way, and what of it bites the system at hand.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use jiff::civil::Date;
use upshift_planner::knowledge::changes::{Notes, Outcome};

use super::known::AgeView;
use super::noted::{self, NewView, View};
use super::render::Paint;
use crate::app::{compat, notes, overlay};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Say what changes on the way from one version to another, and what of it bites.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// flink, fluss, realtime-compute, alluxio or weka.
    #[arg(required_unless_present = "since")]
    pub system: Option<String>,
    /// The version that runs.
    #[arg(required_unless_present = "since")]
    pub from: Option<String>,
    /// The version that is wanted.
    #[arg(required_unless_present = "since")]
    pub to: Option<String>,
    /// A system file: the system is looked at, and nothing is changed.
    #[arg(long = "system", id = "file", value_name = "FILE", conflicts_with = "since")]
    pub file: Option<PathBuf>,
    /// Something about the system, over what was seen: option:KEY=VALUE, class:NAME=true,
    /// connector:NAME=VERSION, scheme:NAME=true, java=17, or a fact that rules ask for.
    #[arg(long = "fact", value_name = "K=V", conflicts_with = "since")]
    pub facts: Vec<String>,
    /// A folder with rows of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub overlay: Option<PathBuf>,
    /// Instead: the rows that came into the catalogue on this day or later.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with_all = ["from", "to"])]
    pub since: Option<Date>,
    /// Show what cannot bite the system, too, row by row.
    #[arg(short, long)]
    pub verbose: bool,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Prints the answer.
///
/// # Errors
/// When the system, a version or a fact is none, or the system cannot be seen at all.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let library = overlay::library(args.overlay.as_deref())?;
    let system = args.system.as_deref().map(compat::system).transpose()?;
    let (system, from, to) = match (args.since, system, &args.from, &args.to) {
        (Some(day), system, ..) => {
            let rows = notes::since(&library, system, day);
            match args.json {
                true => super::say_json(&NewView::of(day, &rows))?,
                false => super::say(&noted::new(day, &rows, paint))?,
            }
            return Ok(Exit::Done);
        }
        (None, Some(system), Some(from), Some(to)) => (system, from, to),
        (None, ..) => return Err(anyhow::anyhow!("the command line was read without a version").into()),
    };
    let ends = notes::ends(system, from, to)?;
    let sight = notes::sight(system, args.file.as_deref(), &args.facts).await?;
    let known = library.releases(system);
    let answer = library
        .changes(system)
        .notes(&ends.from, &ends.to, &known, &sight);
    let age = AgeView::of(&library, system);
    match args.json {
        true => super::say_json(&View::of(system, &ends, &answer, age))?,
        false => super::say(&noted::text(system, &ends, &answer, &age, args.verbose, paint))?,
    }
    Ok(exit(&answer))
}

fn exit(answer: &Notes<'_>) -> Exit {
    match answer.outcome() {
        Outcome::Clear | Outcome::Depends | Outcome::Act => Exit::Done,
        Outcome::Unknown => Exit::Unknown,
    }
}
