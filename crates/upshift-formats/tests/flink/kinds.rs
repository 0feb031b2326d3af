//! Snapshots of real jobs with changelog, merged files, records in flight, master hooks, finished subtasks, times to live
//! and many types read as the Flink release that wrote them reads them, field by field.

use std::collections::{BTreeMap, BTreeSet};

use crate::fixtures::{self, Fixture};
use serde_json::{Value, json};
use upshift_formats::Limits;
use upshift_formats::flink::raw::{
    ChannelBody, ChannelHandle, HeaderKind, Item, KeyedBody, KeyedHandle, MetaInfo, NamedStream,
    OperatorHandle, RawHeader, StreamBody, StreamHandle, Subtask, SubtaskState, items, read_keyed_header,
    read_operator_header,
};
use upshift_formats::flink::serializers::{Content, Serializer};
use upshift_formats::flink::view::{FileLocation, FileSize, Label, Part, Snapshot, data_files};
use upshift_formats::flink::{read_metadata, read_metadata_from};

/// What the comparison has met, so that it cannot pass by comparing nothing.
#[derive(Default)]
struct Met {
    counts: BTreeMap<String, usize>,
    headers: BTreeSet<(HeaderKind, Vec<u8>)>,
}

impl Met {
    fn one(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// The distinct headers, each as long as Flink says it is.
    fn header(&mut self, header: &RawHeader, bytes: &[u8]) {
        let length = usize::try_from(header.bytes).expect("a length");
        self.headers.insert((header.kind, bytes[..length].to_vec()));
    }
}

#[test]
fn the_raw_layer_says_what_flink_says() {
    let mut met = Met::default();
    for fixture in fixtures::kinds() {
        check_raw(&fixture, &mut met);
    }
    if fixtures::others().is_some() {
        return;
    }
    for what in [
        "master state",
        "finished subtask",
        "ChangelogStateBackendHandleImpl",
        "ChangelogStateHandleStreamImpl",
        "IncrementalRemoteKeyedStateHandle",
        "KeyGroupsStateHandle",
        "KeyGroupsSavepointStateHandle",
        "FileMergingOperatorStreamStateHandle",
        "OperatorStreamStateHandle",
        "SegmentFileStateHandle",
        "InputChannelStateHandle",
        "ResultSubpartitionStateHandle",
        "MergedInputChannelStateHandle",
        "compressed changes",
        "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot",
        "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot",
        "org.apache.flink.table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot",
    ] {
        assert!(
            met.counts.contains_key(what),
            "nothing was compared of {what}: {:?}",
            met.counts
        );
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn check_raw(fixture: &Fixture, met: &mut Met) {
    let name = &fixture.name;
    let mut hooks = array(&fixture.truth["master_states"]).iter();
    let mut operators = array(&fixture.truth["operators"]).iter();
    let mut subtasks: Vec<&Value> = Vec::new();
    for item in items(&fixture.metadata, &Limits::default()) {
        match item.expect(name) {
            Item::Head {
                version,
                checkpoint_id,
                ..
            } => {
                assert_eq!(json!(version), fixture.truth["metadata_version"], "{name}");
                assert_eq!(json!(checkpoint_id), fixture.truth["checkpoint_id"], "{name}");
            }
            Item::MasterState(state) => {
                met.one("master state");
                let mine = json!({
                    "name": state.name.to_str(),
                    "version": state.version,
                    "bytes": state.data.bytes.len(),
                });
                assert_eq!(Some(&mine), hooks.next(), "{name}");
            }
            Item::Operator(_) => {
                assert!(subtasks.is_empty(), "{name}: {subtasks:?}");
                subtasks = array(&operators.next().expect("operator")["subtasks"])
                    .iter()
                    .collect();
            }
            Item::Subtask(subtask) => {
                let place = subtasks.iter().position(|s| s["subtask"] == subtask.index);
                check_subtask(&subtask, subtasks.remove(place.expect("subtask")), fixture, met);
            }
            Item::Operators { .. } | Item::Properties(_) => {}
        }
    }
    assert!(operators.next().is_none() && hooks.next().is_none(), "{name}");
}

fn check_subtask(subtask: &Subtask<'_>, truth: &Value, fixture: &Fixture, met: &mut Met) {
    assert_eq!(
        json!(subtask.state.is_none()),
        truth["finished"],
        "{}",
        fixture.name
    );
    let Some(state) = &subtask.state else {
        met.one("finished subtask");
        return;
    };
    for (handle, field, managed) in [
        (&state.managed_keyed, "managed_keyed", true),
        (&state.raw_keyed, "raw_keyed", false),
    ] {
        let truth = array(&truth[field]);
        assert_eq!(
            usize::from(handle.is_some()),
            truth.len(),
            "{} {field}",
            fixture.name
        );
        for (handle, truth) in handle.iter().zip(truth) {
            check_keyed(handle, truth, managed, fixture, met);
        }
    }
    for (handle, field, managed) in [
        (&state.managed_operator, "managed_operator", true),
        (&state.raw_operator, "raw_operator", false),
    ] {
        let truth = array(&truth[field]);
        assert_eq!(
            usize::from(handle.is_some()),
            truth.len(),
            "{} {field}",
            fixture.name
        );
        for (handle, truth) in handle.iter().zip(truth) {
            check_operator(handle, truth, managed, fixture, met);
        }
    }
    check_channels(state, truth, fixture, met);
}

fn check_keyed(handle: &KeyedHandle<'_>, truth: &Value, managed: bool, fixture: &Fixture, met: &mut Met) {
    let name = &fixture.name;
    met.one(truth["handle"].as_str().expect("class"));
    let last = handle.groups.first + handle.groups.count - 1;
    assert_eq!(json!([handle.groups.first, last]), truth["key_groups"], "{name}");
    match &handle.body {
        KeyedBody::KeyGroups { stream, .. } => {
            let class = if handle.tag == 7 {
                "KeyGroupsSavepointStateHandle"
            } else {
                "KeyGroupsStateHandle"
            };
            assert_eq!(class, truth["handle"], "{name}");
            let (bytes, at) = check_stream(stream.as_ref(), &truth["stream"], fixture, met);
            if managed {
                check_keyed_header(&bytes, at, truth, name, met);
            }
        }
        KeyedBody::Incremental {
            checkpoint_id,
            backend,
            meta,
            shared,
            private,
            ..
        } => {
            assert_eq!("IncrementalRemoteKeyedStateHandle", truth["handle"], "{name}");
            assert_eq!(json!(checkpoint_id), truth["checkpoint_id"], "{name}");
            assert_eq!(json!(backend.to_str()), truth["backend_id"], "{name}");
            check_files(shared, &truth["shared"], fixture, met);
            check_files(private, &truth["private"], fixture, met);
            let (bytes, at) = check_stream(meta.as_ref(), &truth["stream"], fixture, met);
            check_keyed_header(&bytes, at, truth, name, met);
        }
        KeyedBody::Changelog { .. } => check_changelog(handle, truth, fixture, met),
        KeyedBody::InMemoryChangelog { from, to, changes } => {
            let mine = json!([from, to, changes.len()]);
            assert_eq!(
                mine,
                json!([truth["from"], truth["to"], truth["count"]]),
                "{name}"
            );
        }
        KeyedBody::ChangelogStream {
            streams,
            size,
            storage,
            ..
        } => {
            assert_eq!("ChangelogStateHandleStreamImpl", truth["handle"], "{name}");
            assert_eq!(json!(size), truth["state_bytes"], "{name}");
            if let Some(storage) = storage {
                assert_eq!(json!(storage.to_str()), truth["storage"], "{name}");
            }
            assert_eq!(streams.len(), array(&truth["streams"]).len(), "{name}");
            for (mine, truth) in streams.iter().zip(array(&truth["streams"])) {
                assert_eq!(json!(mine.offset), truth["offset"], "{name}");
                check_stream(mine.stream.as_ref(), &truth["stream"], fixture, met);
            }
        }
    }
}

fn check_changelog(handle: &KeyedHandle<'_>, truth: &Value, fixture: &Fixture, met: &mut Met) {
    let name = &fixture.name;
    let KeyedBody::Changelog {
        materialized,
        delta,
        materialization_id,
        checkpoint_id,
        ..
    } = &handle.body
    else {
        panic!("{handle:?}")
    };
    assert_eq!("ChangelogStateBackendHandleImpl", truth["handle"], "{name}");
    assert_eq!(json!(materialization_id), truth["materialization_id"], "{name}");
    if let Some(id) = checkpoint_id {
        assert_eq!(json!(id), truth["checkpoint_id"], "{name}");
    }
    for (mine, field) in [(materialized, "materialized"), (delta, "changes")] {
        assert_eq!(mine.len(), array(&truth[field]).len(), "{name} {field}");
        for (mine, truth) in mine.iter().zip(array(&truth[field])) {
            check_keyed(mine, truth, true, fixture, met);
        }
    }
}

fn check_files(mine: &[NamedStream<'_>], truth: &Value, fixture: &Fixture, met: &mut Met) {
    assert_eq!(mine.len(), array(truth).len(), "{}", fixture.name);
    let by_name: BTreeMap<&str, &Value> = array(truth)
        .iter()
        .map(|file| (file["name"].as_str().expect("name"), &file["stream"]))
        .collect();
    for file in mine {
        check_stream(file.stream.as_ref(), by_name[&*file.name.to_str()], fixture, met);
    }
}

fn check_operator(
    handle: &OperatorHandle<'_>,
    truth: &Value,
    managed: bool,
    fixture: &Fixture,
    met: &mut Met,
) {
    let name = &fixture.name;
    let class = truth["handle"].as_str().expect("class");
    met.one(class);
    assert_eq!(handle.merged.is_some(), class.contains("FileMerging"), "{name}");
    if let Some(merged) = &handle.merged {
        let plain = |path: &Value| Value::from(path.as_str().expect("path").trim_start_matches("file:"));
        let mine = |path: &str| Value::from(path.trim_start_matches("file:"));
        assert_eq!(
            mine(&merged.task_owned.to_str()),
            plain(&truth["getTaskOwnedDirHandle"]),
            "{name}"
        );
        assert_eq!(
            mine(&merged.shared.to_str()),
            plain(&truth["getSharedDirHandle"]),
            "{name}"
        );
        assert_eq!(merged.empty, class.starts_with("Empty"), "{name}");
    }
    let partitions: serde_json::Map<String, Value> = handle
        .partitions
        .iter()
        .map(|p| {
            let said = json!({"mode": p.distribution.flink_name(), "partitions": p.offsets.len()});
            (p.name.to_str().into_owned(), said)
        })
        .collect();
    assert_eq!(Value::from(partitions), truth["partitions"], "{name}");
    let (bytes, at) = check_stream(handle.stream.as_ref(), &truth["stream"], fixture, met);
    if managed && !truth["proxy_version"].is_null() {
        let header = read_operator_header(&bytes, at, &Limits::default()).expect(name);
        met.header(&header, &bytes);
        check_header(&header, truth, name, met);
        check_metas(&header.broadcast, &truth["broadcast_states"], name, met);
    }
}

fn check_channels(state: &SubtaskState<'_>, truth: &Value, fixture: &Fixture, met: &mut Met) {
    for (handles, field) in [
        (&state.input_channels, "input_channel"),
        (&state.result_subpartitions, "result_subpartition"),
    ] {
        assert_eq!(handles.len(), array(&truth[field]).len(), "{}", fixture.name);
        // Flink keeps them in a set of its own order.
        let mut left: Vec<&Value> = array(&truth[field]).iter().collect();
        for handle in handles {
            let place = left.iter().position(|truth| same_channel(handle, truth));
            let truth =
                left.remove(place.unwrap_or_else(|| panic!("{}: {handle:?} in {left:?}", fixture.name)));
            met.one(truth["handle"].as_str().expect("class"));
            check_stream(handle.stream.as_ref(), &truth["stream"], fixture, met);
        }
    }
}

fn same_channel(handle: &ChannelHandle<'_>, truth: &Value) -> bool {
    let merged = truth["handle"].as_str().expect("class").starts_with("Merged");
    json!(handle.subtask) == truth["subtask"]
        && json!(handle.size) == truth["state_bytes"]
        && match &handle.body {
            ChannelBody::Single {
                group,
                index,
                offsets,
            } => {
                let offsets: Vec<i64> = offsets.iter().collect();
                !merged && json!([group, index]) == truth["place"] && json!(offsets) == truth["offsets"]
            }
            ChannelBody::Merged { offsets } => merged && !offsets.bytes.is_empty(),
        }
}

/// Gives the bytes of a stream's file or of the metadata, and where the stream starts in them.
fn check_stream(
    stream: Option<&StreamHandle<'_>>,
    truth: &Value,
    fixture: &Fixture,
    met: &mut Met,
) -> (Vec<u8>, u64) {
    let name = &fixture.name;
    met.one(truth["class"].as_str().expect("class"));
    let file = |path: std::path::PathBuf| {
        std::fs::read(&path).unwrap_or_else(|e| panic!("{name}: {}: {e}", path.display()))
    };
    let (said, bytes, at) = match &stream.expect("stream").body {
        StreamBody::Bytes { data, .. } => (
            json!({"class": "ByteStreamStateHandle", "bytes": data.bytes.len(), "inline": true}),
            data.bytes.to_vec(),
            data.at,
        ),
        StreamBody::Relative { path, size } => (
            json!({"class": "RelativeFileStateHandle", "bytes": size, "relative": path.to_str()}),
            file(fixture.snapshot_dir().join(&*path.to_str())),
            0,
        ),
        StreamBody::File { path, size } => (
            json!({"class": "FileStateHandle", "bytes": size, "path": path.to_str()}),
            file(fixture.file(&path.to_str())),
            0,
        ),
        StreamBody::Segment {
            start,
            size,
            scope,
            path,
            logical,
        } => {
            let scope = ["EXCLUSIVE", "SHARED"][usize::try_from(*scope).expect("scope")];
            let said = json!({
                "class": "SegmentFileStateHandle",
                "bytes": size,
                "path": path.to_str(),
                "start": start,
                "scope": scope,
                "logical": logical.to_str(),
            });
            let start = usize::try_from(*start).expect("offset");
            let end = start + usize::try_from(*size).expect("size");
            (said, file(fixture.file(&path.to_str()))[start..end].to_vec(), 0)
        }
        StreamBody::EmptySegment => (
            json!({"class": "EmptySegmentFileStateHandle", "bytes": 0}),
            Vec::new(),
            0,
        ),
        StreamBody::KeyGroups { .. } => panic!("{name}: {stream:?}"),
    };
    assert_eq!(said, *truth, "{name}");
    // Of a file of changes Flink notes what it wrote before compression, and behind a first byte that says whether there
    // was one.
    match (truth["path"].as_str(), bytes.first()) {
        (Some(path), Some(1)) if path.contains("/dstl/") => met.one("compressed changes"),
        (Some(path), _) if path.contains("/dstl/") => {
            assert_eq!(json!(bytes.len() - 1), truth["bytes"], "{name}")
        }
        _ => assert_eq!(json!(bytes.len()), truth["bytes"], "{name}"),
    }
    (bytes, at)
}

fn check_keyed_header(bytes: &[u8], at: u64, truth: &Value, name: &str, met: &mut Met) {
    let header = read_keyed_header(bytes, at, &Limits::default()).expect(name);
    met.header(&header, bytes);
    check_header(&header, truth, name, met);
    assert_eq!(
        header.compressed.map(Value::from).as_ref(),
        Some(&truth["compressed"]),
        "{name}"
    );
    check_serializer(
        header.key.as_ref().expect("key"),
        &truth["key_serializer"],
        name,
        met,
    );
}

fn check_header(header: &RawHeader, truth: &Value, name: &str, met: &mut Met) {
    assert_eq!(json!(header.version), truth["proxy_version"], "{name}");
    assert_eq!(header.stopped_at, None, "{name}");
    assert_eq!(json!(header.bytes), truth["header_bytes"], "{name}");
    check_metas(&header.states, &truth["states"], name, met);
}

fn check_metas(metas: &[MetaInfo], truth: &Value, name: &str, met: &mut Met) {
    assert_eq!(metas.len(), array(truth).len(), "{name}");
    for (meta, truth) in metas.iter().zip(array(truth)) {
        assert_eq!(meta.name, truth["name"], "{name}");
        let kinds = ["KEY_VALUE", "OPERATOR", "BROADCAST", "PRIORITY_QUEUE"];
        assert_eq!(
            kinds[usize::try_from(meta.kind).expect("kind")],
            truth["backend_state_type"],
            "{name}"
        );
        let options: BTreeMap<String, String> = meta.options.iter().cloned().collect();
        assert_eq!(json!(options), truth["options"], "{name}");
        let roles: BTreeSet<&str> = meta.serializers.iter().map(|(role, _)| role.as_str()).collect();
        let theirs = truth["serializers"].as_object().expect("serializers");
        assert_eq!(roles, theirs.keys().map(String::as_str).collect(), "{name}");
        for (role, serializer) in &meta.serializers {
            check_serializer(serializer, &theirs[role], name, met);
        }
    }
}

fn check_serializer(serializer: &Serializer, truth: &Value, name: &str, met: &mut Met) {
    met.one(&serializer.snapshot_class);
    assert_eq!(serializer.snapshot_class, truth["snapshot"], "{name}");
    assert_eq!(
        json!(serializer.version),
        truth["snapshot_version"],
        "{name}: {serializer:?}"
    );
    let Some(truth) = truth["nested"].as_array() else {
        return;
    };
    match &serializer.content {
        Content::Composite { nested, .. } => {
            assert_eq!(nested.len(), truth.len(), "{name}: {serializer:?}");
            nested
                .iter()
                .zip(truth)
                .for_each(|(mine, truth)| check_serializer(mine, truth, name, met));
        }
        Content::Pojo { fields, .. } => {
            assert_eq!(fields.len(), truth.len(), "{name}: {serializer:?}");
            for (field, truth) in fields.iter().zip(truth) {
                assert_eq!(field.name, truth["field"], "{name}");
                check_serializer(
                    field.serializer.as_ref().expect("a field"),
                    &truth["serializer"],
                    name,
                    met,
                );
            }
        }
        other => panic!("{name}: {other:?} has no parts, Flink says {truth:?}"),
    }
}

#[test]
fn a_header_cut_short_is_an_error_and_a_damaged_one_never_panics() {
    let mut met = Met::default();
    for fixture in fixtures::kinds() {
        check_raw(&fixture, &mut met);
    }
    assert!(met.headers.len() >= 15, "headers: {}", met.headers.len());
    let limits = Limits::default();
    let read = |kind, bytes: &[u8]| match kind {
        HeaderKind::Keyed => read_keyed_header(bytes, 0, &limits),
        HeaderKind::Operator => read_operator_header(bytes, 0, &limits),
    };
    for (kind, header) in met.headers {
        // Every place of the small ones; what is quadratic in the length takes seconds so, not minutes.
        let step = 1 + header.len() / 1_000;
        let mut damaged = header.clone();
        for place in (0..header.len()).step_by(step) {
            read(kind, &header[..place]).expect_err("cut short");
            damaged[place] ^= 0xff;
            if let Ok(read) = read(kind, &damaged) {
                assert!(read.bytes <= damaged.len() as u64);
            }
            damaged[place] ^= 0xff;
        }
    }
}

#[test]
fn the_view_says_what_flink_says() {
    for fixture in fixtures::kinds() {
        let name = &fixture.name;
        let snapshot = read_metadata(&fixture.metadata, &Limits::default()).expect(name);
        let windowed = read_metadata_from(&fixture.metadata[..], &Limits::default()).expect(name);
        assert_eq!(windowed, snapshot, "{name}");
        check_view(&snapshot, &fixture);
    }
}

fn check_view(snapshot: &Snapshot, fixture: &Fixture) {
    let (name, truth) = (&fixture.name, &fixture.truth);
    let hooks: Vec<Value> = snapshot
        .master_states
        .iter()
        .map(|hook| json!({"name": hook.name, "version": hook.version, "bytes": hook.bytes}))
        .collect();
    assert_eq!(json!(hooks), truth["master_states"], "{name}");
    assert!(snapshot.oddities.is_empty(), "{name}: {:?}", snapshot.oddities);
    assert_eq!(
        snapshot.operators.len(),
        array(&truth["operators"]).len(),
        "{name}"
    );
    for (operator, truth) in snapshot.operators.iter().zip(array(&truth["operators"])) {
        let text = |label: &Label| label.as_deref().map_or(Value::Null, Value::from);
        let subtasks = array(&truth["subtasks"]);
        let finished = subtasks.iter().filter(|s| s["finished"] == true).count();
        let mine = json!([
            operator.id.to_string(),
            text(&operator.name),
            text(&operator.uid),
            operator.parallelism,
            operator.max_parallelism,
            operator.fully_finished,
            operator.coordinator_bytes,
            operator.subtasks.recorded,
            operator.subtasks.finished,
            operator.totals().bytes,
        ]);
        let theirs = json!([
            truth["operator_id"],
            truth["name"],
            truth["uid"],
            truth["parallelism"],
            truth["max_parallelism"],
            truth["fully_finished"],
            truth["coordinator_state_bytes"],
            subtasks.len(),
            finished,
            truth["state_bytes"],
        ]);
        assert_eq!(mine, theirs, "{name}");
        assert_eq!(
            operator.headers.incomplete, 0,
            "{name}: {:?}",
            operator.headers.problem
        );
        for (part, field) in [
            (Part::ManagedKeyed, "managed_keyed"),
            (Part::RawKeyed, "raw_keyed"),
            (Part::ManagedOperator, "managed_operator"),
            (Part::RawOperator, "raw_operator"),
            (Part::InputChannels, "input_channel"),
            (Part::ResultSubpartitions, "result_subpartition"),
        ] {
            let handles = operator.handles.iter().filter(|((p, _), _)| *p == part);
            let mine: u64 = handles.map(|(_, totals)| totals.bytes).sum();
            let theirs = subtasks.iter().flat_map(|s| array(&s[field]));
            let theirs: u64 = theirs.map(|h| h["state_bytes"].as_u64().expect("size")).sum();
            assert_eq!(mine, theirs, "{name} {} {field}", operator.id);
        }
    }
}

#[test]
fn the_files_named_are_the_files_there() {
    for fixture in fixtures::kinds() {
        let name = &fixture.name;
        let files = data_files(&fixture.metadata, &Limits::default()).expect(name);
        let mut named = BTreeSet::new();
        for file in &files {
            let path = match &file.location {
                FileLocation::Relative(path) => fixture.snapshot_dir().join(path),
                FileLocation::Absolute(path) => fixture.file(path),
            };
            let size = std::fs::metadata(&path)
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
                .len();
            match file.size {
                FileSize::Exactly(said) => assert_eq!(said, size, "{name} {}", path.display()),
                FileSize::AtLeast(said) => assert!(said <= size, "{name} {}", path.display()),
                // The size that Flink notes lacks the byte before the changes.
                FileSize::Unknown => assert!(path.parent().is_some_and(|p| p.ends_with("dstl")), "{name}"),
            }
            named.insert(path);
        }
        let there = fixture.manifest["files"].as_object().expect("files");
        let there: BTreeSet<_> = there
            .keys()
            .filter(|f| !f.ends_with("_metadata"))
            .map(|f| fixture.dir.join(f))
            .collect();
        assert_eq!(named, there, "{name}");
    }
}

#[test]
fn a_job_that_claimed_a_checkpoint_refers_to_files_of_both_jobs() {
    for name in ["1.20.5-claimed", "2.3.0-claimed"] {
        let fixture = fixtures::load_kind(name);
        let files = data_files(&fixture.metadata, &Limits::default()).expect(name);
        let jobs: BTreeSet<String> = files
            .iter()
            .filter_map(|file| match &file.location {
                FileLocation::Absolute(path) => {
                    path.split('/').skip_while(|part| *part != "checkpoints").nth(1)
                }
                FileLocation::Relative(_) => None,
            })
            .map(str::to_owned)
            .collect();
        let own = fixture.manifest["checkpoint_subdir"].as_str().expect("a path");
        let own = own.split('/').nth(1).expect("a job");
        assert!(jobs.len() == 2 && jobs.contains(own), "{name}: {jobs:?}, {own}");
    }
}
