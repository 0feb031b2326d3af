//! Golden text of a few real snapshots of each kind.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use upshift_formats::Limits;
use upshift_formats::flink::serializers::{Content, Outer, Serializer};
use upshift_formats::flink::view::{FileLocation, FileSize, Operator, Snapshot, Totals, data_files};
use upshift_formats::flink::{read_metadata, view::Label};

use crate::fixtures::{self, Fixture};

fn check(name: &str, golden: &Expect) {
    check_one(&fixtures::load(name), golden);
}

/// Compares what is read of a fixture with its golden text.
pub(crate) fn check_one(fixture: &Fixture, golden: &Expect) {
    let name = &fixture.name;
    let limits = Limits::default();
    let snapshot = read_metadata(&fixture.metadata, &limits).expect(name);
    let mut text = dump(&snapshot).expect("text");
    for file in data_files(&fixture.metadata, &limits).expect(name) {
        let (FileLocation::Relative(path) | FileLocation::Absolute(path)) = &file.location;
        let bytes = match file.size {
            FileSize::Exactly(bytes) => format!("{bytes} bytes"),
            FileSize::AtLeast(bytes) => format!("at least {bytes} bytes"),
            FileSize::Unknown => "unknown size".to_owned(),
        };
        // Names of files are random; their number, kind and size are what the format says.
        let shown = if path.starts_with('/') || path.contains(':') {
            "absolute"
        } else {
            "relative"
        };
        writeln!(text, "file {shown} {bytes}, {} references", file.references).expect("text");
    }
    golden.assert_eq(&text);
}

fn dump(snapshot: &Snapshot) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(
        out,
        "version {} checkpoint {}",
        snapshot.version, snapshot.checkpoint_id
    )?;
    writeln!(out, "kind {:?}", snapshot.kind())?;
    writeln!(out, "writers {:?}", snapshot.writers())?;
    let facts = [
        ("incremental", snapshot.is_incremental()),
        ("changelog", snapshot.has_changelog()),
        ("channels", snapshot.has_channel_state()),
        ("merged", snapshot.has_merged_files()),
        ("relocatable", snapshot.is_relocatable()),
    ];
    let facts: Vec<&str> = facts
        .iter()
        .filter(|(_, holds)| *holds)
        .map(|(name, _)| *name)
        .collect();
    writeln!(out, "is {}, {}", facts.join(" "), totals(snapshot.totals()))?;
    for hook in &snapshot.master_states {
        writeln!(
            out,
            "hook {} version {} {} bytes",
            hook.name, hook.version, hook.bytes
        )?;
    }
    for operator in &snapshot.operators {
        dump_operator(&mut out, operator)?;
    }
    Ok(out)
}

fn totals(totals: Totals) -> String {
    format!("{} bytes in {}", totals.bytes, totals.count)
}

fn dump_operator(out: &mut String, operator: &Operator) -> std::fmt::Result {
    let label = |label: &Label| match label {
        Label::NotRecorded => "?".to_owned(),
        Label::Absent => "-".to_owned(),
        Label::Given(text) => text.clone(),
    };
    let Operator {
        at,
        id,
        parallelism,
        max_parallelism,
        ..
    } = operator;
    let (name, uid) = (label(&operator.name), label(&operator.uid));
    writeln!(
        out,
        "operator {id} at {at} name {name} uid {uid} parallelism {parallelism} of {max_parallelism}"
    )?;
    let finished = operator.subtasks.finished;
    if finished > 0 || operator.fully_finished {
        writeln!(
            out,
            "  {finished} of {} subtasks finished, all: {}",
            operator.subtasks.recorded, operator.fully_finished
        )?;
    }
    if let Some(bytes) = operator.coordinator_bytes {
        writeln!(out, "  coordinator {bytes} bytes")?;
    }
    for ((part, kind), handles) in &operator.handles {
        writeln!(out, "  {part:?} {kind:?} {}", totals(*handles))?;
    }
    for (storage, streams) in &operator.storage {
        writeln!(out, "  {storage:?} {}", totals(*streams))?;
    }
    if operator.headers.in_files > 0 {
        writeln!(out, "  {} headers in files", operator.headers.in_files)?;
    }
    if let Some(key) = &operator.key_serializer {
        writeln!(out, "  key {}", serializer(key))?;
    }
    for state in &operator.states {
        writeln!(
            out,
            "  state {} {:?} handles {} partitions {}",
            state.name, state.kind, state.handles, state.partitions
        )?;
        for (role, one) in &state.serializers {
            writeln!(out, "    {role} {}", serializer(one))?;
        }
    }
    Ok(())
}

fn serializer(one: &Serializer) -> String {
    let name = one.short_class();
    match &one.content {
        Content::Simple => name.to_owned(),
        Content::Unknown => format!("{name}?"),
        Content::Composite { outer, nested } => {
            let nested: Vec<String> = nested.iter().map(serializer).collect();
            let outer = if *outer == Outer::Nothing {
                String::new()
            } else {
                format!("{outer:?} ")
            };
            format!("{name}<{outer}{}>", nested.join(", "))
        }
        Content::Pojo { class, fields, .. } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|f| {
                    format!(
                        "{}: {}",
                        f.name,
                        f.serializer.as_ref().map_or("?".to_owned(), serializer)
                    )
                })
                .collect();
            format!("{class} {{ {} }}", fields.join(", "))
        }
        Content::Kryo { class, registered } => format!("kryo {class} (+{})", registered.len()),
        Content::Enum { class, constants } => format!("enum {class} {constants:?}"),
        Content::OwnFormat { class } => format!("own format {class}"),
        Content::Parameters(numbers) => format!("{name}{numbers:?}"),
    }
}

#[test]
fn canonical_1_14_heap() {
    check(
        "1.14.6-hashmap-canonical-base-someuids",
        &expect![[r#"
        version 3 checkpoint 4
        kind Unknown
        writers Some(Between { from: "1.11", to: "1.15" })
        is relocatable, 6710 bytes in 6
        operator f87d82977f8d6fee965276a0168c57b7 at 24 name ? uid ? parallelism 2 of 128
          ManagedOperator OperatorStream 764 bytes in 2
          Inline 764 bytes in 2
          state members List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
          state seen List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 0da08f51eaa85fc298e176a139b3649a at 1171 name ? uid ? parallelism 2 of 128
          ManagedKeyed KeyGroupsSavepoint 5408 bytes in 2
          Inline 5408 bytes in 2
          key LongSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state buckets KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, LongSerializerSnapshot>
          state count KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator e5a72f353fc1e6bbf3bd96a41384998c at 7910 name ? uid ? parallelism 2 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 522 bytes in 2
          Inline 522 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator 3dbb7b64428269aff5f8bbebb3d0a1eb at 8851 name ? uid ? parallelism 2 of 128
        operator 8d289469bb2f46a3077431c37dd9defc at 8924 name ? uid ? parallelism 2 of 128
    "#]],
    );
}

#[test]
fn canonical_2_3_with_kryo() {
    check(
        "2.3.0-hashmap-canonical-kinds-kryo-uids",
        &expect![[r#"
        version 6 checkpoint 4
        kind Savepoint { format: Some("CANONICAL") }
        writers Some(Between { from: "2.1", to: "2.3" })
        is relocatable, 17536 bytes in 11
        operator f87d82977f8d6fee965276a0168c57b7 at 24 name tally uid tally parallelism 2 of 128
          ManagedOperator OperatorStream 766 bytes in 2
          Inline 766 bytes in 2
          state members List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
          state seen List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 57cf17f76c82b22b9319bd4f89883acd at 1185 name Sink: Print to Std. Out uid - parallelism 2 of 128
        operator 3681dd3b43c36f87b626db636033d1db at 1285 name kinds uid kinds parallelism 2 of 128
          ManagedKeyed KeyGroupsSavepoint 12166 bytes in 2
          Inline 12166 bytes in 2
          key StringSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state account KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER lab.Functions$Account { balance: LongSerializerSnapshot, colour: enum lab.Functions$Colour ["RED", "GREEN"], id: StringSerializerSnapshot, tags: NullableSerializerSnapshot<Number(0) ListSerializerSnapshot<NullableSerializerSnapshot<Number(0) StringSerializerSnapshot>>> }
          state avg KeyValue(Some("AGGREGATING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER TupleSerializerSnapshot<Class("org.apache.flink.api.java.tuple.Tuple2") LongSerializerSnapshot, LongSerializerSnapshot>
          state by-name KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, lab.Functions$Account { balance: LongSerializerSnapshot, colour: enum lab.Functions$Colour ["RED", "GREEN"], id: StringSerializerSnapshot, tags: NullableSerializerSnapshot<Number(0) ListSerializerSnapshot<NullableSerializerSnapshot<Number(0) StringSerializerSnapshot>>> }>
          state opaque KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER kryo lab.Functions$Opaque (+2)
          state pairs KeyValue(Some("LIST")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER ListSerializerSnapshot<TupleSerializerSnapshot<Class("org.apache.flink.api.java.tuple.Tuple2") StringSerializerSnapshot, LongSerializerSnapshot>>
          state sum KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 01203aa9a12dc1ec725e03853dd7c8f2 at 14794 name window uid window parallelism 2 of 128
          ManagedKeyed KeyGroupsSavepoint 3108 bytes in 2
          Inline 3108 bytes in 2
          key StringSerializerSnapshot
          state _timer_state/event_window-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, GlobalWindowSerializerSnapshot>
          state _timer_state/processing_window-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, GlobalWindowSerializerSnapshot>
          state count KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER GlobalWindowSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
          state window-contents KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER GlobalWindowSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator a30c3d80a4c44851b857343c4fdb4c1e at 19247 name writer uid writer parallelism 2 of 128
        operator e5a72f353fc1e6bbf3bd96a41384998c at 19336 name Source: source uid source parallelism 2 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 524 bytes in 2
          Inline 524 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator e635e88f2157f1386a91248eacaad37a at 20301 name rules uid rules parallelism 2 of 128
          ManagedOperator OperatorStream 678 bytes in 2
          Inline 678 bytes in 2
          state rules Broadcast handles 2 partitions 2
            KEY_SERIALIZER StringSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 5182b45b6472b1a8299f474baebf57c3 at 21332 name Source: rules-source uid rules-source parallelism 1 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 262 bytes in 1
          Inline 262 bytes in 1
          state SourceReaderState List(SplitDistribute) handles 1 partitions 1
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator 92e76b3b07ff8035f46bb5c66079690d at 21880 name window-fmt uid window-fmt parallelism 2 of 128
    "#]],
    );
}

#[test]
fn canonical_1_20_bean_with_a_list() {
    check(
        "1.20.5-rocksdb-canonical-kinds-uids",
        &expect![[r#"
        version 4 checkpoint 4
        kind Savepoint { format: Some("CANONICAL") }
        writers Some(Between { from: "1.18", to: "1.20" })
        is relocatable, 16464 bytes in 11
        operator f87d82977f8d6fee965276a0168c57b7 at 24 name ? uid ? parallelism 2 of 128
          ManagedOperator OperatorStream 766 bytes in 2
          Inline 766 bytes in 2
          state members List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
          state seen List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 57cf17f76c82b22b9319bd4f89883acd at 1173 name ? uid ? parallelism 2 of 128
        operator 3681dd3b43c36f87b626db636033d1db at 1246 name ? uid ? parallelism 2 of 128
          ManagedKeyed KeyGroupsSavepoint 11094 bytes in 2
          Inline 11094 bytes in 2
          key StringSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state account KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER lab.Functions$Account { balance: LongSerializerSnapshot, colour: enum lab.Functions$Colour ["RED", "GREEN"], id: StringSerializerSnapshot, tags: kryo java.util.List (+2) }
          state avg KeyValue(Some("AGGREGATING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER TupleSerializerSnapshot<Class("org.apache.flink.api.java.tuple.Tuple2") LongSerializerSnapshot, LongSerializerSnapshot>
          state by-name KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, lab.Functions$Account { balance: LongSerializerSnapshot, colour: enum lab.Functions$Colour ["RED", "GREEN"], id: StringSerializerSnapshot, tags: kryo java.util.List (+2) }>
          state pairs KeyValue(Some("LIST")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER ListSerializerSnapshot<TupleSerializerSnapshot<Class("org.apache.flink.api.java.tuple.Tuple2") StringSerializerSnapshot, LongSerializerSnapshot>>
          state sum KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 01203aa9a12dc1ec725e03853dd7c8f2 at 13671 name ? uid ? parallelism 2 of 128
          ManagedKeyed KeyGroupsSavepoint 3108 bytes in 2
          Inline 3108 bytes in 2
          key StringSerializerSnapshot
          state _timer_state/event_window-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, GlobalWindowSerializerSnapshot>
          state _timer_state/processing_window-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<StringSerializerSnapshot, GlobalWindowSerializerSnapshot>
          state count KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER GlobalWindowSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
          state window-contents KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER GlobalWindowSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator a30c3d80a4c44851b857343c4fdb4c1e at 18110 name ? uid ? parallelism 2 of 128
        operator e5a72f353fc1e6bbf3bd96a41384998c at 18183 name ? uid ? parallelism 2 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 524 bytes in 2
          Inline 524 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator e635e88f2157f1386a91248eacaad37a at 19126 name ? uid ? parallelism 2 of 128
          ManagedOperator OperatorStream 678 bytes in 2
          Inline 678 bytes in 2
          state rules Broadcast handles 2 partitions 2
            KEY_SERIALIZER StringSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 5182b45b6472b1a8299f474baebf57c3 at 20145 name ? uid ? parallelism 1 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 262 bytes in 1
          Inline 262 bytes in 1
          state SourceReaderState List(SplitDistribute) handles 1 partitions 1
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator 92e76b3b07ff8035f46bb5c66079690d at 20658 name ? uid ? parallelism 2 of 128
    "#]],
    );
}

#[test]
fn native_1_18_rocksdb_in_files() {
    check(
        "1.18.1-rocksdb-native-files",
        &expect![[r#"
        version 4 checkpoint 5
        kind Savepoint { format: Some("NATIVE") }
        writers Some(Between { from: "1.18", to: "1.20" })
        is incremental relocatable, 118091 bytes in 6
        operator f87d82977f8d6fee965276a0168c57b7 at 24 name ? uid ? parallelism 2 of 128
          ManagedOperator OperatorStream 766 bytes in 2
          Inline 766 bytes in 2
          state members List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
          state seen List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 139fd28d5d69675d4adbbe1481d23309 at 1173 name ? uid ? parallelism 2 of 128
        operator 0da08f51eaa85fc298e176a139b3649a at 1246 name ? uid ? parallelism 2 of 128
          ManagedKeyed Incremental 116785 bytes in 2
          Inline 16290 bytes in 14
          Relative 100495 bytes in 4
          key LongSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state blob KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
          state buckets KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, LongSerializerSnapshot>
          state count KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator a30c3d80a4c44851b857343c4fdb4c1e at 19743 name ? uid ? parallelism 2 of 128
        operator e5a72f353fc1e6bbf3bd96a41384998c at 19816 name ? uid ? parallelism 2 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 524 bytes in 2
          Inline 524 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        file relative 24981 bytes, 1 references
        file relative 24424 bytes, 1 references
        file relative 24424 bytes, 1 references
        file relative 26666 bytes, 1 references
    "#]],
    );
}

#[test]
fn checkpoint_2_3_incremental() {
    check(
        "2.3.0-rocksdb-checkpoint-files",
        &expect![[r#"
        version 6 checkpoint 5
        kind Checkpoint
        writers Some(Between { from: "2.1", to: "2.3" })
        is incremental, 137960 bytes in 6
        operator f87d82977f8d6fee965276a0168c57b7 at 24 name tally uid tally parallelism 2 of 128
          ManagedOperator OperatorStream 766 bytes in 2
          Inline 766 bytes in 2
          state members List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
          state seen List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 139fd28d5d69675d4adbbe1481d23309 at 1203 name Sink: Print to Std. Out uid - parallelism 2 of 128
        operator 0da08f51eaa85fc298e176a139b3649a at 1303 name counter uid counter parallelism 2 of 128
          ManagedKeyed Incremental 136654 bytes in 2
          Inline 75682 bytes in 20
          Absolute 60972 bytes in 2
          key LongSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state blob KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
          state buckets KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, LongSerializerSnapshot>
          state count KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
        operator a30c3d80a4c44851b857343c4fdb4c1e at 80146 name writer uid writer parallelism 2 of 128
        operator e5a72f353fc1e6bbf3bd96a41384998c at 80235 name Source: source uid source parallelism 2 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 524 bytes in 2
          Inline 524 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        file absolute 30486 bytes, 1 references
        file absolute 30486 bytes, 1 references
    "#]],
    );
}

#[test]
fn native_1_20_heap_in_files() {
    check(
        "1.20.5-hashmap-native-files",
        &expect![[r#"
        version 4 checkpoint 5
        kind Savepoint { format: Some("NATIVE") }
        writers Some(Between { from: "1.18", to: "1.20" })
        is relocatable, 60544 bytes in 6
        operator f87d82977f8d6fee965276a0168c57b7 at 24 name ? uid ? parallelism 2 of 128
          ManagedOperator OperatorStream 766 bytes in 2
          Inline 766 bytes in 2
          state members List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
          state seen List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
        operator 139fd28d5d69675d4adbbe1481d23309 at 1173 name ? uid ? parallelism 2 of 128
        operator 0da08f51eaa85fc298e176a139b3649a at 1246 name ? uid ? parallelism 2 of 128
          ManagedKeyed KeyGroups 59238 bytes in 2
          Relative 59238 bytes in 2
          2 headers in files
        operator a30c3d80a4c44851b857343c4fdb4c1e at 2529 name ? uid ? parallelism 2 of 128
        operator e5a72f353fc1e6bbf3bd96a41384998c at 2602 name ? uid ? parallelism 2 of 128
          coordinator 16 bytes
          ManagedOperator OperatorStream 524 bytes in 2
          Inline 524 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        file relative 28764 bytes, 1 references
        file relative 30474 bytes, 1 references
    "#]],
    );
}
