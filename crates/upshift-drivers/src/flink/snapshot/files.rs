//! The files that a snapshot refers to: whether they are there, whose they are, which of them open
//! with a header.

use std::collections::{BTreeMap, HashMap};

use upshift_formats::flink::OperatorId;
use upshift_formats::flink::raw::HeaderKind;
use upshift_formats::flink::view::{DataFile, FileLocation, FileSize, FileUse, Storage, visit_files_of};
use upshift_formats::{Limits, ReadError};
use upshift_model::flink::{LackingFile, OutsideFiles};
use upshift_model::observed::Gap;

use crate::flink::inspect::{
    FileCheck, FileState, METADATA, ReadSnapshot, SnapshotError, Wanted, failed, look_at, place_of,
};
use crate::wire::objects::{Objects, Place, Presence};

/// So many distinct files are looked for; a look at each costs a call.
const LOOKED_FOR: usize = 50_000;
/// So many absent or short files are named.
const NAMED: usize = 20;
/// So many headers of an operator are read: its subtasks nearly always have the same.
const HEADERS: usize = 64;

/// What was seen of the files of a snapshot.
#[derive(Debug, Default)]
pub(in crate::flink) struct FilesSeen {
    pub(super) outside: BTreeMap<String, OutsideFiles>,
    pub(super) lacking: Vec<LackingFile>,
    pub(super) lacking_files: u64,
    pub(super) looked_for: u64,
    pub(super) not_looked_for: Option<Gap>,
}

/// What the metadata says of files.
#[derive(Debug)]
pub(super) struct Listed {
    files: BTreeMap<FileLocation, DataFile>,
    /// References to files beyond those that are looked for.
    beyond: u64,
    /// Those outside of the snapshot's directory, by the directory that they are in.
    outside: BTreeMap<String, Outside>,
    /// The headers that files open with.
    pub(super) headers: Vec<Wanted>,
    headers_of: HashMap<(OperatorId, bool), usize>,
}

#[derive(Debug)]
struct Outside {
    files: u64,
    bytes: u64,
    /// The directory that the first of them is in, where it can be looked at.
    place: Option<Place>,
}

/// Reads the metadata once more, for its files.
pub(super) async fn list(
    objects: &Objects,
    read: &ReadSnapshot,
    limits: &Limits,
) -> Result<Listed, SnapshotError> {
    let reader = objects.reader(&read.metadata, read.snapshot.metadata_bytes)?;
    let (limits, directory) = (*limits, read.directory.clone());
    let listing = tokio::task::spawn_blocking(move || {
        let mut listed = Listed::empty();
        visit_files_of(reader, &limits, |found| listed.add(&directory, &found)).map(|()| listed)
    });
    let broken = |error: std::io::Error| SnapshotError::from(failed(&read.metadata, error));
    match listing.await {
        Ok(Ok(listed)) => Ok(listed),
        Ok(Err(ReadError::Io(error))) => Err(broken(error)),
        // It was read whole a moment ago.
        Ok(Err(ReadError::Format(error))) => Err(broken(std::io::Error::other(error))),
        Err(lost) => Err(broken(std::io::Error::other(lost))),
    }
}

impl Listed {
    fn empty() -> Self {
        Self {
            files: BTreeMap::new(),
            beyond: 0,
            outside: BTreeMap::new(),
            headers: Vec::new(),
            headers_of: HashMap::new(),
        }
    }

    fn add(&mut self, directory: &Place, found: &FileUse<'_>) {
        if let Some(header) = Wanted::of(found) {
            let keyed = header.kind == HeaderKind::Keyed;
            let count = self.headers_of.entry((header.operator, keyed)).or_default();
            if *count < HEADERS {
                *count += 1;
                self.headers.push(header);
            }
        }
        let file = DataFile::of(found);
        match self.files.get_mut(&file.location) {
            Some(known) => known.add(&file),
            None => {
                if found.storage != Storage::Relative {
                    self.outside(directory, &file);
                }
                match self.files.len() < LOOKED_FOR {
                    true => drop(self.files.insert(file.location.clone(), file)),
                    false => self.beyond += 1,
                }
            }
        }
    }

    fn outside(&mut self, directory: &Place, file: &DataFile) {
        let place = place_of(directory, &file.location).ok();
        if place.as_ref().is_some_and(|place| place.is_below(directory)) {
            return;
        }
        let (FileLocation::Relative(path) | FileLocation::Absolute(path)) = &file.location;
        let named = path.rsplit_once('/').map_or(path.as_str(), |(named, _)| named);
        let entry = self.outside.entry(named.to_owned()).or_insert_with(|| Outside {
            files: 0,
            bytes: 0,
            place: place.map(|place| place.parent()),
        });
        entry.files += 1;
        entry.bytes = entry.bytes.saturating_add(match file.size {
            FileSize::Unknown => 0,
            FileSize::Exactly(bytes) | FileSize::AtLeast(bytes) => bytes,
        });
    }

    /// Looks for the files.
    pub(super) async fn look(self, objects: &Objects, directory: &Place) -> FilesSeen {
        let mut seen = FilesSeen::default();
        let files = self.files.into_values().collect();
        for check in look_at(objects, directory, files, |_| {}).await {
            seen.add(&check);
        }
        if self.beyond > 0 {
            let what = format!("{} more references to files", self.beyond);
            let reason = format!("the first {LOOKED_FOR} files were looked for");
            seen.not_looked_for.get_or_insert(Gap { what, reason });
        }
        for (named, outside) in self.outside {
            let files = OutsideFiles {
                files: outside.files,
                bytes: outside.bytes,
                of_snapshot: match outside.place {
                    Some(place) => snapshot_around(objects, &place).await,
                    None => None,
                },
            };
            seen.outside.insert(named, files);
        }
        seen
    }
}

impl FilesSeen {
    fn add(&mut self, check: &FileCheck) {
        let (FileLocation::Relative(path) | FileLocation::Absolute(path)) = &check.file.location;
        let shown = match &check.place {
            Ok(place) => place.to_string(),
            Err(_) => path.clone(),
        };
        let found = match &check.state {
            FileState::Unseen(why) => {
                let (what, reason) = (format!("file {shown}"), why.clone());
                self.not_looked_for.get_or_insert(Gap { what, reason });
                return;
            }
            // Flink reads as much as it wrote; what somebody put behind it harms nobody.
            FileState::Whole(_) | FileState::There(_) => None,
            FileState::WrongSize { expected, found } if found >= expected => None,
            FileState::WrongSize { found, .. } => Some(Some(*found)),
            FileState::Missing => Some(None),
        };
        self.looked_for += 1;
        let Some(found) = found else { return };
        self.lacking_files += 1;
        if self.lacking.len() < NAMED {
            self.lacking.push(LackingFile {
                path: shown,
                operator: check.file.operator.to_string(),
                wanted: match check.file.size {
                    FileSize::Unknown => None,
                    FileSize::Exactly(bytes) | FileSize::AtLeast(bytes) => Some(bytes),
                },
                found,
            });
        }
    }
}

/// The snapshot that a directory belongs to: the directory itself or the one above, with metadata in it. Where
/// that cannot be seen, none is named; that its files are outside is told all the same.
async fn snapshot_around(objects: &Objects, directory: &Place) -> Option<String> {
    for place in [directory.clone(), directory.parent()] {
        if let Ok(Presence::File(_)) = objects.presence(&place.join(METADATA)).await {
            return Some(place.to_string());
        }
    }
    None
}
