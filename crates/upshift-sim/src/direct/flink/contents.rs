//! What a reader would find in a snapshot of this world, in the vocabulary in which checks and gates judge it.

use std::collections::BTreeMap;

use upshift_model::flink::{
    GraphExtent, GraphOperator, GraphOrigin, IdFrom, JobGraph, JobGraphs, KeyedForm, RecordedUid,
    SerializerKind, SerializerShape, SnapshotContents, SnapshotOperator, SnapshotState, TakenAs,
};
use upshift_model::observed::Observed;

use crate::flink::{GRAPH, PARALLELISM, Snapshot, Vertex};

/// The metadata version that a release writes.
pub(super) fn metadata_version(release: &str) -> u32 {
    if release.starts_with("2.") { 6 } else { 4 }
}

pub(super) fn contents(snapshot: &Snapshot) -> SnapshotContents {
    let operators = snapshot.state.held().map(operator);
    SnapshotContents {
        version: metadata_version(&snapshot.release),
        checkpoint_id: 1,
        taken_as: TakenAs::CanonicalSavepoint,
        writers: None,
        metadata_bytes: 4_000,
        state_bytes: 121_000,
        operators: operators.collect(),
        keyed_forms: [KeyedForm::Canonical].into(),
        channel_state: false,
        outside: BTreeMap::new(),
        lacking: Vec::new(),
        lacking_files: 0,
        files_looked_for: 2,
        files_not_looked_for: None,
        oddities: Vec::new(),
    }
}

fn plain(class: &str) -> SerializerShape {
    SerializerShape {
        snapshot_class: format!("org.apache.flink.api.common.typeutils.base.{class}${class}Snapshot"),
        kind: SerializerKind::Plain,
    }
}

fn operator(vertex: &Vertex) -> SnapshotOperator {
    if let Some(found) = &vertex.found {
        return found.clone();
    }
    SnapshotOperator {
        id: vertex.id.clone(),
        name: None,
        uid: RecordedUid::NotRecorded,
        declared: [vertex.uid.clone()].into(),
        parallelism: PARALLELISM.0,
        max_parallelism: PARALLELISM.1,
        bytes: 60_500,
        stateful: true,
        finished: false,
        coordinator: false,
        operator_state: true,
        operator_headers: [6].into(),
        key: Some(plain("StringSerializer")),
        states: vec![SnapshotState {
            name: "value".to_owned(),
            kind: "VALUE".to_owned(),
            elements: 0,
            serializers: [("VALUE_SERIALIZER".to_owned(), plain("LongSerializer"))].into(),
        }],
        not_all_read: None,
    }
}

/// What the declared uids tell of a job, and what its jar says when it is asked.
pub(super) fn graphs() -> JobGraphs {
    let operators = GRAPH.iter().map(|vertex| GraphOperator {
        id: vertex.id.clone(),
        id_from: IdFrom::Uid,
        uid: Some(vertex.uid.clone()),
        name: None,
        parallelism: None,
        max_parallelism: None,
        place: None,
        key_serializer: None,
        also: None,
    });
    JobGraphs {
        declared: Some(JobGraph {
            origin: GraphOrigin::DeclaredUids,
            extent: GraphExtent::Named,
            operators: operators.collect(),
        }),
        wanted: Observed::unknown("operators of the jar", "nobody asked for it"),
        running: None,
    }
}
