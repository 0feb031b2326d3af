//! Changes of a WEKA cluster: each is one command of the vendor's own, or the few that a document gives together, on one
//! server.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::site::SiteClient;
use crate::version::Version;

/// A change of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The whole package of a release is fetched to the backend that carries the upgrade out, and made ready there.
    Stage {
        /// Which release.
        release: Version,
    },
    /// The package goes from there to all backends, and is made ready on them, ahead of the upgrade.
    Distribute {
        /// Which release.
        release: Version,
    },
    /// The non-disruptive upgrade of all backends: one command that runs for hours.
    Backends {
        /// To which release.
        release: Version,
    },
    /// Clients, in batches of the command's own.
    Clients {
        /// To which release.
        release: Version,
        /// Their numbers in the cluster.
        ids: BTreeSet<u64>,
        /// So many at a time.
        batch: u32,
        /// Numbers of clients that the command is told to leave alone.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        left: BTreeSet<u64>,
    },
    /// One client, by commands on it.
    Client {
        /// To which release.
        release: Version,
        /// Which.
        client: SiteClient,
        /// Whether it has containers of several clusters, which go together.
        several: bool,
    },
    /// Units of a server are stopped, and do not start with it any more.
    Quiet {
        /// The server.
        host: String,
        /// The units, and how each was.
        units: BTreeMap<String, Former>,
    },
    /// An override that the vendor asks for around an upgrade is set, or taken away.
    Override {
        /// Around the upgrade to which release.
        release: Version,
        /// Its key.
        key: String,
        /// Its value where it is set; none where it is taken away.
        value: Option<String>,
    },
    /// The release that stateless clients take when they mount is set.
    ClientTarget {
        /// To this one.
        release: Version,
        /// What it was when the plan was made.
        former: String,
    },
    /// A background task is brought to a stand, or goes on.
    Task {
        /// Its number.
        id: u64,
        /// Its type.
        kind: String,
        /// What becomes of it.
        fate: Fate,
    },
    /// The containers of a backend are stopped and started.
    Restart {
        /// The backend.
        host: String,
        /// The release that it is of.
        release: Version,
    },
}

/// How a unit was before it was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Whether it ran.
    pub ran: bool,
    /// Whether it started with its server.
    pub enabled: bool,
}

/// What becomes of a background task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is waited for.
    Wait,
    /// It pauses, until it is told to go on.
    Pause,
    /// It goes on.
    Resume,
    /// It is given up.
    Abort,
    /// What it makes is deleted, which gives it up.
    Delete {
        /// The filesystem, or the one of the snapshot.
        filesystem: String,
        /// The snapshot; none where the whole filesystem is deleted.
        snapshot: Option<String>,
    },
}

impl Fate {
    /// What is deleted, by name.
    pub fn object(filesystem: &str, snapshot: Option<&str>) -> String {
        match snapshot {
            Some(snapshot) => format!("snapshot {snapshot} of filesystem {filesystem}"),
            None => format!("filesystem {filesystem}"),
        }
    }
}

/// What must be true of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It says OK, all its parts are active, no data lacks a copy.
    Fine,
    /// Nobody upgrades it, and no task runs that an upgrade does not start beside.
    Idle,
    /// No conversion of metadata goes on.
    Converted,
    /// Every container of a backend is up and of this release.
    BackendsAre {
        /// Which.
        release: Version,
    },
    /// Each of these clients is up and of this release.
    ClientsAre {
        /// Which.
        release: Version,
        /// Their numbers in the cluster.
        ids: BTreeSet<u64>,
    },
    /// No alert tells of releases that differ.
    NoMismatch,
    /// Nobody began what has to wait for the end of the upgrade.
    Undisturbed {
        /// Whether there was S3 when the plan was made.
        s3: bool,
    },
    /// It is the time for it.
    Within {
        /// When that is.
        window: Window,
    },
}

/// A part of every day, in minutes since midnight, UTC. It may go past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// From this minute on.
    pub from: u16,
    /// To before this one.
    pub to: u16,
}

impl Window {
    /// Minutes of a day.
    pub const DAY: u16 = 24 * 60;

    /// Whether it is open at this minute of a day.
    pub const fn is_open(self, minute: u16) -> bool {
        match self.from <= self.to {
            true => self.from <= minute && minute < self.to,
            false => self.from <= minute || minute < self.to,
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [from, to] = [self.from, self.to].map(|at| format!("{:02}:{:02}", at / 60, at % 60));
        write!(f, "{from} to {to} UTC")
    }
}

impl Act {
    /// The release that it leads to, or is done for; none where it is of no release.
    pub const fn release(&self) -> Option<&Version> {
        match self {
            Self::Stage { release }
            | Self::Distribute { release }
            | Self::Backends { release }
            | Self::Clients { release, .. }
            | Self::Client { release, .. }
            | Self::Override { release, .. }
            | Self::ClientTarget { release, .. }
            | Self::Restart { release, .. } => Some(release),
            Self::Quiet { .. } | Self::Task { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn a_window_may_go_past_midnight() {
        let day = Window { from: 60, to: 120 };
        assert_eq!(
            [59, 60, 119, 120].map(|at| day.is_open(at)),
            [false, true, true, false]
        );
        let night = Window { from: 1320, to: 240 };
        assert_eq!(
            [1319, 1320, 0, 239, 240].map(|at| night.is_open(at)),
            [false, true, true, true, false]
        );
        assert_eq!(night.to_string(), "22:00 to 04:00 UTC");
    }
}
