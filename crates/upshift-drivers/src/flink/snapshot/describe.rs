//! A snapshot as the reader gives it, in the shared vocabulary.

use std::collections::{BTreeMap, BTreeSet};

use upshift_formats::flink::opid::operator_id_of_uid;
use upshift_formats::flink::view::{
    HandleKind, HeaderProblem, Headers, Label, Oddity, Operator, Part, Snapshot, SnapshotKind, State,
    StateKind, Writers,
};
use upshift_model::flink::{
    KeyedForm, RecordedUid, SerializerShape, SnapshotContents, SnapshotOperator, SnapshotState, TakenAs,
};

use super::files::FilesSeen;
use super::headers::FromFiles;
use super::serializers::shape;

/// What a snapshot holds. `names` are those that people give to operators: uids that a file declares.
pub(in crate::flink) fn describe(
    snapshot: &Snapshot,
    names: &BTreeSet<String>,
    mut headers: BTreeMap<String, FromFiles>,
    files: FilesSeen,
) -> SnapshotContents {
    let named: Vec<(String, &String)> = names
        .iter()
        .map(|name| (operator_id_of_uid(name).to_string(), name))
        .collect();
    let operators = snapshot.operators.iter().map(|operator| {
        let id = operator.id.to_string();
        let from_files = headers.remove(&id);
        let declared = named.iter().filter(|(of, _)| *of == id);
        let declared = declared.map(|(_, name)| (*name).clone()).collect();
        self::operator(operator, id, declared, from_files)
    });
    SnapshotContents {
        version: snapshot.version,
        checkpoint_id: snapshot.checkpoint_id,
        taken_as: taken_as(&snapshot.kind()),
        writers: snapshot.writers().map(writers),
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
        oddities: snapshot.oddities.iter().map(oddity).collect(),
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

fn writers(writers: Writers) -> String {
    match writers {
        Writers::Between { from, to } if from == to => from.to_owned(),
        Writers::Between { from, to } => format!("{from} to {to}"),
        Writers::LaterThan(last) => format!("a release later than {last}"),
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

fn operator(
    read: &Operator,
    id: String,
    declared: BTreeSet<String>,
    from_files: Option<FromFiles>,
) -> SnapshotOperator {
    let mut known = Known {
        key: read.key_serializer.as_ref().map(shape),
        states: read.states.iter().map(state).collect(),
        versions: read.headers.operator_versions.clone(),
    };
    let not_all_read = not_all_read(&read.headers, from_files.as_ref());
    if let Some(from_files) = from_files {
        known.add(from_files);
    }
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
        operator_headers: known.versions,
        key: known.key,
        states: known.states,
        not_all_read,
        id,
    }
}

/// What is known of an operator's states so far.
struct Known {
    key: Option<SerializerShape>,
    states: Vec<SnapshotState>,
    versions: BTreeSet<i32>,
}

impl Known {
    fn add(&mut self, from_files: FromFiles) {
        self.key = self.key.take().or_else(|| from_files.key.as_ref().map(shape));
        self.versions.extend(from_files.operator_versions);
        for found in &from_files.states {
            let new = state(found);
            match self
                .states
                .iter_mut()
                .find(|known| known.name == new.name && known.kind == new.kind)
            {
                Some(known) => {
                    for (role, shape) in new.serializers {
                        known.serializers.entry(role).or_insert(shape);
                    }
                }
                None => self.states.push(new),
            }
        }
    }
}

/// Why states may be missing from the list; none where all are on it.
fn not_all_read(headers: &Headers, from_files: Option<&FromFiles>) -> Option<String> {
    if let Some(problem) = headers.problem.as_ref().filter(|_| headers.incomplete > 0) {
        return Some(problem_words(problem));
    }
    match from_files {
        Some(from_files) => from_files.problem.clone(),
        None => (headers.in_files > 0)
            .then(|| format!("the headers in {} state files were not read", headers.in_files)),
    }
}

pub(super) fn problem_words(problem: &HeaderProblem) -> String {
    match problem {
        HeaderProblem::UnknownSerializer { at, class } => {
            format!(
                "serializer {class} at offset {at} is not known to the reader, and what stands behind it is not read"
            )
        }
        HeaderProblem::Unreadable(error) => format!("its header cannot be read: {error}"),
        HeaderProblem::Unopened(why) => format!("the file of its header cannot be opened: {why}"),
    }
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

fn oddity(oddity: &Oddity) -> String {
    match oddity {
        Oddity::OperatorTwice { operator } => {
            format!("operator {operator} is there twice; Flink would take the last")
        }
        Oddity::SubtaskTwice { operator, index } => {
            format!("operator {operator}: subtask {index} is there twice")
        }
        Oddity::SubtaskBeyondParallelism {
            operator,
            index,
            parallelism,
        } => format!("operator {operator}: subtask {index} at parallelism {parallelism}"),
        Oddity::ParallelismAboveMax {
            operator,
            parallelism,
            max_parallelism,
        } => {
            format!("operator {operator}: parallelism {parallelism} above max parallelism {max_parallelism}")
        }
    }
}
