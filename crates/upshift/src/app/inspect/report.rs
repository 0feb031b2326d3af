//! The account of a snapshot: what text and JSON both say.

use std::collections::BTreeMap;

use serde::Serialize;
use upshift_drivers::flink::inspect::{FileCheck, FileState, ReadSnapshot, words};
use upshift_formats::flink::operator_id_of_uid;
use upshift_formats::flink::raw::Distribution;
use upshift_formats::flink::view::{
    HandleKind, Label, Operator, Snapshot, SnapshotKind, State, StateKind, Storage,
};

/// The operator id that Flink makes of a uid.
pub fn id_of(uid: &str) -> String {
    operator_id_of_uid(uid).to_string()
}

/// Uids that a person names, by the operator id that Flink makes of them.
#[derive(Debug, Clone, Default)]
pub struct Named(BTreeMap<String, String>);

impl Named {
    /// The ids of these uids.
    pub fn of(uids: &[String]) -> Self {
        let pairs = uids
            .iter()
            .map(|uid| (operator_id_of_uid(uid).to_string(), uid.clone()));
        Self(pairs.collect())
    }
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its directory.
    pub directory: String,
    /// `savepoint`, `checkpoint`, or `unknown` where the metadata does not say.
    pub kind: &'static str,
    /// `CANONICAL` or `NATIVE`, of a savepoint that says so.
    pub format: Option<String>,
    /// The number Flink gave it.
    pub checkpoint_id: u64,
    /// The metadata version.
    pub metadata_version: u32,
    /// The releases that can have written it.
    pub written_by: Option<String>,
    /// Size of the metadata.
    pub metadata_bytes: u64,
    /// Size of all state, as far as it is recorded.
    pub state_bytes: u64,
    /// How many handles hold it.
    pub handles: u64,
    /// Handles and streams whose size is not recorded.
    pub unknown_sizes: u64,
    /// Bytes by where they are: in the metadata, beside it, elsewhere, in merged files.
    pub bytes_inline: u64,
    /// In files beside the metadata.
    pub bytes_beside: u64,
    /// In files named by absolute paths, those that several subtasks share counted each time.
    pub bytes_elsewhere: u64,
    /// Whether the directory may be moved or copied whole.
    pub movable: bool,
    /// Whether records in flight are part of it.
    pub unaligned: bool,
    /// Whether it holds files that other checkpoints use too.
    pub incremental: bool,
    /// Whether it holds changes of a changelog.
    pub changelog: bool,
    /// Whether its files are merged.
    pub merged_files: bool,
    /// Names of master hooks with state.
    pub master_hooks: Vec<String>,
    /// The operators, in the order of the metadata.
    pub operators: Vec<OperatorAccount>,
    /// What is odd, each in one line.
    pub odd: Vec<String>,
    /// The files, where they were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesAccount>,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorAccount {
    /// Its id.
    pub id: String,
    /// Its uid, where recorded, or found among those that were named.
    pub uid: Option<String>,
    /// Where the uid is from: `recorded`, `named`, `absent`, or `not recorded`.
    pub uid_is: &'static str,
    /// Its name, where recorded.
    pub name: Option<String>,
    /// Its parallelism.
    pub parallelism: u32,
    /// Its max parallelism.
    pub max_parallelism: u32,
    /// Whether there is anything to restore.
    pub stateful: bool,
    /// Whether all its subtasks had finished.
    pub finished: bool,
    /// Subtasks with state, and those that had finished.
    pub subtasks_with_state: u32,
    /// Subtasks that had finished.
    pub subtasks_finished: u32,
    /// Size of its state, as far as it is recorded.
    pub bytes: u64,
    /// Bytes of its coordinator's state.
    pub coordinator_bytes: Option<u64>,
    /// How many handles of each of Flink's classes.
    pub handles: BTreeMap<&'static str, u64>,
    /// The serializer of its keys.
    pub keys: Option<String>,
    /// Its states by name.
    pub states: Vec<StateAccount>,
    /// Whether the list of states is whole.
    pub states_complete: bool,
    /// State headers in files, and how many of them were opened.
    pub headers_in_files: u64,
    /// State headers in files that were opened.
    pub headers_opened: u64,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateAccount {
    /// Its name.
    pub name: String,
    /// Its type, in Flink's words.
    pub kind: String,
    /// Its serializers by role.
    pub serializers: BTreeMap<String, String>,
    /// Partitions over all subtasks, of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u64>,
}

/// The files of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilesAccount {
    /// How many were looked at.
    pub looked_at: usize,
    /// Bytes of those that are there.
    pub bytes: u64,
    /// Those outside of the snapshot's directory: other snapshots use them, or hold them.
    pub outside: Vec<String>,
    /// What is wrong.
    pub wrong: Vec<WrongFile>,
}

/// A file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrongFile {
    /// Its page.
    pub code: String,
    /// Where it should be.
    pub file: String,
    /// An operator that needs it.
    pub operator: String,
    /// What was seen.
    pub what: String,
}

/// The account of a snapshot.
pub fn account(read: &ReadSnapshot, named: &Named) -> Account {
    let snapshot = &read.snapshot;
    let (kind, format) = match snapshot.kind() {
        SnapshotKind::Checkpoint => ("checkpoint", None),
        SnapshotKind::Savepoint { format } => ("savepoint", format),
        SnapshotKind::Unknown => ("unknown", None),
    };
    let storage = snapshot.storage();
    let bytes_in = |which: Storage| storage.get(&which).map_or(0, |totals| totals.bytes);
    let totals = snapshot.totals();
    Account {
        directory: read.directory.to_string(),
        kind,
        format,
        checkpoint_id: snapshot.checkpoint_id,
        metadata_version: snapshot.version,
        written_by: snapshot
            .writers()
            .map(|lines| format!("Flink {}", words::writers(lines))),
        metadata_bytes: snapshot.metadata_bytes,
        state_bytes: totals.bytes,
        handles: totals.count,
        unknown_sizes: totals.unknown_sizes,
        bytes_inline: bytes_in(Storage::Inline),
        bytes_beside: bytes_in(Storage::Relative),
        bytes_elsewhere: bytes_in(Storage::Absolute) + bytes_in(Storage::Segment),
        movable: snapshot.is_relocatable(),
        unaligned: snapshot.has_channel_state(),
        incremental: snapshot.is_incremental(),
        changelog: snapshot.has_changelog(),
        merged_files: snapshot.has_merged_files(),
        master_hooks: snapshot
            .master_states
            .iter()
            .map(|hook| hook.name.clone())
            .collect(),
        operators: snapshot.operators.iter().map(|o| operator(o, named)).collect(),
        odd: odd(snapshot),
        files: None,
    }
}

fn operator(of: &Operator, named: &Named) -> OperatorAccount {
    let id = of.id.to_string();
    let (uid, uid_is) = match (&of.uid, named.0.get(&id)) {
        (Label::Given(uid), _) => (Some(uid.clone()), "recorded"),
        (Label::NotRecorded | Label::Absent, Some(uid)) => (Some(uid.clone()), "named"),
        (Label::Absent, None) => (None, "absent"),
        (Label::NotRecorded, None) => (None, "not recorded"),
    };
    let mut handles: BTreeMap<&'static str, u64> = BTreeMap::new();
    for ((_, kind), totals) in &of.handles {
        *handles.entry(HandleKind::flink_class(*kind)).or_default() += totals.count;
    }
    OperatorAccount {
        id,
        uid,
        uid_is,
        name: of.name.as_deref().map(str::to_owned),
        parallelism: of.parallelism,
        max_parallelism: of.max_parallelism,
        stateful: of.is_stateful(),
        finished: of.fully_finished,
        subtasks_with_state: of.subtasks.with_state,
        subtasks_finished: of.subtasks.finished,
        bytes: of.totals().bytes,
        coordinator_bytes: of.coordinator_bytes,
        handles,
        keys: of.key_serializer.as_ref().map(ToString::to_string),
        states: of.states.iter().map(state).collect(),
        states_complete: of.headers.all_read(),
        headers_in_files: of.headers.in_files,
        headers_opened: of.headers.opened,
    }
}

fn state(of: &State) -> StateAccount {
    let spread = |distribution: Distribution| distribution.flink_name();
    let kind = match &of.kind {
        StateKind::KeyValue(Some(kind)) => kind.clone(),
        StateKind::KeyValue(None) => "keyed".to_owned(),
        StateKind::Timers => "timers".to_owned(),
        StateKind::List(distribution) => format!("list {}", spread(*distribution)),
        StateKind::RawList(distribution) => format!("raw list {}", spread(*distribution)),
        StateKind::Broadcast => "broadcast".to_owned(),
        StateKind::Other(number) => format!("kind {number}"),
    };
    StateAccount {
        name: of.name.clone(),
        kind,
        serializers: of
            .serializers
            .iter()
            .map(|(role, serializer)| (role.clone(), serializer.to_string()))
            .collect(),
        partitions: (of.partitions > 0).then_some(of.partitions),
    }
}

/// What a person should look at twice.
fn odd(snapshot: &Snapshot) -> Vec<String> {
    let mut odd: Vec<String> = snapshot.oddities.iter().map(words::oddity).collect();
    for operator in &snapshot.operators {
        let id = operator.id;
        if let Some(problem) = &operator.headers.problem {
            let what = words::problem(problem, operator.headers.problem_file.as_ref());
            let code = upshift_drivers::flink::inspect::codes::HEADER_INCOMPLETE;
            odd.push(format!("{code} operator {id}: {what}"));
        }
        for state in operator.states.iter().filter(|state| !state.differing.is_empty()) {
            odd.push(format!(
                "operator {id}: subtasks wrote state {} with different serializers",
                state.name
            ));
        }
        if operator.is_stateful() && operator.uid == Label::Absent {
            odd.push(format!(
                "operator {id} has state and no uid: its id changes with the graph"
            ));
        }
        if operator.subtasks.finished > 0 && !operator.fully_finished {
            odd.push(format!(
                "operator {id}: {} of {} subtasks had finished",
                operator.subtasks.finished, operator.subtasks.recorded
            ));
        }
    }
    odd
}

/// The account of its files.
pub fn files_account(checks: &[FileCheck]) -> FilesAccount {
    use upshift_formats::flink::view::FileLocation;
    let shown = |check: &FileCheck| match (&check.place, &check.file.location) {
        (Ok(place), _) => place.to_string(),
        (Err(_), FileLocation::Relative(path) | FileLocation::Absolute(path)) => path.clone(),
    };
    let bytes = checks.iter().map(|check| match check.state {
        FileState::Whole(bytes) | FileState::There(bytes) => bytes,
        FileState::WrongSize { found, .. } => found,
        FileState::Missing | FileState::Unseen(_) => 0,
    });
    let wrong = checks.iter().filter_map(|check| {
        let what = match &check.state {
            FileState::Whole(_) | FileState::There(_) => return None,
            FileState::Missing => "missing".to_owned(),
            FileState::WrongSize { expected, found } => format!("{found} bytes, should be {expected}"),
            FileState::Unseen(why) => format!("not seen: {why}"),
        };
        Some(WrongFile {
            code: check.state.code()?.to_string(),
            file: shown(check),
            operator: check.file.operator.to_string(),
            what,
        })
    });
    FilesAccount {
        looked_at: checks.len(),
        bytes: bytes.sum(),
        outside: checks.iter().filter(|check| check.outside).map(shown).collect(),
        wrong: wrong.collect(),
    }
}
