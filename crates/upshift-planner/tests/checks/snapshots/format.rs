//! Whether a snapshot was read, and whether the target reads it.

use upshift_model::flink::fit::codes;
use upshift_model::flink::*;
use upshift_planner::systems::flink::codes as planner;

use super::world::*;
use crate::cases::Outcome::{Blind, Dim, Green, Refused, Yellow};
use crate::cases::{Case, check};
use crate::support::World;

const FORMAT: &[Case] = &[
    Case {
        story: "the newest savepoint was read",
        code: codes::UNREAD,
        outcome: Green,
        evidence: "savepoint-72a453-1b2c3d",
        start: World::in_place,
        change: |_| {},
    },
    Case {
        story: "no snapshot can be read, and a trial savepoint will be",
        code: codes::UNREAD,
        outcome: Dim,
        evidence: "before anything is stopped",
        start: World::unread,
        change: |_| {},
    },
    Case {
        story: "no snapshot can be read, and none will be before the stop",
        code: codes::UNREAD,
        outcome: Blind,
        evidence: "only after the stop",
        start: World::unread,
        change: |w| w.declaration.trial_savepoint = false,
    },
    Case {
        story: "no snapshot can be read, the target reads older headers",
        code: codes::OPERATOR_HEADER,
        outcome: Dim,
        evidence: "header version 6, the target reads up to 5",
        start: World::unread,
        change: |w| w.target().version = "1.17.2".parse().expect("a version"),
    },
    Case {
        story: "the metadata is newer than the target",
        code: codes::METADATA_VERSION,
        outcome: Refused,
        evidence: "Unrecognized checkpoint version number",
        start: World::in_place,
        change: |w| w.snapshot().version = 6,
    },
    Case {
        story: "the header of operator state is newer than the target",
        code: codes::OPERATOR_HEADER,
        outcome: Refused,
        evidence: "operator source (e5a72f353fc1e6bbf3bd96a41384998c): header version 6",
        start: World::in_place,
        change: |w| w.target().version = "1.17.2".parse().expect("a version"),
    },
    Case {
        story: "snapshots of 2.3 cannot be carried back to 1.18",
        code: planner::NEWER_METADATA,
        outcome: Yellow,
        evidence: "2.3.0 writes metadata of version 6, 1.18.1 reads up to 4",
        start: World::in_place,
        change: to_2_3,
    },
    Case {
        story: "operator state of 1.20 cannot be carried back to 1.16",
        code: planner::NEWER_HEADER,
        outcome: Yellow,
        evidence: "writes headers of operator state of version 6, 1.16.3 reads up to 5",
        start: World::in_place,
        change: |w| w.facts.source.version = "1.16.3".parse().expect("a version"),
    },
    Case {
        story: "a snapshot of the job is damaged, and the upgrade takes one of its own",
        code: codes::DAMAGED,
        outcome: Yellow,
        evidence: "at byte 1200",
        start: World::in_place,
        change: |w| {
            w.looked().found = SnapshotFound::Spoiled {
                what: "_metadata is damaged: expected 8 bytes at byte 1200, found 3".into(),
            };
        },
    },
    Case {
        story: "the snapshot that a person names is damaged",
        code: codes::DAMAGED,
        outcome: Refused,
        evidence: "magic",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            w.looked().found = SnapshotFound::Spoiled {
                what: "_metadata is damaged: magic".into(),
            };
        },
    },
    Case {
        story: "an operator is in the metadata twice",
        code: codes::ODD,
        outcome: Yellow,
        evidence: "is there twice",
        start: World::in_place,
        change: |w| w.snapshot().oddities.push("operator a is there twice".into()),
    },
    Case {
        story: "a serializer that the reader does not know",
        code: codes::NOT_ALL_READ,
        outcome: Dim,
        evidence: "serializer shop.MoneySnapshot at offset 700",
        start: World::in_place,
        change: |w| {
            counter(w).not_all_read =
                Some("serializer shop.MoneySnapshot at offset 700 is not known to the reader".into());
        },
    },
];

#[test]
fn format_and_damage() {
    check(FORMAT);
}
