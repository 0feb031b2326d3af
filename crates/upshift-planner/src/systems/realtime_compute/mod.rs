//! Realtime Compute for Apache Flink: what is checked before a deployment is moved to another engine version.

pub mod checks;
pub mod codes;
pub mod situation;
