//! Files of this machine.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::error::{ObjectError, Why};
use super::store::{Extent, Presence};

pub(super) fn presence(path: &Path) -> Result<Presence, ObjectError> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(Presence::Directory),
        Ok(found) => Ok(Presence::File(found.len())),
        Err(error) if is_absent(&error) => Ok(Presence::Nothing),
        Err(error) => Err(failed(path, &error)),
    }
}

/// The bytes of a range; fewer where the file ends before.
pub(super) fn range(path: &Path, range: &Range<u64>) -> Result<Vec<u8>, ObjectError> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(range.start))?;
        let mut bytes = Vec::new();
        file.take(range.end.saturating_sub(range.start))
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| failed(path, &error))
}

/// The names in a directory; none where there is no such directory.
pub(super) fn children(path: &Path) -> Result<BTreeSet<String>, ObjectError> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(BTreeSet::new()),
        Err(error) => return Err(failed(path, &error)),
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    names
        .collect::<io::Result<_>>()
        .map_err(|error| failed(path, &error))
}

pub(super) fn extent(path: &Path) -> Result<Extent, ObjectError> {
    let (mut extent, mut open) = (Extent::default(), vec![path.to_owned()]);
    while let Some(directory) = open.pop() {
        let at = |error| failed(&directory, &error);
        for entry in std::fs::read_dir(&directory).map_err(at)? {
            let entry = entry.map_err(at)?;
            match entry.file_type().map_err(at)?.is_dir() {
                true => open.push(entry.path()),
                false => extent.add(entry.metadata().map_err(at)?.len()),
            }
        }
    }
    Ok(extent)
}

pub(super) fn open(path: &Path) -> Result<File, ObjectError> {
    File::open(path).map_err(|error| failed(path, &error))
}

pub(super) fn failed(path: &Path, error: &io::Error) -> ObjectError {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => Why::Denied,
        _ if is_absent(error) => Why::Absent,
        _ => Why::Failed,
    };
    ObjectError::new(path.display(), why, Some(error.to_string()))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
