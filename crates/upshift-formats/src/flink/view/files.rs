//! The files a snapshot refers to.
//!
//! Kept apart from the summary because a large snapshot refers to a million of them. Whether they exist is
//! for the caller to see.

use std::borrow::Cow;
use std::io::Read;

use crate::flink::OperatorId;
use crate::flink::raw::{HeaderKind, Item, items, read_items};
use crate::{FormatError, Limits, ReadError};

use super::collect::location;
use super::handles::{
    FileLocation, FileRole, HandleKind, HandleVisitor, Part, Storage, StreamUse, visit_subtask,
};

/// One reference to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUse<'a> {
    /// The operator that refers to it.
    pub operator: OperatorId,
    /// The subtask.
    pub subtask: u32,
    /// Where in the subtask.
    pub part: Part,
    /// By which kind of handle.
    pub kind: HandleKind,
    /// What the file is to the handle.
    pub role: FileRole,
    /// How the file is named; never [`Storage::Inline`].
    pub storage: Storage,
    /// Its path.
    pub path: Cow<'a, str>,
    /// Where in the file the part referred to starts.
    pub start: u64,
    /// How many bytes it has from there on; `None` where the writer did not know. Of a changelog or channel
    /// file only some of them belong to the handle.
    pub bytes: Option<u64>,
    /// The header at `start`, if there is one.
    pub header: Option<HeaderKind>,
}

/// A file, whatever refers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// The file.
    pub location: FileLocation,
    /// The size it should have.
    pub size: FileSize,
    /// How many references lead to it.
    pub references: u64,
    /// An operator that refers to it.
    pub operator: OperatorId,
}

/// What a snapshot says of the size of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSize {
    /// It says nothing, or not the size of the file: what is said of files of changes is not what is on disk.
    Unknown,
    /// This much, whole.
    Exactly(u64),
    /// Parts are referred to, up to this offset.
    AtLeast(u64),
}

/// Shows every reference to a file, in the order of the metadata.
///
/// # Errors
/// [`FormatError`] at the first defect; what was shown before holds.
pub fn visit_files(
    bytes: &[u8],
    limits: &Limits,
    mut each: impl FnMut(FileUse<'_>),
) -> Result<(), FormatError> {
    let mut operator = None;
    for item in items(bytes, limits) {
        visit_item(&item?, &mut operator, &mut each);
    }
    Ok(())
}

/// Shows every reference to a file without ever having all of the metadata in memory.
///
/// # Errors
/// As for [`visit_files`], and where the input fails.
pub fn visit_files_of(
    input: impl Read,
    limits: &Limits,
    mut each: impl FnMut(FileUse<'_>),
) -> Result<(), ReadError> {
    let mut operator = None;
    read_items(input, limits, |item| visit_item(&item, &mut operator, &mut each))?;
    Ok(())
}

fn visit_item(item: &Item<'_>, operator: &mut Option<OperatorId>, each: &mut impl FnMut(FileUse<'_>)) {
    match item {
        Item::Operator(head) => *operator = Some(OperatorId::from_bytes(head.id)),
        Item::Subtask(subtask) => {
            if let (Some(operator), Some(state)) = (*operator, &subtask.state) {
                visit_subtask(
                    state,
                    &mut Visit {
                        operator,
                        subtask: subtask.index,
                        each,
                    },
                );
            }
        }
        Item::Head { .. } | Item::MasterState(_) | Item::Operators { .. } | Item::Properties(_) => {}
    }
}

/// The distinct files, by location.
///
/// # Errors
/// As for [`visit_files`].
pub fn data_files(bytes: &[u8], limits: &Limits) -> Result<Vec<DataFile>, FormatError> {
    let mut files = Vec::new();
    visit_files(bytes, limits, |found| files.push(DataFile::of(&found)))?;
    Ok(distinct(files))
}

/// The distinct files, without ever having all of the metadata in memory.
///
/// # Errors
/// As for [`visit_files_of`].
pub fn data_files_of(input: impl Read, limits: &Limits) -> Result<Vec<DataFile>, ReadError> {
    let mut files = Vec::new();
    visit_files_of(input, limits, |found| files.push(DataFile::of(&found)))?;
    Ok(distinct(files))
}

fn distinct(mut files: Vec<DataFile>) -> Vec<DataFile> {
    // Stable, so that the operator named is the first that refers to the file.
    files.sort_by(|a, b| a.location.cmp(&b.location));
    files.dedup_by(|next, kept| {
        let same = next.location == kept.location;
        if same {
            kept.add(next);
        }
        same
    });
    files
}

impl DataFile {
    /// Adds what another reference to the same file says of it.
    pub fn add(&mut self, other: &Self) {
        self.references += other.references;
        self.size = self.size.and(other.size);
    }

    /// The file of a reference.
    #[must_use]
    pub fn of(found: &FileUse<'_>) -> Self {
        let size = match (found.bytes, found.storage) {
            // Flink counts what it wrote before compression and without the byte that says whether there was one.
            (Some(_), _) if found.role == FileRole::Changes => FileSize::Unknown,
            (None, _) => FileSize::Unknown,
            (Some(bytes), Storage::Segment) => FileSize::AtLeast(found.start.saturating_add(bytes)),
            (Some(bytes), Storage::Inline | Storage::Relative | Storage::Absolute) => {
                FileSize::Exactly(bytes)
            }
        };
        Self {
            location: location(found.storage, &found.path),
            size,
            references: 1,
            operator: found.operator,
        }
    }
}

impl FileSize {
    /// What two references together say: the larger claim, a whole over a part.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, size) | (size, Self::Unknown) => size,
            (Self::Exactly(a), Self::Exactly(b)) => Self::Exactly(a.max(b)),
            (Self::Exactly(whole), Self::AtLeast(_)) | (Self::AtLeast(_), Self::Exactly(whole)) => {
                Self::Exactly(whole)
            }
            (Self::AtLeast(a), Self::AtLeast(b)) => Self::AtLeast(a.max(b)),
        }
    }
}

struct Visit<'e, F> {
    operator: OperatorId,
    subtask: u32,
    each: &'e mut F,
}

impl<F: FnMut(FileUse<'_>)> HandleVisitor for Visit<'_, F> {
    fn handle(&mut self, _: Part, _: HandleKind, _: Option<u64>) {}

    fn stream(&mut self, found: &StreamUse<'_, '_>) {
        let Some((storage, path, start)) = found.location() else {
            return;
        };
        (self.each)(FileUse {
            operator: self.operator,
            subtask: self.subtask,
            part: found.part,
            kind: found.kind,
            role: found.role,
            storage,
            path,
            start,
            bytes: found.bytes,
            header: found.header,
        });
    }
}
