//! Stream state handles: where the bytes of one piece of state are.

use crate::cursor::{Cursor, Longs, Span};
use crate::{FormatError, JavaStr};

use super::ctx::Ctx;

/// One stream handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHandle<'a> {
    /// Offset of its type byte.
    pub at: u64,
    /// What it is, by type.
    pub body: StreamBody<'a>,
}

/// The stream handle types of metadata versions 2 to 7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamBody<'a> {
    /// Type 1: the bytes themselves. The name is a label, often the path they would have had.
    Bytes {
        /// The label.
        name: JavaStr<'a>,
        /// The state.
        data: Span<'a>,
    },
    /// Type 2: a file by absolute path.
    File {
        /// Its size; -1 where the writer did not know it.
        size: i64,
        /// Its path or URI.
        path: JavaStr<'a>,
    },
    /// Type 3: key groups wrapped around another stream.
    KeyGroups {
        /// Where the groups start in it.
        groups: KeyGroupOffsets<'a>,
        /// The stream.
        inner: Option<Box<StreamHandle<'a>>>,
    },
    /// Type 6: a file beside the metadata.
    Relative {
        /// Its path from the directory of the metadata.
        path: JavaStr<'a>,
        /// Its size; -1 where the writer did not know it.
        size: i64,
    },
    /// Type 15: a part of a file shared by several subtasks or checkpoints.
    Segment {
        /// Where the part starts.
        start: i64,
        /// How long it is.
        size: i64,
        /// Flink's ordinal of the scope, exclusive or shared.
        scope: i32,
        /// The path or URI of the file.
        path: JavaStr<'a>,
        /// The name of the part.
        logical: JavaStr<'a>,
    },
    /// Type 16: a part that holds nothing.
    EmptySegment,
}

/// A range of key groups and the offset of each in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyGroupOffsets<'a> {
    /// The first key group.
    pub first: u32,
    /// One offset for each group of the range.
    pub offsets: Longs<'a>,
}

impl<'a> KeyGroupOffsets<'a> {
    pub(super) fn read(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Self, FormatError> {
        let first = cur.unsigned("first key group")?;
        let count = cur.count("key-group count", 8, ctx.limits.key_groups)?;
        Ok(Self {
            first,
            offsets: cur.longs(count, "key-group offsets")?,
        })
    }
}

impl<'a> StreamHandle<'a> {
    /// Reads a handle, or nothing where the type byte is 0.
    pub(super) fn read(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Option<Self>, FormatError> {
        let at = cur.at();
        let body = match cur.u8("stream handle type")? {
            0 => return Ok(None),
            1 => StreamBody::Bytes {
                name: cur.utf("byte-stream name")?,
                data: cur.block("inline state", ctx.limits.inline_bytes)?,
            },
            2 => StreamBody::File {
                size: size(cur, "file size")?,
                path: cur.utf("file path")?,
            },
            3 => {
                let ctx = ctx.deeper(at, "stream handle depth")?;
                let groups = KeyGroupOffsets::read(cur, ctx)?;
                StreamBody::KeyGroups {
                    groups,
                    inner: Self::read(cur, ctx)?.map(Box::new),
                }
            }
            6 => StreamBody::Relative {
                path: cur.utf("relative path")?,
                size: size(cur, "file size")?,
            },
            15 => StreamBody::Segment {
                start: cur.i64("segment start")?,
                size: size(cur, "segment size")?,
                scope: cur.i32("segment scope")?,
                path: cur.utf("segment path")?,
                logical: cur.utf("segment id")?,
            },
            16 => StreamBody::EmptySegment,
            other => {
                let expected = "one of 0, 1, 2, 3, 6, 15, 16";
                let found = i64::from(other);
                return Err(FormatError::Value {
                    at,
                    what: "stream handle type",
                    expected,
                    found,
                });
            }
        };
        Ok(Some(Self { at, body }))
    }
}

/// Takes a state size; Flink writes -1 for one it does not know, and nothing below.
pub(super) fn size(cur: &mut Cursor<'_>, what: &'static str) -> Result<i64, FormatError> {
    let at = cur.at();
    match cur.i64(what)? {
        found if found < -1 => Err(FormatError::Value {
            at,
            what,
            expected: "-1 or more",
            found,
        }),
        size => Ok(size),
    }
}
