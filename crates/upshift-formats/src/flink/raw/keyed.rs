//! Keyed state handles: heap, RocksDB, canonical and changelog.

use crate::cursor::{Cursor, Span};
use crate::{FormatError, JavaStr};

use super::ctx::Ctx;
use super::stream::{KeyGroupOffsets, StreamHandle, size};

/// One keyed state handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedHandle<'a> {
    /// Offset of its type byte.
    pub at: u64,
    /// The type byte; it tells the two layouts of a kind apart.
    pub tag: u8,
    /// The key groups it covers.
    pub groups: KeyGroups,
    /// What it is, by kind.
    pub body: KeyedBody<'a>,
    /// The id Flink gave it, where the layout has one.
    pub id: Option<JavaStr<'a>>,
}

/// A range of key groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyGroups {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// The kinds of keyed state handles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyedBody<'a> {
    /// Types 3 and 12 (heap) and 7 (canonical savepoint): one stream with all key groups.
    KeyGroups {
        /// Where the groups start in the stream.
        offsets: KeyGroupOffsets<'a>,
        /// The stream; it opens with a keyed state header.
        stream: Option<StreamHandle<'a>>,
    },
    /// Types 5 and 11: the files of an embedded store.
    Incremental {
        /// The checkpoint it was made for.
        checkpoint_id: i64,
        /// The backend instance that owns the shared files.
        backend: JavaStr<'a>,
        /// Bytes this checkpoint added, where the layout has it; -1 for unknown.
        checkpointed_size: Option<i64>,
        /// A stream with nothing but a keyed state header.
        meta: Option<StreamHandle<'a>>,
        /// Files other checkpoints may use too.
        shared: Vec<NamedStream<'a>>,
        /// Files of this checkpoint alone.
        private: Vec<NamedStream<'a>>,
    },
    /// Types 8 and 14: a materialized snapshot and the changes since.
    Changelog {
        /// Bytes this checkpoint added; -1 for unknown.
        checkpointed_size: i64,
        /// The snapshot below the changes.
        materialized: Vec<KeyedHandle<'a>>,
        /// The changes.
        delta: Vec<KeyedHandle<'a>>,
        /// Which materialization it is.
        materialization_id: i64,
        /// The checkpoint it was made for, where the layout has it.
        checkpoint_id: Option<i64>,
    },
    /// Type 9: changes kept in the metadata.
    InMemoryChangelog {
        /// The first sequence number.
        from: i64,
        /// The sequence number after the last.
        to: i64,
        /// The changes.
        changes: Vec<Change<'a>>,
    },
    /// Types 10 and 13: changes kept in streams.
    ChangelogStream {
        /// The streams, each with the offset at which the changes start.
        streams: Vec<OffsetStream<'a>>,
        /// Bytes of all changes.
        size: i64,
        /// Bytes this checkpoint added; -1 for unknown.
        checkpointed_size: i64,
        /// The changelog storage, where the layout has it.
        storage: Option<JavaStr<'a>>,
    },
}

/// A file of an incremental handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedStream<'a> {
    /// The name it has in the store.
    pub name: JavaStr<'a>,
    /// Where its bytes are.
    pub stream: Option<StreamHandle<'a>>,
}

/// A stream of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetStream<'a> {
    /// Where in the stream the changes start.
    pub offset: i64,
    /// The stream.
    pub stream: Option<StreamHandle<'a>>,
}

/// A change kept in the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// Its key group; negative for a change of state meta information.
    pub key_group: i32,
    /// The serialized change.
    pub data: Span<'a>,
}

impl<'a> KeyedHandle<'a> {
    /// Reads a handle, or nothing where the type byte is 0.
    pub(super) fn read(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Option<Self>, FormatError> {
        let at = cur.at();
        let tag = cur.u8("keyed handle type")?;
        let (groups, body, id) = match tag {
            0 => return Ok(None),
            3 | 7 | 12 => key_groups(cur, ctx, tag)?,
            5 | 11 => incremental(cur, ctx, tag)?,
            8 | 14 => changelog(cur, ctx.deeper(at, "keyed handle depth")?, tag)?,
            9 => in_memory_changelog(cur, ctx)?,
            10 | 13 => changelog_stream(cur, ctx, tag)?,
            other => {
                let expected = "one of 0, 3, 5, 7 to 14";
                let found = i64::from(other);
                return Err(FormatError::Value {
                    at,
                    what: "keyed handle type",
                    expected,
                    found,
                });
            }
        };
        Ok(Some(Self {
            at,
            tag,
            groups,
            body,
            id,
        }))
    }
}

type Parts<'a> = (KeyGroups, KeyedBody<'a>, Option<JavaStr<'a>>);

fn range(cur: &mut Cursor<'_>, ctx: Ctx<'_>) -> Result<KeyGroups, FormatError> {
    let first = cur.unsigned("first key group")?;
    Ok(KeyGroups {
        first,
        count: cur.count("key-group count", 0, ctx.limits.key_groups)?,
    })
}

fn key_groups<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>, tag: u8) -> Result<Parts<'a>, FormatError> {
    let at = cur.at();
    let offsets = KeyGroupOffsets::read(cur, ctx)?;
    let count = u32::try_from(offsets.offsets.len()).map_err(|_| FormatError::Limit {
        at,
        what: "key-group count",
        expected: u64::from(ctx.limits.key_groups),
        found: offsets.offsets.len() as u64,
    })?;
    let stream = StreamHandle::read(cur, ctx)?;
    let id = if tag == 12 {
        Some(cur.utf("state handle id")?)
    } else {
        None
    };
    Ok((
        KeyGroups {
            first: offsets.first,
            count,
        },
        KeyedBody::KeyGroups { offsets, stream },
        id,
    ))
}

fn incremental<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>, tag: u8) -> Result<Parts<'a>, FormatError> {
    let second = tag == 11;
    let checkpoint_id = cur.i64("checkpoint id of a handle")?;
    let backend = cur.utf("backend id")?;
    let groups = range(cur, ctx)?;
    let checkpointed_size = if second {
        Some(size(cur, "checkpointed size")?)
    } else {
        None
    };
    let body = KeyedBody::Incremental {
        checkpoint_id,
        backend,
        checkpointed_size,
        meta: StreamHandle::read(cur, ctx)?,
        shared: named_streams(cur, ctx)?,
        private: named_streams(cur, ctx)?,
    };
    let id = if second {
        Some(cur.utf("state handle id")?)
    } else {
        None
    };
    Ok((groups, body, id))
}

fn named_streams<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Vec<NamedStream<'a>>, FormatError> {
    // The least entry is an empty name and no handle.
    let count = cur.count("file count of an incremental handle", 3, ctx.limits.entries)?;
    repeat(count, || {
        Ok(NamedStream {
            name: cur.utf("file name")?,
            stream: StreamHandle::read(cur, ctx)?,
        })
    })
}

fn changelog<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>, tag: u8) -> Result<Parts<'a>, FormatError> {
    let groups = range(cur, ctx)?;
    let checkpointed_size = size(cur, "checkpointed size")?;
    let materialized = handles(cur, ctx)?;
    let delta = handles(cur, ctx)?;
    let materialization_id = cur.i64("materialization id")?;
    let checkpoint_id = if tag == 14 {
        Some(cur.i64("checkpoint id of a handle")?)
    } else {
        None
    };
    let body = KeyedBody::Changelog {
        checkpointed_size,
        materialized,
        delta,
        materialization_id,
        checkpoint_id,
    };
    Ok((groups, body, Some(cur.utf("state handle id")?)))
}

/// Reads the handles inside a changelog handle; Flink itself drops the empty ones it meets there.
fn handles<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Vec<KeyedHandle<'a>>, FormatError> {
    let count = cur.count("handle count of a changelog handle", 1, ctx.limits.entries)?;
    let mut all = Vec::new();
    for _ in 0..count {
        all.extend(KeyedHandle::read(cur, ctx)?);
    }
    Ok(all)
}

fn in_memory_changelog<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Parts<'a>, FormatError> {
    let groups = range(cur, ctx)?;
    let from = cur.i64("first sequence number")?;
    let to = cur.i64("last sequence number")?;
    let count = cur.count("change count", 8, ctx.limits.entries)?;
    let changes = repeat(count, || {
        let key_group = cur.i32("key group of a change")?;
        Ok(Change {
            key_group,
            data: cur.block("change", ctx.limits.inline_bytes)?,
        })
    })?;
    let body = KeyedBody::InMemoryChangelog { from, to, changes };
    Ok((groups, body, Some(cur.utf("state handle id")?)))
}

fn changelog_stream<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>, tag: u8) -> Result<Parts<'a>, FormatError> {
    let groups = range(cur, ctx)?;
    let count = cur.count("stream count of a changelog handle", 9, ctx.limits.entries)?;
    let streams = repeat(count, || {
        let offset = cur.i64("offset of the changes")?;
        Ok(OffsetStream {
            offset,
            stream: StreamHandle::read(cur, ctx)?,
        })
    })?;
    let size_of_all = size(cur, "changelog size")?;
    let checkpointed_size = size(cur, "checkpointed size")?;
    let id = cur.utf("state handle id")?;
    let storage = if tag == 13 {
        Some(cur.utf("changelog storage")?)
    } else {
        None
    };
    let body = KeyedBody::ChangelogStream {
        streams,
        size: size_of_all,
        checkpointed_size,
        storage,
    };
    Ok((groups, body, Some(id)))
}

/// Reads `count` elements. Grows as they are read, so that a false count costs no memory by itself.
pub(super) fn repeat<T>(
    count: u32,
    mut one: impl FnMut() -> Result<T, FormatError>,
) -> Result<Vec<T>, FormatError> {
    let mut all = Vec::with_capacity(usize::try_from(count.min(64)).unwrap_or(0));
    for _ in 0..count {
        all.push(one()?);
    }
    Ok(all)
}
