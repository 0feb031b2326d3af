//! One operator of a snapshot.

use std::collections::BTreeMap;

use crate::flink::OperatorId;
use crate::flink::serializers::Serializer;

use super::handles::{HandleKind, Part, Storage, Totals};
use super::headers::Headers;
use super::state::State;

/// A name or uid, where the metadata has a place for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// The metadata version has no place for it: it may well have one.
    NotRecorded,
    /// It has none.
    Absent,
    /// It has this one.
    Given(String),
}

impl Label {
    /// The text, where there is one.
    #[must_use]
    pub fn as_deref(&self) -> Option<&str> {
        match self {
            Self::NotRecorded | Self::Absent => None,
            Self::Given(text) => Some(text),
        }
    }
}

/// The subtasks of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subtasks {
    /// How many the snapshot has an entry for.
    pub recorded: u32,
    /// How many of them had finished.
    pub finished: u32,
    /// How many of them have at least one handle.
    pub with_state: u32,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Offset of its entry in the metadata.
    pub at: u64,
    /// Its id.
    pub id: OperatorId,
    /// Its name.
    pub name: Label,
    /// Its uid.
    pub uid: Label,
    /// Its parallelism when the snapshot was taken.
    pub parallelism: u32,
    /// Its max parallelism.
    pub max_parallelism: u32,
    /// Whether all its subtasks had finished.
    pub fully_finished: bool,
    /// Bytes of its coordinator's state; `None` where it has none.
    pub coordinator_bytes: Option<u64>,
    /// Its subtasks.
    pub subtasks: Subtasks,
    /// Its handles by place and kind; the bytes are those of their own streams, not of handles inside.
    pub handles: BTreeMap<(Part, HandleKind), Totals>,
    /// Its streams by where they are. A changelog file counts whole for every handle that shares it.
    pub storage: BTreeMap<Storage, Totals>,
    /// The serializer of its keys, from the first keyed header read.
    pub key_serializer: Option<Serializer>,
    /// Its states as far as known, by name; see [`Headers::all_read`].
    pub states: Vec<State>,
    /// Where the knowledge of its states comes from.
    pub headers: Headers,
}

impl Operator {
    /// Whether a restore has anything to bring back: a handle, or coordinator state. Many operators are in
    /// the metadata without.
    #[must_use]
    pub fn is_stateful(&self) -> bool {
        self.coordinator_bytes.is_some() || !self.handles.is_empty()
    }

    /// How many handles of this kind it has, wherever they are.
    #[must_use]
    pub fn handle_count(&self, kind: HandleKind) -> u64 {
        self.handles
            .iter()
            .filter(|((_, k), _)| *k == kind)
            .map(|(_, totals)| totals.count)
            .sum()
    }

    /// The bytes of all its handles and of its coordinator, and how many handles there are.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut all = Totals {
            bytes: self.coordinator_bytes.unwrap_or(0),
            ..Totals::default()
        };
        for totals in self.handles.values() {
            all.merge(*totals);
        }
        all
    }

    /// The state of this name, where known.
    pub fn states_named<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s State> {
        self.states.iter().filter(move |state| state.name == name)
    }
}
