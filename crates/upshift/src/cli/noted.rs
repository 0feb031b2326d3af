//! How changes between releases are shown: as text for a person, as JSON for a program.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use upshift_planner::knowledge::changes::{Act, Area, Change, Notes, Outcome, Told, Way, Weight};
use upshift_planner::knowledge::{Known, Truth};

use super::known::AgeView;
use super::render::Paint;
use crate::app::notes::Ends;

/// The answer in JSON.
#[derive(Debug, Serialize)]
pub struct View {
    verdict: Outcome,
    system: &'static str,
    from: String,
    to: String,
    way: Way,
    counts: Counts,
    changes: Vec<RowView>,
    unknown: Vec<RowView>,
    folded: Vec<RowView>,
    unread: Vec<String>,
    knowledge: AgeView,
}

#[derive(Debug, Serialize)]
struct Counts {
    red: usize,
    yellow: usize,
    note: usize,
    unknown: usize,
    folded: usize,
}

#[derive(Debug, Serialize)]
struct RowView {
    id: String,
    since: String,
    area: Area,
    act: Act,
    severity: Weight,
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<Truth>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    because: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    how: Vec<String>,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provoked: Option<String>,
    source: String,
    confidence: &'static str,
    added: Date,
}

impl RowView {
    fn of(change: &Change) -> Self {
        Self {
            id: change.id.clone(),
            since: change.since.to_string(),
            area: change.area,
            act: change.act,
            severity: change.weight,
            holds: None,
            when: change.when.iter().map(ToString::to_string).collect(),
            because: Vec::new(),
            how: Vec::new(),
            text: change.text.clone(),
            advice: change.advice.clone(),
            provoked: change.provoked.clone(),
            source: change.origin.source.clone(),
            confidence: change.origin.confidence.word(),
            added: change.added,
        }
    }

    fn told(told: &Told<'_>) -> Self {
        let how = told
            .because
            .iter()
            .map(|one| &one.how)
            .filter(|how| !how.is_empty());
        Self {
            holds: Some(told.truth),
            because: told.because.iter().map(|one| one.because.clone()).collect(),
            how: how.cloned().collect(),
            ..Self::of(told.change)
        }
    }
}

impl View {
    /// The answer as it is shown to programs.
    pub fn of(system: Known, ends: &Ends, notes: &Notes<'_>, knowledge: AgeView) -> Self {
        let rows = |told: &[Told<'_>]| told.iter().map(RowView::told).collect();
        Self {
            verdict: notes.outcome(),
            system: system.word(),
            from: ends.from.to_string(),
            to: ends.to.to_string(),
            way: notes.way,
            counts: counts(notes),
            changes: rows(&notes.bites),
            unknown: rows(&notes.open),
            folded: rows(&notes.folded),
            unread: notes.unread.iter().map(ToString::to_string).collect(),
            knowledge,
        }
    }
}

/// What is new in the catalogue, in JSON.
#[derive(Debug, Serialize)]
pub struct NewView {
    verdict: &'static str,
    since: Date,
    changes: Vec<NewRowView>,
}

#[derive(Debug, Serialize)]
struct NewRowView {
    system: &'static str,
    #[serde(flatten)]
    row: RowView,
}

impl NewView {
    /// The rows as they are shown to programs.
    pub fn of(since: Date, rows: &[(Known, &Change)]) -> Self {
        let view = |(system, change): &(Known, &Change)| NewRowView {
            system: system.word(),
            row: RowView::of(change),
        };
        Self {
            verdict: match rows.is_empty() {
                true => "nothing new",
                false => "new",
            },
            since,
            changes: rows.iter().map(view).collect(),
        }
    }
}

fn counts(notes: &Notes<'_>) -> Counts {
    let of = |weight| {
        notes
            .bites
            .iter()
            .filter(|told| told.change.weight == weight)
            .count()
    };
    Counts {
        red: of(Weight::Red),
        yellow: of(Weight::Yellow),
        note: of(Weight::Note),
        unknown: notes.open.len(),
        folded: notes.folded.len(),
    }
}

/// The rows that are new, as a person reads them.
pub fn new(day: Date, rows: &[(Known, &Change)], paint: Paint) -> String {
    let mut lines = vec![format!("{} rows came into the catalogue since {day}", rows.len())];
    for (system, change) in rows {
        lines.push(format!(
            "  {}  {:<16} {:<12} {} {}",
            change.added,
            system.word(),
            change.since.to_string(),
            weight(change.weight, paint),
            change.id
        ));
        lines.push(format!("              {}", change.text));
    }
    lines.join("\n")
}

/// The answer as a person reads it.
pub fn text(
    system: Known,
    ends: &Ends,
    notes: &Notes<'_>,
    age: &AgeView,
    verbose: bool,
    paint: Paint,
) -> String {
    let mut lines = vec![headline(system, ends, notes, paint)];
    match notes.way {
        Way::Nowhere => lines.push("  nothing is crossed: both are the same release".to_owned()),
        Way::Across => lines.push(
            "  these are lines of engines that do not continue one another: no notes speak of a move between them".to_owned(),
        ),
        Way::Down => lines.push(
            "  this is a way back. It takes back what the following changes brought. What that does to a system that\n  \
             already relies on them nobody has written down: unknown. Whether state goes back: upshift compat".to_owned(),
        ),
        Way::Up => {}
    }
    for unread in &notes.unread {
        lines.push(format!(
            "  {}  the notes of {unread} were not read: what changed with it is unknown; read the vendor's notes",
            paint.blue("unknown")
        ));
    }
    lines.extend(bites(notes, paint));
    lines.extend(open(notes, paint));
    lines.extend(folded(notes, verbose, paint));
    lines.push(age.text(paint));
    lines.join("\n")
}

fn headline(system: Known, ends: &Ends, notes: &Notes<'_>, paint: Paint) -> String {
    let outcome = notes.outcome();
    let word = match outcome {
        Outcome::Clear => paint.green(outcome.word()),
        Outcome::Depends | Outcome::Act => paint.yellow(outcome.word()),
        Outcome::Unknown => paint.blue(outcome.word()),
    };
    let counts = counts(notes);
    format!(
        "{system} {} → {}: {word}   {} red, {} yellow, {} notes, {} cannot be decided, {} cannot bite this system",
        ends.from, ends.to, counts.red, counts.yellow, counts.note, counts.unknown, counts.folded
    )
}

fn bites(notes: &Notes<'_>, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for act in Act::ALL {
        let those: Vec<&Told<'_>> = notes
            .bites
            .iter()
            .filter(|told| told.change.act == *act)
            .collect();
        if !those.is_empty() {
            let heading = match notes.way {
                Way::Down => format!("taken back, of what {}", act.heading()),
                Way::Up | Way::Nowhere | Way::Across => act.heading().to_owned(),
            };
            lines.push(paint.bold(&heading));
        }
        for told in those {
            lines.push(row(told, notes.way, paint));
        }
    }
    lines
}

fn row(told: &Told<'_>, way: Way, paint: Paint) -> String {
    let change = told.change;
    let mut text = format!(
        "  {} {} ({}, {})\n          {}",
        weight(change.weight, paint),
        change.id,
        change.since,
        change.area.word(),
        change.text
    );
    for one in &told.because {
        text += &format!("\n          seen: {}", one.because);
    }
    if !change.advice.is_empty() && way != Way::Down {
        text += &format!("\n          do: {}", change.advice);
    }
    if let Some(provoked) = &change.provoked {
        text += &format!("\n          tried: {provoked}");
    }
    text + &format!("\n          from: {}", change.origin)
}

fn open(notes: &Notes<'_>, paint: Paint) -> Vec<String> {
    if notes.open.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![paint.bold("cannot be decided")];
    for told in &notes.open {
        let change = told.change;
        lines.push(format!(
            "  {} {} ({}, {})\n          {}",
            weight(change.weight, paint),
            change.id,
            change.since,
            change.area.word(),
            change.text
        ));
        for one in &told.because {
            lines.push(format!(
                "          open: {}\n          find out: {}",
                one.because, one.how
            ));
        }
        lines.push(format!("          from: {}", change.origin));
    }
    lines
}

/// One line for each thing that rules changes out, with how many; the rows only where wanted.
fn folded(notes: &Notes<'_>, verbose: bool, paint: Paint) -> Vec<String> {
    if notes.folded.is_empty() {
        return Vec::new();
    }
    let mut by_reason: BTreeMap<&str, Vec<&Told<'_>>> = BTreeMap::new();
    for told in &notes.folded {
        let reason = told.because.first().map_or("", |one| one.by.as_str());
        by_reason.entry(reason).or_default().push(told);
    }
    let mut lines = vec![paint.bold("cannot bite this system")];
    for (reason, those) in by_reason {
        lines.push(match those.as_slice() {
            [one] => format!("  {}: {reason}", one.change.id),
            several => format!("  {} changes: {reason}", several.len()),
        });
        if verbose {
            for told in those {
                lines.push(format!(
                    "          {} ({}): {}",
                    told.change.id, told.change.since, told.change.text
                ));
            }
        }
    }
    lines
}

fn weight(weight: Weight, paint: Paint) -> String {
    match weight {
        Weight::Red => paint.red("RED    "),
        Weight::Yellow => paint.yellow("YELLOW "),
        Weight::Note => "note   ".to_owned(),
    }
}
