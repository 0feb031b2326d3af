//! What was decided beforehand: strategy, what happens on a failed gate, how long things are kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::span::Millis;

/// How the release is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Stop the old cluster, start the new one in its place.
    InPlace,
    /// Start the new cluster beside the old one (or take one that runs), then move the jobs.
    Shadow,
    /// A copy of the deployment takes the job over on the new engine; the original stays, stopped, until somebody
    /// accepts.
    CloneAndSwitch,
    /// The same, and the original runs on beside the copy until somebody accepts.
    DoubleRun,
    /// The same as clone and switch, and the copy starts from nothing.
    WithoutState,
    /// The cluster stays; only the job is replaced (another jar, other arguments, another parallelism).
    JobOnly,
    /// The servers are replaced one after the other, and the others go on meanwhile.
    Rolling,
    /// All servers stop, and those of the new release start with what the old ones left.
    FullStop,
    /// All servers stop, and those of the new release start from a backup of the old one's metadata.
    Backup,
    /// Nothing is upgraded: restore points are taken, or their files deleted.
    RestorePoints,
    /// Nothing is upgraded: the jobs are started from savepoints on a scratch cluster of the new release, then all of
    /// it is discarded.
    Rehearsal,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InPlace => "in place",
            Self::Shadow => "shadow copy",
            Self::CloneAndSwitch => "clone and switch",
            Self::DoubleRun => "double run",
            Self::WithoutState => "without state",
            Self::JobOnly => "job only",
            Self::Rolling => "rolling",
            Self::FullStop => "full stop",
            Self::Backup => "by a backup",
            Self::RestorePoints => "restore points only",
            Self::Rehearsal => "rehearsal",
        })
    }
}

/// What happens when a gate fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailedGate {
    /// Wait for a person.
    Ask,
    /// Go back by the way that the plan shows, where that way is open and within the replay limit.
    RollBack,
}

/// What happens to the other lanes when one of several jobs fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnLaneFailure {
    /// The others finish the step they are in, then the run halts or goes back as a whole.
    All,
    /// The failed job is parked with its restore point; the others go on.
    Park,
}

/// Decisions taken before the start. They are part of the plan and so of its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// On a failed gate.
    pub on_failed_gate: OnFailedGate,
    /// On the failure of one job of several.
    pub on_lane_failure: OnLaneFailure,
    /// An automatic return that would replay more than this asks first.
    pub replay_limit: Millis,
    /// Longest time a job may be down before its gate fails.
    pub max_downtime: Option<Millis>,
    /// How long restore points are kept after the end; none keeps them until a person releases them.
    pub keep_restore_points: Option<Millis>,
    /// `[notify] command`: a program with its arguments, no shell, run on halt, wait, failed gate and
    /// end; empty when nobody is told.
    pub notify: Vec<String>,
}
