//! The wire to Fluss without Fluss: a loopback server that gives the recorded answers of real servers, and
//! servers that misbehave, for its own protocol and for ZooKeeper's.

mod carried;
mod driver;
mod gates;
mod held;
mod over_ssh;
mod owned;
mod rpc;
mod server;
mod staged;
mod told;
mod zookeeper;
