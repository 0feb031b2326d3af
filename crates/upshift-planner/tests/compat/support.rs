//! What these tests share: the built-in rows, and short ways to ask them.

use std::sync::LazyLock;

use upshift_planner::knowledge::{Answer, Facts, Known, Library, Release, Verdict};
use upshift_planner::route::{Outcome, Route, Wish, route};

pub(crate) static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

pub(crate) fn release(system: Known, text: &str) -> Release {
    Release::parse(system, text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn pair(system: Known, from: &str, to: &str, facts: &[&str]) -> Answer {
    let facts = Facts::parse(facts).expect("facts");
    LIBRARY.pair(&release(system, from), &release(system, to), &facts)
}

pub(crate) fn verdict(system: Known, from: &str, to: &str, facts: &[&str]) -> Verdict {
    pair(system, from, to, facts).verdict
}

pub(crate) fn search(
    system: Known,
    from: &str,
    to: &str,
    clients: Option<&str>,
    facts: &[&str],
    strict: bool,
) -> Outcome {
    let wish = Wish {
        from: release(system, from),
        to: release(system, to),
        clients: clients.map(|text| release(system, text)),
    };
    route(&LIBRARY, &wish, &Facts::parse(facts).expect("facts"), strict)
}

pub(crate) fn found(outcome: Outcome) -> Route {
    match outcome {
        Outcome::Found(route) => route,
        Outcome::Blocked(blocked) => panic!("blocked: {blocked:#?}"),
    }
}

/// The moves of a route, each as `roles version`.
pub(crate) fn moves(route: &Route) -> Vec<String> {
    let steps = route.steps.iter();
    steps
        .map(|step| format!("{} {}", step.roles.join("+"), step.to))
        .collect()
}
