//! Apache Fluss: what a cluster keeps in ZooKeeper, read over the network or from a dump, and the servers' own
//! protocol.

pub mod codes;
mod conceal;
mod observe;
mod reading;
pub mod rpc;
mod zookeeper;
mod zookeeper_session;

pub use conceal::conceal;
pub use observe::observe;
pub use reading::facts;
pub use zookeeper::{Walk, ZooKeeperError, read_tree};
