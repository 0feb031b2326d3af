//! Realtime Compute: what kind of change two engine versions make, and what becomes of state.
//!
//! The numbering changed with engine 11: before, the first two numbers are the major version, since
//! then the first alone.

use serde::Serialize;

use super::answer::{Answer, Cited};
use super::book::Book;
use super::fact::{Condition, Fact, Facts, all_hold};
use super::release::{Product, Release};
use super::rule::{About, Effect};

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// The same engine.
    Noop,
    /// A later minor version of the same major version.
    MinorUpgrade,
    /// An earlier one.
    MinorDowngrade,
    /// A later major version, or another Flink.
    MajorUpgrade,
    /// An earlier one.
    MajorDowngrade,
    /// Another line of engines.
    CrossLine,
    /// A text that is no engine version.
    Unparseable,
}

/// What becomes of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StateGuarantee {
    /// It remains usable, in principle.
    Compatible,
    /// Nobody promises it.
    NotGuaranteed,
    /// Only a savepoint that the older engine took may be used.
    PreUpgradeSavepointOnly,
    /// Nobody knows.
    Unknown,
}

/// The form in which the savepoint before the change is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The backend's own.
    Native,
    /// The standard one.
    Standard,
    /// The engine has one only: the flag is left out.
    Default,
}

/// What two engine versions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Classified {
    /// What kind of change it is.
    pub kind: Change,
    /// What becomes of state.
    pub state: StateGuarantee,
    /// The form of the savepoint; none where none is taken for it.
    pub recommended_savepoint_format: Option<Form>,
}

impl Classified {
    /// A text that is no engine version.
    pub const UNPARSEABLE: Self = Self {
        kind: Change::Unparseable,
        state: StateGuarantee::Unknown,
        recommended_savepoint_format: None,
    };
}

/// Two engines of one major version share it.
fn major(engine: &Release) -> (u32, Option<u32>) {
    let counted_by_one = engine.product() == Product::Main && engine.number(0) >= 11;
    (engine.number(0), (!counted_by_one).then(|| engine.number(1)))
}

/// What kind of change two engine versions make.
pub fn classify(from: &Release, to: &Release) -> Classified {
    let same_major = major(from) == major(to) && from.built_on() == to.built_on();
    let kind = match (from.product() == to.product(), from == to, same_major, to > from) {
        (false, ..) => Change::CrossLine,
        (true, true, ..) => Change::Noop,
        (true, false, true, true) => Change::MinorUpgrade,
        (true, false, true, false) => Change::MinorDowngrade,
        (true, false, false, true) => Change::MajorUpgrade,
        (true, false, false, false) => Change::MajorDowngrade,
    };
    let two_forms = from.number(0) >= 6 || from.product() == Product::Vera;
    let recommended = match (kind, two_forms) {
        (Change::MinorUpgrade | Change::MajorUpgrade, false) => Some(Form::Default),
        (Change::MinorUpgrade, true) => Some(Form::Native),
        (Change::MajorUpgrade, true) => Some(Form::Standard),
        (
            Change::Noop
            | Change::MinorDowngrade
            | Change::MajorDowngrade
            | Change::CrossLine
            | Change::Unparseable,
            _,
        ) => None,
    };
    let state = match kind {
        Change::Noop | Change::MinorUpgrade => StateGuarantee::Compatible,
        Change::MajorUpgrade | Change::CrossLine => StateGuarantee::NotGuaranteed,
        Change::MinorDowngrade | Change::MajorDowngrade => StateGuarantee::PreUpgradeSavepointOnly,
        Change::Unparseable => StateGuarantee::Unknown,
    };
    Classified {
        kind,
        state,
        recommended_savepoint_format: recommended,
    }
}

/// Whether a deployment may be moved from one engine to another.
pub fn pair(book: &Book, from: &Release, to: &Release, facts: &Facts) -> Answer {
    let rules = book.rules.iter().filter(|rule| rule.speaks_of(from, to));
    let (needs, rows): (Vec<_>, Vec<_>) = rules.partition(|rule| rule.about == About::Need);
    let mut rows: Vec<Cited> = rows.into_iter().map(|rule| Cited::of(rule, facts)).collect();
    let needs = needs.into_iter().map(|rule| Cited::of(rule, facts)).collect();
    let mut say = |id: &str, effect: Effect, when: &[(Fact, &'static str)]| {
        let rule = book
            .rule(id)
            .expect("loading made sure that the general rules are there");
        let when: Vec<Condition> = when
            .iter()
            .map(|(fact, is)| Condition { fact: *fact, is })
            .collect();
        let truth = all_hold(&when, facts);
        rows.push(
            Cited {
                when,
                truth,
                ..Cited::of(rule, facts)
            }
            .meaning(effect),
        );
    };
    let stateful = [(Fact::Stateful, "true")];
    let stateless = [(Fact::Stateful, "false")];
    match classify(from, to).kind {
        Change::Noop => say("same-engine", Effect::Allows, &[]),
        Change::MinorUpgrade => say("minor-version", Effect::Allows, &[]),
        Change::MajorUpgrade => {
            say("major-without-state", Effect::Allows, &[]);
            say("major-version", Effect::Risk, &stateful);
        }
        Change::MinorDowngrade | Change::MajorDowngrade => {
            say("back-from-old-savepoint", Effect::Allows, &[]);
            say("one-way-reading", Effect::Risk, &[]);
        }
        Change::CrossLine => {
            say("other-line", Effect::Refuses, &stateful);
            say("major-without-state", Effect::Allows, &stateless);
        }
        Change::Unparseable => {}
    }
    if from.built_on() < (1, 13) && to.built_on() >= (1, 13) {
        say("planner-1.13", Effect::Risk, &[(Fact::Sql, "true")]);
    }
    if from.jdk() != to.jdk() && from != to {
        say("java-of-the-engine", Effect::Note, &[]);
    }
    if from != to {
        say("dependencies", Effect::Note, &[]);
    }
    Answer::of(rows, needs)
}

/// The rules that this module speaks by.
pub(super) const GENERAL: &[&str] = &[
    "same-engine",
    "minor-version",
    "major-version",
    "major-without-state",
    "back-from-old-savepoint",
    "one-way-reading",
    "other-line",
    "planner-1.13",
    "java-of-the-engine",
    "dependencies",
];
