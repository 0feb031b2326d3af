//! What belongs to the operator and goes with an upgrade of the cluster: the tiering service, a job of Flink's, and
//! applications that get another client. Their programs are his; each must be harmless when it is run again.

use serde::{Deserialize, Serialize};

use crate::ids::BindingName;
use crate::version::Version;

/// How the tiering service is stopped and started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiering {
    /// Stops it; has ended with 0 when it is stopped.
    pub stop: Vec<String>,
    /// Starts the one of the release that runs.
    pub start: Vec<String>,
    /// Starts the one of the wanted release.
    pub target_start: Vec<String>,
}

/// How an application gets another client and is started again with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The release of its client from then on.
    pub version: Version,
    /// Does it; has ended with 0 when the application goes on.
    pub program: Vec<String>,
    /// The same with the client of before.
    pub program_back: Vec<String>,
}

/// What one of these programs is run for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The tiering service is stopped.
    StopTiering,
    /// It is started.
    StartTiering {
        /// The one of the wanted release, or of the one before.
        wanted: bool,
    },
    /// An application gets another client.
    Switch {
        /// What a person calls it.
        client: String,
        /// Whether it is the client of before again.
        back: bool,
    },
}

/// Where the newest snapshots in the lake are bound, as they were before the tiering service was started.
pub fn lake_before() -> BindingName {
    BindingName::new("lake/before")
}
