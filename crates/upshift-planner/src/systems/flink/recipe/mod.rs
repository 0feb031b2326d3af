//! The waves of a Flink upgrade.
//!
//! What is judged is the checks' business; here the judged wish becomes steps. Every order that
//! matters for safety is restated by the linter, which knows nothing of this module.

mod by_hand;
mod carry;
pub mod codes;
mod error;
mod form;
pub(crate) mod gates;
mod ground;
mod names;
mod needs;
mod outlook;
mod plan;
mod site;
pub(crate) mod steps;
mod timing;
mod waves;

pub use by_hand::{quote, variable};
pub use error::PlanError;
pub(crate) use form::backend as configured_backend;
pub(crate) use names::{id_of, trial_of};
pub(crate) use outlook::downtimes;
pub use plan::plan;
