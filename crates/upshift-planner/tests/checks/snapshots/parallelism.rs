//! Parallelism and max parallelism.

use upshift_model::flink::fit::codes;

use super::world::*;
use crate::cases::Outcome::{Green, Refused, Yellow};
use crate::cases::{Case, check};
use crate::support::World;

const SHAPE: &[Case] = &[
    Case {
        story: "another max parallelism is declared",
        code: codes::MAX_PARALLELISM,
        outcome: Refused,
        evidence: "operator counter (0da08f51eaa85fc298e176a139b3649a): 128 in the snapshot, 256 in the job as wanted",
        start: World::in_place,
        change: |w| w.declared().target.max_parallelism = Some(256),
    },
    Case {
        story: "nobody sets a max parallelism",
        code: codes::MAX_PARALLELISM,
        outcome: Green,
        evidence: "left to Flink, which takes over that of the snapshot: 2",
        start: World::in_place,
        change: |w| {
            w.declared().current.max_parallelism = None;
            w.declared().target.max_parallelism = None;
        },
    },
    Case {
        story: "more parallel than the snapshot allows",
        code: codes::PARALLELISM,
        outcome: Refused,
        evidence: "parallelism 200, max parallelism 128 in the snapshot",
        start: World::in_place,
        change: |w| w.declared().target.parallelism = Some(200),
    },
    Case {
        story: "rescaled, with uids",
        code: codes::RESHAPED,
        outcome: Green,
        evidence: "parallelism 2 becomes 3",
        start: World::in_place,
        change: |w| w.declared().target.parallelism = Some(3),
    },
    Case {
        story: "rescaled, without uids",
        code: codes::RESHAPED,
        outcome: Yellow,
        evidence: "has state and no known uid",
        start: World::in_place,
        change: |w| {
            nameless(w);
            w.declared().target.parallelism = Some(3);
        },
    },
];

#[test]
fn parallelism_of_the_snapshot() {
    check(SHAPE);
}
