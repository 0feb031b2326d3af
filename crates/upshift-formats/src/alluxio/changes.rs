//! What entries of a live journal change in the tree, named as far as they tell it themselves. What a change means for
//! anybody is decided elsewhere.

use std::io::{self, Read};

use super::entry::Entry;
use super::kind::{EntryKind, JOURNAL_ENTRIES, OPERATION_ID, SEQUENCE_NUMBER};
use super::log::{Log, walk};
use super::wire::{Fields, Malformed, Value};

/// Something that an entry changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The type of the entry.
    pub kind: EntryKind,
    /// The file or directory that it is about, by its id.
    pub id: Option<u64>,
    /// Where it is, as 2.2 and later write it.
    pub path: Option<String>,
    /// The directory that it is made in, by its id.
    pub parent: Option<u64>,
    /// Its name there.
    pub name: Option<String>,
    /// Where it is from then on.
    pub to: Option<String>,
    /// Whether the tree is the same one without it: numbers that were set aside, what a read leaves behind.
    pub idle: bool,
}

/// Fields of a type of entry; 0 for none.
struct Shape {
    kind: u32,
    id: u32,
    path: u32,
    parent: u32,
    name: u32,
    to: [u32; 3],
}

const fn by_id(kind: u32) -> Shape {
    Shape {
        kind,
        id: 1,
        path: 0,
        parent: 0,
        name: 0,
        to: [0; 3],
    }
}

const fn by_path(kind: u32) -> Shape {
    Shape {
        id: 0,
        path: 1,
        ..by_id(kind)
    }
}

const RENAME: u32 = 19;
const SHAPES: [Shape; 20] = [
    by_path(2),
    Shape { id: 2, ..by_id(5) },
    Shape { path: 5, ..by_id(6) },
    by_path(8),
    Shape {
        path: 17,
        parent: 2,
        name: 3,
        ..by_id(9)
    },
    Shape {
        path: 25,
        parent: 2,
        name: 3,
        ..by_id(11)
    },
    by_id(12),
    by_id(15),
    by_id(16),
    by_path(18),
    Shape {
        path: 6,
        to: [7, 2, 5],
        ..by_id(RENAME)
    },
    by_id(27),
    by_path(30),
    by_id(31),
    by_id(35),
    by_id(36),
    Shape {
        path: 12,
        ..by_id(37)
    },
    by_id(38),
    by_path(40),
    by_path(41),
];

/// Ids that are set aside, the length of a block that a worker reports anew, how far a store was followed.
const IDLE: [u32; 4] = [3, 4, 10, 34];
/// An inode whose time of access alone is another: masters write it when they are stopped.
const ACCESSED: (u32, [u32; 3]) = (35, [1, 18, 19]);
/// A directory whose children were listed.
const LISTED: (u32, [u32; 2]) = (36, [1, 3]);

impl Change {
    fn of(kind: EntryKind, payload: &[u8]) -> Self {
        let mut change = Self {
            kind,
            id: None,
            path: None,
            parent: None,
            name: None,
            to: None,
            idle: IDLE.contains(&kind.0),
        };
        // One that cannot be taken apart is a change all the same.
        if change.read(payload).is_err() {
            change.idle = false;
        }
        change
    }

    fn read(&mut self, payload: &[u8]) -> Result<(), Malformed> {
        let shape = SHAPES.iter().find(|shape| shape.kind == self.kind.0);
        let only = match self.kind.0 {
            kind if kind == ACCESSED.0 => Some(&ACCESSED.1[..]),
            kind if kind == LISTED.0 => Some(&LISTED.1[..]),
            _ => None,
        };
        let (mut fields, mut alone) = (Fields::new(payload), true);
        let mut to: [Option<String>; 3] = [None, None, None];
        while let Some((number, value)) = fields.next()? {
            alone &= only.is_some_and(|only| only.contains(&number));
            let Some(shape) = shape else { continue };
            match number {
                _ if number == shape.id => self.id = Some(value.number()),
                _ if number == shape.path => self.path = text(value),
                _ if number == shape.parent => self.parent = Some(value.number()),
                _ if number == shape.name => self.name = text(value),
                _ => {
                    if let Some(place) = shape.to.iter().position(|own| *own == number)
                        && let Some(slot) = to.get_mut(place)
                    {
                        *slot = text(value);
                    }
                }
            }
        }
        self.to = to.into_iter().flatten().next();
        self.idle |= only.is_some() && alone;
        Ok(())
    }
}

fn text(value: Value<'_>) -> Option<String> {
    let bytes = value.bytes();
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Every change of one journal entry: some hold others.
pub(super) fn each(message: &[u8], tell: &mut dyn FnMut(Change)) -> Result<(), Malformed> {
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (SEQUENCE_NUMBER | OPERATION_ID, _) => {}
            (JOURNAL_ENTRIES, Value::Bytes(inner)) => {
                let inner = Entry::read(inner)?;
                if inner.payloads > 0 {
                    tell(Change::of(inner.kind, inner.payload));
                }
            }
            (kind, Value::Bytes(payload)) => tell(Change::of(EntryKind(kind), payload)),
            _ => return Err(Malformed),
        }
    }
    Ok(())
}

/// Reads a log of a journal in the under-store, and tells the changes from a sequence number on.
///
/// # Errors
/// When the input itself fails.
pub fn log_changes(
    input: impl Read,
    entry_bytes: u32,
    from: u64,
    tell: &mut dyn FnMut(Change),
) -> io::Result<Log> {
    walk(input, entry_bytes, |entry| {
        if entry.sequence.is_none_or(|at| at >= from) {
            tell(Change::of(entry.kind, entry.payload));
        }
    })
}
