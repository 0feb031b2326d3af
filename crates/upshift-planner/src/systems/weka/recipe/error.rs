//! Why no plan can be laid out. A blocked upgrade is not an error: its plan can be shown.

use thiserror::Error;
use upshift_model::ids::Code;
use upshift_model::version::Version;

use crate::systems::weka::codes;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Every backend is of the wanted release.
    #[error("nothing to do: every backend runs {to} already")]
    NothingToDo {
        /// The wanted release.
        to: Version,
    },
    /// No way of allowed hops leads there.
    #[error("no way leads from {from} to {to}: {why}")]
    NoRoute {
        /// The release that runs.
        from: Version,
        /// The wanted release.
        to: Version,
        /// What stands in the way.
        why: String,
    },
    /// Something that steps are built from was not seen.
    #[error("no plan without knowing {what}")]
    Unseen {
        /// What was not seen.
        what: String,
    },
}

impl PlanError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToDo { .. } => codes::NOTHING_TO_DO,
            Self::NoRoute { .. } => codes::NO_ROUTE,
            Self::Unseen { .. } => codes::UNSEEN,
        }
    }
}
