//! The way back: from how far a run came with each deployment.

mod journey;
mod offer;
mod waves;

pub(super) use journey::{Fate, Journey};
pub use offer::{BackError, offer};
pub(super) use waves::lay_out;
