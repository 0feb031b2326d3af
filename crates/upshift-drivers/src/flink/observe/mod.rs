//! The look at a Flink system: every fact either known or with the reason why not. What the facts mean
//! for an upgrade is the planner's business.

mod cluster;
mod deployment;
mod job;
mod machine;
mod snapshots;
mod system;
mod told;

pub(super) use machine::installed;
pub(super) use system::observe;
pub(super) use told::{blocking, fault_words};
