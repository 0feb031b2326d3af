//! What a Flink system is made of: what a person declares, what is seen, and where things lie.

mod declaration;
mod facts;
mod graph;
mod site;

pub use declaration::*;
pub use facts::*;
pub use graph::*;
pub use site::*;
