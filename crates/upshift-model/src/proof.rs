//! What a driver saw that made it say *done*, and what one step leaves for another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{BindingName, Slot};
use crate::restore::RestorePoint;

/// Why a step counts as done: facts that were seen, and the bindings it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proof {
    /// What was seen, one fact a line, with the server's own time stamps.
    pub facts: Vec<String>,
    /// What later steps need.
    pub binds: Vec<Binding>,
}

impl Proof {
    /// Facts alone.
    pub fn of(facts: impl IntoIterator<Item = String>) -> Self {
        Self {
            facts: facts.into_iter().collect(),
            binds: Vec::new(),
        }
    }

    /// The same with one more binding.
    pub fn with(mut self, binding: Binding) -> Self {
        self.binds.push(binding);
        self
    }
}

/// One thing handed from a step to later ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// A slot was filled.
    Restore {
        /// Which.
        slot: Slot,
        /// With what.
        point: RestorePoint,
    },
    /// A foreign id, a measured value or a path.
    Value {
        /// Its name in the plan.
        name: BindingName,
        /// Its text.
        value: String,
    },
}

/// Everything bound so far in a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bindings {
    /// Filled slots.
    pub slots: BTreeMap<Slot, RestorePoint>,
    /// Everything else.
    pub values: BTreeMap<BindingName, String>,
}

impl Bindings {
    /// Takes over what a proof binds; a later binding of the same name replaces the earlier one.
    pub fn absorb(&mut self, proof: &Proof) {
        for binding in &proof.binds {
            match binding {
                Binding::Restore { slot, point } => {
                    self.slots.insert(slot.clone(), point.clone());
                }
                Binding::Value { name, value } => {
                    self.values.insert(name.clone(), value.clone());
                }
            }
        }
    }

    /// What fills the slot.
    pub fn slot(&self, slot: &Slot) -> Option<&RestorePoint> {
        self.slots.get(slot)
    }

    /// The value bound to the name.
    pub fn value(&self, name: &BindingName) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}
