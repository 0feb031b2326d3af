//! One look at an Alluxio cluster: what its masters answer over HTTP, and what lies and runs on its hosts.

mod applications;
mod cluster;
mod host;
mod listing;
mod properties;
mod rest;

pub(super) use applications::client_version;
pub(super) use cluster::{Asked, observe};
pub(super) use host::{quorum, role_of};
pub(super) use listing::{PROOF, in_workers, members};
pub(super) use properties::read_properties;
pub(super) use rest::ask;
