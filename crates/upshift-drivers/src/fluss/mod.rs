//! Apache Fluss: what a cluster keeps in ZooKeeper, read over the network or from a dump, and the servers' own
//! protocol; and the driver that the engine calls.

mod attempt;
mod carry_over;
pub mod codes;
mod conceal;
mod driver;
mod expectation;
mod lag;
mod lasting;
mod leader_outside;
mod machine;
mod observe;
mod own_log;
mod reading;
pub mod rpc;
mod staging;
mod standing;
mod untold;
mod zookeeper;
mod zookeeper_digest;
mod zookeeper_door;
mod zookeeper_session;
mod zookeeper_word;

pub use conceal::conceal;
pub use driver::FlussDriver;
pub use observe::{LookError, both_sides};
pub use reading::facts;
pub use zookeeper::{Walk, ZooKeeperError, is_cluster, read_tree};
pub use zookeeper_door::Door;
pub use zookeeper_word::keepers;
