//! All that one look at a Fluss system sees: what its metadata says, what its servers answer, and its processes on
//! their hosts.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::machine::{HostFacts, ServerProcess};
use super::quorum::Keeper;
use super::release::Line;
use super::told::BothSides;
use crate::observed::Observed;

/// A Fluss system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// When the look began, by this machine's clock.
    pub seen_at: jiff::Timestamp,
    /// The servers that keep its metadata, each asked by itself.
    #[serde(default)]
    pub keepers: Vec<Keeper>,
    /// What its metadata says.
    pub cluster: Facts,
    /// What every registered server answers.
    pub answers: Vec<ServerAnswer>,
    /// What the same servers tell clients of who leads, beside the metadata.
    #[serde(default)]
    pub both_sides: BothSides,
    /// Its servers' processes, found by their command lines, of all hosts that could be looked at.
    pub processes: Observed<Vec<ServerProcess>>,
    /// The hosts that were looked at: those that the file names, else this machine.
    pub hosts: Vec<HostFacts>,
}

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerId {
    /// The coordinator that leads.
    Coordinator,
    /// A tablet server.
    TabletServer(i32),
}

/// What one server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAnswer {
    /// Which.
    pub server: ServerId,
    /// Where it was asked.
    pub address: String,
    /// The release line that knows such calls.
    pub line: Observed<Line>,
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinator => f.write_str("coordinator"),
            Self::TabletServer(id) => write!(f, "tablet server {id}"),
        }
    }
}

impl System {
    /// Release lines that servers answered, each with who did.
    pub fn lines(&self) -> BTreeMap<Line, Vec<ServerId>> {
        let mut lines = BTreeMap::<Line, Vec<ServerId>>::new();
        for answer in &self.answers {
            if let Some(line) = answer.line.known() {
                lines.entry(*line).or_default().push(answer.server);
            }
        }
        lines
    }
}
