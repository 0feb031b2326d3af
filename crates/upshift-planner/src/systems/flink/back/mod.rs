//! The way back from every wave of a Flink upgrade.
//!
//! Going back is an upgrade in the other direction, planned from the plan and from what its run did,
//! and carried out by the same loop. The same planning on imagined runs fills the ways back that a
//! plan shows before its start.

mod error;
mod journey;
mod offer;
mod plan;
mod spoilt;
mod waves;

pub use error::BackError;
pub(crate) use journey::{Fate, Journey};
pub use offer::offer;
pub use plan::{plan_back, replay};
pub(crate) use waves::lay_out;
