//! Flink releases and clusters.

mod cluster;
mod conf;
mod home;

pub use cluster::{Cluster, Options};
pub use home::{Archive, Home, RELEASES};
