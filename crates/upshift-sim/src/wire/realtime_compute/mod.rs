//! The emulated managed service as a server: the model behind a socket, and clusters below it. Jobs and
//! savepoints are real ones on real Flink clusters; where a test is about the protocol alone, on paper.

mod client;
mod cluster;
mod emulator;
mod flink;
mod paper;

pub use cluster::RunsOn;
pub use emulator::Emulator;
