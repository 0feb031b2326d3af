//! The world model of Flink installations on one machine: clusters with their jobs, jars, savepoints and
//! memory, as REST callers see them. No socket, no file, no clock.

mod answers;
mod body;
mod call;
mod cluster;
mod errors;
mod job;
mod manner;
mod trigger;
mod world;

pub use answers::Answer;
pub use call::Call;
pub use cluster::{Cluster, Role};
pub use job::{GRAPH, Job, Over, Vertex};
pub use manner::{JobManner, Restoring, Saving};
pub use trigger::{Contents, Written};
pub use world::World;
