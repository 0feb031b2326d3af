//! How large a cluster is, how quick, and between which releases it goes.

use crate::chance::Chance;

/// From which release to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// Measured on real servers; both ways are open.
    ZeroSevenToZeroNine,
    /// No server of the one stands beside those of the other: all are stopped.
    ZeroSixToZeroSeven,
    /// The coordinator counts its starts from then on: the second one closes the way back.
    ZeroNineToOneZero,
}

impl Hop {
    /// From and to, as they are written.
    pub const fn releases(self) -> (&'static str, &'static str) {
        match self {
            Self::ZeroSevenToZeroNine => ("0.7.0", "0.9.1-incubating"),
            Self::ZeroSixToZeroSeven => ("0.6.0", "0.7.0"),
            Self::ZeroNineToOneZero => ("0.9.1-incubating", "1.0.0"),
        }
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// From which release to which.
    pub hop: Hop,
    /// Tablet servers.
    pub servers: u16,
    /// Buckets of the one table.
    pub buckets: u32,
    /// Replicas of each.
    pub replicas: usize,
    /// How long a server takes to register and to end, in milliseconds.
    pub takes: (i64, i64),
    /// How long a replica takes to be in sync again.
    pub syncs_in: i64,
    /// What a failed gate leads to: the way back without asking, or a question.
    pub goes_back_by_itself: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            hop: Hop::ZeroSevenToZeroNine,
            servers: 3,
            buckets: 6,
            replicas: 3,
            takes: (5_000, 4_000),
            syncs_in: 4_000,
            goes_back_by_itself: false,
        }
    }
}

impl Shape {
    /// One of a seed.
    pub fn draw(chance: &mut Chance) -> Self {
        Self {
            hop: match chance.below(100) {
                0..40 => Hop::ZeroSevenToZeroNine,
                40..75 => Hop::ZeroNineToOneZero,
                _ => Hop::ZeroSixToZeroSeven,
            },
            servers: 3 + u16::try_from(chance.below(3)).unwrap_or(0),
            buckets: 3 + u32::try_from(chance.below(6)).unwrap_or(0),
            takes: (
                2_000 + chance.below(6_000) as i64,
                1_000 + chance.below(6_000) as i64,
            ),
            syncs_in: 2_000 + chance.below(14_000) as i64,
            goes_back_by_itself: chance.percent(50),
            ..Self::default()
        }
    }
}
