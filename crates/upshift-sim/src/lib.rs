//! Stand-ins for the systems that upshift acts upon: world models that say what a system would do, and
//! wire faces that let the real drivers talk to them.
//!
//! A model is a pure state machine; time comes in as a number. Nothing here is linked into the product:
//! the seam is the endpoint's address and the installation's folder.

pub mod flink;
pub mod wire;
