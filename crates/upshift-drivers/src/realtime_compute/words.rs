//! Words of the service that mean a state or a kind. A word that upshift does not know is kept as it
//! is: it is never taken for one that it knows.

use std::fmt;

use serde::{Deserialize, Deserializer};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $arm:ident = $word:literal $(| $also:literal)*),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $arm,)+
            /// A word that upshift does not know, as it came; empty when there was none.
            Other(String),
        }

        impl $name {
            /// The word as the service writes it.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$arm => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word $(| $also)* => Self::$arm,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Ok(Option::<String>::deserialize(from)?.as_deref().unwrap_or_default().into())
            }
        }
    };
}

words! {
    /// Where a job stands.
    JobState {
        /// On its way up.
        Starting = "STARTING",
        /// Up, by the service's word alone.
        Running = "RUNNING",
        /// On its way down.
        Cancelling = "CANCELLING",
        /// Over by failure.
        Failed = "FAILED",
        /// Over by cancelling.
        Cancelled = "CANCELLED",
        /// Over by itself, or stopped with a savepoint.
        Finished = "FINISHED",
    }
}

impl JobState {
    /// Whether the job is over for good. An unknown word is not known to be.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::Finished)
    }
}

words! {
    /// Where a savepoint stands.
    SavepointState {
        /// Being taken.
        Started = "STARTED",
        /// Whole.
        Completed = "COMPLETED",
        /// Came to nothing.
        Failed = "FAILED",
    }
}

words! {
    /// How a savepoint came about.
    SavepointOrigin {
        /// Somebody asked for it.
        UserRequest = "USER_REQUEST",
        /// By a stop with savepoint.
        StopWithSavepoint = "STOP_WITH_SAVEPOINT",
        /// The last checkpoint of a job that was cancelled.
        RetainedCheckpoint = "RETAINED_CHECKPOINT",
    }
}

words! {
    /// What the service says of an engine version.
    EngineStatus {
        /// Fine.
        Stable = "STABLE",
        /// New.
        Beta = "BETA",
        /// Going away.
        Deprecated = "DEPRECATED",
        /// No longer supported.
        Expired = "EXPIRED",
    }
}

words! {
    /// What a deployment runs.
    ArtifactKind {
        /// A script of SQL.
        Sql = "SQLSCRIPT",
        /// A jar.
        Jar = "JAR",
        /// Python.
        Python = "PYTHON",
        /// A pipeline in YAML.
        CdcYaml = "CDCYAML" | "YAML",
    }
}

words! {
    /// Whether it ends by itself.
    ExecutionMode {
        /// It does not.
        Streaming = "STREAMING" | "STREAM",
        /// It does.
        Batch = "BATCH",
    }
}

words! {
    /// How a job gets its state when it starts.
    RestoreKind {
        /// Without any.
        None = "NONE",
        /// The newest savepoint of the deployment.
        LatestSavepoint = "LATEST_SAVEPOINT",
        /// One savepoint by its id.
        FromSavepoint = "FROM_SAVEPOINT",
        /// The newest state of any origin.
        LatestState = "LATEST_STATE",
    }
}
