//! Headers that stand at the beginning of state files: read by bounded ranges, a file's data never.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use upshift_formats::flink::raw::{HeaderKind, RawHeader, read_keyed_header, read_operator_header};
use upshift_formats::flink::serializers::{Content, Serializer};
use upshift_formats::flink::view::{HeaderProblem, State, states_of_header};
use upshift_formats::{FormatError, Limits};

use super::describe::problem_words;
use super::files::HeaderAt;

/// Most headers are below 4 KiB.
const FIRST_RANGE: u64 = 16 << 10;
/// A header of more than this is not looked for: one of 32,767 plain states is about 4 MiB.
const LAST_RANGE: u64 = 4 << 20;

/// What the headers of an operator's files say.
#[derive(Debug, Default)]
pub(super) struct FromFiles {
    pub(super) key: Option<Serializer>,
    pub(super) states: Vec<State>,
    pub(super) operator_versions: BTreeSet<i32>,
    /// Why states may be missing.
    pub(super) problem: Option<String>,
}

/// Reads the headers that were met, by operator id.
pub(super) fn read(found: Vec<HeaderAt>) -> BTreeMap<String, FromFiles> {
    let mut all: BTreeMap<String, FromFiles> = BTreeMap::new();
    for header in found {
        let of_operator = all.entry(header.operator.clone()).or_default();
        match read_one(&header) {
            Ok(read) => of_operator.add(read),
            Err(why) => {
                let why = format!("the header in {} cannot be read: {why}", header.path.display());
                of_operator.problem.get_or_insert(why);
            }
        }
    }
    all
}

impl FromFiles {
    fn add(&mut self, header: RawHeader) {
        if header.kind == HeaderKind::Operator {
            self.operator_versions.insert(header.version);
        }
        if let Some(at) = header.stopped_at {
            let class = unknown_class(&header).unwrap_or_else(|| "of an unknown class".to_owned());
            let problem = problem_words(&HeaderProblem::UnknownSerializer { at, class });
            self.problem.get_or_insert(problem);
        }
        for state in states_of_header(&header) {
            let same = |known: &&State| known.name == state.name && known.kind == state.kind;
            if self.states.iter().find(same).is_none() {
                self.states.push(state);
            }
        }
        self.key = self.key.take().or(header.key);
    }
}

/// The class that ended the reading: the last unknown one.
fn unknown_class(header: &RawHeader) -> Option<String> {
    let infos = header.states.iter().chain(&header.broadcast);
    let serializers = infos.flat_map(|info| info.serializers.iter().map(|(_, serializer)| serializer));
    let mut last: Option<&Serializer> = None;
    for serializer in header.key.iter().chain(serializers) {
        serializer.visit(&mut |inner| {
            if inner.content == Content::Unknown && last.is_none_or(|last| last.at < inner.at) {
                last = Some(inner);
            }
        });
    }
    last.map(|serializer| serializer.snapshot_class.clone())
}

fn read_one(header: &HeaderAt) -> Result<RawHeader, String> {
    let mut range = FIRST_RANGE;
    loop {
        let bytes = bytes(&header.path, header.start, range).map_err(|e| e.to_string())?;
        let whole = (bytes.len() as u64) < range;
        let read = match header.kind {
            HeaderKind::Keyed => read_keyed_header(&bytes, header.start, &Limits::default()),
            HeaderKind::Operator => read_operator_header(&bytes, header.start, &Limits::default()),
        };
        match read {
            Ok(header) => return Ok(header),
            Err(FormatError::Truncated { .. }) if !whole && range < LAST_RANGE => range *= 4,
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn bytes(path: &Path, start: u64, at_most: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(at_most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
