//! The world model of Flink installations on one machine: clusters with their jobs, jars, savepoints and
//! memory. Both faces stand before it: the wire face answers REST calls from it, the direct face asks it as
//! it is. No socket, no file, no clock.

mod acts;
mod answers;
mod body;
mod call;
mod cluster;
mod errors;
mod job;
mod machine;
mod manner;
mod serve;
mod state;
mod trigger;
mod world;

pub use acts::{NotRun, SavepointAsked, Submission};
pub use answers::Answer;
pub use call::Call;
pub use cluster::{Cluster, Role, checkpoint_location};
pub use job::{GRAPH, Graph, Job, Over, PARALLELISM, Phase, Vertex};
pub use machine::{Conf, Machine, Process};
pub use manner::{JobManner, Restoring, Saving};
pub use state::{Lineage, Mishap, Reached, Snapshot, Wrong};
pub use trigger::{Contents, Trigger, Written, path, uri};
pub use world::World;
