//! Drivers: one module per system, and the wire they speak over.
//!
//! A driver looks and changes one thing once. It keeps no journal, repeats no step, decides no order
//! and asks no planner; those belong to the engine and to the people who approve a plan.

pub mod alluxio;
mod clock;
pub mod flink;
pub mod fluss;
pub mod realtime_compute;
pub mod weka;
pub mod wire;

pub use clock::Clock;
