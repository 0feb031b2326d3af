//! State headers at the start of state files: the only place where the names and serializers of large
//! keyed state stand.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use upshift_formats::flink::raw::{HeaderKind, RawHeader, read_keyed_header, read_operator_header};
use upshift_formats::flink::view::{
    FileLocation, FileUse, HeaderFile, HeaderProblem, Storage, visit_files_of,
};
use upshift_formats::flink::{OperatorId, Snapshot};
use upshift_formats::{FormatError, Limits, ReadError};

use super::error::SnapshotError;
use super::read::failed;
use crate::wire::objects::{ObjectError, Objects, Place, Presence};

/// Bytes asked for first; a header of a dozen states with their serializers has a few kilobytes.
const FIRST: u64 = 64 << 10;
/// Bytes after which a header is given up.
const MOST: u64 = 16 << 20;
/// Files opened side by side.
const SIDE_BY_SIDE: usize = 16;

/// Which headers in state files are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadersWanted {
    /// None: states of large operators stay unnamed.
    None,
    /// The first of each kind of each operator. Subtasks of one operator register the same states.
    FirstOfEach,
    /// Every one.
    All,
}

/// A header in a state file that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flink) struct Wanted {
    /// The operator whose states it names.
    pub(in crate::flink) operator: OperatorId,
    /// What it is the header of.
    pub(in crate::flink) kind: HeaderKind,
    /// Where it is.
    pub(in crate::flink) file: HeaderFile,
}

impl Wanted {
    /// The header that a file opens with, where it does.
    pub(in crate::flink) fn of(found: &FileUse<'_>) -> Option<Self> {
        let path = || found.path.clone().into_owned();
        Some(Self {
            operator: found.operator,
            kind: found.header?,
            file: HeaderFile {
                location: match found.storage {
                    Storage::Relative => FileLocation::Relative(path()),
                    Storage::Inline | Storage::Absolute | Storage::Segment => FileLocation::Absolute(path()),
                },
                start: found.start,
            },
        })
    }
}

/// Adds the wanted headers to the snapshot.
pub(super) async fn complete(
    objects: &Objects,
    (directory, metadata): (&Place, &Place),
    snapshot: &mut Snapshot,
    wanted: HeadersWanted,
    limits: &Limits,
) -> Result<(), SnapshotError> {
    let wanted = match wanted {
        HeadersWanted::None => return Ok(()),
        HeadersWanted::FirstOfEach => firsts(snapshot),
        HeadersWanted::All if snapshot.operators.iter().all(|o| o.headers.in_files == 0) => return Ok(()),
        HeadersWanted::All => all(objects, metadata, limits).await?,
    };
    add(objects, directory, snapshot, wanted, limits).await;
    Ok(())
}

/// Opens these headers and adds what they say to the snapshot in `directory`.
pub(in crate::flink) async fn add(
    objects: &Objects,
    directory: &Place,
    snapshot: &mut Snapshot,
    wanted: Vec<Wanted>,
    limits: &Limits,
) {
    let read = futures::stream::iter(wanted.into_iter().map(|wanted| async move {
        let header = open(objects, directory, wanted.kind, &wanted.file, limits).await;
        (wanted.operator, wanted.file, header)
    }));
    let read: Vec<_> = read.buffered(SIDE_BY_SIDE).collect().await;
    let places: BTreeMap<OperatorId, usize> = (snapshot.operators.iter().enumerate())
        .map(|(place, operator)| (operator.id, place))
        .collect();
    for (id, file, header) in read {
        let place = places.get(&id).copied();
        let Some(operator) = place.and_then(|place| snapshot.operators.get_mut(place)) else {
            continue;
        };
        match header {
            Ok(header) => operator.add_header(&file, &header),
            Err(Unread::Format(error)) => operator.add_unreadable_header(&file, error),
            // A file that is missing is told by whoever looks at the files; here its states stay unnamed.
            Err(Unread::Bytes(error)) => {
                let problem = HeaderProblem::Unopened(error.to_string());
                operator.headers.problem.get_or_insert(problem);
                operator.headers.problem_file.get_or_insert(file);
            }
        }
    }
}

fn firsts(snapshot: &Snapshot) -> Vec<Wanted> {
    let of = |kind, file: &Option<HeaderFile>| file.clone().map(|file| (kind, file));
    let operators = snapshot.operators.iter();
    operators
        .flat_map(|operator| {
            let headers = &operator.headers;
            let both = [
                of(HeaderKind::Keyed, &headers.keyed_file),
                of(HeaderKind::Operator, &headers.operator_file),
            ];
            both.into_iter().flatten().map(|(kind, file)| Wanted {
                operator: operator.id,
                kind,
                file,
            })
        })
        .collect()
}

/// Reads the metadata once more, for every file that opens with a header.
async fn all(objects: &Objects, metadata: &Place, limits: &Limits) -> Result<Vec<Wanted>, SnapshotError> {
    let size = match objects.presence(metadata).await? {
        Presence::File(size) => size,
        Presence::Directory | Presence::Nothing => 0,
    };
    let reader = objects.reader(metadata, size)?;
    let limits = *limits;
    let reading = tokio::task::spawn_blocking(move || {
        let mut wanted = Vec::new();
        visit_files_of(reader, &limits, |found| {
            wanted.extend(Wanted::of(&found));
        })
        .map(|()| wanted)
    });
    match reading.await {
        Ok(Ok(wanted)) => Ok(wanted),
        Ok(Err(ReadError::Io(error))) => Err(failed(metadata, error).into()),
        // It was read whole a moment ago.
        Ok(Err(ReadError::Format(error))) => Err(failed(metadata, std::io::Error::other(error)).into()),
        Err(lost) => Err(failed(metadata, std::io::Error::other(lost)).into()),
    }
}

enum Unread {
    Bytes(ObjectError),
    Format(FormatError),
}

async fn open(
    objects: &Objects,
    directory: &Place,
    kind: HeaderKind,
    file: &HeaderFile,
    limits: &Limits,
) -> Result<RawHeader, Unread> {
    let place = place_of(directory, &file.location).map_err(Unread::Bytes)?;
    let mut length = FIRST;
    loop {
        let range = file.start..file.start.saturating_add(length);
        let bytes = objects.range(&place, range).await.map_err(Unread::Bytes)?;
        let read = match kind {
            HeaderKind::Keyed => read_keyed_header(&bytes, file.start, limits),
            HeaderKind::Operator => read_operator_header(&bytes, file.start, limits),
        };
        match read {
            Err(FormatError::Truncated { .. }) if bytes.len() as u64 == length && length < MOST => {
                length *= 4
            }
            read => return read.map_err(Unread::Format),
        }
    }
}

/// Where a file of a snapshot in `directory` is.
pub(in crate::flink) fn place_of(directory: &Place, location: &FileLocation) -> Result<Place, ObjectError> {
    match location {
        FileLocation::Relative(path) => Ok(directory.join(path)),
        FileLocation::Absolute(uri) => Place::parse(uri),
    }
}
