//! What each system needs to know of itself: one module per system.

pub mod alluxio;
pub mod flink;
pub mod fluss;
mod probes;
pub mod realtime_compute;
mod row;
mod turning;
mod waivers;
pub mod weka;
