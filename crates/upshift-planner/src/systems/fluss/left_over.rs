//! What a run of Fluss leaves behind: told from its journal, and from a last look where there is one.

use std::collections::BTreeSet;

use upshift_model::fluss::{Line, Site, System};
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, Preparation, Releasable};
use upshift_model::version::Version;

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, site: &Site, present: Option<&System>) -> Vec<String> {
    // What a step of the way there left open, the way back has settled.
    let settled = run.back.is_some();
    let open = run.open_intents().into_iter();
    let open = open.filter(|step| !settled || step.as_str().starts_with("back."));
    let mut left: Vec<String> = open
        .map(|step| format!("step {step} was begun and its end was not seen"))
        .collect();
    let plan = &run.plan.plan;
    let over = run.wave_at() == run.waves().len();
    let wanted = match (over, settled) {
        (true, true) => return left,
        (true, false) => &plan.to,
        (false, _) => &plan.from,
    };
    let touched = run.steps.values().any(|step| step.intent.is_some());
    match present {
        None if touched => left.push("the cluster could not be looked at after the last step".to_owned()),
        None => {}
        Some(system) if over => left.extend(others(system, wanted, "was wanted")),
        Some(system) => {
            left.extend(others(system, wanted, "ran before"));
            left.extend(away(site, system));
        }
    }
    if !over {
        left.extend(canaries(run));
    }
    left
}

/// Servers that answer as another release.
fn others(system: &System, wanted: &Version, it: &str) -> Vec<String> {
    let line: Line = (wanted.major(), wanted.minor());
    let answers = system.answers.iter();
    let said = answers.filter_map(|answer| match answer.line.as_result() {
        Ok(of) if *of == line => None,
        Ok((major, minor)) => Some(format!(
            "{} answers as {major}.{minor}, {wanted} {it}",
            answer.server
        )),
        Err(gap) => Some(format!(
            "the release of {} could not be seen: {gap}",
            answer.server
        )),
    });
    said.collect()
}

/// Servers of the plan that are not registered.
fn away(site: &Site, system: &System) -> Vec<String> {
    let there: BTreeSet<_> = system
        .answers
        .iter()
        .map(|answer| answer.server.component())
        .collect();
    let away = site.servers.keys().filter(|server| !there.contains(server));
    away.map(|server| format!("{server} is not registered")).collect()
}

/// Databases of upshift's own that were made and not dropped.
fn canaries(run: &RunState) -> Vec<String> {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    let there = run.plan.plan.steps();
    let back = run.back.iter().flat_map(|back| back.plan.steps());
    for step in there.chain(back) {
        match &step.effect {
            Effect::Prepare {
                what: Preparation::Canary { what, .. },
            } if run.is_begun(&step.id) => {
                made.insert(&what.name);
            }
            Effect::Release {
                what: Releasable::Canary { what },
            } if run.is_done(&step.id) => {
                made.remove(what.name.as_str());
            }
            _ => {}
        }
    }
    let said = made.into_iter();
    said.map(|name| format!("the database {name} is upshift's own: drop it with its tables"))
        .collect()
}
