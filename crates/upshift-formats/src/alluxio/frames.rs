//! Entries behind their lengths, one after the other, whatever they come out of.

use std::io::{self, Read};

use super::defect::{Defect, DefectKind, Place};

const WINDOW: usize = 256 << 10;
/// Bytes of the longest length that is written.
const LENGTH: usize = 5;

/// Where bytes come from.
pub(super) trait Source {
    /// Puts bytes into the window and tells how many; none at the end.
    fn fill(&mut self, to: &mut [u8]) -> Result<usize, Broken>;
}

/// Why there are no more entries.
pub(super) enum Broken {
    /// The input failed.
    Io(io::Error),
    /// It is damaged there.
    Damage(Defect),
}

impl Broken {
    pub(super) fn damage(kind: DefectKind, place: Place, what: String) -> Self {
        Self::Damage(Defect { kind, place, what })
    }
}

/// Bytes as they are in a file.
pub(super) struct Plain<R>(pub(super) R);

impl<R: Read> Source for Plain<R> {
    fn fill(&mut self, to: &mut [u8]) -> Result<usize, Broken> {
        loop {
            match self.0.read(to) {
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Broken::Io(error)),
            }
        }
    }
}

/// A window over the stream.
pub(super) struct Frames {
    window: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of `start` in the stream.
    at: u64,
    number: u64,
    limit: u32,
}

impl Frames {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            window: vec![0; WINDOW],
            start: 0,
            end: 0,
            at: 0,
            number: 0,
            limit,
        }
    }

    /// Bytes of the stream that were read as entries.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The next entry, with its place; none at the end.
    pub(super) fn next<S: Source>(&mut self, source: &mut S) -> Result<Option<(Place, &[u8])>, Broken> {
        let place = Place::Entry {
            number: self.number + 1,
            at: self.at,
        };
        let (size, head) = loop {
            match self.length(place)? {
                Some(found) => break found,
                None if self.refill(source, LENGTH)? => {}
                None if self.start == self.end => return Ok(None),
                None => return Err(self.cut(place, "inside the length of an entry".to_owned())),
            }
        };
        while self.end - self.start < head + size {
            if !self.refill(source, head + size)? {
                let found = self.end - self.start - head;
                return Err(self.cut(place, format!("after {found} of the {size} bytes of an entry")));
            }
        }
        let from = self.start + head;
        self.start = from + size;
        self.at += (head + size) as u64;
        self.number += 1;
        Ok(self.window.get(from..from + size).map(|entry| (place, entry)))
    }

    /// Length of the next entry, and of the length itself; none where more bytes are needed.
    fn length(&self, place: Place) -> Result<Option<(usize, usize)>, Broken> {
        let bytes = self.window.get(self.start..self.end).unwrap_or_default();
        let mut size = 0_u64;
        for (index, byte) in bytes.iter().take(LENGTH).enumerate() {
            size |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                return match usize::try_from(size) {
                    Ok(fits) if size <= u64::from(self.limit) => Ok(Some((fits, index + 1))),
                    _ => Err(self.no_length(place, &format!("{size} bytes"))),
                };
            }
        }
        match bytes.len() < LENGTH {
            true => Ok(None),
            false => Err(self.no_length(place, "a number of more than five bytes")),
        }
    }

    fn no_length(&self, place: Place, found: &str) -> Broken {
        let what = format!(
            "the length of an entry is {found}; at most {} are read",
            self.limit
        );
        Broken::damage(DefectKind::MalformedEntry, place, what)
    }

    fn cut(&self, place: Place, how: String) -> Broken {
        Broken::damage(
            DefectKind::CutEntry,
            place,
            format!("the stream is whole and ends {how}"),
        )
    }

    /// Makes room for `wanted` bytes from `start` on and reads more; false at the end of the stream.
    fn refill<S: Source>(&mut self, source: &mut S, wanted: usize) -> Result<bool, Broken> {
        if self.start > 0 {
            self.window.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        // Grows with what has come, and not by a length that nothing but the input vouches for.
        if self.end == self.window.len() && self.end < wanted {
            self.window.resize((self.end * 2).min(wanted.max(WINDOW)), 0);
        }
        let room = self.window.get_mut(self.end..).unwrap_or_default();
        let read = source.fill(room)?;
        self.end += read;
        Ok(read > 0)
    }
}
