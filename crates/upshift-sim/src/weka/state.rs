//! What upgrades have made of the cluster so far: which container is of which release, the phase, the commands that
//! were begun. The lab keeps it in a file beside the description.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A part of an upgrade of backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// Containers with drives.
    Drives,
    /// Containers that compute.
    Computes,
    /// Containers of frontends, and protocols.
    Frontends,
}

impl Phase {
    /// In order; the number is that of the container on its server.
    pub const ALL: [Self; 3] = [Self::Drives, Self::Computes, Self::Frontends];

    /// No document tells the words; they vary by seed, and hold the phase in them as the vendor's own operator expects.
    pub(super) const fn word(self, seed: u64) -> &'static str {
        match (self, seed % 3) {
            (Self::Drives, 0) => "DrivePhase",
            (Self::Drives, 1) => "drives-upgrade",
            (Self::Drives, _) => "DRIVES_ROLLING",
            (Self::Computes, 0) => "ComputeRollingPhase",
            (Self::Computes, 1) => "computes-upgrade",
            (Self::Computes, _) => "COMPUTE_ROLLING",
            (Self::Frontends, 0) => "FrontendPhase",
            (Self::Frontends, 1) => "frontends-upgrade",
            (Self::Frontends, _) => "FRONTENDS_ROLLING",
        }
    }

    /// The option that resumes it.
    pub(super) const fn option(self) -> &'static str {
        match self {
            Self::Drives => "--ndu-drives-phase",
            Self::Computes => "--ndu-computes-phase",
            Self::Frontends => "--ndu-frontends-phase",
        }
    }

    pub(super) const fn event(self) -> &'static str {
        match self {
            Self::Drives => "DrivesUpgrade",
            Self::Computes => "ComputeUpgrade",
            Self::Frontends => "FrontendUpgrade",
        }
    }
}

/// A command of an upgrade that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its words after `upgrade`.
    pub words: Vec<String>,
    /// The release that it leads to.
    pub release: String,
    /// Its process.
    pub pid: u32,
    /// How it ended; none while it runs, and where it was killed.
    pub ended: Option<i32>,
}

/// Something that the cluster says has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its type.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl Event {
    /// When, as the command line writes it.
    pub(super) fn at(&self) -> String {
        let at = i64::try_from(self.at_ms).ok();
        let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        at.map_or_else(String::new, |at| at.to_string())
    }
}

/// What upgrades have made of the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The release that the last upgrade led to; none before the first.
    pub release: Option<String>,
    /// Containers of backends, by number, that are of another release than the cluster.
    pub containers: BTreeMap<usize, String>,
    /// Clients, by their place among clients, that were upgraded.
    pub clients: BTreeMap<usize, String>,
    /// The phase that an upgrade is in.
    pub phase: Option<Phase>,
    /// Packages that were fetched, by backend.
    pub packages: BTreeMap<usize, BTreeSet<String>>,
    /// Copies for clients alone, by server: backends first.
    #[serde(default)]
    pub client_packages: BTreeMap<usize, BTreeSet<String>>,
    /// The release of a client's agent, by server.
    #[serde(default)]
    pub agents: BTreeMap<usize, String>,
    /// Overrides, by number.
    #[serde(default)]
    pub overrides: BTreeMap<u64, String>,
    /// The number of the last override that was set.
    #[serde(default)]
    pub last_override: u64,
    /// Tasks that pause.
    #[serde(default)]
    pub paused: BTreeSet<u64>,
    /// Tasks that were given up.
    #[serde(default)]
    pub ended_tasks: BTreeSet<u64>,
    /// Filesystems, and `FILESYSTEM/SNAPSHOT`, that were deleted.
    #[serde(default)]
    pub deleted: BTreeSet<String>,
    /// Servers whose units of `rpc.statd` were stopped.
    #[serde(default)]
    pub quiet: BTreeSet<usize>,
    /// Servers whose containers are stopped.
    #[serde(default)]
    pub stopped: BTreeSet<usize>,
    /// Servers whose containers were started by hand: write combining is on there.
    #[serde(default)]
    pub combining: BTreeSet<usize>,
    /// When the last upgrade ended, in milliseconds since 1970; zero before the first.
    #[serde(default)]
    pub upgraded_ms: u64,
    /// Everything else that was changed, in order, with its server.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Until when metadata is converted, in milliseconds since 1970.
    pub converting_until: u64,
    /// Commands that were begun.
    pub begun: Vec<Begun>,
    /// Commands that were turned away because another one ran.
    pub turned_away: u32,
    /// What it says has happened, in order.
    pub events: Vec<Event>,
    /// What stateless clients take, where a command has set it.
    #[serde(default)]
    pub client_target: Option<String>,
}
