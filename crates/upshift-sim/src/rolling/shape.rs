//! How large a rolling system is, and how quick.

use crate::chance::Chance;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How many servers hold replicas.
    pub servers: usize,
    /// How many buckets there are.
    pub buckets: usize,
    /// Replicas of each.
    pub replicas: usize,
    /// How long a server takes to come up and to go, in milliseconds.
    pub takes: (i64, i64),
    /// How long a replica takes to be in sync again.
    pub syncs_in: i64,
    /// What a failed gate leads to: the way back without asking, or a question.
    pub goes_back_by_itself: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            servers: 5,
            buckets: 8,
            replicas: 3,
            takes: (3_000, 800),
            syncs_in: 5_000,
            goes_back_by_itself: false,
        }
    }
}

impl Shape {
    /// One of a seed.
    pub fn draw(chance: &mut Chance) -> Self {
        Self {
            servers: 5 + chance.below(2),
            buckets: 4 + chance.below(8),
            takes: (500 + chance.below(4_000) as i64, 200 + chance.below(1_000) as i64),
            syncs_in: 1_000 + chance.below(8_000) as i64,
            goes_back_by_itself: chance.percent(50),
            ..Self::default()
        }
    }
}
