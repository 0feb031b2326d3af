//! Real Fluss: servers out of their published jars, ZooKeeper out of the same, on the loopback interface, and a load on
//! them that checks itself.

mod client;
mod cluster;
mod conf;
mod detour;
mod home;
mod jars;
pub mod ledger;
mod load;
mod process;
mod sessions;
mod shell;
mod system;

pub use client::FlussClient;
pub use cluster::{FlussCluster, FlussOptions};
pub use home::{FLUSS_RELEASES, FlussHome};
pub use ledger::LoadAccount;
pub use load::{FlussLoad, LoadOptions};
