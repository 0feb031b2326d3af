//! What a snapshot holds: every finding about it, provoked. Snapshots of real jobs are read in the
//! tests of the drivers.

use upshift_model::flink::fit::codes;
use upshift_model::flink::*;
use upshift_model::observed::Observed::Known;
use upshift_planner::systems::flink::codes as planner;

use crate::cases::Outcome::{Blind, Dim, Green, Red, Refused, Yellow};
use crate::cases::{Case, check, outcome};
use crate::support::World;
use crate::support::world::{COUNTER, SOURCE, operator_of_graph, plain};

fn counter(world: &mut World) -> &mut SnapshotOperator {
    &mut world.snapshot().operators[1]
}

fn to_2_3(world: &mut World) {
    world.target().version = "2.3.0".parse().expect("a version");
    world.facts.host.target_java = Known(JavaFacts {
        feature: 17,
        path: "/usr/bin/java".into(),
    });
}

/// The value of the counter is written with this serializer.
fn value(world: &mut World, kind: SerializerKind) {
    let class = match &kind {
        SerializerKind::Kryo { .. } => "kryo.KryoSerializerSnapshot",
        SerializerKind::Pojo { .. } => "PojoSerializerSnapshot",
        _ => "shop.MoneySnapshot",
    };
    let shape = SerializerShape {
        snapshot_class: class.to_owned(),
        kind,
    };
    let state = &mut counter(world).states[0];
    state.serializers.insert("VALUE_SERIALIZER".to_owned(), shape);
}

fn kryo(class: &str) -> SerializerShape {
    SerializerShape {
        snapshot_class: "kryo.KryoSerializerSnapshot".into(),
        kind: SerializerKind::Kryo { class: class.into() },
    }
}

fn bean(fields: &[(&str, SerializerShape)]) -> SerializerKind {
    SerializerKind::Pojo {
        class: "shop.Order".into(),
        fields: fields
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), Some(shape.clone())))
            .collect(),
    }
}

/// The jar's own graph: these operators and no other.
fn wanted(world: &mut World, operators: Vec<GraphOperator>) {
    let graphs = world.facts.graphs.get_mut("orders").expect("looked at");
    graphs.wanted = Known(JobGraph {
        origin: GraphOrigin::Probe {
            home: "/srv/flink-1.20.5".into(),
            version: "1.20.5".parse().expect("a version"),
            java: 17,
            offline: true,
        },
        extent: GraphExtent::All,
        operators,
    });
}

fn by_uid(id: &str) -> GraphOperator {
    GraphOperator {
        id_from: IdFrom::Uid,
        ..operator_of_graph(id)
    }
}

fn by_place(id: &str, name: &str) -> GraphOperator {
    GraphOperator {
        id_from: IdFrom::Place,
        name: Some(name.into()),
        ..operator_of_graph(id)
    }
}

/// The counter has no uid, and nobody says that it has.
fn nameless(world: &mut World) {
    counter(world).declared.clear();
    world.declared().uids.truncate(1);
    let graphs = world.facts.graphs.get_mut("orders").expect("looked at");
    let declared = graphs.declared.as_mut().expect("declared");
    declared.operators.truncate(1);
}

fn changed(world: &mut World) {
    world.declared().target.args = vec!["--new".into()];
}

fn as_restore_point(world: &mut World) {
    world.looked().told_by = SnapshotTold::Person;
}

fn another(place: &str, of_snapshot: Option<&str>) -> (String, OutsideFiles) {
    let files = OutsideFiles {
        files: 3,
        bytes: 4_200_000,
        of_snapshot: of_snapshot.map(str::to_owned),
    };
    (place.to_owned(), files)
}

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

const OPERATORS: &[Case] = &[
    Case {
        story: "the new jar lacks the counter",
        code: codes::STATE_DROPPED,
        outcome: Red,
        evidence: "52.5 MB of state, states value",
        start: World::in_place,
        change: |w| wanted(w, vec![by_uid(SOURCE)]),
    },
    Case {
        story: "a waiver names an operator that has no state",
        code: codes::STATE_DROPPED,
        outcome: Yellow,
        evidence: "operators with state: source, counter",
        start: World::in_place,
        change: |w| w.waive("UP-FLINK-0210", "operator tally of job orders"),
    },
    Case {
        story: "the new jar has an operator more",
        code: codes::STARTS_EMPTY,
        outcome: Yellow,
        evidence: "ffffffffffffffffffffffffffffffff  dedupe",
        start: World::in_place,
        change: |w| {
            let mut new = by_uid("ffffffffffffffffffffffffffffffff");
            new.uid = Some("dedupe".into());
            wanted(w, vec![by_uid(SOURCE), by_uid(COUNTER), new]);
        },
    },
    Case {
        story: "another program, and of one operator no uid is known",
        code: codes::OPERATORS_UNTOLD,
        outcome: Blind,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter  52.5 MB of state",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
        },
    },
    Case {
        story: "of an operator no uid is known",
        code: codes::NO_UID,
        outcome: Yellow,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter",
        start: World::in_place,
        change: nameless,
    },
    Case {
        story: "no uid, another program, and state may be dropped",
        code: codes::WRONG_STATE,
        outcome: Refused,
        evidence: "1638 of 1638 records wrong",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
            w.waive("UP-FLINK-0210", "operator source of job orders");
        },
    },
    Case {
        story: "a source whose id is given literally",
        code: codes::PINNED_SOURCE,
        outcome: Red,
        evidence: "hands out every split anew",
        start: World::in_place,
        change: |w| {
            changed(w);
            w.snapshot().operators[0].coordinator = true;
            let pinned = GraphOperator {
                also: Some(SOURCE.into()),
                ..by_place("ffffffffffffffffffffffffffffffff", "source")
            };
            wanted(w, vec![pinned, by_uid(COUNTER)]);
        },
    },
    Case {
        story: "the counter's id belongs to the operator that was inserted",
        code: codes::ID_TAKEN,
        outcome: Red,
        evidence: "\"counter\" in the snapshot, \"audit\" in the job as wanted",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
            wanted(w, vec![by_uid(SOURCE), by_place(COUNTER, "audit")]);
        },
    },
];

#[test]
fn operators_and_uids() {
    check(OPERATORS);
}

#[test]
fn naming_every_operator_is_the_only_way_past_wrong_state() {
    let mut world = World::in_place();
    nameless(&mut world);
    changed(&mut world);
    world.waive("UP-FLINK-0210", "operator source of job orders");
    world.waive("UP-FLINK-0226", "job orders");
    let wrong = |world: &World| {
        let found = world.findings();
        found
            .into_iter()
            .find(|finding| finding.code == codes::WRONG_STATE)
    };
    let finding = wrong(&world).expect("no waiver of its own lifts it");
    assert_eq!((outcome(&finding), finding.waived_by.clone()), (Refused, None));
    let remedy = finding.remedy.join("\n");
    assert!(
        remedy.contains(&format!(".setUidHash(\"{COUNTER}\")   // counter")),
        "{remedy}"
    );
    assert!(
        remedy.contains(&format!("\"operator {COUNTER} of job orders\"")),
        "{remedy}"
    );

    world.waive("UP-FLINK-0210", &format!("operator {COUNTER} of job orders"));
    assert_eq!(wrong(&world), None);
}

#[test]
fn a_jar_that_was_given_the_hashes_is_judged_anew() {
    let mut world = World::in_place();
    nameless(&mut world);
    changed(&mut world);
    let pinned = GraphOperator {
        also: Some(COUNTER.into()),
        ..by_place("1b2c3d4e5f60718293a4b5c6d7e8f901", "renamed")
    };
    wanted(&mut world, vec![by_uid(SOURCE), pinned]);
    for code in [codes::NO_UID, codes::OPERATORS_UNTOLD] {
        let findings = world.findings();
        let finding = findings
            .iter()
            .find(|finding| finding.code == code)
            .expect("found");
        assert_eq!(outcome(finding), Green, "{finding:?}");
    }
}

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

const FILES_AND_FORMS: &[Case] = &[
    Case {
        story: "a file is short",
        code: codes::FILES_LACKING,
        outcome: Refused,
        evidence: "/srv/savepoints/s/a1 has 7 bytes, 9000 wanted (operator counter",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            lacking(w);
        },
    },
    Case {
        story: "a file of the newest savepoint is short, and the upgrade takes one of its own",
        code: codes::FILES_LACKING,
        outcome: Yellow,
        evidence: "/srv/savepoints/s/a1",
        start: World::in_place,
        change: lacking,
    },
    Case {
        story: "the heap's own form, and rocksdb on the target",
        code: codes::OTHER_BACKEND,
        outcome: Refused,
        evidence: "the target uses rocksdb",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            w.snapshot().keyed_forms = [KeyedForm::Heap].into();
        },
    },
    Case {
        story: "an embedded store's own form, and the heap on the target",
        code: codes::OTHER_BACKEND,
        outcome: Refused,
        evidence: "Unexpected state handle type",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            w.snapshot().keyed_forms = [KeyedForm::Embedded].into();
            w.conf().entries[1].value = "hashmap".into();
            let Known(config) = &mut w.facts.source.config else {
                panic!("known")
            };
            config.insert("state.backend.type".into(), "hashmap".into());
            w.checkpointing().state_backend = Some("HashMapStateBackend".into());
        },
    },
    Case {
        story: "files shared with other checkpoints",
        code: codes::NOT_MOVABLE,
        outcome: Yellow,
        evidence: "3 files, 4.2 MB in /srv/checkpoints/j/shared",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            w.snapshot()
                .outside
                .extend([another("/srv/checkpoints/j/shared", None)]);
        },
    },
    Case {
        story: "files of another savepoint",
        code: codes::NEEDS_ANOTHER,
        outcome: Yellow,
        evidence: "of the snapshot /srv/savepoints/older",
        start: World::in_place,
        change: |w| {
            let files = another("/srv/savepoints/older", Some("/srv/savepoints/older"));
            w.snapshot().outside.extend([files]);
        },
    },
    Case {
        story: "an unaligned checkpoint, from line to line",
        code: codes::CHANNEL_STATE,
        outcome: Red,
        evidence: "records in flight",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            w.snapshot().channel_state = true;
        },
    },
    Case {
        story: "a checkpoint of the changelog backend",
        code: codes::CHANGELOG,
        outcome: Yellow,
        evidence: "a log of changes",
        start: World::in_place,
        change: |w| {
            as_restore_point(w);
            w.snapshot().keyed_forms = [KeyedForm::Changelog].into();
        },
    },
];

fn lacking(world: &mut World) {
    let contents = world.snapshot();
    contents.lacking_files = 1;
    contents.lacking.push(LackingFile {
        path: "/srv/savepoints/s/a1".into(),
        operator: COUNTER.into(),
        wanted: Some(9_000),
        found: Some(7),
    });
}

#[test]
fn files_and_forms() {
    check(FILES_AND_FORMS);
}
