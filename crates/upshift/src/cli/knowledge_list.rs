//! `upshift knowledge list SYSTEM`: every row that answers come from, with its source.

use std::path::Path;

use serde::Serialize;
use upshift_planner::knowledge::{About, Book, Direction, Effect, Fact, Library, Rule, Span, Verdict};

use super::known::{AgeView, ReleaseView};
use crate::app::compat;
use crate::app::overlay;
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

#[derive(Serialize)]
struct View {
    verdict: Verdict,
    system: &'static str,
    rules: Vec<RuleView>,
    releases: Vec<ReleaseView>,
    facts: Vec<FactView>,
    options: Vec<OptionsView>,
    knowledge: AgeView,
}

#[derive(Serialize)]
struct RuleView {
    id: String,
    about: About,
    effect: Effect,
    #[serde(skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<String>,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
    source: String,
    confidence: &'static str,
}

#[derive(Serialize)]
struct FactView {
    fact: &'static str,
    values: &'static [&'static str],
    question: &'static str,
}

/// How many options a release line has.
#[derive(Serialize)]
struct OptionsView {
    line: String,
    keys: usize,
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        let span = |span: &Span| match (&span.since, &span.until) {
            (None, None) => String::new(),
            _ => span.to_string(),
        };
        Self {
            id: rule.id.clone(),
            about: rule.about,
            effect: rule.effect,
            from: span(&rule.from),
            to: span(&rule.to),
            since: rule.since.as_ref().map(ToString::to_string),
            until: rule.until.as_ref().map(ToString::to_string),
            direction: rule.direction.map(|direction| match direction {
                Direction::Up => "up",
                Direction::Down => "down",
            }),
            when: rule.when.iter().map(ToString::to_string).collect(),
            text: rule.text.clone(),
            advice: rule.advice.clone(),
            source: rule.origin.source.clone(),
            confidence: rule.origin.confidence.word(),
        }
    }
}

/// Prints the rows.
///
/// # Errors
/// When the system or the word is none, or an overlay cannot be used.
pub(super) fn run(
    system: &str,
    about: Option<&str>,
    overlay: Option<&Path>,
    json: bool,
) -> Result<Exit, Stop> {
    let system = compat::system(system)?;
    let about = about.map(word).transpose()?;
    let library = overlay::library(overlay)?;
    let book = library.book(system);
    let rules = book
        .rules
        .iter()
        .filter(|rule| about.is_none_or(|about| rule.about == about));
    let rules: Vec<&Rule> = rules.collect();
    match json {
        true => super::say_json(&View {
            verdict: Verdict::Supported,
            system: system.word(),
            rules: rules.into_iter().map(RuleView::from).collect(),
            releases: book.releases.iter().map(ReleaseView::from).collect(),
            facts: facts(book),
            options: options(&library, book),
            knowledge: AgeView::of(&library, system),
        })?,
        false => super::say(&text(&library, book, &rules))?,
    }
    Ok(Exit::Done)
}

fn word(text: &str) -> Result<About, Trouble> {
    About::ALL
        .into_iter()
        .find(|about| about.word() == text)
        .ok_or_else(|| {
            Trouble::usage(codes::OVERLAY, format!("no rule is about {text:?}"))
                .expected(About::ALL.map(About::word).join(", "))
        })
}

/// The facts that the book's rules ask for.
fn facts(book: &Book) -> Vec<FactView> {
    let mut asked: Vec<Fact> = book
        .rules
        .iter()
        .flat_map(|rule| &rule.when)
        .map(|when| when.fact)
        .collect();
    asked.sort_unstable();
    asked.dedup();
    let view = |fact: Fact| FactView {
        fact: fact.word(),
        values: fact.values(),
        question: fact.question(),
    };
    asked.into_iter().map(view).collect()
}

fn options(library: &Library, book: &Book) -> Vec<OptionsView> {
    let Some(table) = library.options(book.system) else {
        return Vec::new();
    };
    let lines = table.lines().iter();
    lines
        .map(|line| OptionsView {
            line: line.to_string(),
            keys: table.keys(line).count(),
        })
        .collect()
}

fn text(library: &Library, book: &Book, rules: &[&Rule]) -> String {
    let mut lines = vec![format!(
        "{}, knowledge of {}: {} rules, {} releases",
        book.system,
        library.date(book.system),
        rules.len(),
        book.releases.len()
    )];
    for about in About::ALL {
        let of_kind: Vec<&&Rule> = rules.iter().filter(|rule| rule.about == about).collect();
        if !of_kind.is_empty() {
            lines.push(format!("\n{} ({})", about.word(), of_kind.len()));
            lines.extend(of_kind.into_iter().map(|rule| told(rule)));
        }
    }
    lines.push("\nfacts that rules ask for".to_owned());
    lines.extend(facts(book).iter().map(|fact| {
        format!(
            "  --fact {}={}  {}",
            fact.fact,
            fact.values.join("|"),
            fact.question
        )
    }));
    let counts: Vec<String> = options(library, book)
        .iter()
        .map(|line| format!("{} in {}", line.keys, line.line))
        .collect();
    if !counts.is_empty() {
        lines.push(format!("\noptions: {}", counts.join(", ")));
    }
    lines.join("\n")
}

fn told(rule: &Rule) -> String {
    let view = RuleView::from(rule);
    let mut where_ = Vec::new();
    where_.extend((!view.from.is_empty()).then(|| format!("from {}", view.from)));
    where_.extend((!view.to.is_empty()).then(|| format!("to {}", view.to)));
    where_.extend(view.since.map(|since| format!("since {since}")));
    where_.extend(view.until.map(|until| format!("until {until}")));
    where_.extend(view.direction.map(str::to_owned));
    where_.extend(view.when);
    let mut text = format!("  {} {}", view.effect.word(), view.id);
    if !where_.is_empty() {
        text += &format!(" [{}]", where_.join(", "));
    }
    text += &format!("\n          {}", view.text);
    if !view.advice.is_empty() {
        text += &format!("\n          do: {}", view.advice);
    }
    text + &format!("\n          from: {} ({})", view.source, view.confidence)
}
