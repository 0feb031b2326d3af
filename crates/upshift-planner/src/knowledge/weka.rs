//! WEKA: which build may be upgraded to which, and which clients a cluster may have.
//!
//! The vendor's range per target decides; the general rules guard it and speak where there is none.
//! A build without a row is never called supported. Both of the vendor's release models are looked
//! at: the labels (LTS and Innovation) and the release lines that replaced them.

use super::answer::{Answer, Cited};
use super::book::{Book, Named};
use super::fact::{Facts, Truth};
use super::release::{Release, Span};
use super::rule::{About, Effect};

/// A major version with what the vendor calls it.
struct Major {
    line: (u32, u32),
    lts: bool,
    release_line: String,
}

/// Whether a cluster may be upgraded.
pub(super) fn pair(book: &Book, from: &Release, to: &Release, facts: &Facts) -> Answer {
    let rules = book.rules.iter().filter(|rule| rule.speaks_of(from, to));
    let (needs, rows): (Vec<_>, Vec<_>) = rules.partition(|rule| rule.about == About::Need);
    let mut rows: Vec<Cited> = rows.into_iter().map(|rule| Cited::of(rule, facts)).collect();
    let needs = needs.into_iter().map(|rule| Cited::of(rule, facts)).collect();
    rows.extend(decided(book, from, to));
    for build in [from, to] {
        rows.extend(build.mark().map(|mark| {
            general(book, "marked-build", Effect::Risk).saying(format!(
                "{build} is a build of its own ({mark}): its place in the order says nothing of the fixes in it"
            ))
        }));
    }
    Answer::of(rows, needs)
}

fn decided(book: &Book, from: &Release, to: &Release) -> Vec<Cited> {
    if to < from {
        return vec![general(book, "direction", Effect::Refuses)];
    }
    if to == from {
        return vec![general(book, "direction", Effect::Allows).saying("nothing is upgraded")];
    }
    match book.release(to) {
        Some(target) if !target.ranges.is_empty() => by_range(book, from, target),
        _ => by_rule(book, from, to),
    }
}

/// What the vendor's range of one target says of a source.
fn by_range(book: &Book, from: &Release, target: &Named) -> Vec<Cited> {
    let row = general(book, "vendor-range", Effect::Allows);
    let mut row = Cited {
        origin: target.origin.clone(),
        ..row
    };
    let to = &target.release;
    if let Some(range) = target.ranges.iter().find(|range| holds(range, from)) {
        row.text = format!("{to} takes sources of {range}");
        row.advice.clear();
        let mut rows = vec![row];
        rows.extend(by_date(book, from, target, range));
        return rows;
    }
    let own = target.ranges.iter().find(|range| in_line_of(range, from));
    let ranges: Vec<String> = target.ranges.iter().map(Span::to_string).collect();
    let why = match own {
        Some(range) if range.until.as_ref().is_some_and(|max| from > max) => {
            format!(
                "{from} is newer than the last source that {to} takes ({range}): its code was frozen before"
            )
        }
        Some(range) => format!("{from} is older than the first source that {to} takes ({range})"),
        None => format!("{to} takes no source of this line, only {}", ranges.join(", ")),
    };
    row.effect = Effect::Refuses;
    vec![row.saying(why)]
}

/// Ends are builds, not lines: a later build than the last that is named is not in it.
fn holds(range: &Span, from: &Release) -> bool {
    range.since.as_ref().is_none_or(|min| from >= min) && range.until.as_ref().is_none_or(|max| from <= max)
}

fn in_line_of(range: &Span, from: &Release) -> bool {
    let ends = [&range.since, &range.until];
    ends.into_iter().flatten().any(|end| end.line() == from.line())
        || range.until.is_none() && range.since.as_ref().is_some_and(|min| from < min)
}

/// The release date is necessary, not sufficient: it can only speak against a pair.
fn by_date(book: &Book, from: &Release, target: &Named, range: &Span) -> Option<Cited> {
    let source = book.release(from)?;
    let date = |row: &Named| row.released.or(row.seen);
    let later = date(source)? > date(target)?;
    let stated = source.released.is_some() && target.released.is_some();
    match (later, stated, range.until.is_some()) {
        (true, true, _) => Some(general(book, "release-date", Effect::Refuses)),
        (true, false, false) if from.line() != target.release.line() => {
            Some(general(book, "release-date", Effect::Risk).saying(format!(
                "{from} seems to have come out after {}, and the vendor's range names no last source",
                target.release
            )))
        }
        _ => None,
    }
}

/// Where no row names the target: the general rules can refuse, and never allow.
fn by_rule(book: &Book, from: &Release, to: &Release) -> Vec<Cited> {
    if from.line() == to.line() {
        return vec![general(book, "release-date", Effect::Note).saying(format!(
            "no row names {to}; within a major version its date of release decides, and that is not known"
        ))];
    }
    match steps(book, from, to) {
        Some(steps) if !steps.any() => vec![general(book, "consecutive", Effect::Refuses)],
        _ => vec![general(book, "consecutive", Effect::Note).saying(format!(
            "no row names {to}; the order of major versions alone promises nothing"
        ))],
    }
}

/// How far apart two majors are by each of the vendor's models.
struct Steps {
    majors: usize,
    next_lts: bool,
    lines: usize,
}

impl Steps {
    fn any(&self) -> bool {
        self.by_label() || self.lines <= 1
    }

    fn by_label(&self) -> bool {
        self.majors <= 1 || self.next_lts
    }
}

fn majors(book: &Book) -> Vec<Major> {
    let mut all: Vec<Major> = Vec::new();
    for row in &book.releases {
        if all.last().is_none_or(|last| last.line != row.release.line()) {
            all.push(Major {
                line: row.release.line(),
                lts: row.label.starts_with("LTS"),
                release_line: row.line.clone(),
            });
        }
    }
    all
}

fn steps(book: &Book, low: &Release, high: &Release) -> Option<Steps> {
    let all = majors(book);
    let place = |release: &Release| all.iter().position(|major| major.line == release.line());
    let (low, high) = (place(low)?, place(high)?);
    let (low, high) = (low.min(high), low.max(high));
    let between = &all[low..=high];
    let changes = between
        .windows(2)
        .filter(|two| two[0].release_line != two[1].release_line);
    let lts = between.iter().filter(|major| major.lts).count();
    Some(Steps {
        majors: high - low,
        next_lts: all[low].lts && all[high].lts && lts <= 2,
        lines: changes.count(),
    })
}

/// Whether a cluster of one build may have clients of another.
pub(super) fn client(book: &Book, backend: &Release, client: &Release, facts: &Facts) -> Answer {
    let rules = book
        .rules
        .iter()
        .filter(|rule| rule.speaks_of_client(backend, client));
    let mut rows: Vec<Cited> = rules.map(|rule| Cited::of(rule, facts)).collect();
    if client > backend {
        rows.push(general(book, "client-not-newer", Effect::Refuses));
        return Answer::of(rows, Vec::new());
    }
    match steps(book, client, backend) {
        None => rows.push(general(book, "client-one-major", Effect::Note).saying(format!(
            "the major version of {client} or of {backend} is not in the catalogue"
        ))),
        Some(steps) if steps.next_lts => rows.push(general(book, "client-next-lts", Effect::Allows)),
        Some(steps) if steps.by_label() => rows.push(general(book, "client-one-major", Effect::Allows)),
        Some(steps) if steps.lines <= 1 => {
            rows.push(general(book, "client-release-line", Effect::Allows));
            rows.push(general(book, "client-release-line", Effect::Risk).saying(
                "only the release lines of 2026 allow it; by the labels the client is more than one major version behind",
            ));
        }
        Some(_) => rows.push(general(book, "client-one-major", Effect::Refuses)),
    }
    Answer::of(rows, Vec::new())
}

/// A general rule of the book, with the weight that it has here.
fn general(book: &Book, id: &str, effect: Effect) -> Cited {
    let rule = book
        .rule(id)
        .expect("loading made sure that the general rules are there");
    Cited {
        truth: Truth::Holds,
        ..Cited::of(rule, &Facts::default())
    }
    .meaning(effect)
}

/// The rules that this module speaks by.
pub(super) const GENERAL: &[&str] = &[
    "direction",
    "vendor-range",
    "release-date",
    "consecutive",
    "marked-build",
    "client-not-newer",
    "client-one-major",
    "client-next-lts",
    "client-release-line",
];
