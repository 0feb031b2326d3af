//! What Fluss keeps in ZooKeeper: the tree with its dump file, and the nodes that upshift understands,
//! in every format from 0.6 to 1.0.
//!
//! Which nodes belong together and what they mean is decided elsewhere.

mod dump;
mod error;
mod listener;
mod metadata;
mod replicas;
mod servers;
mod tree;

pub use dump::{DumpError, read_dump, write_dump};
pub use error::ZnodeError;
pub use listener::Listener;
pub use metadata::{Config, LakeTable, Partition, Schema, Table};
pub use replicas::{Assignment, KvSnapshot, LeaderAndIsr};
pub use servers::{Coordinator, Rebalance, ServerTags, TabletServer, counter, epoch};
pub use tree::{Data, Tree, Unread};
