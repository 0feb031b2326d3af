//! Finds the metadata of a snapshot and reads it.

use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use upshift_formats::flink::{Snapshot, read_metadata_from};
use upshift_formats::{Limits, ReadError};
use upshift_model::digest::Digest;

use super::error::{Defect, SnapshotError};
use super::headers::{HeadersWanted, complete};
use crate::wire::objects::{ObjectError, ObjectReader, Objects, Place, Presence, Why};

/// Flink's name for the file without which a directory is no snapshot.
pub(in crate::flink) const METADATA: &str = "_metadata";

/// How many snapshots found near a wrong place are named.
const NAMED: usize = 5;

/// A snapshot that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSnapshot {
    /// Its directory, to which relative paths refer.
    pub directory: Place,
    /// Its metadata file.
    pub metadata: Place,
    /// What the metadata says, with the states of those headers in state files that were wanted.
    pub snapshot: Snapshot,
}

/// Reads the snapshot at a path or URI: its directory, or its `_metadata`, as Flink takes either.
///
/// # Errors
/// When its metadata is not there, cannot be had, or is not whole. A state file that cannot be opened is
/// none: it is noted with its operator.
pub async fn read_snapshot(
    objects: &Objects,
    location: &str,
    wanted: HeadersWanted,
    limits: &Limits,
) -> Result<ReadSnapshot, SnapshotError> {
    let (directory, metadata, size) = find(objects, Place::parse(location)?).await?;
    let owned = *limits;
    let read = move |reader| read_metadata_from(reader, &owned);
    let mut snapshot = stream(objects, &metadata, size, read).await?;
    complete(objects, (&directory, &metadata), &mut snapshot, wanted, limits).await?;
    Ok(ReadSnapshot {
        directory,
        metadata,
        snapshot,
    })
}

/// Directory, metadata file and its size.
async fn find(objects: &Objects, place: Place) -> Result<(Place, Place, u64), SnapshotError> {
    match objects.presence(&place).await? {
        Presence::File(size) => Ok((place.parent(), place, size)),
        Presence::Directory => {
            let metadata = place.join(METADATA);
            match objects.presence(&metadata).await? {
                Presence::File(size) => Ok((place, metadata, size)),
                Presence::Directory | Presence::Nothing => {
                    let inside = match &place {
                        Place::Local(path) => snapshots_in(path),
                        Place::S3 { .. } => Vec::new(),
                    };
                    Err(SnapshotError::NoMetadata {
                        directory: place,
                        inside,
                    })
                }
            }
        }
        Presence::Nothing => Err(ObjectError {
            place: place.to_string(),
            why: Why::Absent,
            said: None,
        }
        .into()),
    }
}

/// Snapshots one or two levels below a local directory: `savepoint-…`, or `JOB/chk-…`. What cannot be
/// listed is passed over: this is a hint for a person, and no answer.
fn snapshots_in(path: &Path) -> Vec<Place> {
    let below = |path: &Path| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(path).into_iter().flatten();
        let mut all: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        all.sort();
        all
    };
    let children = below(path);
    let grandchildren = children.iter().flat_map(|child| below(child));
    let has_metadata = |path: &std::path::PathBuf| path.join(METADATA).is_file();
    let found = children.iter().cloned().chain(grandchildren).filter(has_metadata);
    found.take(NAMED).map(Place::Local).collect()
}

/// Reads the metadata of the snapshot at a place, and makes the digest of it on the way. No state file is
/// opened.
///
/// # Errors
/// As for [`read_snapshot`].
pub(in crate::flink) async fn read_with_digest(
    objects: &Objects,
    place: Place,
    limits: &Limits,
) -> Result<(ReadSnapshot, Digest), SnapshotError> {
    let (directory, metadata, size) = find(objects, place).await?;
    let limits = *limits;
    let hashed = move |reader: ObjectReader| {
        let mut reader = Hashing {
            reader,
            digest: Sha256::new(),
        };
        let snapshot = read_metadata_from(reader.by_ref(), &limits)?;
        // The reader of metadata stops at its end, which is the end of the file.
        io::copy(&mut reader, &mut io::sink()).map_err(ReadError::Io)?;
        Ok((snapshot, Digest::from_raw(&reader.digest.finalize())))
    };
    let (snapshot, digest) = stream(objects, &metadata, size, hashed).await?;
    let read = ReadSnapshot {
        directory,
        metadata,
        snapshot,
    };
    Ok((read, digest))
}

struct Hashing {
    reader: ObjectReader,
    digest: Sha256,
}

impl io::Read for Hashing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(into)?;
        self.digest.update(&into[..count]);
        Ok(count)
    }
}

async fn stream<T: Send + 'static>(
    objects: &Objects,
    metadata: &Place,
    size: u64,
    read: impl FnOnce(ObjectReader) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, SnapshotError> {
    let defect = |defect: Defect| SnapshotError::Format {
        file: metadata.clone(),
        size,
        defect,
    };
    if size == 0 {
        return Err(defect(Defect::Empty));
    }
    let reader = objects.reader(metadata, size)?;
    match tokio::task::spawn_blocking(move || read(reader)).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(ReadError::Format(error))) => Err(defect(error.into())),
        Ok(Err(ReadError::Io(error))) => Err(failed(metadata, error).into()),
        Err(lost) => Err(failed(metadata, io::Error::other(lost)).into()),
    }
}

/// The error of a store comes back out of the stream it was read through.
pub(in crate::flink) fn failed(place: &Place, error: io::Error) -> ObjectError {
    match error.downcast::<ObjectError>() {
        Ok(error) => error,
        Err(error) => ObjectError {
            place: place.to_string(),
            why: Why::Failed,
            said: Some(error.to_string()),
        },
    }
}
