//! Metadata composed byte by byte, for what no file written by Flink at hand holds: version 7, the handle
//! layouts no release writes any more, limits, oddities and messages. It proves consistency with the
//! format's description, not with Flink.

use upshift_formats::flink::raw::{ChannelBody, Item, KeyedBody, StreamBody, items};
use upshift_formats::flink::view::{
    FileLocation, FileRole, FileSize, HandleKind, Label, Part, SnapshotKind, Storage, Writers, data_files,
    visit_files,
};
use upshift_formats::flink::{Snapshot, read_metadata};
use upshift_formats::{FormatError, Limits};

use crate::bytes::{Bytes, Subtask, file, inline, metadata, none, operator, relative, segment};

fn key_groups(tag: u8, stream: &Bytes) -> Bytes {
    let bytes = Bytes::new().u8(tag).i32(4).i32(3).i64s(&[0, 10, 20]).then(stream);
    bytes.if_then(tag == 12, |b| b.utf("id-12"))
}

fn incremental(tag: u8) -> Bytes {
    let bytes = Bytes::new().u8(tag).i64(6).utf("backend").i32(0).i32(64);
    let bytes = bytes
        .if_then(tag == 11, |b| b.i64(-1))
        .then(&relative("meta", 30));
    let bytes = bytes.i32(2).utf("000001.sst").then(&file(400, "/ck/shared/a"));
    let bytes = bytes.utf("000002.sst").then(&file(-1, "/ck/shared/b"));
    let bytes = bytes
        .i32(1)
        .utf("CURRENT")
        .then(&inline("/ck/CURRENT", b"MANIFEST-4\n"));
    bytes.if_then(tag == 11, |b| b.utf("id-11"))
}

fn changelog_stream(tag: u8) -> Bytes {
    let bytes = Bytes::new()
        .u8(tag)
        .i32(0)
        .i32(64)
        .i32(1)
        .i64(5)
        .then(&file(1000, "/dstl/1"));
    bytes
        .i64(995)
        .i64(995)
        .utf("id-c")
        .if_then(tag == 13, |b| b.utf("filesystem"))
}

fn in_memory_changelog() -> Bytes {
    let bytes = Bytes::new().u8(9).i32(0).i32(64).i64(1).i64(3).i32(2);
    bytes.i32(-1).block(b"meta").i32(7).block(b"change").utf("id-9")
}

fn changelog(tag: u8) -> Bytes {
    let bytes = Bytes::new().u8(tag).i32(0).i32(64).i64(1500);
    let bytes = bytes.i32(2).then(&incremental(11)).then(&none());
    let stream = if tag == 14 { 13 } else { 10 };
    let bytes = bytes
        .i32(2)
        .then(&changelog_stream(stream))
        .then(&in_memory_changelog());
    bytes.i64(9).if_then(tag == 14, |b| b.i64(77)).utf("id-log")
}

fn operator_state(tag: u8, stream: &Bytes) -> Bytes {
    let bytes = Bytes::new().i32(1).u8(tag).i32(2);
    let bytes = bytes
        .utf("list")
        .u8(0)
        .i32(2)
        .i64s(&[8, 16])
        .utf("same")
        .u8(2)
        .i32(1)
        .i64(24);
    bytes
        .if_then(tag == 17, |b| b.utf("/ck/taskowned").utf("/ck/shared").u8(0))
        .then(stream)
}

fn input_channel(version: i32, merged: bool) -> Bytes {
    let bytes = Bytes::new()
        .if_then(version >= 6, |b| b.u8(if merged { 3 } else { 1 }))
        .i32(1);
    if merged {
        return bytes.i64(12).then(&relative("channels", 40)).block(&[1, 2, 3]);
    }
    bytes
        .i32(0)
        .i32(5)
        .i32(2)
        .i64s(&[0, 9])
        .i64(18)
        .then(&relative("channels", 40))
}

fn result_channel(version: i32) -> Bytes {
    let bytes = Bytes::new().if_then(version >= 6, |b| b.u8(2)).i32(1);
    bytes
        .i32(0)
        .i32(0)
        .i32(1)
        .i64(30)
        .i64(10)
        .then(&relative("channels", 40))
}

/// A file with every handle type its version allows.
fn full(version: i32) -> Bytes {
    let keyed: Vec<Bytes> = if version == 2 {
        vec![key_groups(3, &file(50, "/sp/k")), incremental(5)]
    } else {
        let mut all = vec![
            key_groups(3, &relative("k", 50)),
            key_groups(7, &segment(100, 50, "/ck/merged")),
        ];
        all.extend([
            key_groups(12, &none()),
            incremental(5),
            incremental(11),
            in_memory_changelog(),
        ]);
        all.extend([changelog(8), changelog(14)]);
        all
    };
    let mut operators = Vec::new();
    for (keyed, id) in keyed.into_iter().zip(1..) {
        let subtask = Subtask {
            managed_keyed: keyed,
            raw_keyed: key_groups(
                3,
                &Bytes::new().u8(3).i32(0).i32(1).i64(0).then(&relative("raw", 5)),
            ),
            managed_operator: operator_state(if version >= 4 { 17 } else { 4 }, &Bytes::new().u8(16)),
            raw_operator: operator_state(4, &inline("x", b"raw")),
            inputs: vec![
                input_channel(version, false),
                input_channel(version, version >= 6),
            ],
            results: vec![result_channel(version)],
            reference: Some(70),
        };
        let second = if version == 2 {
            Subtask::default().bytes(2, 1)
        } else {
            Bytes::new().i32(-2)
        };
        operators.push(operator(
            version,
            id,
            &inline("c", b"coordinator"),
            &[subtask.bytes(version, 0), second],
        ));
    }
    if version >= 3 {
        let finished = operator(version, 99, &none(), &[]);
        let length = finished.0.len() - 4;
        operators.push(Bytes::new().raw(&finished.0[..length]).i32(-1));
    }
    metadata(version, &operators)
}

fn read(bytes: &Bytes) -> Snapshot {
    read_metadata(&bytes.0, &Limits::default()).expect("well-formed")
}

#[test]
fn every_version_reads_with_all_its_handles() {
    for version in 2..=7 {
        let snapshot = read(&full(version));
        assert_eq!(i64::from(snapshot.version), i64::from(version));
        assert_eq!((snapshot.checkpoint_id, snapshot.master_states.len()), (77, 1));
        assert_eq!(snapshot.master_states[0].name, "hook");
        assert_eq!(snapshot.master_states[0].bytes, 5);
        assert_eq!(snapshot.operators.len(), if version == 2 { 2 } else { 9 });
        let first = &snapshot.operators[0];
        assert_eq!(first.coordinator_bytes, (version > 2).then_some(11));
        assert_eq!(first.subtasks.recorded, 2);
        assert_eq!(first.subtasks.finished, u32::from(version > 2));
        assert_eq!(first.subtasks.with_state, 1);
        assert_eq!(
            first.name,
            if version < 5 {
                Label::NotRecorded
            } else {
                Label::Given("a name".to_owned())
            }
        );
        assert_eq!(
            first.uid,
            if version < 5 {
                Label::NotRecorded
            } else {
                Label::Absent
            }
        );
        assert_eq!(snapshot.has_channel_state(), version > 2);
        assert_eq!(snapshot.has(HandleKind::MergedInputChannel), version >= 6);
        assert_eq!(snapshot.has_changelog(), version > 2);
        assert_eq!(snapshot.has_merged_files(), version > 2);
        assert!(snapshot.is_incremental() && !snapshot.is_relocatable());
        assert_eq!(
            snapshot.kind(),
            if version < 4 {
                SnapshotKind::Unknown
            } else {
                SnapshotKind::Checkpoint
            }
        );
        let last = snapshot.operators.last().expect("operators");
        assert_eq!(
            (last.fully_finished, last.is_stateful()),
            (version > 2, version == 2)
        );
    }
    assert_eq!(read(&full(7)).writers(), Some(Writers::LaterThan("2.3")));
    assert_eq!(
        read(&full(2)).writers(),
        Some(Writers::Between {
            from: "1.3",
            to: "1.10"
        })
    );
}

#[test]
fn sizes_are_counted_once_and_unknown_ones_are_said_to_be() {
    let snapshot = read(&full(6));
    let with_log = &snapshot.operators[7];
    let keyed = |kind| with_log.handles[&(Part::ManagedKeyed, kind)];
    assert_eq!(keyed(HandleKind::Changelog).bytes, 0);
    assert_eq!(keyed(HandleKind::ChangelogStream).bytes, 995);
    assert_eq!(keyed(HandleKind::InMemoryChangelog).bytes, 10);
    let store = keyed(HandleKind::Incremental);
    assert_eq!(
        (store.count, store.bytes, store.unknown_sizes),
        (1, 30 + 400 + 11, 1)
    );
    let channels = with_log.handles[&(Part::InputChannels, HandleKind::InputChannel)];
    assert_eq!((channels.count, channels.bytes), (1, 18));
    assert_eq!(with_log.storage[&Storage::Absolute].count, 3);
    // Coordinator, store, changes, raw keyed, raw operator, input and result channels.
    assert_eq!(
        with_log.totals().bytes,
        11 + 441 + 995 + 10 + 5 + 3 + 18 + 12 + 10
    );
    assert_eq!(with_log.totals().unknown_sizes, 1);
}

#[test]
fn files_are_listed_with_their_role_and_the_size_they_must_have() {
    let bytes = full(6);
    let mut roles = std::collections::BTreeSet::new();
    visit_files(&bytes.0, &Limits::default(), |found| {
        roles.insert(found.role);
    })
    .expect("well-formed");
    use FileRole::{Changes, Channel, Meta, Shared, State};
    assert_eq!(
        roles.into_iter().collect::<Vec<_>>(),
        [State, Meta, Shared, Changes, Channel]
    );
    let files = data_files(&bytes.0, &Limits::default()).expect("well-formed");
    let size = |location: FileLocation| files.iter().find(|f| f.location == location).map(|f| f.size);
    assert_eq!(
        size(FileLocation::Relative("channels".to_owned())),
        Some(FileSize::Exactly(40))
    );
    assert_eq!(
        size(FileLocation::Relative("k".to_owned())),
        Some(FileSize::Exactly(50))
    );
    assert_eq!(
        size(FileLocation::Absolute("/ck/merged".to_owned())),
        Some(FileSize::AtLeast(150))
    );
    assert_eq!(
        size(FileLocation::Absolute("/ck/shared/b".to_owned())),
        Some(FileSize::Unknown)
    );
}

#[test]
fn raw_fields_come_out_as_they_went_in() {
    let bytes = full(7);
    let limits = Limits::default();
    let all: Vec<Item<'_>> = items(&bytes.0, &limits)
        .map(|item| item.expect("well-formed"))
        .collect();
    let subtasks: Vec<_> = all
        .iter()
        .filter_map(|i| if let Item::Subtask(s) = i { Some(s) } else { None })
        .collect();
    let state = subtasks[0].state.as_ref().expect("state");
    assert_eq!(state.reference_checkpoint, Some(70));
    let keyed = state.managed_keyed.as_ref().expect("keyed");
    assert_eq!(
        (keyed.tag, keyed.groups.first, keyed.groups.count, keyed.id),
        (3, 4, 3, None)
    );
    let KeyedBody::KeyGroups {
        offsets,
        stream: Some(stream),
    } = &keyed.body
    else {
        panic!("{keyed:?}")
    };
    assert_eq!(offsets.offsets.iter().collect::<Vec<_>>(), [0, 10, 20]);
    assert!(matches!(&stream.body, StreamBody::Relative { path, size: 50 } if path.to_str() == "k"));
    let [single, merged] = &state.input_channels[..] else {
        panic!("{state:?}")
    };
    assert!(matches!(single.body, ChannelBody::Single { group: 0, index: 5, offsets } if offsets.len() == 2));
    assert!(matches!(merged.body, ChannelBody::Merged { offsets } if offsets.bytes == [1, 2, 3]));
    assert_eq!((subtasks[1].index, subtasks[1].state.is_none()), (1, true));
    let merged = state
        .managed_operator
        .as_ref()
        .and_then(|h| h.merged)
        .expect("merged");
    assert_eq!((&*merged.shared.to_str(), merged.empty), ("/ck/shared", false));
}

#[test]
fn every_prefix_of_every_version_is_an_error_at_its_end() {
    let limits = Limits::default();
    for version in 2..=7 {
        let bytes = full(version).0;
        for end in 0..bytes.len() {
            let error = read_metadata(&bytes[..end], &limits).expect_err("cut short");
            assert!(
                matches!(error, FormatError::Truncated { .. }),
                "version {version}, {end} bytes: {error}"
            );
        }
        let longer = Bytes(bytes).u8(0);
        let error = read_metadata(&longer.0, &limits).expect_err("too long");
        assert!(matches!(error, FormatError::Trailing { found: 1, .. }), "{error}");
    }
}

#[test]
fn what_is_not_the_format_is_named_with_its_place() {
    let check = |bytes: &Bytes, text: &str| {
        let error = read_metadata(&bytes.0, &Limits::default()).expect_err(text);
        assert_eq!(error.to_string(), text);
    };
    check(
        &Bytes::new().i32(42),
        "expected 0x4960672d to open Flink snapshot metadata at byte 0, found 0x2a",
    );
    let head = Bytes::new().u32(crate::bytes::MAGIC);
    check(
        &head.clone().i32(8).i64(0),
        "expected metadata version 2 to 7 at byte 4, found 8",
    );
    check(
        &head.clone().i32(1).i64(0),
        "expected metadata version 2 to 7 at byte 4, found 1",
    );
    check(
        &head.clone().i32(6).i64(-3),
        "expected checkpoint id to be not negative at byte 8, found -3",
    );
    check(
        &head.clone().i32(6).i64(3).i32(-1),
        "expected master state count to be not negative at byte 16, found -1",
    );
    check(
        &head.i32(3).i64(3).i32(0).i32(0x7fff_ffff),
        "expected operator count of at most 1000000 at byte 20, found 2147483647",
    );
    let one = |keyed: Bytes| {
        let subtask = Subtask {
            managed_keyed: keyed,
            ..Subtask::default()
        };
        metadata(3, &[operator(3, 1, &none(), &[subtask.bytes(3, 0)])])
    };
    check(
        &one(Bytes::new().u8(6)),
        "expected keyed handle type to be one of 0, 3, 5, 7 to 14 at byte 92, found 6",
    );
    check(
        &one(Bytes::new().u8(3).i32(0).i32(0).u8(9)),
        "expected stream handle type to be one of 0, 1, 2, 3, 6, 15, 16 at byte 101, found 9",
    );
    let deep = (0..100).fold(Bytes::new(), |b, _| b.u8(3).i32(0).i32(0));
    check(
        &one(deep),
        "expected stream handle depth of at most 32 at byte 389, found 33",
    );
    let coordinated = operator(3, 1, &file(3, "/c"), &[]);
    check(
        &metadata(3, &[coordinated]),
        "expected coordinator handle type to be 0 or 1 at byte 75, found 2",
    );
}

#[test]
fn limits_are_the_callers() {
    let bytes = full(6).0;
    let default = Limits::default();
    for limits in [
        Limits {
            operators: 8,
            ..default
        },
        Limits {
            master_states: 0,
            ..default
        },
        Limits {
            subtasks: 1,
            ..default
        },
        Limits {
            key_groups: 2,
            ..default
        },
        Limits {
            entries: 1,
            ..default
        },
        Limits {
            offsets: 1,
            ..default
        },
        Limits {
            inline_bytes: 10,
            ..default
        },
        Limits { depth: 0, ..default },
        Limits {
            java_objects: 0,
            ..default
        },
    ] {
        let error = read_metadata(&bytes, &limits).expect_err("over a limit");
        assert!(matches!(error, FormatError::Limit { .. }), "{limits:?}: {error}");
    }
}

#[test]
fn what_is_odd_is_told_and_nothing_is_lost() {
    let subtask = Subtask::default().bytes(4, 5);
    let twice = operator(4, 1, &none(), &[subtask.clone(), subtask]);
    let snapshot = read(&metadata(4, &[twice.clone(), twice]));
    let told: Vec<String> = snapshot.oddities.iter().map(|odd| format!("{odd:?}")).collect();
    assert_eq!(told.len(), 2 * 3 + 1, "{told:#?}");
    assert_eq!(snapshot.operators.len(), 2);
}
