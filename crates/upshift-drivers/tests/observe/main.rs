//! Looking at a Flink system over the wire: against recorded answers of four releases, and against
//! things that are no Flink.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of a test cannot do fails the test"
)]

mod client;
mod look;
mod server;
mod site;
