//! Realtime Compute for Apache Flink: what is checked before a deployment is moved to another engine version, how it
//! is moved, and how one gets back.

pub mod back;
pub mod checks;
pub mod codes;
pub mod drift;
pub mod left_over;
pub mod recipe;
pub mod situation;
