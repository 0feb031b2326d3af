//! One flat list of streams out of the nested handles of a subtask, and the vocabulary to count them in.

use std::borrow::Cow;

use crate::flink::raw::{
    ChannelBody, ChannelHandle, HeaderKind, KeyedBody, KeyedHandle, NamedStream, OperatorHandle, StreamBody,
    StreamHandle, SubtaskState,
};

/// Where in a subtask a handle belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Keyed state of the backend.
    ManagedKeyed,
    /// Keyed state in the operator's own format.
    RawKeyed,
    /// Operator state by Flink's serializers.
    ManagedOperator,
    /// Operator state in the operator's own format.
    RawOperator,
    /// Records in flight before the subtask.
    InputChannels,
    /// Records in flight behind the subtask.
    ResultSubpartitions,
}

/// The kinds of handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HandleKind {
    /// A heap backend's own format.
    KeyGroups,
    /// The canonical format.
    KeyGroupsSavepoint,
    /// The files of an embedded store.
    Incremental,
    /// A materialized snapshot and the changes since.
    Changelog,
    /// Changes in the metadata.
    InMemoryChangelog,
    /// Changes in streams.
    ChangelogStream,
    /// Operator state.
    OperatorStream,
    /// Operator state in merged files.
    FileMergingOperatorStream,
    /// An input channel.
    InputChannel,
    /// Several input channels.
    MergedInputChannel,
    /// A result subpartition.
    ResultSubpartition,
    /// Several result subpartitions.
    MergedResultSubpartition,
}

impl HandleKind {
    /// The class by which Flink knows it, without package.
    #[must_use]
    pub fn flink_class(self) -> &'static str {
        match self {
            Self::KeyGroups => "KeyGroupsStateHandle",
            Self::KeyGroupsSavepoint => "KeyGroupsSavepointStateHandle",
            Self::Incremental => "IncrementalRemoteKeyedStateHandle",
            Self::Changelog => "ChangelogStateBackendHandleImpl",
            Self::InMemoryChangelog => "InMemoryChangelogStateHandle",
            Self::ChangelogStream => "ChangelogStateHandleStreamImpl",
            Self::OperatorStream => "OperatorStreamStateHandle",
            Self::FileMergingOperatorStream => "FileMergingOperatorStreamStateHandle",
            Self::InputChannel => "InputChannelStateHandle",
            Self::MergedInputChannel => "MergedInputChannelStateHandle",
            Self::ResultSubpartition => "ResultSubpartitionStateHandle",
            Self::MergedResultSubpartition => "MergedResultSubpartitionStateHandle",
        }
    }
}

/// Where the bytes of a stream are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Storage {
    /// In the metadata.
    Inline,
    /// In a file beside the metadata, which moves with it.
    Relative,
    /// In a file named by its absolute path.
    Absolute,
    /// In a part of a file named by its absolute path, shared with other subtasks or checkpoints.
    Segment,
}

/// A count of handles or streams and of their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many.
    pub count: u64,
    /// Their bytes, as far as known.
    pub bytes: u64,
    /// How many have a size that the writer did not know.
    pub unknown_sizes: u64,
}

impl Totals {
    /// Adds one of `bytes`, or of unknown size.
    pub(super) fn add(&mut self, bytes: Option<u64>) {
        self.count += 1;
        self.add_bytes(bytes);
    }

    pub(super) fn add_bytes(&mut self, bytes: Option<u64>) {
        match bytes {
            Some(bytes) => self.bytes = self.bytes.saturating_add(bytes),
            None => self.unknown_sizes += 1,
        }
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.unknown_sizes += other.unknown_sizes;
    }
}

/// What a file is to its handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileRole {
    /// State behind a header.
    State,
    /// Nothing but the header of an incremental handle.
    Meta,
    /// A file of an embedded store that other checkpoints may use.
    Shared,
    /// A file of an embedded store used by this snapshot alone.
    Private,
    /// Changes of a changelog.
    Changes,
    /// Records in flight.
    Channel,
}

/// A file as the snapshot names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileLocation {
    /// By its path from the directory of the metadata.
    Relative(String),
    /// By its absolute path or URI.
    Absolute(String),
}

/// One stream, taken out of its handles.
#[derive(Debug, Clone)]
pub(super) struct StreamUse<'h, 'a> {
    pub(super) part: Part,
    pub(super) kind: HandleKind,
    pub(super) role: FileRole,
    /// The header the stream opens with, if any.
    pub(super) header: Option<HeaderKind>,
    /// The innermost handle: never key groups around another.
    pub(super) stream: &'h StreamHandle<'a>,
    /// Its own size; `None` where the writer did not know.
    pub(super) bytes: Option<u64>,
    /// Bytes of it that belong to this handle, where several share it.
    pub(super) share: Option<u64>,
    /// Whether its bytes are the size of its handle; other handles say their size themselves.
    pub(super) counts: bool,
}

impl StreamUse<'_, '_> {
    pub(super) fn storage(&self) -> Storage {
        match self.stream.body {
            StreamBody::Bytes { .. } | StreamBody::EmptySegment | StreamBody::KeyGroups { .. } => {
                Storage::Inline
            }
            StreamBody::File { .. } => Storage::Absolute,
            StreamBody::Relative { .. } => Storage::Relative,
            StreamBody::Segment { .. } => Storage::Segment,
        }
    }

    /// The file and the offset in it, or `None` for an inline stream.
    pub(super) fn location(&self) -> Option<(Storage, Cow<'_, str>, u64)> {
        match &self.stream.body {
            StreamBody::Bytes { .. } | StreamBody::EmptySegment | StreamBody::KeyGroups { .. } => None,
            StreamBody::File { path, .. } => Some((Storage::Absolute, path.to_str(), 0)),
            StreamBody::Relative { path, .. } => Some((Storage::Relative, path.to_str(), 0)),
            StreamBody::Segment { path, start, .. } => Some((
                Storage::Segment,
                path.to_str(),
                u64::try_from(*start).unwrap_or(0),
            )),
        }
    }
}

/// What a subtask's handles are told to.
pub(super) trait HandleVisitor {
    /// A handle; `bytes` are those it holds or claims itself, `None` for a claim the writer did not know.
    fn handle(&mut self, part: Part, kind: HandleKind, bytes: Option<u64>);
    /// A stream of the handle before it.
    fn stream(&mut self, stream: &StreamUse<'_, '_>);
}

pub(super) fn visit_subtask(state: &SubtaskState<'_>, to: &mut impl HandleVisitor) {
    if let Some(handle) = &state.managed_keyed {
        keyed(handle, Part::ManagedKeyed, to);
    }
    if let Some(handle) = &state.raw_keyed {
        keyed(handle, Part::RawKeyed, to);
    }
    if let Some(handle) = &state.managed_operator {
        operator(handle, Part::ManagedOperator, to);
    }
    if let Some(handle) = &state.raw_operator {
        operator(handle, Part::RawOperator, to);
    }
    for handle in &state.input_channels {
        let kind = match handle.body {
            ChannelBody::Single { .. } => HandleKind::InputChannel,
            ChannelBody::Merged { .. } => HandleKind::MergedInputChannel,
        };
        channel(handle, Part::InputChannels, kind, to);
    }
    for handle in &state.result_subpartitions {
        let kind = match handle.body {
            ChannelBody::Single { .. } => HandleKind::ResultSubpartition,
            ChannelBody::Merged { .. } => HandleKind::MergedResultSubpartition,
        };
        channel(handle, Part::ResultSubpartitions, kind, to);
    }
}

/// Finds the innermost stream of a handle.
fn innermost<'h, 'a>(mut handle: &'h StreamHandle<'a>) -> Option<(&'h StreamHandle<'a>, Option<u64>)> {
    loop {
        let bytes = match &handle.body {
            StreamBody::KeyGroups { inner, .. } => {
                handle = inner.as_deref()?;
                continue;
            }
            StreamBody::Bytes { data, .. } => Some(data.bytes.len() as u64),
            StreamBody::EmptySegment => Some(0),
            StreamBody::File { size, .. }
            | StreamBody::Relative { size, .. }
            | StreamBody::Segment { size, .. } => u64::try_from(*size).ok(),
        };
        return Some((handle, bytes));
    }
}

/// Hands on a stream whose bytes are those of its handle.
fn stream(
    handle: Option<&StreamHandle<'_>>,
    (part, kind, role): (Part, HandleKind, FileRole),
    header: Option<HeaderKind>,
    to: &mut impl HandleVisitor,
) {
    if let Some((stream, bytes)) = handle.and_then(innermost) {
        to.stream(&StreamUse {
            part,
            kind,
            role,
            header,
            stream,
            bytes,
            share: bytes,
            counts: true,
        });
    }
}

fn keyed(handle: &KeyedHandle<'_>, part: Part, to: &mut impl HandleVisitor) {
    // Raw keyed state has the same handles but a format of the operator's own behind them.
    let header = (part == Part::ManagedKeyed).then_some(HeaderKind::Keyed);
    match &handle.body {
        KeyedBody::KeyGroups { stream: inner, .. } => {
            let kind = if handle.tag == 7 {
                HandleKind::KeyGroupsSavepoint
            } else {
                HandleKind::KeyGroups
            };
            to.handle(part, kind, Some(0));
            stream(inner.as_ref(), (part, kind, FileRole::State), header, to);
        }
        KeyedBody::Incremental {
            meta,
            shared,
            private,
            ..
        } => {
            let kind = HandleKind::Incremental;
            to.handle(part, kind, Some(0));
            stream(meta.as_ref(), (part, kind, FileRole::Meta), header, to);
            files(shared, (part, kind, FileRole::Shared), to);
            files(private, (part, kind, FileRole::Private), to);
        }
        KeyedBody::Changelog {
            materialized, delta, ..
        } => {
            to.handle(part, HandleKind::Changelog, Some(0));
            for inner in materialized.iter().chain(delta) {
                keyed(inner, part, to);
            }
        }
        KeyedBody::InMemoryChangelog { changes, .. } => {
            let bytes = changes.iter().map(|change| change.data.bytes.len() as u64).sum();
            to.handle(part, HandleKind::InMemoryChangelog, Some(bytes));
        }
        KeyedBody::ChangelogStream { streams, size, .. } => {
            let (kind, role) = (HandleKind::ChangelogStream, FileRole::Changes);
            // The files hold changes of other subtasks too; the handle says which bytes are its own.
            to.handle(part, kind, u64::try_from(*size).ok());
            for (stream, bytes) in streams
                .iter()
                .filter_map(|s| s.stream.as_ref().and_then(innermost))
            {
                let (header, counts) = (None, false);
                to.stream(&StreamUse {
                    part,
                    kind,
                    role,
                    header,
                    stream,
                    bytes,
                    share: bytes,
                    counts,
                });
            }
        }
    }
}

fn files(all: &[NamedStream<'_>], what: (Part, HandleKind, FileRole), to: &mut impl HandleVisitor) {
    for file in all {
        stream(file.stream.as_ref(), what, None, to);
    }
}

fn operator(handle: &OperatorHandle<'_>, part: Part, to: &mut impl HandleVisitor) {
    let kind = match handle.merged {
        None => HandleKind::OperatorStream,
        Some(_) => HandleKind::FileMergingOperatorStream,
    };
    let header = (part == Part::ManagedOperator).then_some(HeaderKind::Operator);
    to.handle(part, kind, Some(0));
    stream(handle.stream.as_ref(), (part, kind, FileRole::State), header, to);
}

/// Several channel handles share a stream; each counts for the bytes it says are its own.
fn channel(handle: &ChannelHandle<'_>, part: Part, kind: HandleKind, to: &mut impl HandleVisitor) {
    let share = u64::try_from(handle.size).ok();
    to.handle(part, kind, share);
    if let Some((stream, bytes)) = handle.stream.as_ref().and_then(innermost) {
        let (role, header, counts) = (FileRole::Channel, None, false);
        to.stream(&StreamUse {
            part,
            kind,
            role,
            header,
            stream,
            bytes,
            share,
            counts,
        });
    }
}
