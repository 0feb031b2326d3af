//! The one form in which the catalogue answers, whatever the system.

use serde::Serialize;

use super::fact::{Condition, Facts, Truth, all_hold};
use super::row::Origin;
use super::rule::{Effect, Rule};

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Somebody who must know says so, and nothing speaks against it.
    Supported,
    /// It depends on something that was not told, or bears a risk.
    Conditional,
    /// Nobody says so, or somebody looked for what decides it and could not tell.
    Unknown,
    /// It may not be done.
    Unsupported,
}

impl Verdict {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Conditional => "conditional",
            Self::Unknown => "unknown",
            Self::Unsupported => "unsupported",
        }
    }

    /// One letter for a table.
    pub const fn letter(self) -> char {
        match self {
            Self::Supported => 'y',
            Self::Conditional => 'c',
            Self::Unknown => '?',
            Self::Unsupported => '-',
        }
    }
}

/// A row behind an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Its name within its system.
    pub id: String,
    /// What it means where it holds.
    pub effect: Effect,
    /// Under which conditions.
    pub when: Vec<Condition>,
    /// Whether they hold.
    pub truth: Truth,
    /// What it says.
    pub text: String,
    /// What can be done; empty where nothing has to be.
    pub advice: String,
    /// A page that tells more.
    pub code: Option<String>,
    /// Where it was read.
    pub origin: Origin,
}

impl Cited {
    /// A rule with whether its conditions hold.
    pub fn of(rule: &Rule, facts: &Facts) -> Self {
        Self {
            id: rule.id.clone(),
            effect: rule.effect,
            when: rule.when.clone(),
            truth: all_hold(&rule.when, facts),
            text: rule.text.clone(),
            advice: rule.advice.clone(),
            code: rule.code.clone(),
            origin: rule.origin.clone(),
        }
    }

    /// The same rule with words of its own for the case at hand.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The same with another weight.
    #[must_use]
    pub fn meaning(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }
}

/// Something that would settle an answer, or change it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Open {
    /// What is not known.
    pub question: String,
    /// How it is found out.
    pub how: String,
}

/// What the catalogue says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it comes to.
    pub verdict: Verdict,
    /// The rows behind it: what refuses first.
    pub rows: Vec<Cited>,
    /// What must be so of the system; it counts once it was told.
    pub needs: Vec<Cited>,
    /// What would settle it.
    pub open: Vec<Open>,
}

impl Answer {
    /// What rows come to. Without a row that allows, nobody said yes: unknown.
    pub fn of(mut rows: Vec<Cited>, needs: Vec<Cited>) -> Self {
        rows.retain(|row| row.truth != Truth::DoesNotHold);
        rows.sort_by(|a, b| (a.effect, a.truth, &a.id).cmp(&(b.effect, b.truth, &b.id)));
        let has = |effect, truth| rows.iter().any(|row| row.effect == effect && row.truth == truth);
        let violated = |truth| {
            let refusing = needs.iter().filter(|need| need.effect == Effect::Refuses);
            refusing.into_iter().any(|need| need.truth == truth)
        };
        let doubtful = |need: &Cited| {
            need.effect == Effect::Risk && matches!(need.truth, Truth::Holds | Truth::CannotTell)
        };
        let refused = has(Effect::Refuses, Truth::Holds) || violated(Truth::Holds);
        let blind = has(Effect::Refuses, Truth::CannotTell) || violated(Truth::CannotTell);
        let depends = has(Effect::Refuses, Truth::NotTold)
            || rows.iter().any(|row| row.effect == Effect::Risk)
            || needs.iter().any(doubtful);
        let allowed = has(Effect::Allows, Truth::Holds);
        let may_be_allowed = has(Effect::Allows, Truth::NotTold);
        let verdict = match (refused, blind, allowed, depends) {
            (true, ..) => Verdict::Unsupported,
            (false, true, ..) => Verdict::Unknown,
            (false, false, true, false) => Verdict::Supported,
            (false, false, true, true) => Verdict::Conditional,
            (false, false, false, _) if may_be_allowed => Verdict::Conditional,
            (false, false, false, _) => Verdict::Unknown,
        };
        let open = questions(&rows, &needs);
        Self {
            verdict,
            rows,
            needs,
            open,
        }
    }

    /// Nothing is said.
    pub fn unknown(question: impl Into<String>, how: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            rows: Vec::new(),
            needs: Vec::new(),
            open: vec![Open {
                question: question.into(),
                how: how.into(),
            }],
        }
    }

    /// Both answers as one: the worse of the two.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.verdict = self.verdict.max(other.verdict);
        for row in other.rows {
            if !self.rows.contains(&row) {
                self.rows.push(row);
            }
        }
        self.rows
            .sort_by(|a, b| (a.effect, a.truth, &a.id).cmp(&(b.effect, b.truth, &b.id)));
        self.needs.extend(other.needs);
        self.open.extend(other.open);
        self.open.sort();
        self.open.dedup();
        self
    }

    /// The gravest row that holds, in words.
    pub fn because(&self) -> Option<&Cited> {
        self.rows.iter().find(|row| row.effect != Effect::Note)
    }
}

fn questions(rows: &[Cited], needs: &[Cited]) -> Vec<Open> {
    let weighty = rows.iter().filter(|row| row.effect != Effect::Note);
    let unsettled = weighty.filter(|row| matches!(row.truth, Truth::NotTold | Truth::CannotTell));
    let in_vain = needs.iter().filter(|need| need.truth == Truth::CannotTell);
    let mut open: Vec<Open> = unsettled
        .chain(in_vain)
        .flat_map(|row| &row.when)
        .map(|condition| Open {
            question: condition.fact.question().to_owned(),
            how: format!(
                "--fact {}={}",
                condition.fact.word(),
                condition.fact.values().join("|")
            ),
        })
        .collect();
    open.sort();
    open.dedup();
    open
}
