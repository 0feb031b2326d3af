//! What a snapshot is not good for by the form that it is in. It concerns only a snapshot that the
//! job is to be started from.

use crate::finding::{Finding, Severity};
use crate::flink::KeyedForm;
use crate::observed::Gap;

use super::codes;
use super::criteria::SnapshotRole;
use super::judge::{Case, RESTORES, SNAPSHOTS};

/// All findings about the form.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    if case.role == SnapshotRole::Sample {
        return Vec::new();
    }
    [backend(case), channel_state(case), changelog(case)]
        .into_iter()
        .flatten()
        .collect()
}

/// Where no backend is named nothing is asked: so it is on the way back, to the backend that wrote it.
fn backend(case: &Case<'_>) -> Option<Finding> {
    let backend = case.criteria.backend.as_deref()?;
    let forms = &case.contents.keyed_forms;
    let topic = case
        .topic(codes::OTHER_BACKEND)
        .source(RESTORES)
        .source(SNAPSHOTS)
        .fix("take a canonical savepoint: [state] format = \"canonical\", upshift restore-points take FILE")
        .fix("or keep the state backend: state.backend.type in the target's configuration");
    let own = [KeyedForm::Heap, KeyedForm::Embedded]
        .into_iter()
        .find(|form| forms.contains(form));
    let Some(own) = own else {
        return (!forms.is_empty()).then(|| topic.green("every state backend reads this form"));
    };
    let wrote = match own {
        KeyedForm::Heap => "hashmap",
        _ => "rocksdb or forst",
    };
    let topic = topic.saw(format!("keyed state is in the form of {wrote}"));
    let unknown = |topic: crate::topic::Topic, reason: String| {
        let gap = Gap {
            what: "whether the target's state backend reads it".to_owned(),
            reason,
        };
        topic.unknown(
            &gap,
            Severity::Red,
            "whether the target's state backend reads the snapshot is not known",
        )
    };
    Some(match (own, backend) {
        (KeyedForm::Heap, "hashmap") | (KeyedForm::Embedded, "rocksdb") => {
            topic.green("the state backend that wrote the snapshot reads it")
        }
        (KeyedForm::Heap, other) => topic
            .saw(format!(
                "the target uses {other}: BackendBuildingException, after the job is RUNNING"
            ))
            .refused("the snapshot is in the form of another state backend"),
        (_, "hashmap") => topic
            .saw("the target uses hashmap: Unexpected state handle type, after the job is RUNNING")
            .refused("the snapshot is in the form of another state backend"),
        (_, other) => unknown(
            topic,
            format!("the target uses {other}; the metadata does not tell which embedded store wrote it"),
        ),
    })
}

fn channel_state(case: &Case<'_>) -> Option<Finding> {
    let topic = case
        .topic(codes::CHANNEL_STATE)
        .source(SNAPSHOTS)
        .fix("use a savepoint, which never holds records in flight: upshift restore-points take FILE")
        .fix("or an aligned checkpoint: execution.checkpointing.unaligned: false, and wait for the next");
    case.contents.channel_state.then(|| {
        let topic = topic.saw("records in flight between the tasks are part of it: an unaligned checkpoint");
        if case.criteria.crosses_lines {
            topic
                .saw("the release line changes, and the job's graph must not")
                .red("an unaligned checkpoint is not for an upgrade from one line to another")
        } else {
            topic
                .saw("the job's graph must stay as it is")
                .yellow("the snapshot is an unaligned checkpoint")
        }
    })
}

fn changelog(case: &Case<'_>) -> Option<Finding> {
    let there = case.contents.keyed_forms.contains(&KeyedForm::Changelog);
    there.then(|| {
        case.topic(codes::CHANGELOG)
            .source(SNAPSHOTS)
            .saw("keyed state is a materialized part and a log of changes")
            .fix("use a canonical savepoint: upshift restore-points take FILE")
            .yellow("the snapshot is one of the changelog backend, which nobody tried across releases")
    })
}
