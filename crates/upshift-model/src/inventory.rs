//! What was seen of a system at one time, with the gaps.

use serde::{Deserialize, Serialize};

use crate::alluxio;
use crate::digest::Digest;
use crate::flink;
use crate::fluss;
use crate::ids::SystemName;
use crate::observed::Gap;
use crate::realtime_compute;
use crate::weka;

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
#[expect(clippy::large_enum_variant, reason = "a look holds one, and looks are few")]
pub enum Facts {
    /// Of Apache Flink.
    Flink(flink::Facts),
    /// Of Apache Fluss.
    Fluss(Box<fluss::System>),
    /// Of WEKA.
    Weka(Box<weka::Facts>),
    /// Of Realtime Compute.
    RealtimeCompute(Box<realtime_compute::Facts>),
    /// Of Alluxio.
    Alluxio(Box<alluxio::Facts>),
}

impl Facts {
    /// What was seen, where it is of Flink.
    pub fn flink(&self) -> Option<&flink::Facts> {
        match self {
            Self::Flink(facts) => Some(facts),
            Self::Fluss(_) | Self::Weka(_) | Self::RealtimeCompute(_) | Self::Alluxio(_) => None,
        }
    }

    /// What was seen, where it is of Fluss.
    pub fn fluss(&self) -> Option<&fluss::System> {
        match self {
            Self::Fluss(system) => Some(system),
            Self::Flink(_) | Self::Weka(_) | Self::RealtimeCompute(_) | Self::Alluxio(_) => None,
        }
    }

    /// What was seen, where it is of Alluxio.
    pub fn alluxio(&self) -> Option<&alluxio::Facts> {
        match self {
            Self::Alluxio(facts) => Some(facts),
            Self::Flink(_) | Self::Fluss(_) | Self::Weka(_) | Self::RealtimeCompute(_) => None,
        }
    }

    /// What was seen, where it is of Realtime Compute.
    pub fn realtime_compute(&self) -> Option<&realtime_compute::Facts> {
        match self {
            Self::RealtimeCompute(facts) => Some(facts),
            Self::Flink(_) | Self::Fluss(_) | Self::Weka(_) | Self::Alluxio(_) => None,
        }
    }
}

impl Inventory {
    /// The digest that plans name.
    pub fn digest(&self) -> Digest {
        Digest::of_document(self)
    }
}
