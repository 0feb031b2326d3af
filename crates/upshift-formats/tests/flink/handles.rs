//! Every kind of state handle, written by Flink's own serializers in metadata versions 2 to 6, reads as
//! Flink's own loader reads it back.

use serde_json::Value;
use upshift_formats::flink::raw::{Item, SubtaskState, items};
use upshift_formats::flink::view::{HandleKind, Label, Operator, Part, Snapshot};
use upshift_formats::flink::{read_metadata, read_metadata_from};
use upshift_formats::{FormatError, Limits};

const FILES: [&str; 8] = [
    "1.20.5-v2",
    "1.20.5-v3",
    "1.20.5-v4",
    "2.3.0-v2",
    "2.3.0-v3",
    "2.3.0-v4",
    "2.3.0-v5",
    "2.3.0-v6",
];

fn load(name: &str) -> (Vec<u8>, Value) {
    let dir = crate::fixtures::root().join("../flink-handles").join(name);
    let read = |file: &str| std::fs::read(dir.join(file)).expect("fixture");
    (
        read("_metadata"),
        serde_json::from_slice(&read("flink-truth.json")).expect("JSON"),
    )
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("array")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("number")
}

#[test]
fn the_view_has_the_handles_and_sizes_of_flink() {
    for name in FILES {
        let (bytes, truth) = load(name);
        let snapshot = read_metadata(&bytes, &Limits::default()).expect(name);
        assert_eq!(Value::from(snapshot.version), truth["metadata_version"], "{name}");
        let hooks: Vec<Value> = snapshot
            .master_states
            .iter()
            .map(|hook| serde_json::json!({"name": hook.name, "version": hook.version, "bytes": hook.bytes}))
            .collect();
        assert_eq!(Value::from(hooks), truth["master_states"], "{name}");
        assert_eq!(
            snapshot.operators.len(),
            array(&truth["operators"]).len(),
            "{name}"
        );
        for (operator, truth) in snapshot.operators.iter().zip(array(&truth["operators"])) {
            check_operator(operator, truth, name);
        }
        check_answers(&snapshot, name);
    }
}

fn check_operator(operator: &Operator, truth: &Value, name: &str) {
    assert_eq!(operator.id.to_string(), truth["operator_id"], "{name}");
    let text = |label: &Label| label.as_deref().map_or(Value::Null, Value::from);
    assert_eq!(
        (text(&operator.name), text(&operator.uid)),
        (truth["name"].clone(), truth["uid"].clone()),
        "{name}"
    );
    assert_eq!(Value::from(operator.parallelism), truth["parallelism"], "{name}");
    assert_eq!(
        Value::from(operator.fully_finished),
        truth["fully_finished"],
        "{name}"
    );
    assert_eq!(
        operator.coordinator_bytes.map_or(Value::Null, Value::from),
        truth["coordinator_state_bytes"]
    );
    assert_eq!(
        operator.totals().bytes,
        number(&truth["bytes"]),
        "{name} {}",
        operator.id
    );
    assert_eq!(operator.totals().unknown_sizes, 0, "{name}");
    let subtasks = array(&truth["subtasks"]);
    let finished = subtasks.iter().filter(|s| s["finished"] == true).count();
    assert_eq!(
        (
            operator.subtasks.recorded as usize,
            operator.subtasks.finished as usize
        ),
        (subtasks.len(), finished)
    );
    let parts = [
        (Part::ManagedKeyed, "managed_keyed"),
        (Part::RawKeyed, "raw_keyed"),
        (Part::ManagedOperator, "managed_operator"),
        (Part::RawOperator, "raw_operator"),
        (Part::InputChannels, "input_channel"),
        (Part::ResultSubpartitions, "result_subpartition"),
    ];
    for (part, field) in parts {
        let handles: Vec<&Value> = subtasks.iter().flat_map(|s| array(&s[field])).collect();
        let mine = operator.handles.iter().filter(|((p, _), _)| *p == part);
        let bytes: u64 = mine.clone().map(|(_, totals)| totals.bytes).sum();
        assert_eq!(
            bytes,
            handles.iter().map(|h| number(&h["bytes"])).sum::<u64>(),
            "{name} {field}"
        );
        for handle in handles {
            // Flink has a class of its own for an empty handle of merged files.
            let class = handle["class"]
                .as_str()
                .expect("class")
                .replace("EmptyFileMerging", "FileMerging");
            assert!(
                mine.clone().any(|((_, kind), _)| kind.flink_class() == class),
                "{name} {field} {class}"
            );
        }
    }
}

fn check_answers(snapshot: &Snapshot, name: &str) {
    let version = snapshot.version;
    assert!(
        snapshot.has_changelog() && snapshot.is_incremental() && snapshot.has_merged_files(),
        "{name}"
    );
    assert!(
        !snapshot.is_relocatable() && snapshot.oddities.is_empty(),
        "{name}"
    );
    assert_eq!(snapshot.has_channel_state(), version >= 3, "{name}");
    assert_eq!(
        snapshot.has(HandleKind::FileMergingOperatorStream),
        version >= 3,
        "{name}"
    );
    assert_eq!(
        snapshot.has(HandleKind::MergedResultSubpartition),
        version >= 6,
        "{name}"
    );
}

#[test]
fn the_raw_layer_has_the_key_groups_and_names_of_flink() {
    let limits = Limits::default();
    for name in FILES {
        let (bytes, truth) = load(name);
        let mut operators = array(&truth["operators"]).iter();
        let mut subtasks = &Value::Null;
        for item in items(&bytes, &limits) {
            match item.expect(name) {
                Item::Operator(_) => subtasks = &operators.next().expect("operator")["subtasks"],
                Item::Subtask(subtask) => {
                    let truth = array(subtasks)
                        .iter()
                        .find(|s| s["subtask"] == subtask.index)
                        .expect("subtask");
                    assert_eq!(truth["finished"], subtask.state.is_none(), "{name}");
                    if let Some(state) = &subtask.state {
                        check_state(state, truth, name);
                    }
                }
                Item::Head { .. } | Item::MasterState(_) | Item::Operators { .. } | Item::Properties(_) => {}
            }
        }
    }
}

fn check_state(state: &SubtaskState<'_>, truth: &Value, name: &str) {
    for (handle, field) in [
        (&state.managed_keyed, "managed_keyed"),
        (&state.raw_keyed, "raw_keyed"),
    ] {
        assert_eq!(
            usize::from(handle.is_some()),
            array(&truth[field]).len(),
            "{name}"
        );
        for (handle, truth) in handle.iter().zip(array(&truth[field])) {
            let groups = handle.groups;
            assert_eq!(
                Value::from(vec![groups.first, groups.first + groups.count - 1]),
                truth["key_groups"],
                "{name}"
            );
        }
    }
    let operator = [
        (&state.managed_operator, "managed_operator"),
        (&state.raw_operator, "raw_operator"),
    ];
    for (handle, field) in operator {
        assert_eq!(
            usize::from(handle.is_some()),
            array(&truth[field]).len(),
            "{name}"
        );
        for (handle, truth) in handle.iter().zip(array(&truth[field])) {
            assert_eq!(Value::from(handle.partitions.len()), truth["states"], "{name}");
        }
    }
    for (handles, field) in [
        (&state.input_channels, "input_channel"),
        (&state.result_subpartitions, "result_subpartition"),
    ] {
        let sizes: Vec<i64> = handles.iter().map(|handle| handle.size).collect();
        let truth: Vec<i64> = array(&truth[field])
            .iter()
            .filter_map(|h| h["bytes"].as_i64())
            .collect();
        assert_eq!(sizes, truth, "{name}");
    }
}

#[test]
fn every_prefix_is_an_error_and_every_flip_stays_where_it_is() {
    let limits = Limits::default();
    for name in FILES {
        let (bytes, _) = load(name);
        let whole: Vec<Item<'_>> = items(&bytes, &limits).map(|item| item.expect(name)).collect();
        for place in 0..bytes.len() {
            let error = read_metadata(&bytes[..place], &limits).expect_err("cut short");
            assert!(
                matches!(error, FormatError::Truncated { .. }),
                "{name} cut at {place}: {error}"
            );
            read_metadata_from(&bytes[..place], &limits).expect_err("cut short");
            let mut damaged = bytes.clone();
            damaged[place] ^= 0xff;
            let read: Result<Vec<Item<'_>>, _> = items(&damaged, &limits).collect();
            if let Ok(read) = read {
                let differing = read.iter().zip(&whole).filter(|(a, b)| a != b).count();
                assert!(
                    differing <= 1 && read.len() == whole.len(),
                    "{name} at {place}: {differing}"
                );
            }
        }
    }
}
