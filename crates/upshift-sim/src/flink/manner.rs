//! How jobs behave in a story: how long things take, and what goes wrong. Nothing is random.

/// How a job of one name behaves on clusters of one release. Times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobManner {
    /// From the submission to all tasks running.
    pub starts_in: i64,
    /// From the trigger to the savepoint.
    pub savepoint_takes: i64,
    /// Between two checkpoints.
    pub checkpoints_every: i64,
    /// Whether checkpoints outlive the job.
    pub retained: bool,
    /// Whether its checkpoints are unaligned.
    pub unaligned: bool,
    /// Whether there is no state in it worth keeping.
    pub stateless: bool,
    /// How many slots it needs.
    pub slots: u32,
    /// What becomes of a submission.
    pub restoring: Restoring,
    /// What becomes of a savepoint.
    pub saving: Saving,
}

impl Default for JobManner {
    fn default() -> Self {
        Self {
            starts_in: 15,
            savepoint_takes: 10,
            checkpoints_every: 50,
            retained: true,
            unaligned: false,
            stateless: false,
            slots: 1,
            restoring: Restoring::Runs,
            saving: Saving::Works,
        }
    }
}

/// What becomes of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restoring {
    /// It runs.
    Runs,
    /// The submission itself is refused.
    Refused(String),
    /// It is FAILED, for this cause, when it would run.
    Fails(String),
    /// It stays in CREATED: no slots come.
    Hangs,
    /// It runs, and `after` milliseconds later it is restarted for this cause.
    Restarts {
        /// How long it ran.
        after: i64,
        /// Why it did not go on.
        cause: String,
    },
    /// It runs from another restore point than the one that was named.
    From(String),
}

/// What becomes of a savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saving {
    /// It is written whole.
    Works,
    /// Asked for, and then COMPLETED with this failure cause; the job runs on.
    Fails(String),
    /// Told as completed, and nothing but its directory is there.
    LacksMetadata,
    /// Told as completed, and half of its metadata is there.
    IsCutShort,
    /// It is written, and the state of the last vertex is not in it. The wire face writes the same files
    /// as ever: only the direct face shows it.
    LacksState,
    /// In progress for ever.
    Hangs,
}
