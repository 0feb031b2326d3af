//! The named states of an operator, put together from metadata and headers.

use std::collections::BTreeMap;

use crate::flink::raw::{Distribution, MetaInfo, Partition, RawHeader};
use crate::flink::serializers::Serializer;

/// A named state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// What kind of state it is.
    pub kind: StateKind,
    /// Its serializers by role, such as `VALUE_SERIALIZER`; empty where no header was read.
    pub serializers: BTreeMap<String, Serializer>,
    /// Other serializers seen under the same role in other subtasks, of another class or content.
    pub differing: Vec<(String, Serializer)>,
    /// How many handles hold it.
    pub handles: u64,
    /// How many partitions it has over all subtasks, for operator state.
    pub partitions: u64,
}

/// The kinds of state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateKind {
    /// State by key; the type as Flink names it, such as `VALUE` or `MAP`, where the header says.
    KeyValue(Option<String>),
    /// Timers.
    Timers,
    /// A list spread over subtasks.
    List(Distribution),
    /// A list in the operator's own format.
    RawList(Distribution),
    /// State that every subtask has whole.
    Broadcast,
    /// A kind this reader does not know, by Flink's number.
    Other(i32),
}

/// The states a header names, without counts of handles and partitions.
#[must_use]
pub fn states_of_header(header: &RawHeader) -> Vec<State> {
    let mut states = States::default();
    states.add_header(header);
    states.finish()
}

/// Which states can have the same name without being the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Keyed,
    Operator,
    RawOperator,
}

/// States being put together.
#[derive(Debug, Default)]
pub(super) struct States {
    all: Vec<State>,
    places: [BTreeMap<String, usize>; 3],
}

impl Group {
    fn of(kind: &StateKind) -> Self {
        match kind {
            StateKind::List(_) | StateKind::Broadcast => Self::Operator,
            StateKind::RawList(_) => Self::RawOperator,
            StateKind::KeyValue(_) | StateKind::Timers | StateKind::Other(_) => Self::Keyed,
        }
    }
}

impl States {
    /// States put together before, to be added to.
    pub(super) fn of(all: Vec<State>) -> Self {
        let mut states = Self::default();
        for state in all {
            let [keyed, operator, raw] = &mut states.places;
            let places = match Group::of(&state.kind) {
                Group::Keyed => keyed,
                Group::Operator => operator,
                Group::RawOperator => raw,
            };
            places.insert(state.name.clone(), states.all.len());
            states.all.push(state);
        }
        states
    }

    fn place(&mut self, group: Group, name: &str, kind: impl FnOnce() -> StateKind) -> usize {
        let [keyed, operator, raw] = &mut self.places;
        let places = match group {
            Group::Keyed => keyed,
            Group::Operator => operator,
            Group::RawOperator => raw,
        };
        if let Some(&place) = places.get(name) {
            return place;
        }
        let place = self.all.len();
        places.insert(name.to_owned(), place);
        self.all.push(State {
            name: name.to_owned(),
            kind: kind(),
            serializers: BTreeMap::new(),
            differing: Vec::new(),
            handles: 0,
            partitions: 0,
        });
        place
    }

    /// Adds a state that the metadata itself names.
    pub(super) fn add_partition(&mut self, partition: &Partition<'_>, raw: bool) {
        let distribution = partition.distribution;
        let group = if raw { Group::RawOperator } else { Group::Operator };
        let place = self.place(group, &partition.name.to_str(), || match (raw, distribution) {
            (true, _) => StateKind::RawList(distribution),
            (false, Distribution::Broadcast) => StateKind::Broadcast,
            (false, _) => StateKind::List(distribution),
        });
        if let Some(state) = self.all.get_mut(place) {
            state.handles += 1;
            state.partitions += partition.offsets.len() as u64;
        }
    }

    /// Adds what a header says and gives the places of its keyed states, whose handles the caller counts.
    pub(super) fn add_header(&mut self, header: &RawHeader) -> Vec<usize> {
        let mut keyed = Vec::new();
        for info in header.states.iter().chain(&header.broadcast) {
            let kind = kind_of(info);
            let group = Group::of(&kind);
            let place = self.place(group, &info.name, || kind);
            if group == Group::Keyed {
                keyed.push(place);
            }
            let Some(state) = self.all.get_mut(place) else {
                continue;
            };
            for (role, serializer) in &info.serializers {
                add_serializer(state, role, serializer);
            }
        }
        keyed
    }

    /// Counts a handle for each of these states.
    pub(super) fn count(&mut self, places: &[usize]) {
        for &place in places {
            if let Some(state) = self.all.get_mut(place) {
                state.handles += 1;
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<State> {
        self.all
            .sort_by(|a, b| (&a.name, &a.kind).cmp(&(&b.name, &b.kind)));
        self.all
    }
}

fn add_serializer(state: &mut State, role: &str, serializer: &Serializer) {
    let Some(first) = state.serializers.get(role) else {
        state.serializers.insert(role.to_owned(), serializer.clone());
        return;
    };
    let known = state.differing.iter().filter(|(r, _)| r == role).map(|(_, s)| s);
    if !std::iter::once(first).chain(known).any(|s| s.same_as(serializer)) {
        state.differing.push((role.to_owned(), serializer.clone()));
    }
}

fn kind_of(info: &MetaInfo) -> StateKind {
    let option = |key: &str| {
        info.options
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    };
    match info.kind {
        0 => StateKind::KeyValue(option("KEYED_STATE_TYPE").map(str::to_owned)),
        1 => StateKind::List(match option("OPERATOR_STATE_DISTRIBUTION_MODE") {
            Some("UNION") => Distribution::Union,
            Some("BROADCAST") => Distribution::Broadcast,
            _ => Distribution::SplitDistribute,
        }),
        2 => StateKind::Broadcast,
        3 => StateKind::Timers,
        other => StateKind::Other(other),
    }
}
