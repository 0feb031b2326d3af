//! Puts a snapshot together from the pieces of its metadata, in one pass.

use crate::Limits;
use crate::flink::OperatorId;
use crate::flink::raw::{Item, OperatorHead, StreamBody, Subtask};

use super::handles::{FileLocation, HandleKind, HandleVisitor, Part, Storage, StreamUse, visit_subtask};
use super::headers::{HeaderFile, HeaderReader};
use super::operator::{Label, Operator, Subtasks};
use super::snapshot::{MasterHook, Oddity, Snapshot};
use super::state::States;

/// Takes the pieces one by one.
pub(super) struct Collector<'l> {
    limits: &'l Limits,
    snapshot: Snapshot,
    current: Option<Building>,
}

/// An operator whose subtasks are being read.
struct Building {
    operator: Operator,
    states: States,
    headers: HeaderReader,
    last_index: Option<u32>,
}

impl<'l> Collector<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            snapshot: Snapshot::default(),
            current: None,
        }
    }

    pub(super) fn add(&mut self, item: Item<'_>) {
        match item {
            Item::Head {
                version,
                checkpoint_id,
                ..
            } => {
                self.snapshot.version = version;
                self.snapshot.checkpoint_id = checkpoint_id;
            }
            Item::MasterState(state) => self.snapshot.master_states.push(MasterHook {
                name: state.name.to_str().into_owned(),
                version: state.version,
                bytes: state.data.bytes.len() as u64,
            }),
            Item::Operators { .. } => {}
            Item::Operator(head) => {
                self.close();
                self.current = Some(Building::new(&head));
            }
            Item::Subtask(subtask) => {
                if let Some(building) = &mut self.current {
                    building.add(&subtask, self.limits, &mut self.snapshot.oddities);
                }
            }
            Item::Properties(outline) => {
                self.close();
                self.snapshot.properties = outline;
            }
        }
    }

    fn close(&mut self) {
        let Some(done) = self.current.take() else { return };
        let Building {
            mut operator,
            states,
            headers,
            ..
        } = done;
        operator.states = states.finish();
        operator.headers = headers.summary;
        operator.key_serializer = headers.key;
        self.snapshot.operators.push(operator);
    }

    pub(super) fn finish(mut self, bytes: u64) -> Snapshot {
        self.close();
        self.snapshot.metadata_bytes = bytes;
        self.snapshot.note_duplicates();
        self.snapshot
    }
}

impl Building {
    fn new(head: &OperatorHead<'_>) -> Self {
        let label = |text: Option<crate::JavaStr<'_>>| match text {
            None => Label::NotRecorded,
            Some(text) if text.is_empty() => Label::Absent,
            Some(text) => Label::Given(text.to_str().into_owned()),
        };
        let operator = Operator {
            at: head.at,
            id: OperatorId::from_bytes(head.id),
            name: label(head.name),
            uid: label(head.uid),
            parallelism: head.parallelism,
            max_parallelism: head.max_parallelism,
            fully_finished: head.subtasks.is_none(),
            coordinator_bytes: head.coordinator.map(|span| span.bytes.len() as u64),
            subtasks: Subtasks::default(),
            handles: std::collections::BTreeMap::new(),
            storage: std::collections::BTreeMap::new(),
            key_serializer: None,
            states: Vec::new(),
            headers: super::Headers::default(),
        };
        Self {
            operator,
            states: States::default(),
            headers: HeaderReader::default(),
            last_index: None,
        }
    }

    fn add(&mut self, subtask: &Subtask<'_>, limits: &Limits, oddities: &mut Vec<Oddity>) {
        let operator = &mut self.operator;
        operator.subtasks.recorded += 1;
        if subtask.index >= operator.parallelism {
            let (id, parallelism) = (operator.id, operator.parallelism);
            oddities.push(Oddity::SubtaskBeyondParallelism {
                operator: id,
                index: subtask.index,
                parallelism,
            });
        }
        if self.last_index == Some(subtask.index) {
            oddities.push(Oddity::SubtaskTwice {
                operator: operator.id,
                index: subtask.index,
            });
        }
        self.last_index = Some(subtask.index);
        let Some(state) = &subtask.state else {
            operator.subtasks.finished += 1;
            return;
        };
        for (handle, raw) in [(&state.managed_operator, false), (&state.raw_operator, true)] {
            for partition in handle.iter().flat_map(|handle| &handle.partitions) {
                self.states.add_partition(partition, raw);
            }
        }
        let mut visit = Visit {
            building: self,
            limits,
            any: false,
        };
        visit_subtask(state, &mut visit);
        let any = visit.any;
        self.operator.subtasks.with_state += u32::from(any);
    }
}

struct Visit<'b, 'l> {
    building: &'b mut Building,
    limits: &'l Limits,
    any: bool,
}

impl HandleVisitor for Visit<'_, '_> {
    fn handle(&mut self, part: Part, kind: HandleKind, bytes: Option<u64>) {
        self.any = true;
        self.building
            .operator
            .handles
            .entry((part, kind))
            .or_default()
            .add(bytes);
    }

    fn stream(&mut self, found: &StreamUse<'_, '_>) {
        let Building {
            operator,
            states,
            headers,
            ..
        } = &mut *self.building;
        if found.counts {
            operator
                .handles
                .entry((found.part, found.kind))
                .or_default()
                .add_bytes(found.bytes);
        }
        operator
            .storage
            .entry(found.storage())
            .or_default()
            .add(found.share);
        let Some(kind) = found.header else { return };
        if let StreamBody::Bytes { data, .. } = &found.stream.body {
            headers.inline(kind, *data, states, self.limits);
        } else if let Some((storage, path, start)) = found.location() {
            headers.in_file(kind, || HeaderFile {
                location: location(storage, &path),
                start,
            });
        }
    }
}

/// The file of a stream that is not inline.
pub(super) fn location(storage: Storage, path: &str) -> FileLocation {
    match storage {
        Storage::Relative => FileLocation::Relative(path.to_owned()),
        Storage::Inline | Storage::Absolute | Storage::Segment => FileLocation::Absolute(path.to_owned()),
    }
}
