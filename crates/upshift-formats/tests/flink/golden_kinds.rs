//! Golden text of real snapshots with changelog, merged files, records in flight, hooks, finished subtasks and more.

use expect_test::{Expect, expect};

use crate::fixtures;
use crate::golden::check_one;

fn check_kind(name: &str, golden: &Expect) {
    check_one(&fixtures::load_kind(name), golden);
}

#[test]
fn changelog_1_20() {
    check_kind(
        "1.20.5-changelog-rocksdb",
        &expect![[r#"
        version 4 checkpoint 5
        kind Checkpoint
        writers Some(Between { from: "1.16", to: "1.20" })
        is incremental changelog, 84159 bytes in 10
        operator ca88eee0095684d687a1b6495617f957 at 24 name ? uid ? parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          Relative 530 bytes in 2
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator 36f1d886a6fb925dd34f9c3c3f951752 at 319 name ? uid ? parallelism 2 of 16
          ManagedKeyed Incremental 72218 bytes in 2
          ManagedKeyed Changelog 0 bytes in 2
          ManagedKeyed ChangelogStream 11001 bytes in 2
          ManagedOperator OperatorStream 394 bytes in 2
          Relative 394 bytes in 2
          Absolute 93266 bytes in 28
          4 headers in files
          state passed List(SplitDistribute) handles 2 partitions 2
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 5186 name ? uid ? parallelism 2 of 16
        file relative 265 bytes, 1 references
        file relative 197 bytes, 1 references
        file relative 197 bytes, 1 references
        file relative 265 bytes, 1 references
        file absolute unknown size, 1 references
        file absolute unknown size, 2 references
        file absolute unknown size, 1 references
        file absolute 991 bytes, 1 references
        file absolute 24695 bytes, 1 references
        file absolute 1021 bytes, 1 references
        file absolute 990 bytes, 1 references
        file absolute 24695 bytes, 1 references
        file absolute 1159 bytes, 1 references
        file absolute 16 bytes, 1 references
        file absolute 1852 bytes, 1 references
        file absolute 1028 bytes, 1 references
        file absolute 1075 bytes, 1 references
        file absolute 1042 bytes, 1 references
        file absolute 16 bytes, 1 references
        file absolute 1027 bytes, 1 references
        file absolute 1028 bytes, 1 references
        file absolute 1078 bytes, 1 references
        file absolute 990 bytes, 1 references
        file absolute 1074 bytes, 1 references
        file absolute 1852 bytes, 1 references
        file absolute 991 bytes, 1 references
        file absolute 1049 bytes, 1 references
        file absolute 1147 bytes, 1 references
        file absolute 1075 bytes, 1 references
        file absolute 1265 bytes, 1 references
        file absolute 1062 bytes, 1 references
    "#]],
    );
}

#[test]
fn merged_files_2_3() {
    check_kind(
        "2.3.0-merged-hashmap",
        &expect![[r#"
        version 6 checkpoint 3
        kind Checkpoint
        writers Some(Between { from: "2.1", to: "2.3" })
        is merged, 7648 bytes in 10
        operator ca88eee0095684d687a1b6495617f957 at 24 name Source: numbers uid numbers parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator FileMergingOperatorStream 530 bytes in 2
          Segment 530 bytes in 2
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator 36f1d886a6fb925dd34f9c3c3f951752 at 1385 name plain uid plain parallelism 2 of 16
          ManagedKeyed KeyGroups 5336 bytes in 2
          ManagedOperator FileMergingOperatorStream 394 bytes in 2
          Segment 5730 bytes in 4
          4 headers in files
          state passed List(SplitDistribute) handles 2 partitions 2
        operator a23759e91d3e8ab882634c1c4102bf7d at 3376 name listed uid listed parallelism 2 of 16
          ManagedOperator FileMergingOperatorStream 1372 bytes in 2
          Segment 1372 bytes in 2
          2 headers in files
          state everywhere Broadcast handles 2 partitions 2
          state split List(SplitDistribute) handles 2 partitions 4
          state union List(Union) handles 2 partitions 2
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 4755 name paced uid paced parallelism 2 of 16
          ManagedOperator FileMergingOperatorStream 0 bytes in 2
          Inline 0 bytes in 2
        file absolute at least 3266 bytes, 3 references
        file absolute at least 951 bytes, 2 references
        file absolute at least 686 bytes, 1 references
        file absolute at least 2729 bytes, 2 references
    "#]],
    );
}

#[test]
fn records_in_flight_1_20() {
    check_kind(
        "1.20.5-channels-files",
        &expect![[r#"
        version 4 checkpoint 2
        kind Checkpoint
        writers Some(Between { from: "1.16", to: "1.20" })
        is incremental channels relocatable, 115708 bytes in 12
        operator ca88eee0095684d687a1b6495617f957 at 24 name ? uid ? parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          Relative 530 bytes in 2
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator 59fa767824610e31f4a11d6125e09bf4 at 319 name ? uid ? parallelism 2 of 16
          ManagedKeyed Incremental 29638 bytes in 2
          InputChannels InputChannel 5638 bytes in 2
          Relative 35276 bytes in 10
          2 headers in files
        operator 01254ab7a44beadbe56efefc89a06fe8 at 1226 name ? uid ? parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          ResultSubpartitions ResultSubpartition 79340 bytes in 4
          Relative 79870 bytes in 6
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 1981 name ? uid ? parallelism 2 of 16
        file relative 216 bytes, 1 references
        file relative 265 bytes, 1 references
        file relative 265 bytes, 1 references
        file relative 16 bytes, 1 references
        file relative 770 bytes, 1 references
        file relative 265 bytes, 1 references
        file relative 265 bytes, 1 references
        file relative 13817 bytes, 1 references
        file relative 770 bytes, 1 references
        file relative 2865 bytes, 1 references
        file relative 13817 bytes, 1 references
        file relative 216 bytes, 1 references
        file relative 16 bytes, 1 references
        file relative 82121 bytes, 5 references
    "#]],
    );
}

#[test]
fn records_in_flight_in_merged_files_2_3() {
    check_kind(
        "2.3.0-merged-channels",
        &expect![[r#"
        version 6 checkpoint 3
        kind Checkpoint
        writers Some(Between { from: "2.1", to: "2.3" })
        is channels merged, 93381 bytes in 20
        operator ca88eee0095684d687a1b6495617f957 at 24 name Source: numbers uid numbers parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator FileMergingOperatorStream 530 bytes in 2
          Segment 530 bytes in 2
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator 36f1d886a6fb925dd34f9c3c3f951752 at 1385 name plain uid plain parallelism 2 of 16
          ManagedKeyed KeyGroups 5462 bytes in 2
          ManagedOperator FileMergingOperatorStream 394 bytes in 2
          Segment 5856 bytes in 4
          4 headers in files
          state passed List(SplitDistribute) handles 2 partitions 2
        operator 59fa767824610e31f4a11d6125e09bf4 at 3376 name slow uid slow parallelism 2 of 16
          ManagedKeyed KeyGroups 1796 bytes in 2
          ManagedOperator FileMergingOperatorStream 0 bytes in 2
          InputChannels MergedInputChannel 4987 bytes in 2
          Inline 0 bytes in 2
          Segment 6783 bytes in 4
          2 headers in files
        operator 01254ab7a44beadbe56efefc89a06fe8 at 5423 name Source: many uid many parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator FileMergingOperatorStream 530 bytes in 2
          ResultSubpartitions MergedResultSubpartition 79340 bytes in 2
          Segment 79870 bytes in 4
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 7574 name paced uid paced parallelism 2 of 16
          ManagedOperator FileMergingOperatorStream 0 bytes in 2
          ResultSubpartitions MergedResultSubpartition 310 bytes in 2
          Inline 0 bytes in 2
          Segment 310 bytes in 2
        file absolute at least 4039 bytes, 3 references
        file absolute at least 898 bytes, 1 references
        file absolute at least 2991 bytes, 3 references
        file absolute at least 462 bytes, 2 references
        file absolute at least 82184 bytes, 5 references
        file absolute at least 2783 bytes, 2 references
    "#]],
    );
}

#[test]
fn a_master_hook_1_20() {
    check_kind(
        "1.20.5-hook-checkpoint",
        &expect![[r#"
        version 4 checkpoint 2
        kind Checkpoint
        writers Some(Between { from: "1.18", to: "1.20" })
        is relocatable, 1951 bytes in 4
        hook upshift lab hook ä中 version 77 33 bytes
        operator ca88eee0095684d687a1b6495617f957 at 97 name ? uid ? parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          Inline 530 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator a23759e91d3e8ab882634c1c4102bf7d at 1086 name ? uid ? parallelism 2 of 16
          ManagedOperator OperatorStream 1372 bytes in 2
          Inline 1372 bytes in 2
          state everywhere Broadcast handles 2 partitions 2
            KEY_SERIALIZER StringSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
          state split List(SplitDistribute) handles 2 partitions 4
            VALUE_SERIALIZER LongSerializerSnapshot
          state union List(Union) handles 2 partitions 2
            VALUE_SERIALIZER StringSerializerSnapshot
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 2945 name ? uid ? parallelism 2 of 16
        operator 7f576998fda6d3db517bdd9500921961 at 3018 name ? uid ? parallelism 2 of 16
    "#]],
    );
}

#[test]
fn finished_subtasks_2_3() {
    check_kind(
        "2.3.0-finished",
        &expect![[r#"
        version 6 checkpoint 9
        kind Checkpoint
        writers Some(Between { from: "2.1", to: "2.3" })
        is relocatable, 6611 bytes in 7
        operator ca88eee0095684d687a1b6495617f957 at 24 name Source: numbers uid numbers parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          Inline 530 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator 1e921283d56d69bf5168f19cd91e398a at 1037 name Source: halves uid halves parallelism 2 of 16
          1 of 2 subtasks finished, all: false
          coordinator 16 bytes
          ManagedOperator OperatorStream 265 bytes in 1
          Inline 265 bytes in 1
          state SourceReaderState List(SplitDistribute) handles 1 partitions 1
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator 36f1d886a6fb925dd34f9c3c3f951752 at 1600 name plain uid plain parallelism 2 of 16
          ManagedKeyed KeyGroups 5390 bytes in 2
          ManagedOperator OperatorStream 394 bytes in 2
          Inline 5784 bytes in 4
          key LongSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state count KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER LongSerializerSnapshot
          state passed List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER LongSerializerSnapshot
          state seen KeyValue(Some("LIST")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER ListSerializerSnapshot<StringSerializerSnapshot>
          state visits KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, LongSerializerSnapshot>
        operator a6bb52df94b576b12882dd8ff44f3177 at 8255 name halves-paced uid halves-paced parallelism 2 of 16
          1 of 2 subtasks finished, all: false
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 8338 name paced uid paced parallelism 2 of 16
        operator be3846e6427a8682b73c48b7e7f542c4 at 8425 name Source: few uid few parallelism 2 of 16
          0 of 0 subtasks finished, all: true
        operator c1bd4f3258ccafda13b56d7b90b783cf at 8472 name few-paced uid few-paced parallelism 2 of 16
          0 of 0 subtasks finished, all: true
    "#]],
    );
}

#[test]
fn times_to_live_2_3() {
    check_kind(
        "2.3.0-ttl-canonical",
        &expect![[r#"
        version 6 checkpoint 4
        kind Savepoint { format: Some("CANONICAL") }
        writers Some(Between { from: "2.1", to: "2.3" })
        is relocatable, 10028 bytes in 4
        operator ca88eee0095684d687a1b6495617f957 at 24 name Source: numbers uid numbers parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          Inline 530 bytes in 2
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
            VALUE_SERIALIZER BytePrimitiveArraySerializerSnapshot
        operator 0be2b30eb624c64108ca9bd7dfd6d634 at 1017 name ageing uid ageing parallelism 2 of 16
          ManagedKeyed KeyGroupsSavepoint 9482 bytes in 2
          Inline 9482 bytes in 2
          key LongSerializerSnapshot
          state _timer_state/event_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 2 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<LongSerializerSnapshot, VoidNamespaceSerializerSnapshot>
          state ageless KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER StringSerializerSnapshot
          state counted KeyValue(Some("AGGREGATING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER TtlSerializerSnapshot<LongSerializerSnapshot, LongSerializerSnapshot>
          state list KeyValue(Some("LIST")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER ListSerializerSnapshot<TtlSerializerSnapshot<LongSerializerSnapshot, TupleSerializerSnapshot<Class("org.apache.flink.api.java.tuple.Tuple2") StringSerializerSnapshot, LongSerializerSnapshot>>>
          state map KeyValue(Some("MAP")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<StringSerializerSnapshot, TtlSerializerSnapshot<LongSerializerSnapshot, LongSerializerSnapshot>>
          state sum KeyValue(Some("REDUCING")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER TtlSerializerSnapshot<LongSerializerSnapshot, LongSerializerSnapshot>
          state value KeyValue(Some("VALUE")) handles 2 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER TtlSerializerSnapshot<LongSerializerSnapshot, LongSerializerSnapshot>
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 10968 name paced uid paced parallelism 2 of 16
    "#]],
    );
}

#[test]
fn incremental_over_checkpoints_1_20() {
    check_kind(
        "1.20.5-incremental",
        &expect![[r#"
        version 4 checkpoint 8
        kind Checkpoint
        writers Some(Between { from: "1.16", to: "1.20" })
        is incremental, 86394 bytes in 6
        operator ca88eee0095684d687a1b6495617f957 at 24 name ? uid ? parallelism 2 of 16
          coordinator 16 bytes
          ManagedOperator OperatorStream 530 bytes in 2
          Relative 530 bytes in 2
          2 headers in files
          state SourceReaderState List(SplitDistribute) handles 2 partitions 2
        operator 36f1d886a6fb925dd34f9c3c3f951752 at 319 name ? uid ? parallelism 2 of 16
          ManagedKeyed Incremental 85454 bytes in 2
          ManagedOperator OperatorStream 394 bytes in 2
          Relative 4098 bytes in 4
          Absolute 81750 bytes in 32
          4 headers in files
          state passed List(SplitDistribute) handles 2 partitions 2
        operator b0efe4b9a967a3d011e1c9847df8ab14 at 5532 name ? uid ? parallelism 2 of 16
        file relative 1852 bytes, 1 references
        file relative 1852 bytes, 1 references
        file relative 197 bytes, 1 references
        file relative 265 bytes, 1 references
        file relative 197 bytes, 1 references
        file relative 265 bytes, 1 references
        file absolute 990 bytes, 1 references
        file absolute 1080 bytes, 1 references
        file absolute 2494 bytes, 1 references
        file absolute 1163 bytes, 1 references
        file absolute 1075 bytes, 1 references
        file absolute 1030 bytes, 1 references
        file absolute 1060 bytes, 1 references
        file absolute 1021 bytes, 1 references
        file absolute 1027 bytes, 1 references
        file absolute 990 bytes, 1 references
        file absolute 1010 bytes, 1 references
        file absolute 1099 bytes, 1 references
        file absolute 1023 bytes, 1 references
        file absolute 16 bytes, 1 references
        file absolute 1030 bytes, 1 references
        file absolute 1160 bytes, 1 references
        file absolute 1162 bytes, 1 references
        file absolute 980 bytes, 1 references
        file absolute 1044 bytes, 1 references
        file absolute 1049 bytes, 1 references
        file absolute 1080 bytes, 1 references
        file absolute 988 bytes, 1 references
        file absolute 1161 bytes, 1 references
        file absolute 16 bytes, 1 references
        file absolute 1023 bytes, 1 references
        file absolute 1033 bytes, 1 references
        file absolute 24695 bytes, 1 references
        file absolute 1077 bytes, 1 references
        file absolute 996 bytes, 1 references
        file absolute 990 bytes, 1 references
        file absolute 24695 bytes, 1 references
        file absolute 2493 bytes, 1 references
    "#]],
    );
}

#[test]
fn queries_2_3() {
    check_kind(
        "2.3.0-sql",
        &expect![[r#"
        version 6 checkpoint 3
        kind Savepoint { format: Some("CANONICAL") }
        writers Some(Between { from: "2.1", to: "2.3" })
        is relocatable, 27477 bytes in 6
        operator c86365e31e5e8f31f5f9c081ea71be26 at 24 name Calc[23] uid - parallelism 1 of 128
        operator 0775d39a803173287014b37351ef7c3f at 87 name pairs[10]: Writer uid - parallelism 1 of 128
        operator 629ce0c111ba347039929c5e418d52be at 159 name totals[5]: Writer uid - parallelism 1 of 128
        operator f6a16b4a5baf040864c3a549827e3e32 at 231 name Calc[15] uid - parallelism 1 of 128
        operator 0a60edc3f73f835df5be2fb74d6889cb at 272 name spans[19]: Writer uid - parallelism 1 of 128
        operator b3d008195a04665194e77dc742709522 at 344 name WindowAggregate[17] uid - parallelism 1 of 128
          ManagedKeyed KeyGroupsSavepoint 3264 bytes in 1
          ManagedOperator OperatorStream 189 bytes in 1
          Inline 3453 bytes in 2
          key RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>
          state _timer_state/event_window-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, LongSerializerSnapshot>
          state _timer_state/processing_window-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, LongSerializerSnapshot>
          state watermark List(Union) handles 1 partitions 1
            VALUE_SERIALIZER LongSerializerSnapshot
          state window-aggs KeyValue(Some("VALUE")) handles 1 partitions 0
            NAMESPACE_SERIALIZER LongSerializerSnapshot
            VALUE_SERIALIZER RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.BigIntType"]) LongSerializerSnapshot>
        operator d51e00e5248815a1902dadf1fdda4dfa at 5168 name best[14]: Writer uid - parallelism 1 of 128
        operator 46328447a2022b04964f2f614c774125 at 5239 name Source: orders[1] uid - parallelism 1 of 128
        operator f0004c0ccb8da2acd63982582a66b55a at 5289 name Calc[2] uid - parallelism 1 of 128
        operator a92cea846f76f647ed9b02fea84c0b41 at 5329 name Calc[18] uid - parallelism 1 of 128
        operator 846fa131c93e0a0f63849f5788a45b6a at 5392 name latest[24]: Writer uid - parallelism 1 of 128
        operator a6152db3a1af97869f4e07ced5e85ad4 at 5465 name Calc[6] uid - parallelism 1 of 128
        operator dd7f6fee9fb36748f907932fdc4f8698 at 5505 name Calc[20] uid - parallelism 1 of 128
        operator bfcbc00c7d99fe3ebd4efd861a203b3d at 5546 name Calc[9] uid - parallelism 1 of 128
        operator 571212bd188021b75e8567a6f1343cda at 5608 name Rank[13] uid - parallelism 1 of 128
          ManagedKeyed KeyGroupsSavepoint 5033 bytes in 1
          Inline 5033 bytes in 1
          key RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>
          state _timer_state/event_user-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, VoidNamespaceSerializerSnapshot>
          state data-state-with-append KeyValue(Some("MAP")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.DecimalType"]) DecimalSerializerSnapshot[10, 2]>, ListSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType", "org.apache.flink.table.types.logical.DecimalType"]) IntSerializerSnapshot, DecimalSerializerSnapshot[10, 2]>>>
        operator f94e6e9e8e3aa6294acbfa6ca9475d15 at 11854 name Join[8] uid - parallelism 1 of 128
          ManagedKeyed KeyGroupsSavepoint 5694 bytes in 1
          Inline 5694 bytes in 1
          key RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType", "org.apache.flink.table.types.logical.BigIntType"]) IntSerializerSnapshot, LongSerializerSnapshot>
          state left-records KeyValue(Some("MAP")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.BigIntType", "org.apache.flink.table.types.logical.IntType"]) LongSerializerSnapshot, IntSerializerSnapshot>, IntSerializerSnapshot>
          state right-records KeyValue(Some("MAP")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.BigIntType", "org.apache.flink.table.types.logical.IntType"]) LongSerializerSnapshot, IntSerializerSnapshot>, IntSerializerSnapshot>
        operator 60dc2ab2bbefbf78a8a157ef1266f2ab at 18760 name Deduplicate[22] uid - parallelism 1 of 128
          ManagedKeyed KeyGroupsSavepoint 4630 bytes in 1
          Inline 4630 bytes in 1
          key RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>
          state _timer_state/event_user-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, VoidNamespaceSerializerSnapshot>
          state deduplicate-state KeyValue(Some("VALUE")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.BigIntType", "org.apache.flink.table.types.logical.IntType", "org.apache.flink.table.types.logical.VarCharType", "org.apache.flink.table.types.logical.LocalZonedTimestampType"]) LongSerializerSnapshot, IntSerializerSnapshot, StringDataSerializerSnapshot, TimestampDataSerializerSnapshot[3]>
        operator 31c0a67bc2d95e207042541dd4dd115a at 24610 name GroupAggregate[4] uid - parallelism 1 of 128
          ManagedKeyed KeyGroupsSavepoint 8667 bytes in 1
          Inline 8667 bytes in 1
          key RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>
          state _timer_state/event_user-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, VoidNamespaceSerializerSnapshot>
          state _timer_state/processing_user-timers Timers handles 1 partitions 0
            VALUE_SERIALIZER TimerSerializerSnapshot<RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.IntType"]) IntSerializerSnapshot>, VoidNamespaceSerializerSnapshot>
          state accState KeyValue(Some("VALUE")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER RowDataSerializerSnapshot<Objects(["org.apache.flink.table.types.logical.BigIntType", "org.apache.flink.table.types.logical.DecimalType", "org.apache.flink.table.types.logical.BigIntType", "org.apache.flink.table.types.logical.RawType"]) LongSerializerSnapshot, DecimalSerializerSnapshot[38, 2], LongSerializerSnapshot, RawValueDataSerializerSnapshot<NullSerializerSnapshot>>
          state distinctAcc_0 KeyValue(Some("MAP")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER MapSerializerSnapshot<ExternalSerializerSnapshot<Objects(["org.apache.flink.table.types.AtomicDataType"]) StringDataSerializerSnapshot>, ExternalSerializerSnapshot<Objects(["org.apache.flink.table.types.AtomicDataType"]) LongSerializerSnapshot>>
          state distinctAcc_0_null_state KeyValue(Some("VALUE")) handles 1 partitions 0
            NAMESPACE_SERIALIZER VoidNamespaceSerializerSnapshot
            VALUE_SERIALIZER ExternalSerializerSnapshot<Objects(["org.apache.flink.table.types.AtomicDataType"]) LongSerializerSnapshot>
        operator c177de80f914436cdea9712dd037c007 at 34499 name Calc[11] uid - parallelism 1 of 128
    "#]],
    );
}
