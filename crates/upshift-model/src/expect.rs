//! What must be true before or after a step: a small closed set that drivers evaluate by looking.
//!
//! The planner compiles everything it knows into these, so that nobody has to ask it during a run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::alluxio;
use crate::digest::Digest;
pub use crate::flink::fit::FitCriteria;
use crate::fluss;
use crate::ids::{ComponentId, Slot};
use crate::version::Version;
use crate::weka;

/// A condition on the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// The component answers and says that it is of this release.
    ReleaseIs {
        /// Which component.
        component: ComponentId,
        /// The release it must name.
        version: Version,
    },
    /// Nothing of the component runs or answers any more.
    Stopped {
        /// Which component.
        component: ComponentId,
    },
    /// The job runs under the id that the inventory saw and under the name that the file gives.
    JobIs {
        /// The cluster it runs on.
        cluster: ComponentId,
        /// The job.
        job: ComponentId,
        /// The system's id of it.
        id: String,
    },
    /// The job is RUNNING, with every task of it running.
    JobRunning {
        /// The cluster it runs on.
        cluster: ComponentId,
        /// The job.
        job: ComponentId,
    },
    /// No job runs on the cluster but the named ones (looked at again right before a cluster stops).
    NoOtherJobs {
        /// Which cluster.
        cluster: ComponentId,
        /// The jobs that may run there.
        named: BTreeSet<ComponentId>,
    },
    /// The job's last restore came from what fills the slot.
    RestoredFrom {
        /// The cluster it runs on.
        cluster: ComponentId,
        /// The job.
        job: ComponentId,
        /// Which restore point.
        slot: Slot,
    },
    /// A checkpoint of the job completed after its restore.
    CheckpointCompleted {
        /// The cluster it runs on.
        cluster: ComponentId,
        /// The job.
        job: ComponentId,
    },
    /// The job was not restarted since it was submitted.
    NoRestarts {
        /// The cluster it runs on.
        cluster: ComponentId,
        /// The job.
        job: ComponentId,
    },
    /// The job's exception history is empty since it was submitted.
    NoExceptions {
        /// The cluster it runs on.
        cluster: ComponentId,
        /// The job.
        job: ComponentId,
    },
    /// The user's probe gives what it should; a ratio is taken of the value bound as its baseline.
    ProbeHolds {
        /// The probe's name.
        probe: String,
    },
    /// At least so many slots are free.
    SlotsFree {
        /// On which cluster.
        cluster: ComponentId,
        /// How many.
        at_least: u32,
    },
    /// Nobody listens on these local ports.
    PortsFree {
        /// The ports.
        ports: Vec<u16>,
    },
    /// The file system that holds `path` (or its nearest existing parent) has room.
    DiskFree {
        /// Where.
        path: PathBuf,
        /// Free bytes wanted.
        at_least: u64,
    },
    /// The file is still the one the plan was made with.
    FileIs {
        /// Which file.
        path: PathBuf,
        /// Its digest.
        sha256: Digest,
    },
    /// What fills the slot is complete on disk and readable by the release that will start from it.
    Fits {
        /// Which restore point.
        slot: Slot,
        /// What is acceptable.
        criteria: Box<FitCriteria>,
    },
    /// Something that only a Fluss cluster has.
    Fluss(fluss::Condition),
    /// Something that only an Alluxio cluster has.
    Alluxio(alluxio::Condition),
    /// Something that only a WEKA cluster has.
    Weka(weka::Condition),
}
