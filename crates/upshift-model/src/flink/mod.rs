//! What a Flink system is made of: what a person declares, what is seen, and where things lie.

mod declaration;
mod facts;
pub mod fit;
mod graph;
mod jar;
mod serializer;
mod site;
mod snapshot;

pub use crate::probe::{Probe, ProbeAsk, ProbeExpect};
pub use declaration::*;
pub use facts::*;
pub use graph::*;
pub use jar::*;
pub use serializer::*;
pub use site::*;
pub use snapshot::*;
