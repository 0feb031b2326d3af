//! A backup of 1.x without the fingerprints that 2.x does not understand. Every other byte of every entry stays.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::defect::Defect;
use super::frames::{Broken, Frames};
use super::gzip::Member;
use super::inode::OLD_FINGERPRINT;
use super::limits::BackupLimits;
use super::wire::{Fields, Malformed, Value};

const INODE_FILE: u32 = 11;
const FINGERPRINT: u32 = 18;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rewritten {
    /// Entries, as many as were read.
    pub entries: u64,
    /// Files whose fingerprint was left out.
    pub changed: u64,
}

/// Why nothing was written that is of use.
#[derive(Debug)]
pub enum RewriteError {
    /// Reading or writing failed.
    Io(io::Error),
    /// The backup is damaged: look at it first.
    Damaged(Defect),
}

impl From<io::Error> for RewriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Broken> for RewriteError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Io(error) => Self::Io(error),
            Broken::Damage(defect) => Self::Damaged(defect),
        }
    }
}

/// Writes the backup again, entry by entry.
///
/// # Errors
/// When input or output fails, or the input is damaged. What was written by then is of no use.
pub fn without_old_fingerprints(
    input: impl Read,
    output: impl Write,
    limits: &BackupLimits,
) -> Result<Rewritten, RewriteError> {
    let mut member = Member::open(input)?;
    let mut frames = Frames::new(limits.entry_bytes);
    let mut out = GzEncoder::new(output, Compression::default());
    let mut done = Rewritten::default();
    while let Some((_, message)) = frames.next(&mut member)? {
        done.entries += 1;
        // An entry that cannot be read is not ours to mend: it is written as it was, and the judgement names it.
        match shortened(message).ok().flatten() {
            Some(shorter) => {
                done.changed += 1;
                write(&mut out, &shorter)?;
            }
            None => write(&mut out, message)?,
        }
    }
    out.finish()?.flush()?;
    Ok(done)
}

/// The entry without the fingerprint of its file; none where it stays as it is.
fn shortened(message: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut fields = Fields::new(message);
    let (mut entry, mut changed) = (Vec::with_capacity(message.len()), false);
    loop {
        let before = fields.rest();
        let Some((number, value)) = fields.next()? else {
            break;
        };
        let whole = taken(before, fields.rest());
        match (number, value) {
            (INODE_FILE, Value::Bytes(file)) => match file_without(file)? {
                Some(file) => {
                    changed = true;
                    varint(&mut entry, u64::from(INODE_FILE) << 3 | 2);
                    varint(&mut entry, file.len() as u64);
                    entry.extend(file);
                }
                None => entry.extend(whole),
            },
            _ => entry.extend(whole),
        }
    }
    Ok(changed.then_some(entry))
}

fn file_without(file: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut fields = Fields::new(file);
    let (mut kept, mut changed) = (Vec::with_capacity(file.len()), false);
    loop {
        let before = fields.rest();
        let Some((number, value)) = fields.next()? else {
            break;
        };
        match number == FINGERPRINT && value.bytes().starts_with(OLD_FINGERPRINT) {
            true => changed = true,
            false => kept.extend(taken(before, fields.rest())),
        }
    }
    Ok(changed.then_some(kept))
}

/// The bytes of a field, which end where the rest begins.
fn taken<'a>(before: &'a [u8], rest: &[u8]) -> &'a [u8] {
    before.get(..before.len() - rest.len()).unwrap_or_default()
}

fn write(out: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let mut length = Vec::with_capacity(5);
    varint(&mut length, message.len() as u64);
    out.write_all(&length)?;
    out.write_all(message)
}

fn varint(to: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            to.push(low);
            return;
        }
        to.push(low | 0x80);
    }
}
