//! Explicit uids: what lets state find its operator again when the job's graph changes.

use crate::finding::Finding;
use crate::flink::{IdFrom, InGraph, RecordedUid, SnapshotOperator};
use crate::words;

use super::codes;
use super::judge::{Case, RESTORES, UPGRADING};
use super::operators::{head, is_unchanged, may_be_lost, presence};

/// What is known of an operator's uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uid {
    /// It has one, or an id given literally, which is as good.
    Given,
    /// It has none.
    None,
    /// Nobody said, and metadata before version 5 has no place for it.
    Untold,
}

/// What is known of the uid of an operator of the snapshot.
pub(super) fn uid_of(case: &Case<'_>, operator: &SnapshotOperator) -> Uid {
    if operator.uid.given().is_some() || !operator.declared.is_empty() {
        return Uid::Given;
    }
    let graphs = case.criteria.graphs.as_ref();
    let running = graphs.and_then(|graphs| graphs.running.as_ref()?.known()?.operator(&operator.id));
    let wanted = graphs.and_then(|graphs| graphs.operator(&operator.id));
    for told in [running, wanted].into_iter().flatten() {
        match told.id_from {
            _ if told.is_pinned_to(&operator.id) => return Uid::Given,
            IdFrom::Place => return Uid::None,
            IdFrom::Uid | IdFrom::Untold => {}
        }
    }
    match operator.uid {
        RecordedUid::Absent => Uid::None,
        RecordedUid::NotRecorded | RecordedUid::Given(_) => Uid::Untold,
    }
}

/// All findings about uids.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let stateful = case
        .contents
        .operators
        .iter()
        .filter(|operator| operator.stateful);
    let nameless: Vec<_> = stateful
        .filter(|operator| uid_of(case, operator) != Uid::Given)
        .collect();
    let mut found = vec![missing(case, &nameless)];
    found.extend(wrong_state(case, &nameless));
    found
}

fn missing(case: &Case<'_>, nameless: &[&SnapshotOperator]) -> Finding {
    let topic = case.topic(codes::NO_UID).source(UPGRADING).source(RESTORES);
    if nameless.is_empty() {
        return topic.green("every operator with state has a uid");
    }
    let certain = nameless
        .iter()
        .all(|operator| uid_of(case, operator) == Uid::None);
    let topic = topic
        .saw_all(nameless.iter().map(|operator| line(case, operator)))
        .saw("their ids follow from their place in the graph: inserting, removing or re-chaining an operator renames those after it")
        .fix("give every operator of the next release a uid: .uid(\"NAME\")");
    let topic = if certain {
        topic
    } else {
        topic.fix("where the job sets uids already: uids = [\"…\"] in its [[job]] entry says so")
    };
    let topic = nameless.iter().fold(
        topic.fix("to keep today's state, instead, on the operator that it belongs to (Java: cast to SingleOutputStreamOperator), then check the new jar again:"),
        |topic, operator| topic.fix(pinned(case, operator)),
    );
    topic.yellow(match certain {
        true => "operators with state have no uid",
        false => "of operators with state no uid is known",
    })
}

/// Without uids a changed job may give an operator's id to another one, or to none; with dropping
/// allowed Flink then starts happily, and nothing it shows differs from a good restore.
fn wrong_state(case: &Case<'_>, nameless: &[&SnapshotOperator]) -> Option<Finding> {
    if case.criteria.may_lose.is_empty() || is_unchanged(case) {
        return None;
    }
    let at_risk: Vec<_> = nameless
        .iter()
        .filter(|operator| !may_be_lost(case, operator) && presence(case, operator) != InGraph::Yes)
        .collect();
    (!at_risk.is_empty()).then(|| {
        let named = case.criteria.may_lose.iter().map(String::as_str);
        let topic = case
            .topic(codes::WRONG_STATE)
            .source(RESTORES)
            .saw(format!("state of {} may be dropped, as waivers name it: the job is started with allowNonRestoredState", words::listed(named)))
            .saw_all(at_risk.iter().map(|operator| line(case, operator)))
            .saw("the job changes, and whether these ids still belong to the same operators is not seen")
            .saw("tried with one operator inserted: RUNNING, restored, checkpoints complete, and 1638 of 1638 records wrong");
        let topic = at_risk.iter().fold(
            topic.fix("keep the state, on the operator that it belongs to, then check the new jar again:"),
            |topic, operator| topic.fix(pinned(case, operator)),
        );
        let job = &case.criteria.job;
        let topic = at_risk.iter().fold(
            topic.fix("or say of each that its state is given up: [[waive]] code = \"UP-FLINK-0210\" with subject"),
            |topic, operator| topic.fix(format!("    \"operator {} of job {job}\"", operator.label())),
        );
        topic.refused("operators without uid, a changed job and state that may be dropped: it would run on wrong state")
    })
}

/// The line to paste; none for a source, whose coordinator's state is not found under such an id.
fn pinned(case: &Case<'_>, operator: &SnapshotOperator) -> String {
    let name = name(case, operator);
    match operator.coordinator {
        false => format!("    .setUidHash(\"{}\")   // {name}", operator.id),
        true => format!(
            "    not on {name} ({}): its coordinator has state, which does not come back under a given id (UP-FLINK-0253)",
            operator.id
        ),
    }
}

fn line(case: &Case<'_>, operator: &SnapshotOperator) -> String {
    let bytes = words::bytes(operator.bytes);
    format!("{}  {}  {bytes} of state", operator.id, name(case, operator))
}

/// The operator's name, wherever it is known from.
pub(super) fn name<'c>(case: &Case<'c>, operator: &'c SnapshotOperator) -> &'c str {
    let running = || {
        let graphs = case.criteria.graphs.as_ref()?;
        graphs
            .running
            .as_ref()?
            .known()?
            .operator(&operator.id)?
            .name
            .as_deref()
    };
    // The server joins the names of a chain; the id is that of its first.
    let seen = || case.criteria.names.get(&operator.id).map(|chain| head(chain));
    let own = operator.name.as_deref();
    own.or_else(running).or_else(seen).unwrap_or("(name not known)")
}
