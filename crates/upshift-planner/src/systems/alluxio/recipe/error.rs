//! Why no plan can be laid out. A blocked upgrade is not an error: its plan can be shown.

use thiserror::Error;
use upshift_model::ids::Code;
use upshift_model::observed::Gap;
use upshift_model::version::Version;

use crate::systems::alluxio::codes;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// The wanted release runs.
    #[error("nothing to do: {to} runs already")]
    NothingToDo {
        /// The wanted release.
        to: Version,
    },
    /// Something that steps are built from was not seen.
    #[error("no plan without knowing {gap}")]
    Unseen {
        /// What was not seen.
        gap: Gap,
    },
    /// A cluster of another shape than upshift upgrades.
    #[error(
        "upshift upgrades a cluster all of whose servers it finds on this machine or on the hosts of the system file: {what}"
    )]
    NotHere {
        /// What is otherwise.
        what: String,
    },
}

impl PlanError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToDo { .. } => codes::NOTHING_TO_DO,
            Self::Unseen { .. } => codes::UNSEEN,
            Self::NotHere { .. } => codes::NOT_HERE,
        }
    }
}
