//! Looking at a Flink system over the wire: against recorded answers of four releases, and against
//! things that are no Flink.

mod client;
mod look;
mod server;
mod site;
