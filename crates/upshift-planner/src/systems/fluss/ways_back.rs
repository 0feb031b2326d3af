//! Which releases a cluster could go back to as it stands, and what closes the others: for every release line
//! that its coordinator may be of, the line before it.

use upshift_model::fluss::{Facts, Line, lines_of_coordinator, lines_of_tablet_server};

use super::sight::sight;
use crate::knowledge::{Answer, Cited, Known, Library, Release, Truth};

/// One way back.
#[derive(Debug, Clone)]
pub struct WayBack {
    /// What runs, or may run.
    pub from: Release,
    /// What would run.
    pub to: Release,
    /// What the catalogue says of it: whether it is open at all.
    pub answer: Answer,
    /// What keeps it from being gone right now.
    pub not_now: Vec<Cited>,
}

/// The ways back from where a cluster stands, for the lines that `of` names or, where it names none, those
/// that the registrations leave open; the newest first.
pub fn ways_back(library: &Library, facts: &Facts, of: &[Line]) -> Vec<WayBack> {
    let lines = if of.is_empty() {
        lines_of_coordinator(facts)
    } else {
        of
    };
    let seen = sight(facts);
    let releases = library.releases(Known::Fluss);
    let newest_of = |line: Line| {
        releases
            .iter()
            .rev()
            .find(|release| release.line() == line)
            .cloned()
    };
    let mut ways: Vec<WayBack> = lines
        .iter()
        .filter_map(|line| Some((newest_of(*line)?, newest_of(before(*line)?)?)))
        .map(|(from, to)| {
            let whole = library.pair(&from, &to, &seen);
            let stands = |need: &Cited| matches!(need.truth, Truth::Holds | Truth::CannotTell);
            WayBack {
                from,
                to,
                answer: Answer::of(whole.rows, Vec::new()),
                not_now: whole.needs.into_iter().filter(stands).collect(),
            }
        })
        .collect();
    ways.reverse();
    ways
}

/// Tablet servers whose registrations only a later line than the coordinator's writes: an upgrade that is
/// half-way, where servers can be put back one by one.
pub fn half_way(facts: &Facts) -> Vec<i32> {
    let newest = lines_of_coordinator(facts).iter().max();
    let servers = facts.tablet_servers.known();
    let ahead = servers.into_iter().flatten().filter(|(_, server)| {
        let format = server.known().map_or(0, |server| server.format);
        let lines = lines_of_tablet_server(format);
        newest.is_some_and(|newest| !lines.is_empty() && lines.iter().all(|line| line > newest))
    });
    ahead.map(|(id, _)| *id).collect()
}

const fn before(line: Line) -> Option<Line> {
    match line {
        (1, 0) => Some((0, 9)),
        (0, minor) if minor > 5 => Some((0, minor - 1)),
        _ => None,
    }
}
