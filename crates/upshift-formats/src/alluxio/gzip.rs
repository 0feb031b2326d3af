//! The first member of a gzip stream, inflated piece by piece, with the offset of whatever is wrong with it.
//!
//! Masters read one member and stop, so what follows it is counted and not read.

use std::io::{self, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::defect::{DefectKind, Place};
use super::frames::{Broken, Source};

const BUFFER: usize = 128 << 10;
const TRAILER: usize = 8;

/// A member that is being inflated.
pub(super) struct Member<R> {
    input: Input<R>,
    inflate: Decompress,
    crc: Crc,
    ended: bool,
}

/// Bytes behind the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beyond {
    pub(super) at: u64,
    pub(super) bytes: u64,
    /// They begin as a gzip member does.
    pub(super) gzip: bool,
}

impl<R: Read> Member<R> {
    /// Reads the header.
    pub(super) fn open(input: R) -> Result<Self, Broken> {
        let mut input = Input::new(input);
        header(&mut input)?;
        Ok(Self {
            input,
            inflate: Decompress::new(false),
            crc: Crc::new(),
            ended: false,
        })
    }

    /// Compressed bytes that were taken so far.
    pub(super) fn at(&self) -> u64 {
        self.input.at
    }

    /// Reads the rest of the input, after the member has ended.
    pub(super) fn beyond(&mut self) -> Result<Option<Beyond>, Broken> {
        let at = self.input.at;
        let first = self.input.more()?.get(..2) == Some(&MAGIC);
        let mut bytes = 0;
        loop {
            match self.input.more()?.len() {
                0 => break,
                found => {
                    bytes += found as u64;
                    self.input.take(found);
                }
            }
        }
        let gzip = first;
        Ok((bytes > 0).then_some(Beyond { at, bytes, gzip }))
    }

    fn trailer(&mut self) -> Result<(), Broken> {
        let at = self.input.at;
        let mut words = [0; TRAILER];
        for byte in &mut words {
            *byte = self.input.byte("its trailer")?;
        }
        let [crc, size] = [words.first_chunk::<4>(), words.last_chunk::<4>()]
            .map(|word| word.map_or(0, |word| u32::from_le_bytes(*word)));
        let (found, inflated) = (self.crc.sum(), self.inflate.total_out());
        if crc != found {
            let what = format!("the checksum is {found:08x}, and its trailer says {crc:08x}");
            return Err(Broken::damage(DefectKind::WrongChecksum, Place::File(at), what));
        }
        // The trailer holds the size modulo 2^32.
        if u64::from(size) != inflated & 0xffff_ffff {
            let what = format!("{inflated} bytes were inflated, and its trailer says {size}");
            return Err(Broken::damage(DefectKind::WrongChecksum, Place::File(at), what));
        }
        Ok(())
    }
}

impl<R: Read> Source for Member<R> {
    fn fill(&mut self, to: &mut [u8]) -> Result<usize, Broken> {
        while !self.ended {
            let Self { input, inflate, .. } = self;
            let bytes = input.more()?;
            if bytes.is_empty() {
                return Err(input.cut(&format!("{} bytes were inflated", inflate.total_out())));
            }
            let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
            let status = inflate.decompress(bytes, to, FlushDecompress::None);
            let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(usize::MAX);
            let given = usize::try_from(inflate.total_out() - before_out).unwrap_or(usize::MAX);
            input.take(taken);
            let inflated = inflate.total_out();
            if let Some(given) = to.get(..given) {
                self.crc.update(given);
            }
            match status {
                Ok(Status::StreamEnd) => {
                    self.ended = true;
                    self.trailer()?;
                }
                Ok(_) if taken == 0 && given == 0 => return Err(self.damaged(inflated)),
                Ok(_) => {}
                Err(_) => return Err(self.damaged(inflated)),
            }
            if given > 0 {
                return Ok(given);
            }
        }
        Ok(0)
    }
}

impl<R> Member<R> {
    fn damaged(&self, inflated: u64) -> Broken {
        let what = format!("the compressed data are damaged, after {inflated} inflated bytes");
        Broken::damage(DefectKind::DamagedStream, Place::File(self.input.at), what)
    }
}

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
/// Flags of the header: a checksum of it, extra fields, a name, a comment; the rest is reserved.
const HEADER_CRC: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

fn header<R: Read>(input: &mut Input<R>) -> Result<(), Broken> {
    let head = input.more()?;
    if head.is_empty() {
        let what = "the file is empty".to_owned();
        return Err(Broken::damage(DefectKind::Empty, Place::File(0), what));
    }
    let begins: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let foreign = |at: u64, what: &str| {
        let what = format!("{what}; the file begins with {}", begins.join(" "));
        Broken::damage(DefectKind::NotGzip, Place::File(at), what)
    };
    for (at, expected) in [(0, 0x1f), (1, 0x8b)] {
        if input.byte("its header")? != expected {
            return Err(foreign(at, "a gzip stream begins with 1f 8b"));
        }
    }
    if input.byte("its header")? != DEFLATE {
        return Err(foreign(2, "its compression is not deflate"));
    }
    let flags = input.byte("its header")?;
    if flags & RESERVED != 0 {
        return Err(foreign(3, "reserved flags are set"));
    }
    input.skip(6)?;
    if flags & EXTRA != 0 {
        let length = u64::from(input.byte("its header")?) | u64::from(input.byte("its header")?) << 8;
        input.skip(length)?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            while input.byte("its header")? != 0 {}
        }
    }
    if flags & HEADER_CRC != 0 {
        input.skip(2)?;
    }
    Ok(())
}

/// Input with its offset.
struct Input<R> {
    from: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    at: u64,
}

impl<R: Read> Input<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            at: 0,
        }
    }

    /// The bytes at hand, at least one unless the input has ended.
    fn more(&mut self) -> Result<&[u8], Broken> {
        while self.start == self.end {
            match self.from.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(read) => (self.start, self.end) = (0, read.min(self.buffer.len())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Broken::Io(error)),
            }
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn byte(&mut self, of: &str) -> Result<u8, Broken> {
        let Some(byte) = self.more()?.first().copied() else {
            return Err(self.cut(&format!("inside {of}")));
        };
        self.take(1);
        Ok(byte)
    }

    fn skip(&mut self, count: u64) -> Result<(), Broken> {
        (0..count).try_for_each(|_| self.byte("its header").map(drop))
    }
}

impl<R> Input<R> {
    fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        self.at += count as u64;
    }

    fn cut(&self, how_far: &str) -> Broken {
        let what = format!("the gzip stream ends before its trailer: {how_far}");
        Broken::damage(DefectKind::CutStream, Place::File(self.at), what)
    }
}
