//! The serializer snapshot classes of Flink whose contents this crate knows.
//!
//! The lists of simple and composite snapshots were taken by reflection from the jars of 1.16.3, 1.18.1,
//! 1.20.5, 2.0.2 and 2.3.0: every class below `SimpleTypeSerializerSnapshot`, none of which overrides how it
//! is written, and every class below `CompositeTypeSerializerSnapshot`.

/// How the contents of a snapshot class are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Simple,
    Pojo,
    Kryo,
    Enum,
    /// A class name.
    OwnFormat,
    /// So many 32-bit numbers.
    Parameters(u32),
    /// Nested snapshots without the magic number and outer part of a composite.
    Nested,
    /// A flag and one snapshot.
    TtlAware,
    /// A count, as many Java objects, nested snapshots.
    RowData,
    /// So many Java objects and, where the flag is set, nested snapshots.
    JavaObjects(u32, bool),
    /// A composite.
    Composite,
    /// Not in this table; a composite can still be told by its magic number.
    Other,
}

/// The outer part of a composite snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OuterLayout {
    Class,
    Flag,
    Number,
    ObjectAndFlag,
}

/// The last part of a class name.
pub(super) fn short(class: &str) -> &str {
    class.rsplit(['.', '$']).next().unwrap_or(class)
}

pub(super) fn layout(class: &str) -> Layout {
    if SIMPLE.binary_search(&class).is_ok() {
        return Layout::Simple;
    }
    if COMPOSITES.binary_search(&class).is_ok() || outer_layout(class).is_some() {
        return Layout::Composite;
    }
    let found = OTHERS.iter().find(|(name, _)| *name == class);
    found.map_or(Layout::Other, |(_, layout)| *layout)
}

pub(super) fn outer_layout(class: &str) -> Option<OuterLayout> {
    OUTERS
        .iter()
        .find(|(name, _)| *name == class)
        .map(|(_, layout)| *layout)
}

const OTHERS: &[(&str, Layout)] = &[
    (
        "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot",
        Layout::Pojo,
    ),
    (
        "org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializerSnapshot",
        Layout::Kryo,
    ),
    (
        "org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot",
        Layout::Enum,
    ),
    (
        "org.apache.flink.api.java.typeutils.runtime.ValueSerializer$ValueSerializerSnapshot",
        Layout::OwnFormat,
    ),
    (
        "org.apache.flink.api.java.typeutils.runtime.CopyableValueSerializer$CopyableValueSerializerSnapshot",
        Layout::OwnFormat,
    ),
    (
        "org.apache.flink.api.java.typeutils.runtime.EitherSerializerSnapshot",
        Layout::Nested,
    ),
    (
        "org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot",
        Layout::TtlAware,
    ),
    (
        "org.apache.flink.table.runtime.typeutils.DecimalDataSerializer$DecimalSerializerSnapshot",
        Layout::Parameters(2),
    ),
    (
        "org.apache.flink.table.runtime.typeutils.TimestampDataSerializer$TimestampDataSerializerSnapshot",
        Layout::Parameters(1),
    ),
    (
        "org.apache.flink.table.runtime.typeutils.BinaryRowDataSerializer$BinaryRowDataSerializerSnapshot",
        Layout::Parameters(1),
    ),
    (
        "org.apache.flink.table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot",
        Layout::RowData,
    ),
    (
        "org.apache.flink.table.runtime.typeutils.ArrayDataSerializer$ArrayDataSerializerSnapshot",
        Layout::JavaObjects(2, false),
    ),
    (
        "org.apache.flink.table.runtime.typeutils.MapDataSerializer$MapDataSerializerSnapshot",
        Layout::JavaObjects(4, false),
    ),
    (
        "org.apache.flink.table.runtime.typeutils.SortedMapSerializerSnapshot",
        Layout::JavaObjects(1, true),
    ),
];

const OUTERS: &[(&str, OuterLayout)] = &[
    (
        "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot",
        OuterLayout::Class,
    ),
    (
        "org.apache.flink.api.common.typeutils.base.GenericArraySerializerSnapshot",
        OuterLayout::Class,
    ),
    (
        "org.apache.flink.api.scala.typeutils.ScalaCaseClassSerializerSnapshot",
        OuterLayout::Class,
    ),
    (
        "org.apache.flink.api.scala.typeutils.Tuple2CaseClassSerializerSnapshot",
        OuterLayout::Class,
    ),
    // The "class" of this one is the source text that makes the collection.
    (
        "org.apache.flink.api.scala.typeutils.TraversableSerializerSnapshot",
        OuterLayout::Class,
    ),
    (
        "org.apache.flink.api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot",
        OuterLayout::Flag,
    ),
    (
        "org.apache.flink.cep.nfa.NFAStateSerializerSnapshot",
        OuterLayout::Flag,
    ),
    (
        "org.apache.flink.streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot",
        OuterLayout::Flag,
    ),
    (
        "org.apache.flink.streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot",
        OuterLayout::Flag,
    ),
    (
        "org.apache.flink.table.runtime.typeutils.LinkedListSerializer$LinkedListSerializerSnapshot",
        OuterLayout::Flag,
    ),
    (
        "org.apache.flink.api.java.typeutils.runtime.NullableSerializer$NullableSerializerSnapshot",
        OuterLayout::Number,
    ),
    (
        "org.apache.flink.table.runtime.typeutils.ExternalSerializer$ExternalSerializerSnapshot",
        OuterLayout::ObjectAndFlag,
    ),
];

/// The composites without an outer part. Sorted, for binary search.
const COMPOSITES: &[&str] = &[
    "org.apache.flink.api.common.typeutils.SingleThreadAccessCheckingTypeSerializer$SingleThreadAccessCheckingTypeSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.SetSerializerSnapshot",
    "org.apache.flink.api.java.typeutils.runtime.JavaEitherSerializerSnapshot",
    "org.apache.flink.api.scala.typeutils.ScalaEitherSerializerSnapshot",
    "org.apache.flink.api.scala.typeutils.ScalaOptionSerializerSnapshot",
    "org.apache.flink.api.scala.typeutils.ScalaTrySerializerSnapshot",
    "org.apache.flink.cep.nfa.NFA$MigratedNFASerializerSnapshot",
    "org.apache.flink.cep.nfa.SharedBuffer$SharedBufferSerializerSnapshot",
    "org.apache.flink.cep.nfa.sharedbuffer.LockableTypeSerializerSnapshot",
    "org.apache.flink.cep.nfa.sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot",
    "org.apache.flink.cep.nfa.sharedbuffer.SharedBufferEdge$SharedBufferEdgeSerializer$SharedBufferEdgeSerializerSnapshot",
    "org.apache.flink.cep.nfa.sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot",
    "org.apache.flink.cep.nfa.sharedbuffer.SharedBufferNodeSerializerSnapshotV2",
    "org.apache.flink.runtime.state.ArrayListSerializerSnapshot",
    "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot",
    "org.apache.flink.runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot",
    "org.apache.flink.streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot",
    "org.apache.flink.streaming.api.operators.TimerSerializerSnapshot",
    "org.apache.flink.streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot",
    "org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerSnapshot",
    "org.apache.flink.table.dataview.ListViewSerializerSnapshot",
    "org.apache.flink.table.dataview.MapViewSerializerSnapshot",
    "org.apache.flink.table.dataview.NullAwareMapSerializerSnapshot",
    "org.apache.flink.table.runtime.sequencedmultisetstate.linked.MetaSqnInfoSerializer$MetaSqnInfoSerializerSnapshot",
    "org.apache.flink.table.runtime.sequencedmultisetstate.linked.NodeSerializer$NodeSerializerSnapshot",
    "org.apache.flink.table.runtime.sequencedmultisetstate.linked.RowSqnInfoSerializer$RowSqnInfoSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.RawValueDataSerializer$RawValueDataSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.WindowKeySerializer$WindowKeySerializerSnapshot",
];

/// Sorted, for binary search.
const SIMPLE: &[&str] = &[
    "org.apache.flink.api.common.typeutils.base.BigDecSerializer$BigDecSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.BigIntSerializer$BigIntSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.BitmapSerializer$BitmapSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.BooleanSerializer$BooleanSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.BooleanValueSerializer$BooleanValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.ByteSerializer$ByteSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.ByteValueSerializer$ByteValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.CharSerializer$CharSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.CharValueSerializer$CharValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.DateSerializer$DateSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.DoubleSerializer$DoubleSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.DoubleValueSerializer$DoubleValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.FloatSerializer$FloatSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.FloatValueSerializer$FloatValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.InstantSerializer$InstantSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.IntSerializer$IntSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.IntValueSerializer$IntValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.LocalDateSerializer$LocalDateSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.LocalDateTimeSerializer$LocalDateTimeSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.LocalTimeSerializer$LocalTimeSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.LongSerializer$LongSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.LongValueSerializer$LongValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.NullValueSerializer$NullValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.ShortSerializer$ShortSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.ShortValueSerializer$ShortValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.SqlDateSerializer$SqlDateSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.SqlTimeSerializer$SqlTimeSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.SqlTimestampSerializer$SqlTimestampSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.StringValueSerializer$StringValueSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.VariantSerializer$VariantSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.VoidSerializer$VoidSerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.BooleanPrimitiveArraySerializer$BooleanPrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer$BytePrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.CharPrimitiveArraySerializer$CharPrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.DoublePrimitiveArraySerializer$DoublePrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.FloatPrimitiveArraySerializer$FloatPrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.IntPrimitiveArraySerializer$IntPrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer$LongPrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.ShortPrimitiveArraySerializer$ShortPrimitiveArraySerializerSnapshot",
    "org.apache.flink.api.common.typeutils.base.array.StringArraySerializer$StringArraySerializerSnapshot",
    "org.apache.flink.api.java.typeutils.runtime.Tuple0SerializerSnapshot",
    "org.apache.flink.api.scala.typeutils.NothingSerializerSnapshot",
    "org.apache.flink.api.scala.typeutils.UnitSerializer$UnitSerializerSnapshot",
    "org.apache.flink.cep.nfa.DeweyNumber$DeweyNumberSerializer$DeweyNumberSerializerSnapshot",
    "org.apache.flink.cep.nfa.sharedbuffer.EventId$EventIdSerializer$EventIdSerializerSnapshot",
    "org.apache.flink.queryablestate.client.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot",
    "org.apache.flink.runtime.state.JavaSerializer$JavaSerializerSnapshot",
    "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot",
    "org.apache.flink.streaming.api.utils.ByteArrayWrapperSerializer$ByteArrayWrapperSerializerSnapshot",
    "org.apache.flink.streaming.api.windowing.windows.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
    "org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
    "org.apache.flink.table.dataview.NullSerializer$NullSerializerSnapshot",
    "org.apache.flink.table.runtime.operators.sink.SortedLongSerializer$SortedLongSerializerSnapshot",
    "org.apache.flink.table.runtime.operators.window.CountWindow$Serializer$CountWindowSerializerSnapshot",
    "org.apache.flink.table.runtime.operators.window.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
    "org.apache.flink.table.runtime.operators.window.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.StringDataSerializer$StringDataSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.serializers.python.BigDecSerializer$BigDecSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.serializers.python.DateSerializer$DateSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.serializers.python.StringSerializer$StringSerializerSnapshot",
    "org.apache.flink.table.runtime.typeutils.serializers.python.TimeSerializer$TimeSerializerSnapshot",
];

#[cfg(test)]
mod tests {
    use super::{COMPOSITES, Layout, SIMPLE, layout, short};

    #[test]
    fn the_simple_ones_are_sorted_and_found() {
        assert!(SIMPLE.is_sorted() && COMPOSITES.is_sorted());
        assert!(SIMPLE.iter().all(|class| layout(class) == Layout::Simple));
        assert_eq!(layout("com.example.MySnapshot"), Layout::Other);
    }

    #[test]
    fn the_short_name_is_the_innermost() {
        assert_eq!(
            short("a.b.LongSerializer$LongSerializerSnapshot"),
            "LongSerializerSnapshot"
        );
    }
}
