//! `upshift knowledge stats`: how many changes are known, by system, release, area and confidence.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use upshift_planner::knowledge::Known;
use upshift_planner::knowledge::changes::{Change, Changes};

use crate::app::overlay;
use crate::trouble::Stop;

#[derive(Serialize)]
struct View {
    verdict: &'static str,
    changes: usize,
    systems: Vec<SystemView>,
}

#[derive(Serialize)]
struct SystemView {
    system: &'static str,
    changes: usize,
    /// Rows that a real run has provoked.
    provoked: usize,
    files: Vec<FileView>,
    area: BTreeMap<&'static str, usize>,
    severity: BTreeMap<&'static str, usize>,
    confidence: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct FileView {
    file: String,
    date: Date,
    changes: usize,
}

/// Prints the counts.
pub(super) fn run(folder: Option<&Path>, json: bool) -> Result<(), Stop> {
    let library = overlay::library(folder)?;
    let systems: Vec<SystemView> = Known::ALL
        .into_iter()
        .map(|system| of_system(library.changes(system)))
        .collect();
    let changes = systems.iter().map(|system| system.changes).sum();
    match json {
        true => super::say_json(&View {
            verdict: "counted",
            changes,
            systems,
        })?,
        false => super::say(&text(changes, &systems))?,
    }
    Ok(())
}

fn of_system(changes: &Changes) -> SystemView {
    let rows = changes.rows();
    let mut sheets: Vec<_> = changes.sheets().iter().collect();
    sheets.sort_by(|a, b| (&a.line, &a.name).cmp(&(&b.line, &b.name)));
    SystemView {
        system: changes.system().word(),
        changes: rows.len(),
        provoked: rows.iter().filter(|row| row.provoked.is_some()).count(),
        files: sheets
            .into_iter()
            .map(|sheet| FileView {
                file: sheet.name.clone(),
                date: sheet.date,
                changes: sheet.rows,
            })
            .collect(),
        area: counted(rows, |row| row.area.word()),
        severity: counted(rows, |row| row.weight.word()),
        confidence: counted(rows, |row| row.origin.confidence.word()),
    }
}

fn counted(rows: &[Change], by: impl Fn(&Change) -> &'static str) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(by(row)).or_insert(0) += 1;
    }
    counts
}

fn text(changes: usize, systems: &[SystemView]) -> String {
    let mut lines = vec![format!("{changes} changes between releases are known")];
    for system in systems {
        lines.push(format!(
            "{}: {} changes, {} provoked by a real run",
            system.system, system.changes, system.provoked
        ));
        let files: Vec<String> = system
            .files
            .iter()
            .map(|file| format!("{} {}", file.file, file.changes))
            .collect();
        for (title, words) in [
            ("by file", files),
            ("by area", listed(&system.area)),
            ("by severity", listed(&system.severity)),
            ("by confidence", listed(&system.confidence)),
        ] {
            if !words.is_empty() {
                lines.push(format!("  {title:<14} {}", words.join(", ")));
            }
        }
    }
    lines.join("\n")
}

fn listed(counts: &BTreeMap<&'static str, usize>) -> Vec<String> {
    counts
        .iter()
        .map(|(word, count)| format!("{word} {count}"))
        .collect()
}
