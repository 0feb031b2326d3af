//! What the bytes of Flink's snapshot files say, field by field, borrowed and with offsets.
//!
//! No field is interpreted beyond the format itself; answers are made in [`crate::flink::view`].

mod channel;
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
pub use metadata::{Item, MasterState, MetadataReader, OperatorHead, Subtask, SubtaskState, items};
pub use operator::{Distribution, MergedDirectories, OperatorHandle, Partition};
pub use stream::{KeyGroupOffsets, StreamBody, StreamHandle};
pub use window::read_items;

/// The metadata versions this crate reads.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 2..=7;

/// What every function of this layer needs beside the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ctx<'l> {
    pub(crate) limits: &'l crate::Limits,
    depth: u32,
}

impl<'l> Ctx<'l> {
    pub(crate) fn new(limits: &'l crate::Limits) -> Self {
        Self { limits, depth: 0 }
    }

    /// The context one level further in, or an error where that is too deep.
    pub(crate) fn deeper(self, at: u64, what: &'static str) -> Result<Self, crate::FormatError> {
        let depth = self.depth + 1;
        if depth > self.limits.depth {
            let (expected, found) = (u64::from(self.limits.depth), u64::from(depth));
            return Err(crate::FormatError::Limit {
                at,
                what,
                expected,
                found,
            });
        }
        Ok(Self { depth, ..self })
    }
}
