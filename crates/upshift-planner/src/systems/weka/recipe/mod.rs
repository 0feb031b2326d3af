//! The plan of an upgrade of a WEKA cluster: its hops, and for each of them the package, the backends, the conversion,
//! and the clients.

mod around;
mod before;
mod clients;
mod error;
mod needs;
mod plan;
mod site;
mod steps;
mod timing;
mod way;

pub use error::PlanError;
pub use plan::plan;
pub use way::{Move, way};
