//! `upshift matrix SYSTEM`: what may be upgraded to what, as text, CSV or a page of its own.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;
use upshift_planner::knowledge::changes::Changes;
use upshift_planner::knowledge::{Known, Verdict};

use super::known::AgeView;
use crate::app::compat;
use crate::app::matrix::{self, Matrix};
use crate::app::overlay;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Print what may be upgraded to what.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// flink, fluss, realtime-compute, alluxio or weka.
    pub system: String,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub format: Form,
    /// A folder with rows of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub overlay: Option<PathBuf>,
    /// The same facts as JSON.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// How the table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Form {
    /// One line per release, one letter per target.
    #[default]
    Text,
    /// One line per pair.
    Csv,
    /// One page that needs nothing else.
    Html,
}

#[derive(Serialize)]
struct View {
    verdict: Verdict,
    system: &'static str,
    pairs: Vec<PairView>,
    knowledge: AgeView,
}

#[derive(Serialize)]
struct PairView {
    from: String,
    to: String,
    verdict: Verdict,
}

/// Prints the table.
///
/// # Errors
/// When the system is none.
pub fn run(args: &Args) -> Result<Exit, Stop> {
    let system = compat::system(&args.system)?;
    let library = overlay::library(args.overlay.as_deref())?;
    let matrix = matrix::ask(&library, system);
    if args.json {
        super::say_json(&View {
            verdict: matrix
                .rows
                .iter()
                .flatten()
                .copied()
                .max()
                .unwrap_or(Verdict::Unknown),
            system: system.word(),
            pairs: cells(&matrix).collect(),
            knowledge: AgeView::of(&library, system),
        })?;
        return Ok(Exit::Done);
    }
    let title = format!("{system}, knowledge of {}", library.date(system));
    super::say(&match args.format {
        Form::Text => text(&title, &matrix),
        Form::Csv => csv(&matrix),
        Form::Html => html(system, &title, &matrix, library.changes(system)),
    })?;
    Ok(Exit::Done)
}

fn cells(matrix: &Matrix) -> impl Iterator<Item = PairView> {
    let rows = matrix.releases.iter().zip(&matrix.rows);
    rows.flat_map(|(from, row)| {
        matrix.releases.iter().zip(row).map(|(to, verdict)| PairView {
            from: from.to_string(),
            to: to.to_string(),
            verdict: *verdict,
        })
    })
}

const LEGEND: &str =
    "y supported   c conditional   - unsupported   ? unknown; rows are left, columns are gone to";

/// Columns are numbered like rows, from the top down, so that a changed row changes one line.
fn text(title: &str, matrix: &Matrix) -> String {
    let width = matrix
        .releases
        .iter()
        .map(|release| release.as_str().len())
        .max()
        .unwrap_or(0);
    let mut text = format!("{title}\n{LEGEND}\n");
    let digits = |place: usize| -> String {
        let columns = 1..=matrix.releases.len();
        columns
            .map(|n| char::from_digit(u32::try_from(n / place % 10).unwrap_or(0), 10).unwrap_or('?'))
            .collect()
    };
    for place in [10, 1] {
        text += &format!("    {:width$}  {}\n", "", digits(place));
    }
    for (at, (from, row)) in matrix.releases.iter().zip(&matrix.rows).enumerate() {
        let letters: String = row.iter().map(|verdict| verdict.letter()).collect();
        text += &format!("{:>3} {:width$}  {letters}\n", at + 1, from.as_str());
    }
    text
}

fn csv(matrix: &Matrix) -> String {
    let mut text = "from,to,verdict\n".to_owned();
    for cell in cells(matrix) {
        text += &format!("{},{},{}\n", cell.from, cell.to, cell.verdict.word());
    }
    text
}

const STYLE: &str = "body{font:14px system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}\
th,td{border:1px solid #ccc;padding:2px 6px;text-align:center}thead th{writing-mode:vertical-rl}\
.supported{background:#cdeccd}.conditional{background:#fbeeb8}.unsupported{background:#f4c9c5}.unknown{background:#dcdcdc}";

fn html(system: Known, title: &str, matrix: &Matrix, changes: &Changes) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{system}</title><style>{STYLE}</style></head>\n\
         <body><h1>{title}</h1><p>{LEGEND}</p>\n<table><thead><tr><th></th>"
    );
    // Versions hold digits, letters, dots and hyphens only: the grammars let nothing else in.
    for to in &matrix.releases {
        page += &match changes.sheet_of(to) {
            Some(sheet) => format!(
                "<th scope=\"col\"><a href=\"#notes-{}\">{to}</a></th>",
                sheet.name
            ),
            None => format!("<th scope=\"col\">{to}</th>"),
        };
    }
    page += "</tr></thead><tbody>\n";
    for (from, row) in matrix.releases.iter().zip(&matrix.rows) {
        page += &format!("<tr><th scope=\"row\">{from}</th>");
        for verdict in row {
            page += &format!(
                "<td class=\"{}\" title=\"{}\">{}</td>",
                verdict.word(),
                verdict.word(),
                verdict.letter()
            );
        }
        page += "</tr>\n";
    }
    page += "</tbody></table>\n";
    page += &notes(system, changes);
    page + "</body></html>"
}

/// What changes with each release line, which the columns lead to.
fn notes(system: Known, changes: &Changes) -> String {
    let mut text = String::new();
    for sheet in changes.sheets() {
        text += &format!(
            "<h2 id=\"notes-{}\">What changes with {}</h2>\n<p>{} changes; those that concern one system: <code>upshift notes {} FROM TO --system FILE</code></p>\n<ul>\n",
            sheet.name,
            sheet.name,
            sheet.rows,
            system.word()
        );
        for row in changes.rows().iter().filter(|row| row.file == sheet.name) {
            text += &format!(
                "<li><b>{}</b> {} ({}, {}): {}</li>\n",
                row.weight.word(),
                escaped(&row.id),
                row.since,
                row.act.heading(),
                escaped(&row.text)
            );
        }
        text += "</ul>\n";
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
