//! What the emulator needs of whatever runs its jobs.

use crate::realtime_compute::{Look, Run, Saving};

/// What runs the jobs of an engine version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunsOn {
    /// A real cluster.
    Flink {
        /// `127.0.0.1:8081`.
        rest: String,
        /// Where its savepoints go: `file:///srv/savepoints`.
        savepoints: String,
    },
    /// Nothing: jobs run by saying so. For tests of the protocol alone.
    Paper,
}

/// A cluster. What is wrong comes as a text, as Flink said it.
pub(super) trait Cluster: Send + Sync {
    /// Runs a job.
    fn run(&self, run: &Run) -> Result<(), String>;
    /// Looks at a job; none while nobody knows it.
    fn look(&self, job: &str) -> Result<Option<Look>, String>;
    /// Takes a savepoint and waits for it; gives its place.
    fn save(&self, job: &str, native: bool, how: Saving) -> Result<String, String>;
    /// Cancels a job; gives the place of the checkpoint that it left, if it left one.
    fn cancel(&self, job: &str) -> Result<Option<String>, String>;
    /// Deletes a savepoint.
    fn dispose(&self, location: &str) -> Result<(), String>;
    /// What Flink answers to a `GET`.
    fn get(&self, path: &str) -> Result<String, String>;
}
