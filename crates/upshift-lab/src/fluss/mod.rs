//! Real Fluss: servers out of their published jars, ZooKeeper out of the same, on the loopback interface.

mod cluster;
mod conf;
mod home;
mod process;

pub use cluster::{FlussCluster, FlussOptions};
pub use home::{FLUSS_RELEASES, FlussHome};
