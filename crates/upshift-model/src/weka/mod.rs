//! WEKA, in words that everybody shares: what a person wants, and what was seen of a cluster and its servers.

mod cluster;
mod declaration;
mod facts;
mod server;

pub use cluster::*;
pub use declaration::Declaration;
pub use facts::Facts;
pub use server::*;
