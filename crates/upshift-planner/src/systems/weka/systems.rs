//! Operating systems on which a release may run, as the vendor lists them.

use crate::knowledge::{Known, Release};

const TABLE: &str = include_str!("../../../../../knowledge/weka/systems.tsv");
/// Where the table comes from.
pub(super) const SOURCE: &str = "the table of the vendor's upgrade checker 1.12.9, condensed";

/// What the table says of one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// It is listed.
    Yes,
    /// It is newer than what is listed of its kind.
    Newer,
    /// It is not listed.
    No,
}

/// Whether a server in this role may run `release` on system `id` of `version`.
pub(super) fn listed(id: &str, version: &str, role: &str, release: &Release) -> Listed {
    let mut newest: Option<&str> = None;
    for row in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = row.split('\t');
        let mut next = || cells.next().unwrap_or_default();
        let (known_id, known, known_role, first, last) = (next(), next(), next(), next(), next());
        let bound =
            |text| Release::parse(Known::Weka, text).expect("a release of the table: a test reads them all");
        if known_id != id || known_role != role || *release < bound(first) || *release > bound(last) {
            continue;
        }
        // Some systems tell their first number only, some rows mean all of a line.
        if known == version || is_part(known, version) || is_part(version, known) {
            return Listed::Yes;
        }
        newest = newest
            .filter(|newest| order(newest) > order(known))
            .or(Some(known));
    }
    match newest {
        Some(newest) if order(version) > order(newest) => Listed::Newer,
        _ => Listed::No,
    }
}

/// Whether one is the first number of the other.
fn is_part(short: &str, long: &str) -> bool {
    !short.contains('.') && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'))
}

fn order(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Listed, TABLE, listed};
    use crate::knowledge::{Known, Release};

    fn release(text: &str) -> Release {
        Release::parse(Known::Weka, text).unwrap()
    }

    #[test]
    fn every_row_of_the_table_can_be_read() {
        for row in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = row.split('\t').collect();
            assert_eq!(cells.len(), 5, "{row}");
            assert!(release(cells[3]) <= release(cells[4]), "{row}");
        }
    }

    #[test]
    fn a_system_is_listed_newer_or_not() {
        let to = release("5.1.25");
        assert_eq!(listed("ubuntu", "22.04", "backend", &to), Listed::Yes);
        assert_eq!(listed("rocky", "9.4", "backend", &to), Listed::Yes);
        assert_eq!(listed("ubuntu", "28.04", "backend", &to), Listed::Newer);
        assert_eq!(listed("ubuntu", "18.04", "backend", &to), Listed::No);
        assert_eq!(listed("arch", "2026.01", "backend", &to), Listed::No);
        assert_eq!(listed("debian", "10", "client", &release("4.2.15")), Listed::Yes);
    }
}
