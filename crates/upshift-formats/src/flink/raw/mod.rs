//! What the bytes of Flink's snapshot files say, field by field, borrowed and with offsets.
//!
//! No field is interpreted beyond the format itself; answers are made in [`crate::flink::view`].

mod channel;
mod ctx;
mod header;
mod java_ser;
mod keyed;
mod metadata;
mod operator;
mod stream;
mod window;

pub use channel::{ChannelBody, ChannelHandle, ChannelSide};
pub use header::{HeaderKind, MetaInfo, RawHeader, read_keyed_header, read_operator_header};
pub use java_ser::{EnumConstant, JavaOutline, skip_java_stream};
pub use keyed::{Change, KeyGroups, KeyedBody, KeyedHandle, NamedStream, OffsetStream};
pub use metadata::{Item, MasterState, MetadataReader, OperatorHead, Subtask, SubtaskState, VERSIONS, items};
pub use operator::{Distribution, MergedDirectories, OperatorHandle, Partition};
pub use stream::{KeyGroupOffsets, StreamBody, StreamHandle};
pub use window::read_items;
