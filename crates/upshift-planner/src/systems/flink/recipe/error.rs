//! Why no plan can be laid out. A blocked upgrade is not an error: its plan can be shown.

use std::path::PathBuf;

use thiserror::Error;
use upshift_model::ids::Code;
use upshift_model::observed::Gap;
use upshift_model::version::Version;

use super::codes;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// What runs is what is wanted, and no job differs.
    #[error("nothing to do: {runs} runs already and no job differs")]
    NothingToDo {
        /// The release that runs, or the address where all jobs run already.
        runs: String,
    },
    /// Something that steps are built from was not seen.
    #[error("no plan without knowing {gap}")]
    Unseen {
        /// What was not seen.
        gap: Gap,
    },
    /// A named job does not run exactly once.
    #[error("job {job} runs {found} times on {cluster}, expected once")]
    JobNotThere {
        /// Its name.
        job: String,
        /// Where it was looked for.
        cluster: String,
        /// How often it runs.
        found: usize,
    },
    /// In place is asked for, and the file does not say where the running release is installed.
    #[error("in place needs [installation] of the running {runs}: upshift must stop and start it")]
    NotOursToStop {
        /// The release that runs.
        runs: Version,
    },
    /// A shadow copy is asked for, and the file gives no address for it.
    #[error("shadow copy of {runs} needs [shadow] with an address of its own")]
    NoShadowAddress {
        /// The release that runs.
        runs: Version,
    },
    /// The new configuration would overwrite the old one, and with it the way back.
    #[error("old and new cluster name one configuration directory, {}", path.display())]
    SharedConf {
        /// The directory.
        path: PathBuf,
    },
}

impl PlanError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToDo { .. } => codes::NOTHING_TO_DO,
            Self::Unseen { .. } => codes::UNSEEN,
            Self::JobNotThere { .. } => codes::JOB_NOT_THERE,
            Self::NotOursToStop { .. } => codes::NOT_OURS_TO_STOP,
            Self::NoShadowAddress { .. } => codes::NO_SHADOW_ADDRESS,
            Self::SharedConf { .. } => codes::SHARED_CONF,
        }
    }
}

impl From<Gap> for PlanError {
    fn from(gap: Gap) -> Self {
        Self::Unseen { gap }
    }
}
