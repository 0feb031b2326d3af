//! The head mark: number and digest of a journal's newest line, kept in a file apart from the
//! database, so that the loss of the newest lines (a deleted write-ahead file, a restored backup)
//! is noticed. It is written after each commit; it may lag one line behind and never runs ahead.
//!
//! Written means: whoever looks sees it, and the death of a process does not take it back. Forcing it
//! to the disk is left to a thread, so that no record waits for two disks. After a power cut the mark
//! may be older by what one such write takes; an older mark misses less and is never wrong.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use upshift_model::digest::Digest;
use upshift_model::ids::RunId;
use upshift_model::record::Line;

use super::error::StoreError;

/// Two slots of this size, written in turn: a torn write spoils one and leaves the other.
const SLOT: u64 = 256;

/// What a head mark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) digest: Digest,
}

impl Head {
    /// The mark of a line.
    pub(super) fn of(line: &Line) -> Self {
        Self {
            seq: line.entry().seq,
            digest: line.digest().clone(),
        }
    }

    /// A mark from its parts; none when the text is no digest.
    pub(super) fn new(seq: u64, digest: &str) -> Option<Self> {
        let digest = serde_json::from_value(serde_json::Value::String(digest.to_owned())).ok()?;
        Some(Self { seq, digest })
    }

    /// Holds the mark against the line that it is of, where that is among `lines`.
    pub(super) fn held_against(self, run: &RunId, lines: &[Line]) -> Result<(), StoreError> {
        match lines.iter().find(|line| line.entry().seq == self.seq) {
            Some(line) if *line.digest() != self.digest => Err(StoreError::Changed {
                run: run.clone(),
                seq: self.seq,
                expected: self.digest,
                found: line.digest().clone(),
            }),
            _ => Ok(()),
        }
    }

    fn text(&self) -> String {
        let body = format!("{} {}", self.seq, self.digest);
        let check = Digest::of_bytes(body.as_bytes());
        let line = format!("{body} {}\n", &check.hex()[..16]);
        format!("{line:<width$}", width = usize::try_from(SLOT).unwrap_or(256))
    }

    fn parse(slot: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(slot).ok()?.lines().next()?;
        let (body, check) = text.rsplit_once(' ')?;
        let (seq, digest) = body.split_once(' ')?;
        (Digest::of_bytes(body.as_bytes()).hex().get(..16) == Some(check)).then_some(())?;
        Self::new(seq.parse().ok()?, digest)
    }
}

/// Writes the mark, so that whoever looks sees it.
pub(super) fn write(path: &Path, head: &Head) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    file.write_all_at(head.text().as_bytes(), (head.seq % 2) * SLOT)?;
    Ok(file)
}

/// Forces marks to the disk, behind the back of who wrote them.
pub(super) struct Syncer {
    // Taken away when it ends.
    files: Option<Sender<File>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl Syncer {
    pub(super) fn new() -> Self {
        let (files, to_sync) = channel::<File>();
        let failed = Arc::new(Mutex::new(None));
        let into = Arc::clone(&failed);
        let thread = std::thread::spawn(move || {
            for file in to_sync {
                if let Err(e) = file.sync_data() {
                    *into.lock().unwrap_or_else(PoisonError::into_inner) = Some(e);
                }
            }
        });
        Self {
            files: Some(files),
            thread: Some(thread),
            failed,
        }
    }

    /// Writes a mark, and has it forced to the disk soon.
    ///
    /// # Errors
    /// When it cannot be written, or one before it could not be forced to the disk.
    pub(super) fn write(&self, path: &Path, head: &Head) -> io::Result<()> {
        let earlier = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(error) = earlier {
            return Err(error);
        }
        let file = write(path, head)?;
        let gone = || io::Error::other("the thread that forces marks to the disk is gone");
        let files = self.files.as_ref().ok_or_else(gone)?;
        files.send(file).map_err(|_| gone())
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        drop(self.files.take());
        if let Some(thread) = self.thread.take() {
            // Whatever went wrong in it was said to the next writer, or nobody wrote any more.
            thread.join().ok();
        }
    }
}

/// A run that has a mark below `dir` and is not `known`, with the number of its newest line. A database
/// that was deleted, cut to nothing or put back is whole in itself; only the marks miss what it had.
pub(super) fn missing(dir: &Path, known: impl Fn(&str) -> bool) -> io::Result<Option<(RunId, u64)>> {
    for file in std::fs::read_dir(dir)? {
        let file = file?;
        let name = file.file_name();
        let Some(run) = name.to_str().filter(|run| !known(run)) else {
            continue;
        };
        if let Some(head) = read(&file.path())? {
            return Ok(Some((RunId::new(run), head.seq)));
        }
    }
    Ok(None)
}

/// Reads the mark: the newer of the two slots that are whole. None when there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Head>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut newest: Option<Head> = None;
    for slot in 0..2 {
        let mut bytes = vec![0; usize::try_from(SLOT).unwrap_or(256)];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|r| !r.is_empty()) {
            match file.read_at(rest, slot * SLOT + filled as u64)? {
                0 => break,
                n => filled += n,
            }
        }
        if let Some(head) = Head::parse(&bytes)
            && newest.as_ref().is_none_or(|n| n.seq < head.seq)
        {
            newest = Some(head);
        }
    }
    match newest {
        Some(head) => Ok(Some(head)),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "neither slot of the head mark is whole",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_write_spoils_one_slot_and_the_older_mark_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("head");
        assert_eq!(read(&path).unwrap(), None);
        for seq in 1..=3 {
            write(
                &path,
                &Head {
                    seq,
                    digest: Digest::of_bytes(&[seq as u8]),
                },
            )
            .unwrap();
        }
        assert_eq!(read(&path).unwrap().unwrap().seq, 3);
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(b"9", SLOT + 5).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().seq, 2);
        file.write_all_at(b"9", 5).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
