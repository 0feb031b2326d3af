//! From answers to facts.

mod cluster;
mod inner;
mod protocols;
mod rooms;
mod server;

pub(super) use cluster::{cluster, events};
pub(super) use protocols::{bucket_names, lifecycle};
pub(super) use server::{Clocks, releases, server};
