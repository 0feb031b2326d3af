//! The steps of an upgrade of an Alluxio cluster, there and back.

mod edits;
mod error;
mod layout;
mod plan;
mod steps;
mod tiers;
mod timing;
mod waves;

pub use error::PlanError;
pub(super) use layout::web_of;
pub use plan::plan;
pub(super) use steps::Hands;
pub(super) use waves::{Reach, back};
