//! A look at a Fluss system as a person reads it.

use upshift_model::fluss::{KeeperState, Line, ServerId, System};
use upshift_model::inventory::Inventory;
use upshift_planner::knowledge::Library;

use super::fluss_hosts::{self, seen};
use super::inspect::fluss_tree;
use super::render::Paint;
use crate::app::fluss;

/// The tree of a look.
pub(super) fn tree(look: &Inventory, system: &System, paint: Paint) -> String {
    let System {
        cluster,
        keepers,
        answers,
        both_sides,
        processes,
        hosts,
        ..
    } = system;
    let coordinator = answers
        .iter()
        .find(|answer| answer.server == ServerId::Coordinator);
    let line = coordinator.and_then(|answer| answer.line.known().copied());
    let of: Vec<Line> = line.into_iter().collect();
    let account = fluss::account(cluster, Some(both_sides), &Library::builtin(), &of);
    let mut lines = vec![
        format!("{}   seen {}", paint.bold(look.system.as_str()), look.taken_at),
        fluss_tree::text(&account, paint).trim_end().to_owned(),
        paint.bold("servers of ZooKeeper"),
    ];
    lines.extend(keepers.iter().map(|one| {
        let said = seen(&one.state, paint, KeeperState::words);
        format!("  {}: {said}", one.address)
    }));
    lines.push(paint.bold("what servers answer"));
    lines.extend(answers.iter().map(|answer| {
        let said = seen(&answer.line, paint, |(major, minor)| format!("{major}.{minor}"));
        format!("  {} at {}: {said}", answer.server, answer.address)
    }));
    lines.extend(fluss_hosts::lines(hosts, processes, paint));
    lines.join("\n")
}
