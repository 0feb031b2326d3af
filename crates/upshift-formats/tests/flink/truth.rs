//! Every real snapshot reads as the Flink release that wrote it reads it, field by field.

use std::collections::BTreeMap;

use crate::fixtures::{self, Fixture};
use serde_json::Value;
use upshift_formats::flink::raw::{
    Item, KeyedBody, KeyedHandle, MetaInfo, OperatorHandle, RawHeader, StreamBody, StreamHandle, Subtask,
    items, read_keyed_header, read_operator_header,
};
use upshift_formats::flink::serializers::Serializer;
use upshift_formats::flink::view::{
    FileLocation, FileSize, Label, Operator, SnapshotKind, data_files, visit_files, visit_files_of,
};
use upshift_formats::flink::{operator_id_of_uid, read_metadata, read_metadata_from};
use upshift_formats::{Limits, ReadError};

#[test]
fn the_raw_layer_says_what_flink_says() {
    let mut states = 0;
    for fixture in fixtures::all() {
        states += check_raw(&fixture);
    }
    assert!(states > 500, "states compared: {states}");
}

#[test]
fn the_view_says_what_flink_says() {
    for fixture in fixtures::all() {
        let snapshot = read_metadata(&fixture.metadata, &Limits::default()).expect(&fixture.name);
        let truth = &fixture.truth;
        assert_eq!(
            Value::from(snapshot.version),
            truth["metadata_version"],
            "{}",
            fixture.name
        );
        assert_eq!(
            Value::from(snapshot.checkpoint_id),
            truth["checkpoint_id"],
            "{}",
            fixture.name
        );
        assert_eq!(snapshot.metadata_bytes, fixture.metadata.len() as u64);
        assert!(
            snapshot.oddities.is_empty() && snapshot.master_states.is_empty(),
            "{}",
            fixture.name
        );
        let format = fixture.manifest["format"].as_str().expect("format");
        let kind = match (snapshot.version, format) {
            (3, _) => SnapshotKind::Unknown,
            (_, "checkpoint") => SnapshotKind::Checkpoint,
            (_, format) => SnapshotKind::Savepoint {
                format: Some(format.to_uppercase()),
            },
        };
        assert_eq!(snapshot.kind(), kind, "{}", fixture.name);
        let operators = array(&truth["operators"]);
        assert_eq!(snapshot.operators.len(), operators.len(), "{}", fixture.name);
        for (operator, truth) in snapshot.operators.iter().zip(operators) {
            check_operator(operator, truth, snapshot.version, &fixture);
        }
        for operator in array(&fixture.manifest["operators"]) {
            let id = operator["operator_id"].as_str().expect("id").parse().expect("id");
            check_summary(snapshot.operator(id).expect("operator"), operator, &fixture.name);
        }
        for node in array(&truth["job_graph"]) {
            if let Some(uid) = node["uid"].as_str() {
                assert_eq!(
                    operator_id_of_uid(uid).to_string(),
                    node["operator_id"],
                    "{}",
                    fixture.name
                );
            }
        }
    }
}

#[test]
fn the_files_named_are_the_files_there() {
    for fixture in fixtures::all() {
        let files = data_files(&fixture.metadata, &Limits::default()).expect(&fixture.name);
        let mut there: Vec<&str> = array(&fixture.manifest["state_files"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        there.retain(|file| !file.ends_with("_metadata"));
        for file in &files {
            let path = match &file.location {
                FileLocation::Relative(path) => fixture.snapshot_dir().join(path),
                FileLocation::Absolute(path) => {
                    let name = path.rsplit('/').next().expect("a name");
                    fixture.dir.join("job/shared").join(name)
                }
            };
            let size = std::fs::metadata(&path)
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
                .len();
            assert_eq!(file.size, FileSize::Exactly(size), "{}", path.display());
        }
        assert_eq!(files.len(), there.len(), "{}: {files:?} {there:?}", fixture.name);
    }
}

/// Gives a few bytes at a time and fails behind the last.
struct Drops<'a> {
    bytes: &'a [u8],
    fails: bool,
}

impl std::io::Read for Drops<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() && self.fails {
            return Err(std::io::Error::other("gone"));
        }
        let count = self.bytes.len().min(buf.len()).min(1000);
        let (now, later) = self.bytes.split_at(count);
        buf[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

#[test]
fn a_file_larger_than_the_window_reads_as_it_does_whole() {
    let limits = Limits::default();
    let fixture = fixtures::load("2.0.2-rocksdb-native-kinds-uids");
    // Operators over and over between the head and the properties of a real file, about 5 MB.
    let all: Vec<Item<'_>> = items(&fixture.metadata, &limits)
        .map(|item| item.expect("sound"))
        .collect();
    let Some(Item::Operator(first)) = all.iter().find(|item| matches!(item, Item::Operator(_))) else {
        panic!()
    };
    let Some(Item::Properties(Some(end))) = all.last() else {
        panic!()
    };
    let [start, end] = [first.at, end.at].map(|at| usize::try_from(at).expect("small"));
    let mut bytes = fixture.metadata[..start].to_vec();
    let count = all
        .iter()
        .filter(|item| matches!(item, Item::Operator(_)))
        .count();
    bytes[start - 4..].copy_from_slice(&u32::try_from(count * 60).expect("few").to_be_bytes());
    for _ in 0..60 {
        bytes.extend_from_slice(&fixture.metadata[start..end]);
    }
    bytes.extend_from_slice(&fixture.metadata[end..]);
    assert!(bytes.len() > 3_000_000, "{}", bytes.len());
    let whole = read_metadata(&bytes, &limits).expect("sound");
    let dropwise = Drops {
        bytes: &bytes,
        fails: false,
    };
    assert_eq!(read_metadata_from(dropwise, &limits).expect("sound"), whole);
    let (mut slice, mut window) = (Vec::new(), Vec::new());
    visit_files(&bytes, &limits, |found| slice.push(format!("{found:?}"))).expect("sound");
    let dropwise = Drops {
        bytes: &bytes,
        fails: false,
    };
    visit_files_of(dropwise, &limits, |found| window.push(format!("{found:?}"))).expect("sound");
    assert_eq!(window, slice);
    let gone = Drops {
        bytes: &bytes[..2_000_000],
        fails: true,
    };
    let error = read_metadata_from(gone, &limits).expect_err("gone");
    assert!(matches!(error, ReadError::Io(_)), "{error}");
    for (cut, end) in [(true, 2_000_000), (false, bytes.len())] {
        let mut damaged = bytes[..end].to_vec();
        damaged.extend_from_slice(if cut { b"" } else { b"more" });
        let error = read_metadata_from(&damaged[..], &limits)
            .expect_err("damaged")
            .to_string();
        assert_eq!(
            error,
            read_metadata(&damaged, &limits).expect_err("damaged").to_string()
        );
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn check_operator(operator: &Operator, truth: &Value, version: u32, fixture: &Fixture) {
    let name = &fixture.name;
    assert_eq!(operator.id.to_string(), truth["operator_id"], "{name}");
    for (label, field) in [(&operator.name, "name"), (&operator.uid, "uid")] {
        match truth[field].as_str() {
            Some(text) => assert_eq!(label, &Label::Given(text.to_owned()), "{name}"),
            None if version < 5 => assert_eq!(label, &Label::NotRecorded, "{name}"),
            None => assert_eq!(label, &Label::Absent, "{name}"),
        }
    }
    assert_eq!(Value::from(operator.parallelism), truth["parallelism"], "{name}");
    assert_eq!(
        Value::from(operator.max_parallelism),
        truth["max_parallelism"],
        "{name}"
    );
    assert_eq!(
        operator.coordinator_bytes.map_or(Value::Null, Value::from),
        truth["coordinator_state_bytes"]
    );
    assert_eq!(
        Value::from(operator.fully_finished),
        truth["fully_finished"],
        "{name}"
    );
    assert_eq!(
        operator.subtasks.recorded as usize,
        array(&truth["subtasks"]).len(),
        "{name}"
    );
    assert_eq!(operator.subtasks.finished, 0, "{name}");
    let states: BTreeMap<&str, u64> = array(&truth["subtasks"])
        .iter()
        .flat_map(|s| {
            array(&s["managed_keyed"])
                .iter()
                .chain(array(&s["managed_operator"]))
        })
        .flat_map(|h| array(&h["states"]).iter().chain(array(&h["broadcast_states"])))
        .fold(BTreeMap::new(), |mut counts, s| {
            *counts.entry(s["name"].as_str().expect("name")).or_default() += 1;
            counts
        });
    if operator.headers.in_files == 0 {
        let mine: BTreeMap<&str, u64> = operator
            .states
            .iter()
            .map(|s| (s.name.as_str(), s.handles))
            .collect();
        assert_eq!(mine, states, "{name} {}", operator.id);
    }
    assert_eq!(
        operator.headers.incomplete, 0,
        "{name}: {:?}",
        operator.headers.problem
    );
}

fn check_summary(operator: &Operator, manifest: &Value, name: &str) {
    assert_eq!(
        Value::from(operator.is_stateful()),
        manifest["stateful"],
        "{name} {}",
        operator.id
    );
    let kinds: std::collections::BTreeSet<&str> =
        operator.handles.keys().map(|(_, k)| k.flink_class()).collect();
    let expected: std::collections::BTreeSet<&str> = array(&manifest["handles"])
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(kinds, expected, "{name}");
    assert_eq!(
        Value::from(operator.subtasks.recorded),
        manifest["subtasks_with_entry"],
        "{name}"
    );
    for (state, truth) in manifest["operator_states"].as_object().expect("states") {
        let found: Vec<_> = operator.states_named(state).collect();
        assert_eq!(found.len(), 1, "{name} {state}");
        let mode = match &found[0].kind {
            upshift_formats::flink::view::StateKind::List(mode) => mode.flink_name(),
            upshift_formats::flink::view::StateKind::Broadcast => "BROADCAST",
            other => panic!("{name} {state}: {other:?}"),
        };
        assert_eq!(mode, truth["mode"], "{name} {state}");
        assert!(found[0].differing.is_empty(), "{name} {state}");
    }
}

fn check_raw(fixture: &Fixture) -> usize {
    let (mut states, mut operators) = (0, array(&fixture.truth["operators"]).iter());
    let mut subtasks: Vec<&Value> = Vec::new();
    for item in items(&fixture.metadata, &Limits::default()) {
        match item.expect(&fixture.name) {
            Item::Operator(_) => {
                assert!(subtasks.is_empty(), "{}", fixture.name);
                let operator = operators.next().expect("operator");
                subtasks = array(&operator["subtasks"]).iter().collect();
            }
            Item::Subtask(subtask) => {
                let place = subtasks.iter().position(|s| s["subtask"] == subtask.index);
                states += check_subtask(&subtask, subtasks.remove(place.expect("subtask")), fixture);
            }
            Item::Properties(outline) => {
                let classes = outline.map(|o| o.classes).unwrap_or_default();
                assert_eq!(
                    classes.is_empty(),
                    fixture.truth["properties"].is_null(),
                    "{}",
                    fixture.name
                );
            }
            Item::Head { .. } | Item::MasterState(_) | Item::Operators { .. } => {}
        }
    }
    assert!(operators.next().is_none(), "{}", fixture.name);
    states
}

fn check_subtask(subtask: &Subtask<'_>, truth: &Value, fixture: &Fixture) -> usize {
    let state = subtask.state.as_ref().expect("not finished");
    assert!(
        state.raw_operator.is_none() && state.raw_keyed.is_none() && state.reference_checkpoint.is_none()
    );
    assert_eq!(Value::from(state.input_channels.len()), truth["input_channel"]);
    assert_eq!(
        Value::from(state.result_subpartitions.len()),
        truth["result_subpartition"]
    );
    let keyed = array(&truth["managed_keyed"]);
    let operator = array(&truth["managed_operator"]);
    assert_eq!(
        (usize::from(state.managed_keyed.is_some()), keyed.len().min(1)),
        (keyed.len(), keyed.len())
    );
    assert_eq!(usize::from(state.managed_operator.is_some()), operator.len());
    let keyed = state
        .managed_keyed
        .iter()
        .zip(keyed)
        .map(|(handle, truth)| check_keyed(handle, truth, fixture));
    let operator = state
        .managed_operator
        .iter()
        .zip(operator)
        .map(|(handle, truth)| check_operator_handle(handle, truth, fixture));
    keyed.chain(operator).sum()
}

fn check_keyed(handle: &KeyedHandle<'_>, truth: &Value, fixture: &Fixture) -> usize {
    let last = handle.groups.first + handle.groups.count - 1;
    assert_eq!(
        Value::from(vec![handle.groups.first, last]),
        truth["key_groups"],
        "{}",
        fixture.name
    );
    let (class, stream) = match &handle.body {
        KeyedBody::KeyGroups { stream, offsets } => {
            assert_eq!(offsets.offsets.iter().count(), handle.groups.count as usize);
            (
                if handle.tag == 7 {
                    "KeyGroupsSavepointStateHandle"
                } else {
                    "KeyGroupsStateHandle"
                },
                stream,
            )
        }
        KeyedBody::Incremental {
            meta,
            backend,
            shared,
            private,
            ..
        } => {
            assert_eq!(backend.to_str(), truth["backend_id"].as_str().expect("id"));
            assert_eq!(Value::from(shared.len()), truth["shared"]);
            assert_eq!(Value::from(private.len()), truth["private"]);
            ("IncrementalRemoteKeyedStateHandle", meta)
        }
        other => panic!("{}: {other:?}", fixture.name),
    };
    assert_eq!(class, truth["handle"], "{}", fixture.name);
    let (bytes, at) = check_stream(stream.as_ref().expect("stream"), &truth["stream"], fixture);
    let header = read_keyed_header(&bytes, at, &Limits::default()).expect(&fixture.name);
    check_header(&header, truth, &fixture.name);
    assert_eq!(
        header.compressed.map(Value::from).as_ref(),
        Some(&truth["compressed"])
    );
    check_serializer(header.key.as_ref().expect("key"), &truth["key_serializer"]);
    header.states.len()
}

fn check_operator_handle(handle: &OperatorHandle<'_>, truth: &Value, fixture: &Fixture) -> usize {
    assert_eq!(truth["handle"], "OperatorStreamStateHandle");
    let partitions = truth["partitions"].as_object().expect("partitions");
    assert_eq!(handle.partitions.len(), partitions.len(), "{}", fixture.name);
    for partition in &handle.partitions {
        let truth = &partitions[&*partition.name.to_str()];
        assert_eq!(
            partition.distribution.flink_name(),
            truth["mode"],
            "{}",
            fixture.name
        );
        assert_eq!(
            Value::from(partition.offsets.len()),
            truth["partitions"],
            "{}",
            fixture.name
        );
    }
    let (bytes, at) = check_stream(handle.stream.as_ref().expect("stream"), &truth["stream"], fixture);
    let header = read_operator_header(&bytes, at, &Limits::default()).expect(&fixture.name);
    check_header(&header, truth, &fixture.name);
    check_metas(&header.broadcast, &truth["broadcast_states"], &fixture.name);
    header.states.len() + header.broadcast.len()
}

/// Gives the bytes of a stream and where they start, in the metadata or in their file.
fn check_stream(stream: &StreamHandle<'_>, truth: &Value, fixture: &Fixture) -> (Vec<u8>, u64) {
    let (class, bytes, at) = match &stream.body {
        StreamBody::Bytes { data, .. } => ("ByteStreamStateHandle", data.bytes.to_vec(), data.at),
        StreamBody::Relative { path, size } => {
            assert_eq!(path.to_str(), truth["relative"].as_str().expect("path"));
            let bytes = std::fs::read(fixture.snapshot_dir().join(&*path.to_str())).expect("state file");
            assert_eq!(*size, i64::try_from(bytes.len()).expect("size"));
            ("RelativeFileStateHandle", bytes, 0)
        }
        other => panic!("{}: {other:?}", fixture.name),
    };
    assert_eq!(class, truth["class"], "{}", fixture.name);
    assert_eq!(Value::from(bytes.len()), truth["bytes"], "{}", fixture.name);
    (bytes, at)
}

fn check_header(header: &RawHeader, truth: &Value, name: &str) {
    assert_eq!(Value::from(header.version), truth["proxy_version"], "{name}");
    assert_eq!(header.stopped_at, None, "{name}");
    check_metas(&header.states, &truth["states"], name);
}

fn check_metas(metas: &[MetaInfo], truth: &Value, name: &str) {
    let truth: BTreeMap<&str, &Value> = array(truth)
        .iter()
        .map(|state| (state["name"].as_str().expect("name"), state))
        .collect();
    assert_eq!(metas.len(), truth.len(), "{name}");
    for meta in metas {
        let truth = truth[meta.name.as_str()];
        let kind = ["KEY_VALUE", "OPERATOR", "BROADCAST", "PRIORITY_QUEUE"];
        assert_eq!(
            kind[usize::try_from(meta.kind).expect("kind")],
            truth["backend_state_type"],
            "{name}"
        );
        let options: BTreeMap<String, String> = meta.options.iter().cloned().collect();
        assert_eq!(
            serde_json::to_value(options).expect("JSON"),
            truth["options"],
            "{name}"
        );
        let serializers = truth["serializers"].as_object().expect("serializers");
        assert_eq!(meta.serializers.len(), serializers.len(), "{name}");
        for (role, serializer) in &meta.serializers {
            check_serializer(serializer, &serializers[role]);
        }
    }
}

fn check_serializer(serializer: &Serializer, truth: &Value) {
    assert_eq!(serializer.snapshot_class, truth["snapshot"]);
    assert_eq!(Value::from(serializer.version), truth["snapshot_version"]);
}
