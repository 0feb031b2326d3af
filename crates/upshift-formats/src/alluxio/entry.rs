//! One journal entry: what it carries besides, and its one payload.

use super::backup::Mount;
use super::kind::{EntryKind, OPERATION_ID, SEQUENCE_NUMBER};
use super::wire::{Fields, Malformed};

/// An entry, taken apart one level deep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Live journals number their entries; backups do not.
    pub(super) sequence: Option<u64>,
    /// How many payloads there are; one belongs there.
    pub(super) payloads: u32,
    /// The last of them.
    pub(super) kind: EntryKind,
    pub(super) payload: &'a [u8],
}

impl<'a> Entry<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut entry = Self {
            sequence: None,
            payloads: 0,
            kind: EntryKind(0),
            payload: &[],
        };
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                SEQUENCE_NUMBER => entry.sequence = Some(value.number()),
                OPERATION_ID => {}
                _ => {
                    let super::wire::Value::Bytes(payload) = value else {
                        return Err(Malformed);
                    };
                    entry.payloads += 1;
                    (entry.kind, entry.payload) = (EntryKind(number), payload);
                }
            }
        }
        Ok(entry)
    }
}

/// Two numbers, fields 1 and 2: a block, a generator.
pub(super) fn pair(message: &[u8]) -> Result<(u64, u64), Malformed> {
    let mut pair = (0, 0);
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => pair.0 = value.number(),
            2 => pair.1 = value.number(),
            _ => {}
        }
    }
    Ok(pair)
}

/// The text in field 1.
pub(super) fn text(message: &[u8]) -> Result<String, Malformed> {
    let mut text = String::new();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            text = String::from_utf8_lossy(value.bytes()).into_owned();
        }
    }
    Ok(text)
}

/// A mount, without the values of its options: credentials are among them.
pub(super) fn mount(message: &[u8]) -> Result<Mount, Malformed> {
    let mut mount = Mount::default();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => mount.path = String::from_utf8_lossy(value.bytes()).into_owned(),
            2 => mount.ufs = String::from_utf8_lossy(value.bytes()).into_owned(),
            3 => mount.read_only = value.flag(),
            4 => mount.options.push(text(value.bytes())?),
            5 => mount.shared = value.flag(),
            6 => mount.id = value.signed(),
            _ => {}
        }
    }
    Ok(mount)
}
