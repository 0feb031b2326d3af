//! The state headers of one operator: those in the metadata are read, those in files are counted.
//!
//! Subtasks of an operator nearly always have the same header, so one whose bytes open with a header read
//! before is not read again.

use std::collections::BTreeSet;

use crate::cursor::Span;
use crate::flink::raw::{HeaderKind, RawHeader, read_keyed_header, read_operator_header};
use crate::flink::serializers::{Content, Serializer};
use crate::{FormatError, Limits};

use super::handles::FileLocation;
use super::operator::Operator;
use super::state::States;

/// How many different headers of an operator are kept for comparison. More than a few only come up when
/// subtasks registered different states; then the reading is slower, not wrong.
const KEPT: usize = 16;

/// What is known of the headers of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers {
    /// Headers in the metadata, read whole.
    pub read: u64,
    /// Headers in the metadata that could not be read to their end: the states named may not be all.
    pub incomplete: u64,
    /// Headers in state files: what they name is not known from the metadata.
    pub in_files: u64,
    /// How many of those the caller has opened and added.
    pub opened: u64,
    /// The file with the first keyed header among them.
    pub keyed_file: Option<HeaderFile>,
    /// The file with the first operator header among them.
    pub operator_file: Option<HeaderFile>,
    /// Why the first incomplete one is.
    pub problem: Option<HeaderProblem>,
    /// The file that one is in; `None` for the metadata.
    pub problem_file: Option<HeaderFile>,
    /// The versions of the keyed headers read.
    pub keyed_versions: BTreeSet<i32>,
    /// The versions of the operator headers read.
    pub operator_versions: BTreeSet<i32>,
}

impl Headers {
    /// Whether every header of the operator was read whole, so that no state is missing from its list.
    #[must_use]
    pub fn all_read(&self) -> bool {
        self.incomplete == 0 && self.opened >= self.in_files
    }
}

impl Operator {
    /// Adds what a header in a state file says to the states of this operator.
    pub fn add_header(&mut self, file: &HeaderFile, header: &RawHeader) {
        self.headers.opened += 1;
        match header.kind {
            HeaderKind::Keyed => self.headers.keyed_versions.insert(header.version),
            HeaderKind::Operator => self.headers.operator_versions.insert(header.version),
        };
        if let Some(at) = header.stopped_at {
            let class = unknown_class(header).unwrap_or_default();
            self.note_problem(file, HeaderProblem::UnknownSerializer { at, class });
        }
        let mut states = States::of(std::mem::take(&mut self.states));
        let keyed = states.add_header(header);
        states.count(&keyed);
        self.states = states.finish();
        if self.key_serializer.is_none() {
            self.key_serializer.clone_from(&header.key);
        }
    }

    /// Notes that a header in a state file could not be read.
    pub fn add_unreadable_header(&mut self, file: &HeaderFile, error: FormatError) {
        self.headers.opened += 1;
        self.note_problem(file, HeaderProblem::Unreadable(error));
    }

    fn note_problem(&mut self, file: &HeaderFile, problem: HeaderProblem) {
        self.headers.incomplete += 1;
        if self.headers.problem.is_none() {
            self.headers.problem = Some(problem);
            self.headers.problem_file = Some(file.clone());
        }
    }
}

/// A state file that opens with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderFile {
    /// The file.
    pub location: FileLocation,
    /// Where in it the header starts.
    pub start: u64,
}

/// Why a header could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderProblem {
    /// It holds the snapshot of a serializer this reader does not know.
    UnknownSerializer {
        /// Offset in the metadata, or in the file, of what it wrote.
        at: u64,
        /// The class of the snapshot.
        class: String,
    },
    /// It is not what its format says.
    Unreadable(FormatError),
    /// The file it is in could not be opened, in the words of whoever tried.
    Unopened(String),
}

struct Known {
    kind: HeaderKind,
    bytes: Vec<u8>,
    keyed: Vec<usize>,
    complete: bool,
}

/// Headers of an operator being read.
#[derive(Default)]
pub(super) struct HeaderReader {
    pub(super) summary: Headers,
    pub(super) key: Option<Serializer>,
    known: Vec<Known>,
}

impl HeaderReader {
    /// Reads the header an inline stream opens with.
    pub(super) fn inline(&mut self, kind: HeaderKind, data: Span<'_>, states: &mut States, limits: &Limits) {
        let known = self
            .known
            .iter()
            .find(|k| k.kind == kind && data.bytes.starts_with(&k.bytes));
        if let Some(known) = known {
            states.count(&known.keyed);
            if known.complete {
                self.summary.read += 1;
            } else {
                self.summary.incomplete += 1;
            }
            return;
        }
        let read = match kind {
            HeaderKind::Keyed => read_keyed_header(data.bytes, data.at, limits),
            HeaderKind::Operator => read_operator_header(data.bytes, data.at, limits),
        };
        match read {
            Ok(header) => self.add(header, data, states),
            Err(error) => {
                self.summary.incomplete += 1;
                self.summary
                    .problem
                    .get_or_insert(HeaderProblem::Unreadable(error));
            }
        }
    }

    fn add(&mut self, header: RawHeader, data: Span<'_>, states: &mut States) {
        match header.kind {
            HeaderKind::Keyed => self.summary.keyed_versions.insert(header.version),
            HeaderKind::Operator => self.summary.operator_versions.insert(header.version),
        };
        let complete = header.stopped_at.is_none();
        match header.stopped_at {
            None => self.summary.read += 1,
            Some(at) => {
                self.summary.incomplete += 1;
                let class = unknown_class(&header).unwrap_or_default();
                self.summary
                    .problem
                    .get_or_insert(HeaderProblem::UnknownSerializer { at, class });
            }
        }
        let keyed = states.add_header(&header);
        states.count(&keyed);
        if self.known.len() < KEPT {
            let length = usize::try_from(header.bytes).unwrap_or(usize::MAX);
            // An incomplete header must be the same to the end of the stream, as its own end is not known.
            let bytes = if complete {
                data.bytes.get(..length)
            } else {
                Some(data.bytes)
            };
            let bytes = bytes.unwrap_or(data.bytes).to_vec();
            self.known.push(Known {
                kind: header.kind,
                bytes,
                keyed,
                complete,
            });
        }
        if self.key.is_none() {
            self.key = header.key;
        }
    }

    /// Notes a header in a file.
    pub(super) fn in_file(&mut self, kind: HeaderKind, file: impl FnOnce() -> HeaderFile) {
        self.summary.in_files += 1;
        let first = match kind {
            HeaderKind::Keyed => &mut self.summary.keyed_file,
            HeaderKind::Operator => &mut self.summary.operator_file,
        };
        if first.is_none() {
            *first = Some(file());
        }
    }
}

/// The class of the snapshot that ended the reading: the last unknown one outside of any frame.
fn unknown_class(header: &RawHeader) -> Option<String> {
    let mut last: Option<&Serializer> = None;
    let states = header.states.iter().chain(&header.broadcast);
    let serializers = header
        .key
        .iter()
        .chain(states.flat_map(|s| s.serializers.iter().map(|(_, s)| s)));
    for serializer in serializers {
        serializer.visit(&mut |s| {
            if s.content == Content::Unknown && last.is_none_or(|l| l.at < s.at) {
                last = Some(s);
            }
        });
    }
    last.map(|s| s.snapshot_class.clone())
}
