//! How answers of the catalogue are shown, by every command that gives them: rows with their sources,
//! what is open, how old the rows are.

use jiff::civil::Date;
use serde::Serialize;
use upshift_planner::knowledge::{Cited, Effect, Known, Library, Named, Open, OptionChanges, Truth, Verdict};

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

/// A release in JSON.
#[derive(Debug, Serialize)]
pub struct ReleaseView {
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    support_ends: Option<Date>,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    line: String,
    offered: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    takes: Vec<String>,
    source: String,
    confidence: &'static str,
}

impl From<&Named> for ReleaseView {
    fn from(row: &Named) -> Self {
        Self {
            version: row.release.to_string(),
            released: row.released,
            seen: row.seen,
            support_ends: row.support_ends,
            label: row.label.clone(),
            line: row.line.clone(),
            offered: row.offered,
            takes: row.ranges.iter().map(ToString::to_string).collect(),
            source: row.origin.source.clone(),
            confidence: row.origin.confidence.word(),
        }
    }
}

/// When a release came out, in words; none where nobody says.
pub fn dates(row: &Named) -> Option<String> {
    let came = match (row.released, row.seen) {
        (Some(day), _) => format!("came out on {day}"),
        (None, Some(day)) => format!("was there on {day}"),
        (None, None) => return None,
    };
    let label = match row.label.is_empty() {
        true => String::new(),
        false => format!(", {}", row.label),
    };
    Some(format!("  {} {came}{label}", row.release))
}

/// What becomes of options, in words: numbers, and the keys where they are asked for.
pub fn options(changes: &OptionChanges, all: bool) -> Vec<String> {
    let renamed = changes.renamed.iter().map(|option| {
        let read = match option.still_read {
            true => "still read",
            false => "not read any more",
        };
        format!("{} is {} now ({read})", option.key, option.now)
    });
    let revalued = changes.revalued.iter().map(|option| {
        let text = |value: &str| match value.is_empty() {
            true => "nothing".to_owned(),
            false => value.to_owned(),
        };
        format!(
            "{}: {} before, {} now",
            option.key,
            text(&option.was),
            text(&option.now)
        )
    });
    let groups: [(&str, Vec<String>); 5] = [
        ("gone", changes.gone.clone()),
        ("renamed", renamed.collect()),
        ("another default", revalued.collect()),
        ("deprecated from now on", changes.deprecated.clone()),
        ("new", changes.new.clone()),
    ];
    let groups = groups.into_iter().filter(|(_, keys)| !keys.is_empty());
    let mut lines = Vec::new();
    for (what, keys) in groups {
        lines.push(format!("  {what}: {}", keys.len()));
        if all {
            lines.extend(keys.into_iter().map(|key| format!("    {key}")));
        }
    }
    if !all && !lines.is_empty() {
        lines.push("  list them with --options".to_owned());
    }
    lines
}
