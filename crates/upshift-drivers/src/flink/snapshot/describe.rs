//! A snapshot as the reader gives it, in the shared vocabulary.

use std::collections::BTreeSet;

use upshift_formats::flink::opid::operator_id_of_uid;
use upshift_formats::flink::view::{
    HandleKind, Headers, Label, Operator, Part, Snapshot, SnapshotKind, State, StateKind,
};
use upshift_model::flink::{
    KeyedForm, RecordedUid, SnapshotContents, SnapshotOperator, SnapshotState, TakenAs,
};

use super::files::FilesSeen;
use super::serializers::shape;
use crate::flink::inspect::words;

/// What a snapshot holds. `names` are those that people give to operators: uids that a file declares.
pub(in crate::flink) fn describe(
    snapshot: &Snapshot,
    names: &BTreeSet<String>,
    files: FilesSeen,
) -> SnapshotContents {
    let named: Vec<(String, &String)> = names
        .iter()
        .map(|name| (operator_id_of_uid(name).to_string(), name))
        .collect();
    let operators = snapshot.operators.iter().map(|operator| {
        let id = operator.id.to_string();
        let declared = named.iter().filter(|(of, _)| *of == id);
        let declared = declared.map(|(_, name)| (*name).clone()).collect();
        self::operator(operator, id, declared)
    });
    SnapshotContents {
        version: snapshot.version,
        checkpoint_id: snapshot.checkpoint_id,
        taken_as: taken_as(&snapshot.kind()),
        writers: snapshot.writers().map(words::writers),
        metadata_bytes: snapshot.metadata_bytes,
        state_bytes: snapshot.totals().bytes,
        operators: operators.collect(),
        keyed_forms: keyed_forms(snapshot),
        channel_state: snapshot.has_channel_state(),
        outside: files.outside,
        lacking: files.lacking,
        lacking_files: files.lacking_files,
        files_looked_for: files.looked_for,
        files_not_looked_for: files.not_looked_for,
        oddities: snapshot.oddities.iter().map(words::oddity).collect(),
    }
}

fn taken_as(kind: &SnapshotKind) -> TakenAs {
    match kind {
        SnapshotKind::Unknown => TakenAs::Untold,
        SnapshotKind::Checkpoint => TakenAs::Checkpoint,
        SnapshotKind::Savepoint { format } => match format.as_deref() {
            Some("CANONICAL") => TakenAs::CanonicalSavepoint,
            Some("NATIVE") => TakenAs::NativeSavepoint,
            Some(_) | None => TakenAs::Savepoint,
        },
    }
}

fn keyed_forms(snapshot: &Snapshot) -> BTreeSet<KeyedForm> {
    let all = snapshot
        .operators
        .iter()
        .flat_map(|operator| operator.handles.keys());
    all.filter(|(part, _)| *part == Part::ManagedKeyed)
        .filter_map(|(_, kind)| match kind {
            HandleKind::KeyGroupsSavepoint => Some(KeyedForm::Canonical),
            HandleKind::KeyGroups => Some(KeyedForm::Heap),
            HandleKind::Incremental => Some(KeyedForm::Embedded),
            HandleKind::Changelog | HandleKind::InMemoryChangelog | HandleKind::ChangelogStream => {
                Some(KeyedForm::Changelog)
            }
            _ => None,
        })
        .collect()
}

fn operator(read: &Operator, id: String, declared: BTreeSet<String>) -> SnapshotOperator {
    SnapshotOperator {
        name: read.name.as_deref().map(str::to_owned),
        uid: match &read.uid {
            Label::NotRecorded => RecordedUid::NotRecorded,
            Label::Absent => RecordedUid::Absent,
            Label::Given(uid) => RecordedUid::Given(uid.clone()),
        },
        declared,
        parallelism: read.parallelism,
        max_parallelism: read.max_parallelism,
        bytes: read.totals().bytes,
        stateful: read.is_stateful(),
        finished: read.fully_finished,
        coordinator: read.coordinator_bytes.is_some(),
        operator_state: read
            .handles
            .keys()
            .any(|(part, _)| *part == Part::ManagedOperator),
        operator_headers: read.headers.operator_versions.clone(),
        key: read.key_serializer.as_ref().map(shape),
        states: read.states.iter().map(state).collect(),
        not_all_read: not_all_read(&read.headers),
        id,
    }
}

/// Why states may be missing from the list; none where all are on it. Of an operator of hundreds of
/// subtasks only so many headers are opened; they nearly always are the same.
fn not_all_read(headers: &Headers) -> Option<String> {
    if let Some(problem) = &headers.problem {
        return Some(words::problem(problem, headers.problem_file.as_ref()));
    }
    (headers.in_files > 0 && headers.opened == 0)
        .then(|| format!("the headers in {} state files were not read", headers.in_files))
}

fn state(read: &State) -> SnapshotState {
    SnapshotState {
        name: read.name.clone(),
        kind: kind(&read.kind),
        elements: read.partitions,
        serializers: read
            .serializers
            .iter()
            .map(|(role, serializer)| (role.clone(), shape(serializer)))
            .chain(read.differing.iter().enumerate().map(|(at, (role, serializer))| {
                (
                    format!("{role} of other subtasks ({})", at + 1),
                    shape(serializer),
                )
            }))
            .collect(),
    }
}

fn kind(kind: &StateKind) -> String {
    match kind {
        StateKind::KeyValue(Some(kind)) => kind.clone(),
        StateKind::KeyValue(None) => "KEYED".to_owned(),
        StateKind::Timers => SnapshotState::TIMERS.to_owned(),
        StateKind::List(_) => "LIST".to_owned(),
        StateKind::RawList(_) => "RAW LIST".to_owned(),
        StateKind::Broadcast => SnapshotState::BROADCAST.to_owned(),
        StateKind::Other(number) => format!("kind {number}"),
    }
}
