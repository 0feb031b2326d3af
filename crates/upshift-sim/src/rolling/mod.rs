//! The world model of a generic rolling system: servers that hold replicas of buckets, a coordinator, and
//! an upgrade that swaps one server after the other. To become Fluss, Alluxio and WEKA as their drivers come.

mod shape;
mod world;

pub use shape::Shape;
pub use world::{Bucket, Harm, Server, World};
