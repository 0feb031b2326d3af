//! `upshift diff PLAN|FILE`: the configuration as it is carried over, and what changed in the system
//! since a plan was made.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_model::step::ConfigEdit;

use super::render::Paint;
use crate::app::diff::{self, CarriedOver, Differences};
use crate::codes;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Show how the configuration is carried over, and what changed since a plan was made.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A plan file, or a system file.
    #[arg(value_name = "PLAN|FILE")]
    pub file: PathBuf,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct View<'a> {
    exit: u8,
    drift: &'a [String],
    configuration: Vec<CarriedOverView<'a>>,
}

#[derive(Serialize)]
struct CarriedOverView<'a> {
    from: &'a str,
    to: &'a str,
    edits: &'a [ConfigEdit],
    unified: Option<&'a str>,
    offered: &'a [String],
}

/// Prints the differences. A system that is no longer the one of the plan ends with its own code.
///
/// # Errors
/// When the file is neither a plan nor a system file, or the system cannot be seen.
pub async fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let found = diff::differences(&args.file).await?;
    let exit = if found.drift.is_empty() {
        Exit::Done
    } else {
        Exit::Halted
    };
    match args.json {
        true => super::say_json(&View {
            exit: exit.number(),
            drift: &found.drift,
            configuration: found.configuration.iter().map(view).collect(),
        })?,
        false => super::say(&text(&found, paint))?,
    }
    Ok(exit)
}

fn view(carried: &CarriedOver) -> CarriedOverView<'_> {
    CarriedOverView {
        from: &carried.from,
        to: &carried.to,
        edits: &carried.edits,
        unified: carried.unified.as_deref(),
        offered: &carried.offered,
    }
}

fn text(found: &Differences, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |said: &str| writeln!(text, "{said}").expect("writing to a string cannot fail");
    for carried in &found.configuration {
        match &carried.unified {
            Some(unified) if unified.is_empty() => {
                line(&format!("{} is carried over as it is", carried.from))
            }
            Some(unified) => unified.lines().for_each(|said| line(&painted(said, paint))),
            None => line(&format!("{} could not be seen", carried.from)),
        }
        carried
            .edits
            .iter()
            .for_each(|edit| line(&paint.dim(&reason(edit))));
        carried.offered.iter().for_each(|option| line(&paint.dim(option)));
    }
    if found.configuration.is_empty() {
        line("no configuration is carried over");
    }
    if !found.drift.is_empty() {
        line("");
        line(&format!(
            "{}  the system is not the one that the plan was made for",
            paint.red(codes::DRIFT.as_str())
        ));
        found.drift.iter().for_each(|said| line(&format!("    {said}")));
        line("    next: upshift plan FILE -o PLAN");
    }
    text
}

fn painted(line: &str, paint: Paint) -> String {
    match line.as_bytes().first() {
        Some(b'+') => paint.green(line),
        Some(b'-') => paint.red(line),
        _ => line.to_owned(),
    }
}

fn reason(edit: &ConfigEdit) -> String {
    match edit {
        ConfigEdit::Rename { from, to, why } => format!("# {from} → {to}: {why}"),
        ConfigEdit::Drop { key, why } => format!("# {key} dropped: {why}"),
        ConfigEdit::Set { key, why, .. } => format!("# {key} set: {why}"),
    }
}
