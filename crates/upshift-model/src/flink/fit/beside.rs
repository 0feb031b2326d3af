//! Whether a job may be started from a snapshot while the job that it was taken of runs on.
//!
//! Most state is only read by a restore. A sink's is acted upon: it names transactions and files that the running job
//! still has open, and whoever restores it commits, aborts or truncates them, whatever its own arguments say.

use crate::finding::Finding;
use crate::flink::{SerializerShape, SnapshotOperator, SnapshotState};

use super::codes;
use super::judge::Case;

/// States of Flink's own sinks and writers that name what is open, where they have any element. A committer's state
/// has one always, also of a sink without transactions, and stands beside a writer's.
const OPEN: [&str; 4] = [
    "writer_raw_states",
    "bucket-states",
    "next-transactional-id-hint",
    "next-transactional-id-hint-v2",
];
/// Every sink that extends Flink's older two-phase sink function keeps its transactions by this serializer.
const TWO_PHASES: &str = "TwoPhaseCommitSinkFunction";
const SOURCE: &str = "read: ExactlyOnceKafkaWriter (flink-connector-kafka eb8ff70: aborts transactions of the prefix in its state, too), FileWriterBucket and LocalRecoverableFsDataOutputStream (Flink 1f5055c, 0f89d9b: resumes and truncates the file in its state)";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.criteria.runs_on {
        return None;
    }
    let topic = case.topic(codes::OPEN_OUTPUT).source(SOURCE);
    let lines: Vec<String> = case
        .contents
        .operators
        .iter()
        .flat_map(|operator| open(operator).map(move |state| (operator, state)))
        .map(|(operator, state)| {
            let name = case.called(operator);
            format!(
                "operator {name}: state {:?} of {} elements",
                state.name, state.elements
            )
        })
        .collect();
    if lines.is_empty() {
        return Some(topic.green("no sink of the snapshot has transactions or files open"));
    }
    Some(
        topic
            .saw_all(lines)
            .saw("arguments do not change what a restored sink does with its state")
            .fix("rehearse on a copy of the job that runs elsewhere, with a topic or a folder of its own")
            .fix("where its author knows that this state names nothing that is open, such as records that wait to be sent: [[waive]] it with who, why and a ticket")
            .red("a copy would take over what the running job's sink has open"),
    )
}

fn open(operator: &SnapshotOperator) -> impl Iterator<Item = &SnapshotState> {
    let two_phases = |state: &SnapshotState| {
        let mut any = false;
        let mut look = |_: &[&str], shape: &SerializerShape| any |= shape.snapshot_class.contains(TWO_PHASES);
        state.serializers.values().for_each(|shape| shape.walk(&mut look));
        any
    };
    operator
        .states
        .iter()
        .filter(move |state| state.elements > 0 && (OPEN.contains(&state.name.as_str()) || two_phases(state)))
}
