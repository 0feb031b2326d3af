//! Channel state handles: the records in flight that an unaligned checkpoint keeps.

use crate::FormatError;
use crate::cursor::{Cursor, Longs, Span};

use super::ctx::Ctx;
use super::keyed::repeat;
use super::stream::{StreamHandle, size};

/// Which side of a subtask a channel is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelSide {
    /// An input channel.
    Input,
    /// A result subpartition.
    Result,
}

/// One channel state handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelHandle<'a> {
    /// Offset of its first byte.
    pub at: u64,
    /// The subtask that wrote it.
    pub subtask: i32,
    /// One channel, or several merged.
    pub body: ChannelBody<'a>,
    /// Bytes of this handle in the stream, which several handles share.
    pub size: i64,
    /// The stream.
    pub stream: Option<StreamHandle<'a>>,
}

/// The two layouts of channel state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelBody<'a> {
    /// One channel.
    Single {
        /// The input gate, or the result partition.
        group: i32,
        /// The channel of the gate, or the subpartition.
        index: i32,
        /// Where its buffers start in the stream.
        offsets: Longs<'a>,
    },
    /// All channels of a side in one handle, from version 6 on.
    Merged {
        /// Flink's serialized offsets of all channels.
        offsets: Span<'a>,
    },
}

impl<'a> ChannelHandle<'a> {
    /// Reads the handles of one side of a subtask.
    pub(super) fn read_all(
        cur: &mut Cursor<'a>,
        ctx: Ctx<'_>,
        side: ChannelSide,
        typed: bool,
    ) -> Result<Vec<Self>, FormatError> {
        // The least handle is an untyped one without offsets and stream, or a typed merged one.
        let count = cur.count("channel handle count", 18, ctx.limits.entries)?;
        repeat(count, || Self::read(cur, ctx, side, typed))
    }

    fn read(cur: &mut Cursor<'a>, ctx: Ctx<'_>, side: ChannelSide, typed: bool) -> Result<Self, FormatError> {
        let at = cur.at();
        let merged = if typed { is_merged(cur, side)? } else { false };
        let subtask = cur.i32("subtask of a channel handle")?;
        if merged {
            let size = size(cur, "channel state size")?;
            let stream = StreamHandle::read(cur, ctx)?;
            let offsets = cur.block("merged channel offsets", ctx.limits.inline_bytes)?;
            return Ok(Self {
                at,
                subtask,
                body: ChannelBody::Merged { offsets },
                size,
                stream,
            });
        }
        let group = cur.i32("gate or partition")?;
        let index = cur.i32("channel or subpartition")?;
        let count = cur.count("channel offset count", 8, ctx.limits.offsets)?;
        let offsets = cur.longs(count, "channel offsets")?;
        let size = size(cur, "channel state size")?;
        let stream = StreamHandle::read(cur, ctx)?;
        Ok(Self {
            at,
            subtask,
            body: ChannelBody::Single {
                group,
                index,
                offsets,
            },
            size,
            stream,
        })
    }
}

fn is_merged(cur: &mut Cursor<'_>, side: ChannelSide) -> Result<bool, FormatError> {
    let at = cur.at();
    let tag = cur.u8("channel handle type")?;
    match (side, tag) {
        (ChannelSide::Input, 1) | (ChannelSide::Result, 2) => Ok(false),
        (ChannelSide::Input, 3) | (ChannelSide::Result, 4) => Ok(true),
        (side, other) => Err(FormatError::Value {
            at,
            what: "channel handle type",
            expected: match side {
                ChannelSide::Input => "1 or 3",
                ChannelSide::Result => "2 or 4",
            },
            found: i64::from(other),
        }),
    }
}
