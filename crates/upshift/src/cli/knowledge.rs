//! `upshift knowledge list SYSTEM`, `check DIR` and `import weka FILE`: all rows, and a person's own.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;
use upshift_planner::knowledge::{Library, Verdict};

use crate::app::compat;
use crate::app::overlay;
use crate::clock;
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Check your own rows, or make rows from a vendor's table.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with rows.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Print every row of a system: rules, releases, and the facts that rules ask for.
    List {
        /// flink, fluss, realtime-compute, alluxio or weka.
        system: String,
        /// Rules about this alone: pair, enters, client, beside, need, procedure or topic.
        #[arg(long, value_name = "WORD")]
        about: Option<String>,
        /// A folder with rows of your own, laid over the built-in ones.
        #[arg(long, value_name = "DIR")]
        overlay: Option<PathBuf>,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say whether a folder's rows can be laid over the built-in ones.
    Check {
        /// A folder with SYSTEM/rules.toml, SYSTEM/releases.toml and SYSTEM/changes/*.toml.
        dir: PathBuf,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Count the changes that are known, by system, release, area and confidence.
    Stats {
        /// A folder with rows of your own, laid over the built-in ones.
        #[arg(long, value_name = "DIR")]
        overlay: Option<PathBuf>,
        /// The same facts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Turn a vendor's published path table into rows.
    Import {
        /// The system; weka is the one whose vendor publishes such a table.
        system: String,
        /// The table.
        file: PathBuf,
        /// Write the rows below this folder instead of printing them.
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

#[derive(Serialize)]
struct View {
    verdict: Verdict,
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct FileView {
    file: String,
    rows: usize,
}

/// Checks or imports.
///
/// # Errors
/// When a row or a table cannot be used, or a file cannot be read or written.
pub fn run(args: &Args) -> Result<Exit, Stop> {
    match &args.what {
        What::List {
            system,
            about,
            overlay,
            json,
        } => return super::knowledge_list::run(system, about.as_deref(), overlay.as_deref(), *json),
        What::Check { dir, json } => {
            let mut library = Library::builtin();
            let counts = overlay::check(&mut library, dir)?;
            let files = counts.into_iter().map(|(file, rows)| FileView { file, rows });
            let files: Vec<FileView> = files.collect();
            if *json {
                let verdict = Verdict::Supported;
                super::say_json(&View { verdict, files })?;
            } else {
                let lines: Vec<String> = files
                    .iter()
                    .map(|file| format!("{}: {} rows", file.file, file.rows))
                    .collect();
                super::say(&format!(
                    "{}\nall of them can be used: --overlay {}",
                    lines.join("\n"),
                    dir.display()
                ))?;
            }
        }
        What::Stats { overlay, json } => super::stats::run(overlay.as_deref(), *json)?,
        What::Import { system, file, output } => {
            if compat::system(system)? != upshift_planner::knowledge::Known::Weka {
                let what = format!("no vendor's table is known for {system}");
                return Err(Trouble::usage(codes::OVERLAY, what).expected("weka").into());
            }
            let rows = overlay::import_weka(file, output.as_deref(), clock::now())?;
            match output {
                None => super::say(&rows)?,
                Some(dir) => super::tell(&format!(
                    "written; next: upshift knowledge check {}",
                    dir.display()
                ))?,
            }
        }
    }
    Ok(Exit::Done)
}
