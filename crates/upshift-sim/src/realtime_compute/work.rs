//! What takes real time: it leaves the model, somebody does it on a cluster, and says what came of it.

use std::collections::BTreeMap;

/// A job to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The engine.
    pub engine: String,
    /// The id that the job shall have in Flink.
    pub id: String,
    /// The jar.
    pub jar: String,
    /// Its class with `main`.
    pub entry: Option<String>,
    /// The arguments of `main`.
    pub args: Vec<String>,
    /// Its parallelism.
    pub parallelism: Option<u64>,
    /// Configuration of this job alone.
    pub conf: BTreeMap<String, String>,
    /// Where its state comes from.
    pub from: Option<String>,
    /// Whether state that nobody claims may be dropped.
    pub lax: bool,
}

/// How state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saving {
    /// A savepoint, and the job runs on.
    On,
    /// A savepoint, and the job ends.
    Stop,
    /// The same, and sources end before it.
    Drain,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Run a job, after a while.
    Run(Run, i64),
    /// Take a savepoint of a job, after a while.
    Save {
        /// The engine.
        engine: String,
        /// The job in Flink.
        job: String,
        /// The savepoint in the service.
        point: String,
        /// Its form.
        native: bool,
        /// What becomes of the job.
        how: Saving,
        /// After how many milliseconds.
        delay: i64,
    },
    /// Cancel a job, after a while.
    Cancel {
        /// The engine.
        engine: String,
        /// The job in Flink.
        job: String,
        /// After how many milliseconds.
        delay: i64,
    },
    /// Delete the files of a savepoint.
    Dispose {
        /// The engine.
        engine: String,
        /// Where it lies.
        location: String,
    },
}

/// How a job stands on its cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Flink's word.
    pub word: String,
    /// Whether every task runs.
    pub whole: bool,
    /// Restarts so far.
    pub restarts: i64,
    /// Why it failed, where it did.
    pub cause: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A job could not be run.
    NotRun {
        /// The job in Flink.
        job: String,
        /// What the cluster said.
        why: String,
    },
    /// A savepoint came to its end.
    Saved {
        /// The savepoint in the service.
        point: String,
        /// Where it lies, or why it came to nothing.
        result: Result<String, String>,
    },
    /// A job was cancelled and left its last checkpoint.
    Kept {
        /// The job in Flink.
        job: String,
        /// Where the checkpoint lies.
        location: String,
    },
    /// A job was looked at.
    Seen {
        /// The job in Flink.
        job: String,
        /// How it stands.
        look: Look,
    },
}
