//! What is brought to a stand before the first hop, and goes on after the last: units of `rpc.statd`, background tasks.

use std::collections::BTreeMap;

use upshift_model::policy::OnLaneFailure;
use upshift_model::step::Wave;
use upshift_model::weka::{Fate, Former, Task};

use super::error::PlanError;
use super::plan::one;
use super::site::unseen;
use super::steps;
use crate::build::{lane, wave};
use crate::systems::weka::situation::Situation;
use crate::systems::weka::tasks::{fate, is_stopping};

/// Both units, which the documentation names together.
const UNITS: [&str; 2] = ["rpc-statd", "rpc-statd-notify"];
/// So many servers at a time.
const AT_ONCE: usize = 8;

/// Each backend on which one of the units runs, or would with the next start of the server.
pub(super) fn quiet(s: &Situation<'_>) -> Result<Option<Wave>, PlanError> {
    let mut lanes = Vec::new();
    for (host, server) in &s.facts.backends {
        let Some(server) = server.known() else { continue };
        let seen = |what: &str| unseen(&format!("{what} on {host}"));
        let own = &server.surroundings;
        let running = own.statd.known().ok_or_else(|| seen("whether rpc.statd runs"))?;
        let enabled = own.statd_enabled.known();
        let enabled = enabled.ok_or_else(|| seen("whether rpc.statd starts with the server"))?;
        if running.is_empty() && enabled.is_empty() {
            continue;
        }
        let former = |unit: &str| Former {
            ran: running.iter().any(|name| name == unit),
            enabled: enabled.iter().any(|name| name == unit),
        };
        let units: BTreeMap<String, Former> = UNITS
            .into_iter()
            .map(|unit| (unit.to_owned(), former(unit)))
            .collect();
        lanes.push(lane(None, vec![steps::quiet(host, units)]));
    }
    Ok(wave("rpc.statd", lanes, AT_ONCE, OnLaneFailure::All))
}

/// Tasks that the file says something about.
pub(super) fn tasks(s: &Situation<'_>) -> Result<Option<Wave>, PlanError> {
    let mut all = Vec::new();
    for task in of_the_file(s) {
        let (id, kind, fate) = named(task?)?;
        all.push(steps::task(id, &kind, fate));
    }
    Ok(one("tasks", all))
}

/// What was paused goes on.
pub(super) fn go_on(s: &Situation<'_>) -> Result<Option<Wave>, PlanError> {
    let mut all = Vec::new();
    for task in of_the_file(s) {
        if let (id, kind, Fate::Pause) = named(task?)? {
            all.push(steps::task(id, &kind, Fate::Resume));
        }
    }
    Ok(one("tasks go on", all))
}

type Planned<'a> = Result<(&'a Task, Fate), PlanError>;

/// A task that is only waited for where an upgrade starts beside it is none.
fn of_the_file<'a>(s: &'a Situation<'a>) -> impl Iterator<Item = Planned<'a>> {
    let tasks = s.facts.cluster.tasks.known();
    tasks.into_iter().flatten().filter_map(move |task| {
        let Some(kind) = task.kind.as_deref() else {
            return Some(Err(unseen("the type of every task")));
        };
        let fate = fate(s, task)?;
        (fate != Fate::Wait || is_stopping(kind)).then_some(Ok((task, fate)))
    })
}

fn named((task, fate): (&Task, Fate)) -> Result<(u64, String, Fate), PlanError> {
    let id = task.id.ok_or_else(|| unseen("the number of every task"))?;
    let kind = task
        .kind
        .clone()
        .ok_or_else(|| unseen("the type of every task"))?;
    Ok((id, kind, fate))
}
