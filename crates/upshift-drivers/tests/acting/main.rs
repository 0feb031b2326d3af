//! The acting half of the Flink driver where real clusters can hardly be brought: answers that get
//! lost, servers that forget, archives that attack, disks that are full. What real clusters do is
//! tested with real clusters elsewhere.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of a test cannot do fails the test"
)]

mod clusters;
mod disposal;
mod expectations;
mod graph_gate;
mod jobs;
mod savepoints;
mod server;
mod unpacking;
mod world;
