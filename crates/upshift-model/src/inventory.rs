//! What was seen of a system at one time, with the gaps.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::flink;
use crate::ids::SystemName;
use crate::observed::Gap;

/// The version of the inventory document that this build writes.
pub const INVENTORY_FORMAT: u32 = 1;

/// A look at a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Version of this document.
    pub format: u32,
    /// The system looked at.
    pub system: SystemName,
    /// When the look began, by this machine's clock.
    pub taken_at: jiff::Timestamp,
    /// What was seen.
    pub facts: Facts,
    /// What could not be seen, beside the gaps inside `facts`.
    pub gaps: Vec<Gap>,
}

/// What was seen, per kind of system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facts {
    /// Of Apache Flink.
    Flink(flink::Facts),
}

impl Inventory {
    /// The digest that plans name.
    pub fn digest(&self) -> Digest {
        Digest::of_document(self)
    }
}
