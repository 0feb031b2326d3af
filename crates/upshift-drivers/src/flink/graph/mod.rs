//! The operator graphs of the declared jobs, by each way that is allowed. Whether a snapshot fits
//! them is the planner's business.

mod declared;
mod jvm;
mod plan;
mod read;

pub(super) use plan::of_uploaded;
pub(crate) use read::of_jar;
pub(super) use read::{graphs, of_job};
