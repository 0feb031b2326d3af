//! Why no plan can be laid out. A blocked upgrade is not an error: its plan can be shown.

use thiserror::Error;
use upshift_model::ids::Code;
use upshift_model::observed::Gap;

use crate::systems::realtime_compute::codes;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Every deployment that is meant names the wanted engine.
    #[error("nothing to do: every deployment that is meant runs on {to} already")]
    NothingToDo {
        /// The wanted engine.
        to: String,
    },
    /// Something that steps are built from was not seen.
    #[error("no plan without knowing {gap}")]
    Unseen {
        /// What was not seen.
        gap: Gap,
    },
    /// A deployment that upshift does not move.
    #[error("{deployment}: {why}")]
    NotMoved {
        /// Which.
        deployment: String,
        /// Why.
        why: String,
    },
}

impl PlanError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToDo { .. } => codes::NOTHING_TO_DO,
            Self::Unseen { .. } => codes::UNSEEN,
            Self::NotMoved { .. } => codes::NOT_MOVED,
        }
    }
}
