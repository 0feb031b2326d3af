//! Reads a `_metadata` file through a window that moves over it.
//!
//! Memory then follows the largest subtask, not the file, which can be hundreds of megabytes.

use std::io::Read;

use crate::cursor::Cursor;
use crate::{FormatError, Limits, ReadError};

use super::metadata::{Item, MetadataReader};

/// Bytes asked for at a time. Large enough that an item cut by the end of the window and read again is
/// rare, small enough to stay in a processor's cache.
const WINDOW: usize = 512 * 1024;

/// Reads the pieces of a file one after the other and gives its length.
///
/// # Errors
/// [`ReadError::Io`] as the input gives it, [`ReadError::Format`] as [`MetadataReader`] gives it; where
/// bytes are left behind the end, only that there are some is known.
pub fn read_items<R: Read>(
    input: R,
    limits: &Limits,
    mut each: impl FnMut(Item<'_>),
) -> Result<u64, ReadError> {
    let mut window = Window {
        input,
        bytes: Vec::with_capacity(WINDOW),
        used: 0,
        at: 0,
        ended: false,
    };
    let mut reader = MetadataReader::new(limits);
    loop {
        let rest = window.bytes.get(window.used..).unwrap_or_default();
        let mut cur = Cursor::at_offset(rest, window.at);
        match reader.next_item(&mut cur) {
            Ok(None) if window.ended => return Ok(window.at),
            Ok(None) => {
                window.fill(1)?;
                Cursor::at_offset(window.bytes.get(window.used..).unwrap_or_default(), window.at)
                    .end("snapshot metadata")?;
            }
            Ok(Some(item)) => {
                let left = cur.remaining();
                each(item);
                window.consume(left);
            }
            Err(FormatError::Truncated { at, expected, .. }) if !window.ended => {
                let wanted = at.saturating_add(expected).saturating_sub(window.at);
                window.fill(wanted)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

struct Window<R> {
    input: R,
    bytes: Vec<u8>,
    /// How many of the bytes have been read.
    used: usize,
    /// Offset in the input of the first that has not.
    at: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    /// Moves on until `left` bytes are left.
    fn consume(&mut self, left: u64) {
        let left = usize::try_from(left).unwrap_or(0);
        let used = self.bytes.len().saturating_sub(left);
        self.at += used.saturating_sub(self.used) as u64;
        self.used = used;
    }

    /// Drops what has been read and reads on: a window more, or as much as an item says it needs. Grows by
    /// what is really there, whatever the item says.
    fn fill(&mut self, wanted: u64) -> Result<(), ReadError> {
        self.bytes.drain(..self.used);
        self.used = 0;
        let more = wanted.saturating_sub(self.bytes.len() as u64).max(WINDOW as u64);
        let got = self
            .input
            .by_ref()
            .take(more)
            .read_to_end(&mut self.bytes)
            .map_err(ReadError::Io)?;
        self.ended = (got as u64) < more;
        Ok(())
    }
}
