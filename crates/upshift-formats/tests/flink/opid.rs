//! Operator ids of whole job graphs are those of Flink's own hasher.

use serde_json::Value;
use upshift_formats::flink::opid::{Edge, GraphError, Node, automatic_ids};

fn number(value: &Value) -> i32 {
    i32::try_from(value.as_i64().expect("number")).expect("small")
}

fn check_graphs(file: &str) {
    let path = crate::fixtures::root().join("../flink-operator-ids").join(file);
    let graphs: Value = serde_json::from_slice(&std::fs::read(path).expect("fixture")).expect("JSON");
    let graphs = graphs.as_array().expect("graphs");
    assert_eq!(graphs.len(), 8);
    for graph in graphs {
        let nodes = graph["nodes"].as_array().expect("nodes");
        let edges = graph["edges"].as_array().expect("edges").iter().map(|edge| Edge {
            source: number(&edge["source"]),
            target: number(&edge["target"]),
            chainable: edge["chainable"].as_bool().expect("bool"),
        });
        let wanted: Vec<Node> = nodes
            .iter()
            .map(|node| Node {
                id: number(&node["id"]),
                uid: node["uid"].as_str().map(str::to_owned),
            })
            .collect();
        let ids = automatic_ids(&wanted, &edges.collect::<Vec<_>>()).expect("a graph of Flink's");
        for node in nodes {
            assert_eq!(
                ids[&number(&node["id"])].to_string(),
                node["operator_id"],
                "{}: {node}",
                graph["name"]
            );
        }
    }
}

#[test]
fn ids_without_uids_are_those_of_1_20() {
    check_graphs("graphs-1.20.5.json");
}

#[test]
fn ids_without_uids_are_those_of_2_3() {
    check_graphs("graphs-2.3.0.json");
}

#[test]
fn ids_of_the_job_without_uids_are_those_in_its_snapshots() {
    let nodes = [1, 3, 4, 5, 6].map(|id| Node { id, uid: None });
    let edge = |source, target, chainable| Edge {
        source,
        target,
        chainable,
    };
    let edges = [
        edge(1, 3, false),
        edge(3, 4, true),
        edge(4, 5, true),
        edge(5, 6, true),
    ];
    let ids = automatic_ids(&nodes, &edges).expect("ids");
    for name in ["1.14.6", "1.16.3", "1.18.1", "1.20.5", "2.0.2", "2.3.0"] {
        let fixture = crate::fixtures::load(&format!("{name}-rocksdb-canonical-base-nouids"));
        for node in fixture.truth["job_graph"].as_array().expect("graph") {
            assert_eq!(
                ids[&number(&node["node"])].to_string(),
                node["operator_id"],
                "{name}"
            );
        }
    }
}

#[test]
fn graphs_flink_would_refuse_are_refused() {
    let node = |id, uid: Option<&str>| Node {
        id,
        uid: uid.map(str::to_owned),
    };
    let edge = |source, target| Edge {
        source,
        target,
        chainable: false,
    };
    let check = |nodes: &[Node], edges: &[Edge], text: &str| {
        let error: GraphError = automatic_ids(nodes, edges).expect_err(text);
        assert_eq!(error.to_string(), text);
    };
    check(
        &[node(1, None), node(1, None)],
        &[],
        "expected one node of number 1, found two",
    );
    check(
        &[node(1, None)],
        &[edge(1, 2)],
        "expected node 2 of an edge to be in the graph, found none",
    );
    check(
        &[node(1, Some("a")), node(2, Some("a"))],
        &[edge(1, 2)],
        "expected one operator of id 897859f6655555855a890e51483ab5e6, found nodes 1 and 2",
    );
    check(
        &[node(1, None), node(2, None), node(3, None)],
        &[edge(2, 3), edge(3, 2), edge(1, 2)],
        "expected every node to follow its inputs, found none that can be next among [2, 3]",
    );
}
