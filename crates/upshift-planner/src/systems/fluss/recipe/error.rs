//! Why no plan can be laid out. A blocked upgrade is not an error: its plan can be shown.

use thiserror::Error;
use upshift_model::ids::Code;
use upshift_model::observed::Gap;
use upshift_model::version::Version;

use crate::systems::fluss::codes;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Every server is of the wanted release.
    #[error("nothing to do: every server runs {to} already")]
    NothingToDo {
        /// The wanted release.
        to: Version,
    },
    /// The system file does not say how servers are stopped and started.
    #[error("the system file does not say how these servers are stopped and started: {}", servers.join(", "))]
    NotDeclared {
        /// Those that it does not name.
        servers: Vec<String>,
    },
    /// A server that is named has no process that could be stopped.
    #[error("no process of {server} was found on any host by its folder of configuration, {conf}")]
    NoProcess {
        /// Which.
        server: String,
        /// The folder that the file names.
        conf: String,
    },
    /// Something that steps are built from was not seen.
    #[error("no plan without knowing {gap}")]
    Unseen {
        /// What was not seen.
        gap: Gap,
    },
}

impl PlanError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToDo { .. } => codes::NOTHING_TO_DO,
            Self::NotDeclared { .. } => codes::NOT_DECLARED,
            Self::NoProcess { .. } => codes::NO_PROCESS,
            Self::Unseen { .. } => codes::UNSEEN,
        }
    }
}
