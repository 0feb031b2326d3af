//! Stand-ins for the systems that upshift acts upon: world models that say what a system would do, direct
//! faces that are drivers of the real engine, and wire faces that let the real drivers talk to them.
//!
//! A model is a pure state machine; time comes in as a number. No real run knows of it: the seam is the
//! driver that the engine is given, or the endpoint's address and the installation's folder.

pub mod alluxio;
pub mod chance;
pub mod direct;
pub mod flink;
pub mod fluss;
pub mod realtime_compute;
pub mod rolling;
pub mod weka;
pub mod wire;
