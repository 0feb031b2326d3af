//! What an upgrade of deployments consists of: a copy on the wanted engine takes the job over, or the deployment itself
//! is changed in place; and how one gets back from wherever that stands.

mod error;
mod fit;
mod moving;
mod plan;
mod steps;
mod timing;
mod waves;

pub use error::PlanError;
pub(super) use fit::criteria;
pub(super) use moving::is_stopped_plainly;
pub use plan::plan;
pub(super) use steps::{Hands, Launch, draft_of};
pub(super) use timing::LEAVE_GIVE_UP;
