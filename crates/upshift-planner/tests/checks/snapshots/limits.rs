//! Limits of a pair of releases by what the state holds.

use upshift_model::flink::fit::codes;
use upshift_model::flink::*;

use super::world::*;
use crate::cases::Outcome::{Blind, Green, Red, Yellow};
use crate::cases::{Case, check};
use crate::support::World;
use crate::support::world::plain;

const LIMITS: &[Case] = &[
    Case {
        story: "a bean with a list, from 1.18 to 2.3",
        code: codes::COLLECTION_IN_POJO,
        outcome: Red,
        evidence: "operator counter (0da08f51eaa85fc298e176a139b3649a), state value, field tags: Kryo<java.util.List>",
        start: World::in_place,
        change: |w| {
            to_2_3(w);
            value(
                w,
                bean(&[("id", plain("LongSerializer")), ("tags", kryo("java.util.List"))]),
            );
        },
    },
    Case {
        story: "a bean of plain fields, from 1.18 to 2.3",
        code: codes::COLLECTION_IN_POJO,
        outcome: Green,
        evidence: "",
        start: World::in_place,
        change: |w| {
            to_2_3(w);
            value(w, bean(&[("id", plain("LongSerializer"))]));
        },
    },
    Case {
        story: "a serializer that hides what is behind it, from 1.18 to 2.3",
        code: codes::COLLECTION_IN_POJO,
        outcome: Blind,
        evidence: "shop.MoneySnapshot",
        start: World::in_place,
        change: |w| {
            to_2_3(w);
            value(w, SerializerKind::Unknown);
        },
    },
    Case {
        story: "a type left to Kryo, from 1.18 to 2.3",
        code: codes::KRYO,
        outcome: Yellow,
        evidence: "state value: Kryo<shop.Blob>",
        start: World::in_place,
        change: |w| {
            to_2_3(w);
            value(
                w,
                SerializerKind::Kryo {
                    class: "shop.Blob".into(),
                },
            );
        },
    },
    Case {
        story: "semi-asynchronous checkpoints were gone before the oldest metadata that is read",
        code: codes::SEMI_ASYNC,
        outcome: Green,
        evidence: "cannot be migrated",
        start: World::in_place,
        change: |w| w.facts.source.version = "1.15.4".parse().expect("a version"),
    },
    Case {
        story: "a Scala case class of 1.3.0 on 1.4.1",
        code: codes::SCALA_CASE_CLASS,
        outcome: Red,
        evidence: "state value",
        start: World::in_place,
        change: |w| {
            let class = "org.apache.flink.api.scala.typeutils.ScalaCaseClassSerializerSnapshot";
            scala(w, class, ("1.3.0", "1.4.1"));
        },
    },
    Case {
        story: "a Scala collection of 1.2 on 1.8",
        code: codes::SCALA_TRAVERSABLE,
        outcome: Red,
        evidence: "state value",
        start: World::in_place,
        change: |w| {
            let class = "org.apache.flink.api.scala.typeutils.TraversableSerializerSnapshot";
            scala(w, class, ("1.2.1", "1.8.3"));
        },
    },
    Case {
        story: "a pattern of 1.2 on 1.8",
        code: codes::CEP,
        outcome: Red,
        evidence: "state value",
        start: World::in_place,
        change: |w| {
            scala(
                w,
                "org.apache.flink.cep.nfa.NFAStateSerializerSnapshot",
                ("1.2.1", "1.8.3"),
            )
        },
    },
    Case {
        story: "broadcast state of 1.5 on 1.6.1",
        code: codes::BROADCAST,
        outcome: Red,
        evidence: "operator counter (0da08f51eaa85fc298e176a139b3649a), state rules",
        start: World::in_place,
        change: |w| {
            w.facts.source.version = "1.5.0".parse().expect("a version");
            w.target().version = "1.6.1".parse().expect("a version");
            let state = &mut counter(w).states[0];
            (state.name, state.kind) = ("rules".into(), SnapshotState::BROADCAST.into());
        },
    },
];

/// The counter's value is of this snapshot class, and these are the releases.
fn scala(world: &mut World, class: &str, (from, to): (&str, &str)) {
    world.facts.source.version = from.parse().expect("a version");
    world.target().version = to.parse().expect("a version");
    value(world, SerializerKind::Plain);
    let state = &mut counter(world).states[0];
    let shape = state.serializers.get_mut("VALUE_SERIALIZER").expect("there");
    shape.snapshot_class = class.to_owned();
}

#[test]
fn limits_of_the_pair_by_what_the_state_holds() {
    check(LIMITS);
}
