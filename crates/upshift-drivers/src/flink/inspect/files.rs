//! Whether the files that a snapshot refers to are there, with their sizes.

use futures::StreamExt as _;
use upshift_formats::flink::view::{DataFile, FileLocation, FileSize, data_files_of};
use upshift_formats::{Limits, ReadError};
use upshift_model::ids::Code;

use super::codes;
use super::error::SnapshotError;
use super::headers::place_of;
use super::read::{ReadSnapshot, failed};
use crate::wire::objects::{ObjectError, Objects, Place, Presence, Why};

/// Files looked at side by side.
const SIDE_BY_SIDE: usize = 32;

/// A file that a snapshot refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCheck {
    /// As the snapshot names it.
    pub file: DataFile,
    /// Where it is, or why its name leads nowhere.
    pub place: Result<Place, ObjectError>,
    /// Whether it lies outside of the snapshot's directory, so that moving or deleting something else
    /// concerns it.
    pub outside: bool,
    /// What was seen.
    pub state: FileState,
}

/// What was seen of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// It is there, with the size it should have.
    Whole(u64),
    /// It is there; the snapshot does not say how large it should be.
    There(u64),
    /// It is there with another size.
    WrongSize {
        /// The size it should have, or should have at least.
        expected: u64,
        /// The size it has.
        found: u64,
    },
    /// It is not there.
    Missing,
    /// It could not be looked at.
    Unseen(String),
}

impl FileState {
    /// The code of what is wrong; none where nothing is.
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Whole(_) | Self::There(_) => None,
            Self::WrongSize { .. } => Some(codes::FILE_SIZE),
            Self::Missing => Some(codes::FILE_MISSING),
            Self::Unseen(_) => Some(codes::FILE_UNSEEN),
        }
    }
}

/// Looks at every file that the snapshot refers to, each once, and tells `progress` how many are done of
/// how many.
///
/// # Errors
/// When the metadata cannot be read a second time. What is wrong with a file is an answer.
pub async fn check_files(
    objects: &Objects,
    read: &ReadSnapshot,
    limits: &Limits,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<FileCheck>, SnapshotError> {
    let reader = objects.reader(&read.metadata, read.snapshot.metadata_bytes)?;
    let owned = *limits;
    let listed = tokio::task::spawn_blocking(move || data_files_of(reader, &owned)).await;
    let files = match listed {
        Ok(Ok(files)) => files,
        Ok(Err(ReadError::Io(error))) => return Err(failed(&read.metadata, error).into()),
        Ok(Err(ReadError::Format(error))) => {
            return Err(failed(&read.metadata, std::io::Error::other(error)).into());
        }
        Err(lost) => return Err(failed(&read.metadata, std::io::Error::other(lost)).into()),
    };
    let count = files.len();
    Ok(look_at(objects, &read.directory, files, |done| progress(done, count)).await)
}

/// Looks at files of a snapshot in `directory`, several at a time, and tells `progress` how many are done.
pub(in crate::flink) async fn look_at(
    objects: &Objects,
    directory: &Place,
    files: Vec<DataFile>,
    mut progress: impl FnMut(usize),
) -> Vec<FileCheck> {
    let looked = files.into_iter().map(|file| look(objects, directory, file));
    let mut looked = futures::stream::iter(looked).buffered(SIDE_BY_SIDE);
    let mut checks = Vec::new();
    while let Some(check) = looked.next().await {
        checks.push(check);
        progress(checks.len());
    }
    checks
}

async fn look(objects: &Objects, directory: &Place, file: DataFile) -> FileCheck {
    let place = place_of(directory, &file.location);
    let state = match &place {
        Ok(place) => match objects.presence(place).await {
            Ok(presence) => compare(file.size, presence),
            Err(error) => unseen(&error),
        },
        Err(error) => unseen(error),
    };
    let outside = match (&file.location, &place) {
        (FileLocation::Relative(_), _) => false,
        (FileLocation::Absolute(_), Ok(place)) => !place.is_below(directory),
        // Its name leads nowhere that this build knows, so not into the directory either.
        (FileLocation::Absolute(_), Err(_)) => true,
    };
    FileCheck {
        file,
        place,
        outside,
        state,
    }
}

fn unseen(error: &ObjectError) -> FileState {
    match error.why {
        Why::Absent => FileState::Missing,
        Why::NotProven { .. } | Why::NotAPlace(_) | Why::Denied | Why::Setup | Why::Failed => {
            FileState::Unseen(error.to_string())
        }
    }
}

fn compare(expected: FileSize, presence: Presence) -> FileState {
    let found = match presence {
        Presence::File(found) => found,
        Presence::Directory | Presence::Nothing => return FileState::Missing,
    };
    match expected {
        FileSize::Unknown => FileState::There(found),
        FileSize::Exactly(expected) if expected == found => FileState::Whole(found),
        FileSize::AtLeast(expected) if expected <= found => FileState::Whole(found),
        FileSize::Exactly(expected) | FileSize::AtLeast(expected) => FileState::WrongSize { expected, found },
    }
}
