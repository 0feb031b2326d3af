//! The ids of a job graph, given by uid or made up as Flink's `StreamGraphHasherV2` does.
//!
//! The graph comes from elsewhere, and so does the knowledge of which edges Flink would chain.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{OperatorId, murmur::murmur3_128, operator_id_of_uid};

/// An operator of the stream graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Flink's number of it; orders the sources.
    pub id: i32,
    /// The uid its author gave it.
    pub uid: Option<String>,
}

/// A connection of the stream graph. Order matters: edges stand as the graph lists them, by source for
/// what comes out of a node and by target for what goes into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The node it leaves.
    pub source: i32,
    /// The node it enters.
    pub target: i32,
    /// Whether Flink would chain the two.
    pub chainable: bool,
}

/// Why a graph has no ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two nodes bear the same number.
    #[error("expected one node of number {id}, found two")]
    DuplicateNode {
        /// The number.
        id: i32,
    },
    /// An edge leads to or from a node that is not there.
    #[error("expected node {id} of an edge to be in the graph, found none")]
    MissingNode {
        /// The number.
        id: i32,
    },
    /// Two operators would get the same id; Flink refuses such a job.
    #[error("expected one operator of id {id}, found nodes {first} and {second}")]
    Collision {
        /// The id.
        id: OperatorId,
        /// The node that had it first.
        first: i32,
        /// The other.
        second: i32,
    },
    /// No order visits these nodes after all their inputs.
    #[error("expected every node to follow its inputs, found none that can be next among {nodes:?}")]
    Unreachable {
        /// The nodes without an id.
        nodes: Vec<i32>,
    },
}

/// The id of every node.
///
/// # Errors
/// [`GraphError`] where the graph is not one Flink would accept.
pub fn automatic_ids(nodes: &[Node], edges: &[Edge]) -> Result<BTreeMap<i32, OperatorId>, GraphError> {
    let graph = Graph::new(nodes, edges)?;
    let mut ids: BTreeMap<i32, OperatorId> = BTreeMap::new();
    let mut owners: BTreeMap<OperatorId, i32> = BTreeMap::new();
    let sources: Vec<i32> = graph
        .uids
        .keys()
        .copied()
        .filter(|id| graph.inputs(*id).is_empty())
        .collect();
    let mut seen: BTreeSet<i32> = sources.iter().copied().collect();
    let mut queue: VecDeque<i32> = sources.into();
    while let Some(node) = queue.pop_front() {
        let Some(id) = graph.id_of(node, &ids) else {
            // Its other inputs come later; the last of them queues it again.
            seen.remove(&node);
            continue;
        };
        if let Some(first) = owners.insert(id, node) {
            return Err(GraphError::Collision {
                id,
                first,
                second: node,
            });
        }
        ids.insert(node, id);
        for edge in graph.outputs(node) {
            if seen.insert(edge.target) {
                queue.push_back(edge.target);
            }
        }
    }
    let nodes: Vec<i32> = graph
        .uids
        .keys()
        .copied()
        .filter(|id| !ids.contains_key(id))
        .collect();
    if nodes.is_empty() {
        Ok(ids)
    } else {
        Err(GraphError::Unreachable { nodes })
    }
}

struct Graph<'g> {
    uids: BTreeMap<i32, Option<&'g str>>,
    outputs: BTreeMap<i32, Vec<Edge>>,
    inputs: BTreeMap<i32, Vec<Edge>>,
}

impl<'g> Graph<'g> {
    fn new(nodes: &'g [Node], edges: &[Edge]) -> Result<Self, GraphError> {
        let mut graph = Self {
            uids: BTreeMap::new(),
            outputs: BTreeMap::new(),
            inputs: BTreeMap::new(),
        };
        for node in nodes {
            if graph.uids.insert(node.id, node.uid.as_deref()).is_some() {
                return Err(GraphError::DuplicateNode { id: node.id });
            }
        }
        for edge in edges {
            let missing = [edge.source, edge.target]
                .into_iter()
                .find(|id| !graph.uids.contains_key(id));
            if let Some(id) = missing {
                return Err(GraphError::MissingNode { id });
            }
            graph.outputs.entry(edge.source).or_default().push(*edge);
            graph.inputs.entry(edge.target).or_default().push(*edge);
        }
        Ok(graph)
    }

    fn outputs(&self, node: i32) -> &[Edge] {
        self.outputs.get(&node).map_or(&[], Vec::as_slice)
    }

    fn inputs(&self, node: i32) -> &[Edge] {
        self.inputs.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The id of a node, or `None` while it has no uid and an input without an id.
    fn id_of(&self, node: i32, ids: &BTreeMap<i32, OperatorId>) -> Option<OperatorId> {
        if let Some(Some(uid)) = self.uids.get(&node) {
            return Some(operator_id_of_uid(uid));
        }
        let inputs: Option<Vec<&OperatorId>> = self.inputs(node).iter().map(|e| ids.get(&e.source)).collect();
        let place = i32::try_from(ids.len()).ok()?.to_le_bytes();
        let chained = self.outputs(node).iter().filter(|edge| edge.chainable).count();
        let mut hash = murmur3_128(&place.repeat(chained + 1));
        for input in inputs? {
            for (byte, other) in hash.iter_mut().zip(input.as_bytes()) {
                *byte = byte.wrapping_mul(37) ^ other;
            }
        }
        Some(OperatorId::from_bytes(hash))
    }
}
