//! How answers of the catalogue are shown, by every command that gives them: rows with their sources,
//! what is open, how old the rows are.

use jiff::civil::Date;
use serde::Serialize;
use upshift_planner::knowledge::{Cited, Effect, Known, Library, Open, Truth, Verdict};

use super::render::Paint;
use crate::app::compat::is_old;
use crate::codes;
use crate::exit::Exit;

/// A row in JSON.
#[derive(Debug, Serialize)]
pub struct RowView {
    id: String,
    effect: Effect,
    holds: Truth,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<String>,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    source: String,
    confidence: &'static str,
}

impl From<&Cited> for RowView {
    fn from(row: &Cited) -> Self {
        Self {
            id: row.id.clone(),
            effect: row.effect,
            holds: row.truth,
            when: row.when.iter().map(ToString::to_string).collect(),
            text: row.text.clone(),
            advice: row.advice.clone(),
            code: row.code.clone(),
            source: row.origin.source.clone(),
            confidence: row.origin.confidence.word(),
        }
    }
}

/// How old the rows are, in JSON.
#[derive(Debug, Serialize)]
pub struct AgeView {
    date: Date,
    old: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl AgeView {
    /// The age of a system's rows today.
    pub fn of(library: &Library, system: Known) -> Self {
        let date = library.date(system);
        let old = is_old(date, crate::clock::now());
        Self {
            date,
            old,
            code: old.then(|| codes::OLD_CATALOGUE.to_string()),
        }
    }

    /// The same in words.
    pub fn text(&self, paint: Paint) -> String {
        match &self.code {
            None => format!("knowledge of {}", self.date),
            Some(code) => format!(
                "{} {code}: knowledge of {}, older than half a year",
                paint.yellow("YELLOW"),
                self.date
            ),
        }
    }
}

/// The verdict in its colour.
pub fn verdict(verdict: Verdict, paint: Paint) -> String {
    match verdict {
        Verdict::Supported => paint.green(verdict.word()),
        Verdict::Conditional => paint.yellow(verdict.word()),
        Verdict::Unknown => paint.blue(verdict.word()),
        Verdict::Unsupported => paint.red(verdict.word()),
    }
}

/// The exit code of a verdict.
pub const fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Supported | Verdict::Conditional => Exit::Done,
        Verdict::Unknown => Exit::Unknown,
        Verdict::Unsupported => Exit::Blocked,
    }
}

/// A row as a person reads it.
pub fn row(row: &Cited) -> String {
    let when: Vec<String> = row.when.iter().map(ToString::to_string).collect();
    let truth = match (row.truth, when.is_empty()) {
        (_, true) | (Truth::DoesNotHold, _) => String::new(),
        (Truth::Holds, false) => format!(" [{}]", when.join(", ")),
        (Truth::NotTold, false) => format!(" [if {}]", when.join(" and ")),
        (Truth::CannotTell, false) => format!(" [cannot be told: {}]", when.join(" and ")),
    };
    let mut text = format!("  {:<8}{}{truth}\n", row.effect.word(), row.text);
    if !row.advice.is_empty() {
        text += &format!("          do: {}\n", row.advice);
    }
    text + &format!("          from: {}", row.origin)
}

/// What would settle an answer.
pub fn open(all: &[Open]) -> Vec<String> {
    all.iter()
        .map(|open| format!("  {}  {}", open.question, open.how))
        .collect()
}
