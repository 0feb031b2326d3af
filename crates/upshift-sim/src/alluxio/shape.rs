//! How large a cluster is, how quick, and between which releases it goes.

use crate::chance::Chance;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// From which release to which.
    pub releases: (&'static str, &'static str),
    /// Whether the new master starts from a backup, or reads the old journal.
    pub by_backup: bool,
    /// Files at the beginning.
    pub files: u64,
    /// How long a server takes to come up and to go, in milliseconds.
    pub takes: (i64, i64),
    /// How long a backup takes.
    pub backup_takes: i64,
    /// What a failed gate leads to: the way back without asking, or a question.
    pub goes_back_by_itself: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            releases: ("1.8.1", "2.9.6"),
            by_backup: true,
            files: 12,
            takes: (6_000, 2_000),
            backup_takes: 3_000,
            goes_back_by_itself: false,
        }
    }
}

impl Shape {
    /// One of a seed.
    pub fn draw(chance: &mut Chance) -> Self {
        let (releases, by_backup) = match chance.below(3) {
            0 => (("1.8.1", "2.9.6"), true),
            1 => (("2.7.3", "2.9.6"), true),
            _ => (("2.7.3", "2.9.6"), false),
        };
        Self {
            releases,
            by_backup,
            files: 4 + chance.below(20) as u64,
            takes: (
                2_000 + chance.below(9_000) as i64,
                500 + chance.below(4_000) as i64,
            ),
            backup_takes: 500 + chance.below(9_000) as i64,
            goes_back_by_itself: chance.percent(50),
        }
    }
}
