//! From ZooKeeper's nodes to facts: what could not be read or understood becomes a gap where it belongs.

mod buckets;
mod servers;
mod system;
mod tables;
mod told;

pub use system::facts;
