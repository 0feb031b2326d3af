//! What upshift reports for a case: changes on the way that bite, and rules on the pair that refuse
//! or warn.

use upshift_planner::knowledge::changes::{Area, Sight, Weight};
use upshift_planner::knowledge::{Effect, Fact, Facts, Library, Release, Truth};

use crate::case::Case;

/// One thing that is reported.
pub(crate) struct Reported {
    pub(crate) weight: Weight,
    /// Of changes only: rules have none.
    pub(crate) area: Option<Area>,
    pub(crate) text: String,
}

/// Sets that a look sees whole: what a situation does not list is not there.
const SEEN_WHOLE: [&str; 5] = [
    "option:*=",
    "class:*=false",
    "member:*=false",
    "connector:*=false",
    "scheme:*=false",
];

pub(crate) fn reported(library: &Library, case: &Case) -> Vec<Reported> {
    let release = |text: &str| {
        Release::parse(case.system, text).unwrap_or_else(|error| panic!("{}: {error}", case.path()))
    };
    let (from, to) = (release(&case.from), release(&case.to));
    let mut sight = Sight::default();
    let told: Vec<String> = SEEN_WHOLE
        .iter()
        .map(|text| (*text).to_owned())
        .chain(case.facts.iter().cloned())
        .collect();
    sight
        .tell(&told)
        .unwrap_or_else(|error| panic!("{}: {error}", case.path()));
    let notes = library
        .changes(case.system)
        .notes(&from, &to, &library.releases(case.system), &sight);
    let changes = notes.bites.iter().map(|told| Reported {
        weight: told.change.weight,
        area: Some(told.change.area),
        text: format!("{} {} {}", told.change.id, told.change.text, told.change.advice),
    });
    let answer = library.pair(&from, &to, &closed(&case.facts));
    let rows = answer.rows.iter().chain(&answer.needs);
    let rules = rows.filter(|row| row.truth == Truth::Holds).filter_map(|row| {
        let weight = match row.effect {
            Effect::Refuses => Weight::Red,
            Effect::Risk => Weight::Yellow,
            Effect::Allows | Effect::Note => return None,
        };
        Some(Reported {
            weight,
            area: None,
            text: format!("{} {} {}", row.id, row.text, row.advice),
        })
    });
    changes.chain(rules).collect()
}

/// The facts of the closed set, which rules ask for.
fn closed(facts: &[String]) -> Facts {
    let words: Vec<&String> = facts
        .iter()
        .filter(|text| {
            text.split('=')
                .next()
                .is_some_and(|word| word.parse::<Fact>().is_ok())
        })
        .collect();
    Facts::parse(&words).unwrap_or_else(|error| panic!("{error}"))
}
