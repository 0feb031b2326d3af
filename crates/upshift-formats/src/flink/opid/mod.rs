//! Operator ids: of a uid, and those Flink makes up for the operators of a job graph without one.
//!
//! An id is what snapshot state is found by. Whether a graph is the right one is not asked here.

mod graph;
mod id;
mod murmur;
mod overrides;

pub use graph::{Edge, GraphError, Node, automatic_ids};
pub use id::{OperatorId, ParseIdError, operator_id_of_uid};
pub use overrides::{Ids, ids_with_overrides};
