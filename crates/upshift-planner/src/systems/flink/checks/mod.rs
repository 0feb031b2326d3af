//! The checks before a Flink upgrade: one family a file, one question a finding.
//!
//! Every check is a pure function of the situation. What was looked at and found good is a finding,
//! too; what could not be seen is unknown and never green. Nothing here plans, prints or asks a
//! cluster.

mod automation;
mod catalogue;
mod changes;
mod checkpoints;
mod configuration;
mod deployment;
mod host;
mod jars;
mod java;
mod jobs;
mod list;
mod parallelism;
mod probes;
mod references;
mod release;
mod restore_points;
mod shadow;
mod snapshots;
mod source;
mod state;
mod uids;
mod view;
mod waivers;
mod way_back;

pub use list::findings;
