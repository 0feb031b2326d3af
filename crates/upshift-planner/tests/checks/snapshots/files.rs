//! Files that are short, elsewhere or of another backend.

use upshift_model::flink::fit::codes;
use upshift_model::flink::*;
use upshift_model::observed::Observed::Known;

use super::world::*;
use crate::cases::Outcome::{Red, Refused, Yellow};
use crate::cases::{Case, check};
use crate::support::World;
use crate::support::world::COUNTER;

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
