//! One look at a namespace: what it offers, and everything about the deployments that are meant.

mod deployment;
mod libraries;
mod program;
mod system;

pub(super) use deployment::flink_id;
pub use system::{Wanted, observe};
