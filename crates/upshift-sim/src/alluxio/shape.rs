//! How large a cluster is, how quick, and between which releases it goes.

use crate::chance::Chance;

/// Who keeps the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// One master.
    Alone,
    /// Several masters that share a folder, and ask ZooKeeper who leads.
    Shared,
    /// Several masters, each with a folder of its own.
    Embedded,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// From which release to which.
    pub releases: (&'static str, &'static str),
    /// Whether the new master starts from a backup, or reads the old journal.
    pub by_backup: bool,
    /// How many masters there are.
    pub masters: usize,
    /// Who keeps the journal.
    pub keeping: Keeping,
    /// Files at the beginning.
    pub files: u64,
    /// Every so many-th file expires, one after the other; none where it is 0.
    pub mortal: u64,
    /// Whether tiers are copied while their worker is stopped.
    pub saves_tiers: bool,
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
            masters: 1,
            keeping: Keeping::Alone,
            files: 12,
            mortal: 0,
            saves_tiers: false,
            takes: (6_000, 2_000),
            backup_takes: 3_000,
            goes_back_by_itself: false,
        }
    }
}

impl Shape {
    /// Three masters that keep a journal together, with files that expire, and tiers that are copied.
    pub fn several(keeping: Keeping) -> Self {
        Self {
            releases: ("2.7.3", "2.9.6"),
            masters: match keeping {
                Keeping::Alone => 1,
                Keeping::Shared => 2,
                Keeping::Embedded => 3,
            },
            keeping,
            mortal: 5,
            saves_tiers: true,
            ..Self::default()
        }
    }

    /// One of a seed.
    pub fn draw(chance: &mut Chance) -> Self {
        let (releases, by_backup) = match chance.below(3) {
            0 => (("1.8.1", "2.9.6"), true),
            1 => (("2.7.3", "2.9.6"), true),
            _ => (("2.7.3", "2.9.6"), false),
        };
        let files = 4 + chance.below(20) as u64;
        let takes = (
            2_000 + chance.below(9_000) as i64,
            500 + chance.below(4_000) as i64,
        );
        let backup_takes = 500 + chance.below(9_000) as i64;
        let goes_back_by_itself = chance.percent(50);
        let (masters, keeping) = match chance.below(4) {
            0 => (2 + chance.below(2), Keeping::Shared),
            // 1.x keeps its journal in the under-store.
            1 if releases.0 != "1.8.1" => (3, Keeping::Embedded),
            _ => (1, Keeping::Alone),
        };
        Self {
            releases,
            by_backup,
            masters,
            keeping,
            files,
            mortal: if chance.percent(40) { 4 } else { 0 },
            saves_tiers: chance.percent(40),
            takes,
            backup_takes,
            goes_back_by_itself,
        }
    }
}
