//! The files that a snapshot refers to: whether they are there, whose they are, which of them open
//! with a header.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use upshift_formats::flink::raw::HeaderKind;
use upshift_formats::flink::view::{FileUse, Storage, visit_files_of};
use upshift_formats::{Limits, ReadError};
use upshift_model::flink::{LackingFile, OutsideFiles};
use upshift_model::observed::Gap;

use super::super::savepoint::local_path;

/// So many distinct files are looked for; a look at each costs a system call.
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

/// A file that opens with a header.
#[derive(Debug)]
pub(super) struct HeaderAt {
    pub(super) operator: String,
    pub(super) path: PathBuf,
    pub(super) start: u64,
    pub(super) kind: HeaderKind,
}

/// Looks for every file of the snapshot in `directory`.
pub(super) fn look(directory: &Path, metadata: &Path) -> Result<(FilesSeen, Vec<HeaderAt>), ReadError> {
    let file = File::open(metadata).map_err(ReadError::Io)?;
    let mut looking = Looking::at(directory);
    visit_files_of(BufReader::new(file), &Limits::default(), |found| {
        looking.add(&found)
    })?;
    Ok(looking.finish())
}

struct Looking<'d> {
    directory: &'d Path,
    seen: FilesSeen,
    headers: Vec<HeaderAt>,
    headers_of: BTreeMap<(String, bool), usize>,
    /// By path: the bytes wanted so far.
    known: HashMap<PathBuf, Option<u64>>,
    not_local: BTreeSet<String>,
    beyond: u64,
}

impl<'d> Looking<'d> {
    fn at(directory: &'d Path) -> Self {
        Self {
            directory,
            seen: FilesSeen::default(),
            headers: Vec::new(),
            headers_of: BTreeMap::new(),
            known: HashMap::new(),
            not_local: BTreeSet::new(),
            beyond: 0,
        }
    }

    fn add(&mut self, found: &FileUse<'_>) {
        let path = match found.storage {
            Storage::Relative => Some(self.directory.join(&*found.path)),
            Storage::Absolute | Storage::Segment | Storage::Inline => local_path(&found.path),
        };
        if found.storage != Storage::Relative {
            self.outside(found, path.as_deref());
        }
        let Some(path) = path else {
            let place = found
                .path
                .rsplit_once('/')
                .map_or(&*found.path, |(place, _)| place);
            if self.not_local.len() < NAMED {
                self.not_local.insert(place.to_owned());
            }
            return;
        };
        self.header(found, &path);
        let wanted = found.bytes.map(|bytes| match found.storage {
            Storage::Segment => found.start.saturating_add(bytes),
            Storage::Relative | Storage::Absolute | Storage::Inline => bytes,
        });
        if self.known.len() >= LOOKED_FOR && !self.known.contains_key(&path) {
            self.beyond += 1;
            return;
        }
        let before = self.known.insert(path.clone(), wanted);
        match before {
            None => {
                self.seen.looked_for += 1;
                self.stat(&path, wanted, found);
            }
            Some(before) if wanted > before => self.stat(&path, wanted, found),
            Some(before) => {
                self.known.insert(path, before);
            }
        }
    }

    fn stat(&mut self, path: &Path, wanted: Option<u64>, found: &FileUse<'_>) {
        let length = match std::fs::metadata(path) {
            Ok(there) => Some(there.len()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => {
                let what = format!("file {}", path.display());
                self.seen.not_looked_for.get_or_insert(Gap {
                    what,
                    reason: e.to_string(),
                });
                return;
            }
        };
        let short = length.is_none_or(|length| wanted.is_some_and(|wanted| length < wanted));
        let shown = path.display().to_string();
        if !short || self.seen.lacking.iter().any(|known| known.path == shown) {
            return;
        }
        self.seen.lacking_files += 1;
        if self.seen.lacking.len() < NAMED {
            self.seen.lacking.push(LackingFile {
                path: shown,
                operator: found.operator.to_string(),
                wanted,
                found: length,
            });
        }
    }

    fn header(&mut self, found: &FileUse<'_>, path: &Path) {
        let Some(kind) = found.header else { return };
        let operator = found.operator.to_string();
        let keyed = kind == HeaderKind::Keyed;
        let count = self.headers_of.entry((operator.clone(), keyed)).or_default();
        if *count < HEADERS {
            *count += 1;
            self.headers.push(HeaderAt {
                operator,
                path: path.to_owned(),
                start: found.start,
                kind,
            });
        }
    }

    fn outside(&mut self, found: &FileUse<'_>, path: Option<&Path>) {
        if path.is_some_and(|path| path.starts_with(self.directory)) {
            return;
        }
        let place = found
            .path
            .rsplit_once('/')
            .map_or(&*found.path, |(place, _)| place);
        let entry = self
            .seen
            .outside
            .entry(place.to_owned())
            .or_insert_with(|| OutsideFiles {
                files: 0,
                bytes: 0,
                of_snapshot: path.and_then(snapshot_around),
            });
        entry.files += 1;
        entry.bytes = entry.bytes.saturating_add(found.bytes.unwrap_or(0));
    }

    fn finish(mut self) -> (FilesSeen, Vec<HeaderAt>) {
        let gap = |reason: String| Gap {
            what: "files of the snapshot".to_owned(),
            reason,
        };
        if let Some(place) = self.not_local.first() {
            let reason = format!("{place} is not on a file system of this machine");
            self.seen.not_looked_for.get_or_insert(gap(reason));
        }
        if self.beyond > 0 {
            let reason = format!("only {LOOKED_FOR} were looked for");
            self.seen.not_looked_for.get_or_insert(gap(reason));
        }
        (self.seen, self.headers)
    }
}

/// The directory of the snapshot that a file belongs to: with metadata in it, two steps up at most.
fn snapshot_around(path: &Path) -> Option<String> {
    let mut directories = path.ancestors().skip(1).take(2);
    directories
        .find(|directory| directory.join("_metadata").is_file())
        .map(|directory| directory.display().to_string())
}
