//! The world model of a Fluss cluster: a coordinator, tablet servers with replicas of buckets, what ZooKeeper knows of
//! them, and the ways in which all of it goes wrong. It knows neither plans nor drivers.

mod acts;
mod bucket;
mod epoch;
mod server;
mod shape;
mod world;

pub use acts::{CanarySeen, StopAs};
pub use bucket::{Bucket, Table};
pub use server::{Process, Registration, Server};
pub use shape::{Hop, Shape};
pub use world::{COORDINATOR, Harm, World};
