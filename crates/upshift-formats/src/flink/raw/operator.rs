//! Operator state handles: named lists of partitions in one stream.

use crate::cursor::{Cursor, Longs};
use crate::{FormatError, JavaStr};

use super::ctx::Ctx;
use super::keyed::repeat;
use super::stream::StreamHandle;

/// One operator state handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorHandle<'a> {
    /// Offset of its type byte.
    pub at: u64,
    /// The named states.
    pub partitions: Vec<Partition<'a>>,
    /// Present in type 17, written when files are merged.
    pub merged: Option<MergedDirectories<'a>>,
    /// The stream; it opens with an operator state header when the state is a managed one.
    pub stream: Option<StreamHandle<'a>>,
}

/// One named state and where its partitions start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition<'a> {
    /// The name of the state.
    pub name: JavaStr<'a>,
    /// How it is spread over subtasks on restore.
    pub distribution: Distribution,
    /// Where each partition starts in the stream.
    pub offsets: Longs<'a>,
}

/// How list state is spread over subtasks on restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distribution {
    /// Each element goes to one subtask.
    SplitDistribute,
    /// Every subtask gets everything.
    Union,
    /// Every subtask has the same.
    Broadcast,
}

impl Distribution {
    /// Flink's name of the mode.
    #[must_use]
    pub fn flink_name(self) -> &'static str {
        match self {
            Self::SplitDistribute => "SPLIT_DISTRIBUTE",
            Self::Union => "UNION",
            Self::Broadcast => "BROADCAST",
        }
    }
}

/// Where a handle with merged files keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedDirectories<'a> {
    /// The directory the task owns.
    pub task_owned: JavaStr<'a>,
    /// The directory shared by the subtasks of a job.
    pub shared: JavaStr<'a>,
    /// Whether the handle is only there to keep the directories.
    pub empty: bool,
}

impl<'a> OperatorHandle<'a> {
    /// Reads the presence word and the handle behind it.
    pub(super) fn read(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Option<Self>, FormatError> {
        let at = cur.at();
        match cur.i32("operator state presence")? {
            0 => return Ok(None),
            1 => {}
            other => {
                let (what, found) = ("operator state presence", i64::from(other));
                return Err(FormatError::Value {
                    at,
                    what,
                    expected: "0 or 1",
                    found,
                });
            }
        }
        let at = cur.at();
        let tag = cur.u8("operator handle type")?;
        match tag {
            0 => return Ok(None),
            4 | 17 => {}
            other => {
                let (what, found) = ("operator handle type", i64::from(other));
                return Err(FormatError::Value {
                    at,
                    what,
                    expected: "0, 4 or 17",
                    found,
                });
            }
        }
        // The least entry is an empty name, a mode and no offsets.
        let count = cur.count("named state count", 7, ctx.limits.entries)?;
        let partitions = repeat(count, || Partition::read(cur, ctx))?;
        let merged = if tag == 17 {
            Some(MergedDirectories {
                task_owned: cur.utf("task-owned directory")?,
                shared: cur.utf("shared directory")?,
                empty: cur.bool("empty mark of a merged handle")?,
            })
        } else {
            None
        };
        Ok(Some(Self {
            at,
            partitions,
            merged,
            stream: StreamHandle::read(cur, ctx)?,
        }))
    }
}

impl<'a> Partition<'a> {
    fn read(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Self, FormatError> {
        let name = cur.utf("state name")?;
        let at = cur.at();
        let distribution = match cur.u8("distribution mode")? {
            0 => Distribution::SplitDistribute,
            1 => Distribution::Union,
            2 => Distribution::Broadcast,
            other => {
                let (what, found) = ("distribution mode", i64::from(other));
                return Err(FormatError::Value {
                    at,
                    what,
                    expected: "0, 1 or 2",
                    found,
                });
            }
        };
        let count = cur.count("partition count", 8, ctx.limits.offsets)?;
        Ok(Self {
            name,
            distribution,
            offsets: cur.longs(count, "partition offsets")?,
        })
    }
}
