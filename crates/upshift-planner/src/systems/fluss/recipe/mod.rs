//! What an upgrade of a Fluss cluster consists of: servers replaced one by one, in the order that the two releases
//! can stand beside each other.

mod carried;
mod error;
mod order;
mod outlook;
mod owned;
mod plan;
mod restart;
mod staged;
mod steps;
mod timing;
mod waves;

pub use error::PlanError;
pub use order::{Order, Ordered, order};
pub use plan::plan;
pub(super) use plan::running;
pub use restart::restart;
pub(crate) use steps::{Hands, Side};
pub(crate) use waves::back;
