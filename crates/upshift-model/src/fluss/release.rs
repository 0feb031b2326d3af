//! Which release lines write a registration as it was seen. ZooKeeper names no release; this is all it
//! tells, and an answer over RPC tells more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::version::Version;

/// A release line: `(0, 9)`.
pub type Line = (u32, u32);

/// The lines whose tablet servers register in this format.
pub const fn lines_of_tablet_server(format: u32) -> &'static [Line] {
    match format {
        1 => &[(0, 5), (0, 6)],
        3 => &[(0, 7), (0, 8), (0, 9)],
        4 => &[(1, 0)],
        // 2 was never released.
        _ => &[],
    }
}

/// The lines that the coordinator that leads may be of; empty where none leads or it was not seen. Those of
/// 1.0 list themselves beside leading.
pub fn lines_of_coordinator(facts: &Facts) -> &'static [Line] {
    let Some(Some(active)) = facts.active.known() else {
        return &[];
    };
    match (active.format, facts.coordinators.known()) {
        (1, _) => &[(0, 5), (0, 6)],
        (2, Some(all)) if all.iter().any(|one| one.id == active.id) => &[(1, 0)],
        (2, Some(_)) => &[(0, 7), (0, 8), (0, 9)],
        (2, None) => &[(0, 7), (0, 8), (0, 9), (1, 0)],
        _ => &[],
    }
}

/// Whether two texts name one release: a person leaves out what the incubator put behind its releases, the names of their
/// jars do not.
pub fn same_release(one: &str, other: &str) -> bool {
    let bare = |text: &str| {
        let text = text.strip_prefix('v').unwrap_or(text).to_ascii_lowercase();
        text.replacen("-incubating", "", 1).parse::<Version>().ok()
    };
    match (bare(one), bare(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A coordinator.
    Coordinator,
    /// A tablet server.
    TabletServer,
}

/// The highest call that any release known here has.
const NEWEST_CALL: i16 = 1064;

/// The line whose processes know exactly calls like these, by number with the oldest and newest version. None
/// where one is among them that no known release has: a later release is not guessed at.
pub fn line_of_apis(role: Role, apis: &BTreeMap<i16, (i16, i16)>) -> Option<Line> {
    let knows = |call: i16| apis.contains_key(&call);
    let newest_put = apis.get(&1016).map_or(0, |(_, newest)| *newest);
    if !knows(1000) || apis.keys().any(|call| *call > NEWEST_CALL) {
        return None;
    }
    match role {
        Role::Coordinator if knows(1062) => Some((1, 0)),
        Role::Coordinator if knows(1047) => Some((0, 9)),
        Role::Coordinator if knows(1043) => Some((0, 8)),
        Role::TabletServer if knows(1061) || newest_put > 1 => Some((1, 0)),
        Role::TabletServer if knows(1059) => Some((0, 9)),
        Role::TabletServer if knows(1045) => Some((0, 8)),
        _ if knows(1038) => Some((0, 7)),
        _ => Some((0, 6)),
    }
}

#[cfg(test)]
mod tests {
    use super::same_release;

    #[test]
    fn a_release_is_the_same_with_and_without_the_name_of_the_incubator() {
        for (one, other) in [
            ("0.9.1", "0.9.1-incubating"),
            ("v0.8.0-incubating", "0.8"),
            ("0.9.1-incubating-rc1", "0.9.1-RC1"),
        ] {
            assert!(same_release(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("0.9.1", "0.9.0-incubating"),
            ("0.9.1", "0.9.1-incubating-SNAPSHOT"),
            ("0.10.0", "0.1"),
        ] {
            assert!(!same_release(one, other), "{one} {other}");
        }
    }
}
