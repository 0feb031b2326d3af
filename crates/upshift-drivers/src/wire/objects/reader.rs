//! A file read from its start to its end on a thread that may block.

use std::fs::File;
use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use tokio::runtime::Handle;

use super::error::ObjectError;
use super::place::Place;
use super::store::Objects;

/// Bytes asked of a store at a time: few requests for a large file, and little memory.
const PIECE: u64 = 8 << 20;

/// The reader. Of a remote file it holds one piece.
#[derive(Debug)]
pub struct ObjectReader(Source);

#[derive(Debug)]
enum Source {
    Local(File),
    Remote(Box<Remote>),
}

#[derive(Debug)]
struct Remote {
    objects: Objects,
    place: Place,
    at: u64,
    size: u64,
    piece: Bytes,
    /// The runtime that the requests run on.
    runtime: Handle,
}

impl ObjectReader {
    pub(super) fn local(file: File) -> Self {
        Self(Source::Local(file))
    }

    pub(super) fn remote(objects: Objects, place: Place, size: u64) -> Self {
        Self(Source::Remote(Box::new(Remote {
            objects,
            place,
            at: 0,
            size,
            piece: Bytes::new(),
            runtime: Handle::current(),
        })))
    }
}

impl Read for ObjectReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Source::Local(file) => file.read(into),
            Source::Remote(remote) => remote.read(into),
        }
    }
}

impl Remote {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.at < self.size {
            let range = self.at..self.size.min(self.at + PIECE);
            let wanted = range.end - range.start;
            let asked = self.objects.range(&self.place, range);
            let piece: Result<Bytes, ObjectError> = self.runtime.block_on(asked);
            self.piece = piece.map_err(io::Error::other)?;
            if self.piece.len() as u64 != wanted {
                return Err(io::Error::other(format!(
                    "the store gave {} bytes from {} on where {wanted} were asked for",
                    self.piece.len(),
                    self.at
                )));
            }
            self.at += wanted;
        }
        let count = into.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut into[..count]);
        Ok(count)
    }
}
