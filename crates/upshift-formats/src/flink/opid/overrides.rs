//! Ids given literally (`setUidHash`): a second id under which an operator's state is found.
//!
//! Flink writes state under the id that the graph or the uid makes, and looks for it under both. The literal
//! id changes no other one: nothing of it goes into the ids of the operators behind.

use std::collections::BTreeMap;

use super::OperatorId;
use super::graph::{Edge, GraphError, Node, automatic_ids};

/// The ids of one operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    /// Under which its state is written, and found.
    pub own: OperatorId,
    /// Under which it is found besides.
    pub also: Option<OperatorId>,
}

/// The ids of every node, with those that the author gave literally, by node.
///
/// # Errors
/// As for [`automatic_ids`]; and where two operators would find their state under the same id: Flink does not
/// refuse that, one of the two would get the other's.
pub fn ids_with_overrides(
    nodes: &[Node],
    edges: &[Edge],
    given: &BTreeMap<i32, OperatorId>,
) -> Result<BTreeMap<i32, Ids>, GraphError> {
    let own = automatic_ids(nodes, edges)?;
    if let Some(id) = given.keys().find(|id| !own.contains_key(id)) {
        return Err(GraphError::MissingNode { id: *id });
    }
    let mut owners: BTreeMap<OperatorId, i32> = own.iter().map(|(node, id)| (*id, *node)).collect();
    for (node, id) in given {
        match owners.insert(*id, *node) {
            Some(first) if first != *node => {
                return Err(GraphError::Collision {
                    id: *id,
                    first,
                    second: *node,
                });
            }
            Some(_) | None => {}
        }
    }
    let ids = own.into_iter().map(|(node, own)| {
        let also = given.get(&node).copied().filter(|also| *also != own);
        (node, Ids { own, also })
    });
    Ok(ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> (Vec<Node>, Vec<Edge>) {
        let nodes = [1, 2, 3].map(|id| Node { id, uid: None });
        let edges = [(1, 2), (2, 3)].map(|(source, target)| Edge {
            source,
            target,
            chainable: true,
        });
        (nodes.into(), edges.into())
    }

    fn id(text: &str) -> OperatorId {
        text.parse().expect("an id")
    }

    #[test]
    fn a_given_id_is_a_second_one_and_changes_no_other() {
        let (nodes, edges) = chain();
        let plain = automatic_ids(&nodes, &edges).expect("ids");
        let given = id("0DA08F51EAA85FC298E176A139B3649A");
        let ids = ids_with_overrides(&nodes, &edges, &[(2, given)].into()).expect("ids");
        let own: BTreeMap<i32, OperatorId> = ids.iter().map(|(node, ids)| (*node, ids.own)).collect();
        assert_eq!(own, plain);
        let also: Vec<_> = ids.values().map(|ids| ids.also).collect();
        assert_eq!(also, [None, Some(given), None]);
        // Given what it has anyway, an operator has one id.
        let same = ids_with_overrides(&nodes, &edges, &plain).expect("ids");
        assert!(same.values().all(|ids| ids.also.is_none()), "{same:?}");
    }

    #[test]
    fn an_id_is_given_once_and_to_an_operator_that_is_there() {
        let (nodes, edges) = chain();
        let refused = |given: &[(i32, OperatorId)]| {
            let given = given.iter().copied().collect();
            ids_with_overrides(&nodes, &edges, &given).expect_err("refused")
        };
        let plain = automatic_ids(&nodes, &edges).expect("ids");
        let second = plain.get(&2).copied().expect("an id");
        let (first, given) = (2, id(&"ab".repeat(16)));
        let taken = GraphError::Collision {
            id: second,
            first,
            second: 3,
        };
        assert_eq!(refused(&[(3, second)]), taken);
        assert!(matches!(
            refused(&[(1, given), (3, given)]),
            GraphError::Collision { .. }
        ));
        assert_eq!(refused(&[(9, given)]), GraphError::MissingNode { id: 9 });
    }
}
