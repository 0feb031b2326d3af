//! Kinds of simulated upgrades, by the names that the command line has for them.

use std::fmt;
use std::str::FromStr;

use upshift_sim::direct::flink::Way;

/// A kind of simulated upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Flink: the new cluster takes the old one's place.
    InPlace,
    /// Flink: the new cluster starts beside the old one.
    Shadow,
    /// Flink: the jobs move onto a cluster that runs already.
    RunningCluster,
    /// Flink: the cluster stays, the jobs change.
    JobOnly,
    /// Servers with replicas, one after the other.
    Rolling,
    /// Fluss: servers with replicas, by plans of the planner.
    Fluss,
    /// Alluxio: by backup, format and restore, or in place, by plans of the planner.
    Alluxio,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::InPlace,
        Self::Shadow,
        Self::RunningCluster,
        Self::JobOnly,
        Self::Rolling,
        Self::Fluss,
        Self::Alluxio,
    ];

    /// The name by which it is asked for.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InPlace => "in-place",
            Self::Shadow => "shadow",
            Self::RunningCluster => "running-cluster",
            Self::JobOnly => "job-only",
            Self::Rolling => "rolling",
            Self::Fluss => "fluss",
            Self::Alluxio => "alluxio",
        }
    }

    /// How the Flink upgrade goes; none for other systems.
    pub(crate) const fn way(self) -> Option<Way> {
        match self {
            Self::InPlace => Some(Way::InPlace),
            Self::Shadow => Some(Way::Shadow),
            Self::RunningCluster => Some(Way::RunningCluster),
            Self::JobOnly => Some(Way::JobOnly),
            Self::Rolling | Self::Fluss | Self::Alluxio => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.word() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::word);
            format!("no kind {text:?}; there are {}", all.join(", "))
        })
    }
}
