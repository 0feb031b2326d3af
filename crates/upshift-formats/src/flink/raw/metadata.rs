//! The `_metadata` file, versions 2 to 7, one piece at a time.
//!
//! The reader is pulled: each piece is handed out whole before the next is read, so that nothing but one
//! subtask is in memory at once, and a piece cut short by the end of a window can be asked for again.

use crate::cursor::{Cursor, Span};
use crate::{FormatError, JavaStr, Limits};

use super::channel::{ChannelHandle, ChannelSide};
use super::ctx::Ctx;
use super::java_ser::{JavaOutline, skip_java_stream};
use super::keyed::KeyedHandle;
use super::operator::OperatorHandle;
use super::stream::{StreamBody, StreamHandle};

/// The metadata versions this crate reads.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 2..=7;

const MAGIC: u32 = 0x4960_672d;
const MASTER_STATE_MAGIC: u32 = 0xc96b_1696;

/// One piece of the file, in the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every item is a subtask; none is stored"
)]
pub enum Item<'a> {
    /// The start of the file.
    Head {
        /// The metadata version.
        version: u32,
        /// The id of the checkpoint or savepoint.
        checkpoint_id: u64,
        /// How many master states follow.
        master_states: u32,
    },
    /// The state of a master hook.
    MasterState(MasterState<'a>),
    /// Operators follow, as many.
    Operators {
        /// How many.
        count: u32,
    },
    /// An operator; its subtasks follow.
    Operator(OperatorHead<'a>),
    /// A subtask of the operator before it.
    Subtask(Subtask<'a>),
    /// The end of the operators and, from version 4 on, the checkpoint properties.
    Properties(Option<JavaOutline>),
}

/// The state of a master hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MasterState<'a> {
    /// Offset of its magic number.
    pub at: u64,
    /// The version the hook gave it.
    pub version: i32,
    /// The name of the hook.
    pub name: JavaStr<'a>,
    /// What the hook wrote.
    pub data: Span<'a>,
}

/// All that is said of an operator before its subtasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorHead<'a> {
    /// Offset of its first byte.
    pub at: u64,
    /// Its name; recorded from version 5 on, empty where it has none.
    pub name: Option<JavaStr<'a>>,
    /// Its uid; recorded from version 5 on, empty where it has none.
    pub uid: Option<JavaStr<'a>>,
    /// Its id.
    pub id: [u8; 16],
    /// Its parallelism when the snapshot was taken.
    pub parallelism: u32,
    /// Its max parallelism.
    pub max_parallelism: u32,
    /// What its coordinator wrote.
    pub coordinator: Option<Span<'a>>,
    /// How many subtasks follow, or `None` where all of them had finished.
    pub subtasks: Option<u32>,
}

/// One subtask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtask<'a> {
    /// Offset of its index.
    pub at: u64,
    /// Its index.
    pub index: u32,
    /// Its state, or `None` where it had finished.
    pub state: Option<SubtaskState<'a>>,
}

/// The handles of a subtask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtaskState<'a> {
    /// Operator state by Flink's own serializers.
    pub managed_operator: Option<OperatorHandle<'a>>,
    /// Operator state in the operator's own format.
    pub raw_operator: Option<OperatorHandle<'a>>,
    /// Keyed state of the backend.
    pub managed_keyed: Option<KeyedHandle<'a>>,
    /// Keyed state in the operator's own format.
    pub raw_keyed: Option<KeyedHandle<'a>>,
    /// Records in flight before the subtask.
    pub input_channels: Vec<ChannelHandle<'a>>,
    /// Records in flight behind the subtask.
    pub result_subpartitions: Vec<ChannelHandle<'a>>,
    /// The older checkpoint this state was reused from; recorded from version 7 on.
    pub reference_checkpoint: Option<i64>,
}

/// Where the reader stands between two items.
#[derive(Debug, Clone, Copy)]
enum Place {
    Start,
    MasterStates { left: u32 },
    Operators { left: u32 },
    Subtasks { left: u32, operators_left: u32 },
    Done,
}

/// Hands out a `_metadata` file piece by piece.
#[derive(Debug, Clone)]
pub struct MetadataReader<'l> {
    limits: &'l Limits,
    version: u32,
    place: Place,
}

impl<'l> MetadataReader<'l> {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            version: 0,
            place: Place::Start,
        }
    }

    /// Reads the next piece, or `None` behind the last. The reader moves on only when that succeeds: after
    /// [`FormatError::Truncated`] the same piece can be asked for again with a cursor that has more bytes.
    ///
    /// # Errors
    /// Any [`FormatError`], with the offset of the defect.
    pub fn next_item<'a>(&mut self, cur: &mut Cursor<'a>) -> Result<Option<Item<'a>>, FormatError> {
        let (item, place) = match self.place {
            Place::Start => {
                let (version, item, place) = self.head(cur)?;
                self.version = version;
                (item, place)
            }
            Place::MasterStates { left: 0 } => {
                let least = if self.version >= 5 { 32 } else { 28 };
                let count = cur.count("operator count", least, self.limits.operators)?;
                (Item::Operators { count }, Place::Operators { left: count })
            }
            Place::MasterStates { left } => (
                Item::MasterState(self.master_state(cur)?),
                Place::MasterStates { left: left - 1 },
            ),
            Place::Operators { left: 0 }
            | Place::Subtasks {
                left: 0,
                operators_left: 0,
            } => (self.properties(cur)?, Place::Done),
            Place::Operators { left: operators }
            | Place::Subtasks {
                left: 0,
                operators_left: operators,
            } => {
                let head = self.operator(cur)?;
                let left = head.subtasks.unwrap_or(0);
                (
                    Item::Operator(head),
                    Place::Subtasks {
                        left,
                        operators_left: operators - 1,
                    },
                )
            }
            Place::Subtasks { left, operators_left } => {
                let subtask = self.subtask(cur)?;
                (
                    Item::Subtask(subtask),
                    Place::Subtasks {
                        left: left - 1,
                        operators_left,
                    },
                )
            }
            Place::Done => return Ok(None),
        };
        self.place = place;
        Ok(Some(item))
    }

    fn head<'a>(&self, cur: &mut Cursor<'a>) -> Result<(u32, Item<'a>, Place), FormatError> {
        cur.magic(MAGIC, "Flink snapshot metadata")?;
        let at = cur.at();
        let found = cur.i32("metadata version")?;
        let version = u32::try_from(found).ok().filter(|v| VERSIONS.contains(v));
        let Some(version) = version else {
            let (what, found) = ("metadata version", i64::from(found));
            return Err(FormatError::Version {
                at,
                what,
                expected: "2 to 7",
                found,
            });
        };
        let at = cur.at();
        let id = cur.i64("checkpoint id")?;
        let checkpoint_id = u64::try_from(id).map_err(|_| FormatError::Value {
            at,
            what: "checkpoint id",
            expected: "not negative",
            found: id,
        })?;
        // The least master state: magic number, length, version, empty name, no bytes.
        let master_states = cur.count("master state count", 18, self.limits.master_states)?;
        let item = Item::Head {
            version,
            checkpoint_id,
            master_states,
        };
        Ok((version, item, Place::MasterStates { left: master_states }))
    }

    fn master_state<'a>(&self, cur: &mut Cursor<'a>) -> Result<MasterState<'a>, FormatError> {
        let at = cur.at();
        cur.magic(MASTER_STATE_MAGIC, "master state")?;
        let block = cur.block("master state", self.limits.inline_bytes)?;
        let mut inner = Cursor::at_offset(block.bytes, block.at);
        let version = inner.i32("master state version")?;
        let name = inner.utf("master state name")?;
        let data = inner.block("master state bytes", self.limits.inline_bytes)?;
        inner.end("master state")?;
        Ok(MasterState {
            at,
            version,
            name,
            data,
        })
    }

    fn operator<'a>(&self, cur: &mut Cursor<'a>) -> Result<OperatorHead<'a>, FormatError> {
        let at = cur.at();
        let (name, uid) = if self.version >= 5 {
            (Some(cur.utf("operator name")?), Some(cur.utf("operator uid")?))
        } else {
            (None, None)
        };
        let id = cur.bytes16("operator id")?;
        let parallelism = cur.unsigned("parallelism")?;
        let max_parallelism = cur.unsigned("max parallelism")?;
        let coordinator = if self.version == 2 {
            cur.i32("chain length")?;
            None
        } else {
            coordinator(cur, Ctx::new(self.limits))?
        };
        let subtasks = self.subtask_count(cur, coordinator.is_some())?;
        Ok(OperatorHead {
            at,
            name,
            uid,
            id,
            parallelism,
            max_parallelism,
            coordinator,
            subtasks,
        })
    }

    fn subtask_count(&self, cur: &mut Cursor<'_>, coordinated: bool) -> Result<Option<u32>, FormatError> {
        let (at, what) = (cur.at(), "subtask count");
        let found = cur.i32(what)?;
        if let Ok(count) = u32::try_from(found) {
            cur.check_count(at, what, count, 4, self.limits.subtasks)?;
            return Ok(Some(count));
        }
        let expected = match (self.version, coordinated) {
            (2, _) => "not negative",
            (_, true) => "not negative where there is coordinator state",
            (_, false) => "-1 or more",
        };
        if found == -1 && self.version > 2 && !coordinated {
            return Ok(None);
        }
        Err(FormatError::Value {
            at,
            what,
            expected,
            found: i64::from(found),
        })
    }

    fn subtask<'a>(&self, cur: &mut Cursor<'a>) -> Result<Subtask<'a>, FormatError> {
        let at = cur.at();
        if self.version == 2 {
            let index = cur.unsigned("subtask index")?;
            cur.i64("duration")?;
            let at_legacy = cur.at();
            match cur.i32("legacy state count")? {
                0 => {}
                found => {
                    let (what, found) = ("legacy state count", i64::from(found));
                    return Err(FormatError::Value {
                        at: at_legacy,
                        what,
                        expected: "0",
                        found,
                    });
                }
            }
            return Ok(Subtask {
                at,
                index,
                state: Some(self.subtask_state(cur)?),
            });
        }
        let stored = cur.i32("subtask index")?;
        match u32::try_from(stored) {
            Ok(index) => Ok(Subtask {
                at,
                index,
                state: Some(self.subtask_state(cur)?),
            }),
            // A finished subtask is stored as -index-1, which is the complement.
            Err(_) => Ok(Subtask {
                at,
                index: (!stored).unsigned_abs(),
                state: None,
            }),
        }
    }

    fn subtask_state<'a>(&self, cur: &mut Cursor<'a>) -> Result<SubtaskState<'a>, FormatError> {
        let ctx = Ctx::new(self.limits);
        let mut state = SubtaskState {
            managed_operator: OperatorHandle::read(cur, ctx)?,
            raw_operator: OperatorHandle::read(cur, ctx)?,
            managed_keyed: KeyedHandle::read(cur, ctx)?,
            raw_keyed: KeyedHandle::read(cur, ctx)?,
            input_channels: Vec::new(),
            result_subpartitions: Vec::new(),
            reference_checkpoint: None,
        };
        if self.version >= 3 {
            let typed = self.version >= 6;
            state.input_channels = ChannelHandle::read_all(cur, ctx, ChannelSide::Input, typed)?;
            state.result_subpartitions = ChannelHandle::read_all(cur, ctx, ChannelSide::Result, typed)?;
        }
        if self.version >= 7 && cur.bool("reference checkpoint mark")? {
            state.reference_checkpoint = Some(cur.i64("reference checkpoint id")?);
        }
        Ok(state)
    }

    fn properties<'a>(&self, cur: &mut Cursor<'a>) -> Result<Item<'a>, FormatError> {
        let outline = if self.version >= 4 {
            Some(skip_java_stream(cur, self.limits)?)
        } else {
            None
        };
        cur.end("snapshot metadata")?;
        Ok(Item::Properties(outline))
    }
}

/// Coordinator state is inline or absent; Flink refuses to load any other handle here.
fn coordinator<'a>(cur: &mut Cursor<'a>, ctx: Ctx<'_>) -> Result<Option<Span<'a>>, FormatError> {
    let at = cur.at();
    let found = cur.rest().first().copied().map_or(0, i64::from);
    match StreamHandle::read(cur, ctx)?.map(|handle| handle.body) {
        None => Ok(None),
        Some(StreamBody::Bytes { data, .. }) => Ok(Some(data)),
        Some(_) => Err(FormatError::Value {
            at,
            what: "coordinator handle type",
            expected: "0 or 1",
            found,
        }),
    }
}

/// The pieces of a whole file in memory; ends behind the first error.
pub fn items<'a>(bytes: &'a [u8], limits: &Limits) -> impl Iterator<Item = Result<Item<'a>, FormatError>> {
    let mut cur = Cursor::new(bytes);
    let mut reader = MetadataReader::new(limits);
    std::iter::from_fn(move || {
        let item = reader.next_item(&mut cur).transpose();
        if matches!(item, Some(Err(_))) {
            reader.place = Place::Done;
        }
        item
    })
}
