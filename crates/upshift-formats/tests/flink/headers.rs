//! State headers beyond those of the real snapshots: unknown serializers, TTL, tuples, SQL rows, limits.

use upshift_formats::flink::raw::{RawHeader, read_keyed_header, read_operator_header};
use upshift_formats::flink::read_metadata;
use upshift_formats::flink::serializers::{Content, Outer, Serializer};
use upshift_formats::flink::view::{HeaderProblem, StateKind, states_of_header};
use upshift_formats::{FormatError, Limits};

use crate::bytes::{Bytes, Subtask, inline, metadata, none, operator, properties};
use crate::fixtures;

const LONG: &str = "org.apache.flink.api.common.typeutils.base.LongSerializer$LongSerializerSnapshot";
const VOID: &str = "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot";

fn simple(class: &str) -> Bytes {
    Bytes::new().utf(class).i32(3)
}

fn composite(class: &str, outer: &Bytes, nested: &[Bytes]) -> Bytes {
    let bytes = Bytes::new().utf(class).i32(3).u32(0x000d_e704).i32(2).then(outer);
    let bytes = bytes
        .u32(0x0014_57fd)
        .i32(1)
        .i32(i32::try_from(nested.len()).expect("few"));
    nested.iter().fold(bytes, |bytes, one| bytes.then(one))
}

fn meta(name: &str, kind: i32, options: &[(&str, &str)], serializers: &[(&str, Bytes)]) -> Bytes {
    let bytes = Bytes::new()
        .utf(name)
        .i32(kind)
        .i32(i32::try_from(options.len()).expect("few"));
    let bytes = options
        .iter()
        .fold(bytes, |bytes, (key, value)| bytes.utf(key).utf(value));
    let bytes = bytes.i32(i32::try_from(serializers.len()).expect("few"));
    serializers
        .iter()
        .fold(bytes, |bytes, (role, one)| bytes.utf(role).i32(2).then(one))
}

fn value_state(name: &str, value: Bytes) -> Bytes {
    let serializers = [
        ("NAMESPACE_SERIALIZER", simple(VOID)),
        ("VALUE_SERIALIZER", value),
    ];
    meta(name, 0, &[("KEYED_STATE_TYPE", "VALUE")], &serializers)
}

fn keyed(states: &[Bytes]) -> Bytes {
    let bytes = Bytes::new().i32(6).u8(1).i32(2).then(&simple(LONG));
    let bytes = bytes.i16(i16::try_from(states.len()).expect("few"));
    states.iter().fold(bytes, |bytes, state| bytes.then(state))
}

fn read(bytes: &Bytes) -> RawHeader {
    read_keyed_header(&bytes.0, 0, &Limits::default()).expect("well-formed")
}

fn value_of(header: &RawHeader, state: usize) -> &Serializer {
    &header.states[state].serializers[1].1
}

#[test]
fn serializers_inside_serializers_are_read_to_the_bottom() {
    let tuple = composite(
        "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot",
        &Bytes::new().utf("org.apache.flink.api.java.tuple.Tuple2"),
        &[simple(LONG), simple(LONG)],
    );
    let ttl = composite(
        "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot",
        &Bytes::new(),
        &[simple(LONG), tuple],
    );
    let aware = Bytes::new()
        .utf("org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot")
        .i32(1)
        .u8(1)
        .then(&ttl);
    let own = composite("com.example.PairSnapshot", &Bytes::new(), &[simple(LONG)]);
    let header = read(&keyed(&[value_state("ttl", aware), value_state("own", own)]));
    assert_eq!(
        (header.stopped_at, header.compressed, header.states.len()),
        (None, Some(true), 2)
    );
    let mut classes = Vec::new();
    value_of(&header, 0).visit(&mut |s| classes.push(s.short_class().to_owned()));
    let expected = [
        "TtlAwareSerializerSnapshot",
        "TtlSerializerSnapshot",
        "LongSerializerSnapshot",
    ];
    assert_eq!(classes[..3], expected);
    assert_eq!(
        classes[3..],
        [
            "TupleSerializerSnapshot",
            "LongSerializerSnapshot",
            "LongSerializerSnapshot"
        ]
    );
    // A class of the job's own that nests others by Flink's base class is known by that shape.
    assert!(
        matches!(&value_of(&header, 1).content, Content::Composite { outer: Outer::Nothing, nested } if nested.len() == 1)
    );
}

#[test]
fn sql_rows_show_the_types_of_their_columns() {
    let row = Bytes::new()
        .utf("org.apache.flink.table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot");
    let row = row
        .i32(3)
        .i32(1)
        .then(&properties())
        .u32(0x0014_57fd)
        .i32(1)
        .i32(1)
        .then(&simple(LONG));
    let decimal = "org.apache.flink.table.runtime.typeutils.DecimalDataSerializer$DecimalSerializerSnapshot";
    let decimal = Bytes::new().utf(decimal).i32(3).i32(38).i32(18);
    let header = read(&keyed(&[value_state("row", row), value_state("price", decimal)]));
    assert_eq!(header.stopped_at, None);
    let Content::Composite {
        outer: Outer::Objects(types),
        nested,
    } = &value_of(&header, 0).content
    else {
        panic!("{header:?}")
    };
    assert_eq!((types.len(), nested.len()), (1, 1));
    assert_eq!(value_of(&header, 1).content, Content::Parameters(vec![38, 18]));
}

#[test]
fn an_unknown_serializer_ends_the_reading_at_its_place() {
    let unknown = Bytes::new()
        .utf("com.example.MySnapshot")
        .i32(1)
        .utf("whatever it writes");
    let bytes = keyed(&[
        value_state("before", simple(LONG)),
        value_state("odd", unknown),
        value_state("after", simple(LONG)),
    ]);
    let header = read(&bytes);
    assert_eq!(header.states.len(), 2);
    let odd = value_of(&header, 1);
    assert_eq!(
        (odd.snapshot_class.as_str(), &odd.content),
        ("com.example.MySnapshot", &Content::Unknown)
    );
    let after_class = odd.at + 2 + 22 + 4;
    assert_eq!(header.stopped_at, Some(after_class));
    assert_eq!(
        bytes.0[usize::try_from(after_class).expect("small")..][..2],
        [0, 18]
    );
    assert_eq!(states_of_header(&header).len(), 2);
}

#[test]
fn an_unknown_version_of_a_known_serializer_is_unknown() {
    let newer = Bytes::new().utf(LONG).i32(4).i32(99);
    let header = read(&keyed(&[value_state("odd", newer)]));
    assert!(header.stopped_at.is_some());
    assert_eq!(value_of(&header, 0).content, Content::Unknown);
}

#[test]
fn an_unknown_serializer_in_a_bean_stops_nothing_else() {
    let map = |entries: &[(&str, Option<Bytes>)]| {
        let bytes = Bytes::new()
            .i64(0x4f2_c69a_3d70)
            .i32(i32::try_from(entries.len()).expect("few"));
        entries.iter().fold(bytes, |bytes, (key, value)| {
            let bytes = bytes.utf(key).u8(1).block(b"key");
            match value {
                Some(value) => bytes.u8(1).block(&value.0),
                None => bytes.u8(0),
            }
        })
    };
    let unknown = Bytes::new().utf("com.example.MySnapshot").i32(1).i64(5);
    let bean = Bytes::new()
        .utf("org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot")
        .i32(2)
        .utf("com.example.Account")
        .then(&map(&[
            ("id", Some(simple(LONG))),
            ("money", Some(unknown)),
            ("gone", None),
        ]))
        .then(&map(&[("com.example.Sub", None)]))
        .then(&map(&[]));
    let header = read(&keyed(&[
        value_state("account", bean),
        value_state("after", simple(LONG)),
    ]));
    assert_eq!((header.stopped_at, header.states.len()), (None, 2));
    let Content::Pojo {
        class,
        fields,
        registered,
        others,
    } = &value_of(&header, 0).content
    else {
        panic!()
    };
    assert_eq!(
        (class.as_str(), registered.len(), others.len()),
        ("com.example.Account", 1, 0)
    );
    let contents: Vec<_> = fields
        .iter()
        .map(|f| f.serializer.as_ref().map(|s| &s.content))
        .collect();
    assert_eq!(contents, [Some(&Content::Simple), Some(&Content::Unknown), None]);
}

#[test]
fn the_view_says_which_states_may_be_missing_and_why() {
    let unknown = Bytes::new().utf("com.example.MySnapshot").i32(1).i64(5);
    let header = keyed(&[value_state("known", simple(LONG)), value_state("odd", unknown)]);
    let key_groups = |header: &Bytes| {
        Bytes::new()
            .u8(7)
            .i32(0)
            .i32(1)
            .i64(0)
            .then(&inline("x", &header.0))
    };
    let subtask = |header: &Bytes| {
        Subtask {
            managed_keyed: key_groups(header),
            ..Subtask::default()
        }
        .bytes(4, 0)
    };
    let broken = Bytes::new().i32(7).i64(0);
    let operators = [
        operator(4, 1, &none(), &[subtask(&header), subtask(&header)]),
        operator(4, 2, &none(), &[subtask(&broken)]),
    ];
    let snapshot = read_metadata(&metadata(4, &operators).0, &Limits::default()).expect("metadata is sound");
    let [first, second] = &snapshot.operators[..] else {
        panic!()
    };
    assert_eq!((first.headers.incomplete, first.headers.all_read()), (2, false));
    let names: Vec<(&str, u64)> = first
        .states
        .iter()
        .map(|s| (s.name.as_str(), s.handles))
        .collect();
    assert_eq!(names, [("known", 2), ("odd", 2)]);
    let Some(HeaderProblem::UnknownSerializer { class, .. }) = &first.headers.problem else {
        panic!("{first:?}")
    };
    assert_eq!(class, "com.example.MySnapshot");
    let Some(HeaderProblem::Unreadable(FormatError::Version { found: 7, .. })) = &second.headers.problem
    else {
        panic!("{second:?}")
    };
}

#[test]
fn states_that_differ_between_subtasks_are_all_there() {
    let int = "org.apache.flink.api.common.typeutils.base.IntSerializer$IntSerializerSnapshot";
    let headers = [
        keyed(&[value_state("count", simple(LONG))]),
        keyed(&[
            value_state("count", simple(LONG)),
            value_state("late", simple(LONG)),
        ]),
        keyed(&[value_state("count", simple(int))]),
        keyed(&[value_state("count", simple(LONG))]),
    ];
    let subtasks: Vec<Bytes> = headers
        .iter()
        .zip(0..)
        .map(|(header, index)| {
            let keyed = Bytes::new()
                .u8(7)
                .i32(0)
                .i32(1)
                .i64(0)
                .then(&inline("x", &header.0));
            Subtask {
                managed_keyed: keyed,
                ..Subtask::default()
            }
            .bytes(4, index)
        })
        .collect();
    let bytes = metadata(4, &[operator(4, 1, &none(), &subtasks)]);
    let snapshot = read_metadata(&bytes.0, &Limits::default()).expect("well-formed");
    let [count, late] = &snapshot.operators[0].states[..] else {
        panic!("{snapshot:?}")
    };
    assert_eq!(
        (count.name.as_str(), count.handles, count.differing.len()),
        ("count", 4, 1)
    );
    assert_eq!(count.differing[0].1.snapshot_class, int);
    assert_eq!((late.name.as_str(), late.handles), ("late", 1));
    assert_eq!(late.kind, StateKind::KeyValue(Some("VALUE".to_owned())));
}

#[test]
fn every_prefix_of_a_header_is_an_error() {
    let limits = Limits::default();
    for name in [
        "1.16.3-hashmap-canonical-files",
        "2.0.2-rocksdb-canonical-files",
        "1.20.5-hashmap-native-files",
    ] {
        let fixture = fixtures::load(name);
        for file in fixture.manifest["state_files"].as_array().expect("files") {
            let file = file.as_str().expect("name");
            if file.ends_with("_metadata") {
                continue;
            }
            let bytes = std::fs::read(fixture.dir.join(file)).expect("state file");
            let header = read_keyed_header(&bytes, 0, &limits).expect(name);
            let length = usize::try_from(header.bytes).expect("small");
            for end in 0..length {
                let error = read_keyed_header(&bytes[..end], 0, &limits).expect_err("cut short");
                assert!(
                    matches!(error, FormatError::Truncated { .. }),
                    "{name} cut at {end}: {error}"
                );
            }
            assert_eq!(read_keyed_header(&bytes[..length], 0, &limits), Ok(header));
        }
    }
}

#[test]
fn old_and_new_header_versions_are_refused_by_number() {
    let limits = Limits::default();
    let error = read_keyed_header(&Bytes::new().i32(5).0, 0, &limits).expect_err("old");
    assert_eq!(
        error.to_string(),
        "expected keyed state header version 6 at byte 0, found 5"
    );
    let error = read_operator_header(&Bytes::new().i32(7).0, 9, &limits).expect_err("new");
    assert_eq!(
        error.to_string(),
        "expected operator state header version 5 or 6 at byte 9, found 7"
    );
    let deep = (0..40).fold(simple(LONG), |inner, _| {
        composite("x.ListSnapshot", &Bytes::new(), &[inner])
    });
    let error = read_keyed_header(&keyed(&[value_state("deep", deep)]).0, 0, &limits).expect_err("deep");
    assert!(
        matches!(
            error,
            FormatError::Limit {
                what: "serializer depth",
                ..
            }
        ),
        "{error}"
    );
}
