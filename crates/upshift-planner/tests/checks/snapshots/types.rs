//! Types of state, keys and windows.

use upshift_model::flink::fit::codes;
use upshift_model::flink::*;

use super::world::*;
use crate::cases::Outcome::{Dim, Red, Yellow};
use crate::cases::{Case, check};
use crate::support::World;
use crate::support::world::{COUNTER, SOURCE, plain};

/// A snapshot that the job as wanted took elsewhere, with one thing changed in the counter.
fn elsewhere(world: &mut World, change: fn(&mut SnapshotOperator)) {
    let mut of_wanted = world.looked().clone();
    let SnapshotFound::Read(contents) = &mut of_wanted.found else {
        panic!("{of_wanted:?}")
    };
    change(&mut contents.operators[1]);
    world
        .facts
        .snapshots
        .get_mut("orders")
        .expect("looked at")
        .of_wanted = Some(of_wanted);
    changed(world);
}

const TYPES: &[Case] = &[
    Case {
        story: "another program, and nobody knows the types of its state",
        code: codes::STATE_TYPE,
        outcome: Dim,
        evidence: "a jar tells them only when it runs",
        start: World::in_place,
        change: changed,
    },
    Case {
        story: "a long becomes a string",
        code: codes::STATE_TYPE,
        outcome: Red,
        evidence: "state value: Long becomes String",
        start: World::in_place,
        change: |w| {
            elsewhere(w, |counter| {
                counter.states[0]
                    .serializers
                    .insert("VALUE_SERIALIZER".into(), plain("StringSerializer"));
            });
        },
    },
    Case {
        story: "a bean gets a field",
        code: codes::STATE_TYPE,
        outcome: Yellow,
        evidence: "field note is new",
        start: World::in_place,
        change: |w| {
            value(w, bean(&[("id", plain("LongSerializer"))]));
            elsewhere(w, |counter| {
                let shape = counter.states[0]
                    .serializers
                    .get_mut("VALUE_SERIALIZER")
                    .expect("there");
                shape.kind = bean(&[
                    ("id", plain("LongSerializer")),
                    ("note", plain("StringSerializer")),
                ]);
            });
        },
    },
    Case {
        story: "the key becomes a long",
        code: codes::KEY_TYPE,
        outcome: Red,
        evidence: "keys: String becomes Long",
        start: World::in_place,
        change: |w| elsewhere(w, |counter| counter.key = Some(plain("LongSerializer"))),
    },
    Case {
        story: "the graph tells of another key",
        code: codes::KEY_TYPE,
        outcome: Red,
        evidence: "becomes shop.KeySnapshot",
        start: World::in_place,
        change: |w| {
            let mut now = by_uid(COUNTER);
            now.key_serializer = Some("shop.KeySnapshot".into());
            wanted(w, vec![by_uid(SOURCE), now]);
        },
    },
];

#[test]
fn types_of_state() {
    check(TYPES);
}
