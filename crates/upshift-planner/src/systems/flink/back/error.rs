//! Why there is no way back.

use thiserror::Error;
use upshift_model::ids::{Code, ComponentId, StepId};

use crate::systems::flink::recipe::codes;

/// Why there is no way back, or none that can be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BackError {
    /// The run is over, or goes back already.
    #[error("there is nothing to go back from: {why}")]
    NothingToGoBackFrom {
        /// What the run does or did instead.
        why: &'static str,
    },
    /// Somebody accepted the upgrade.
    #[error("the way back is closed since the upgrade was accepted")]
    Accepted,
    /// The old job cannot be submitted again.
    #[error("the old jar of {} is not in hand: {found}", job.as_str().trim_start_matches("job/"))]
    OldJarGone {
        /// The job.
        job: ComponentId,
        /// What was found instead.
        found: String,
    },
    /// The old cluster cannot be started again.
    #[error("the old installation is not in hand: {found}")]
    OldInstallationGone {
        /// What was found instead.
        found: String,
    },
    /// A step may or may not have taken effect, and everything after depends on it.
    #[error("whether step {step} took effect is not known; resume the run first, so that it is looked at")]
    Unsettled {
        /// Which step.
        step: StepId,
        /// The job it is about.
        job: ComponentId,
    },
}

impl BackError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::NothingToGoBackFrom { .. } => codes::NO_WAY_TO_GO_BACK,
            Self::Accepted => codes::ACCEPTED,
            Self::OldJarGone { .. } => codes::OLD_JAR_GONE,
            Self::OldInstallationGone { .. } => codes::OLD_INSTALLATION_GONE,
            Self::Unsettled { .. } => codes::UNSETTLED,
        }
    }
}
