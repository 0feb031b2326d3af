//! Parallelism and max parallelism of the snapshot against those of the job as wanted.
//!
//! Flink's rule: an operator for which nobody sets a max parallelism takes over that of the snapshot;
//! one for which somebody sets another is refused when the job is submitted. Flink compares where a
//! chain has state of any kind, keyed or not; operators without state are left out here.

use crate::finding::Finding;
use crate::flink::{ChainPlace, GraphOperator, SnapshotOperator};

use super::codes;
use super::judge::{Case, RESTORES, UPGRADING};
use super::uids::{Uid, uid_of};

/// All findings about parallelism and chaining.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut found = vec![max_parallelism(case), parallelism(case)];
    found.extend(reshaped(case));
    found
}

fn stateful<'c>(case: &Case<'c>) -> impl Iterator<Item = &'c SnapshotOperator> + use<'c> {
    case.contents
        .operators
        .iter()
        .filter(|operator| operator.stateful)
}

fn wanted<'c>(case: &Case<'c>, operator: &SnapshotOperator) -> Option<&'c GraphOperator> {
    case.criteria.graphs.as_ref()?.operator(&operator.id)
}

/// Max parallelism that somebody sets for the operator.
fn set_max(case: &Case<'_>, operator: &SnapshotOperator) -> Option<u32> {
    let by_file = case.criteria.max_parallelism.get(&operator.id).copied();
    by_file.or_else(|| wanted(case, operator)?.max_parallelism)
}

fn wanted_parallelism(case: &Case<'_>, operator: &SnapshotOperator) -> Option<u32> {
    wanted(case, operator)
        .and_then(|operator| operator.parallelism)
        .or(case.criteria.parallelism)
}

fn max_parallelism(case: &Case<'_>) -> Finding {
    let operators: Vec<_> = stateful(case).collect();
    let differing = operators.iter().filter_map(|operator| {
        let set = set_max(case, operator)?;
        (set != operator.max_parallelism).then(|| {
            let has = operator.max_parallelism;
            format!(
                "operator {}: {has} in the snapshot, {set} in the job as wanted",
                case.called(operator)
            )
        })
    });
    let lines: Vec<_> = differing.collect();
    let topic = case.topic(codes::MAX_PARALLELISM).source(RESTORES);
    if lines.is_empty() {
        let left = operators
            .iter()
            .filter(|operator| set_max(case, operator).is_none())
            .count();
        let set = operators.len() - left;
        return topic
            .saw(format!(
                "set and the same: {set} operators; left to Flink, which takes over that of the snapshot: {left}"
            ))
            .green("the max parallelism of the snapshot stays");
    }
    topic
        .saw_all(lines)
        .saw("Max parallelism mismatch, when the job is submitted")
        .fix("set it as in the snapshot: env.setMaxParallelism, or max_parallelism in the [[job]] entry")
        .fix("or set none: where nobody sets it, Flink takes over that of the snapshot")
        .refused("the max parallelism is another than the snapshot's")
}

fn parallelism(case: &Case<'_>) -> Finding {
    let over = stateful(case).filter_map(|operator| {
        let wanted = wanted_parallelism(case, operator)?;
        (wanted > operator.max_parallelism).then(|| {
            let most = operator.max_parallelism;
            format!(
                "operator {}: parallelism {wanted}, max parallelism {most} in the snapshot",
                case.called(operator)
            )
        })
    });
    let lines: Vec<_> = over.collect();
    let topic = case.topic(codes::PARALLELISM).source(RESTORES);
    match lines.is_empty() {
        true => topic.green("the parallelism is within the snapshot's max parallelism"),
        false => topic
            .saw_all(lines)
            .saw("the max parallelism of existing state cannot be raised")
            .fix("lower the parallelism to the max parallelism of the snapshot or less")
            .refused("the parallelism exceeds the snapshot's max parallelism"),
    }
}

/// Rescaling and another chaining are fine for state itself; they rename operators without a uid.
fn reshaped(case: &Case<'_>) -> Option<Finding> {
    let operators = &case.contents.operators;
    let rescaled = operators.iter().filter_map(|operator| {
        let wanted = wanted_parallelism(case, operator)?;
        (wanted != operator.parallelism).then(|| {
            format!(
                "operator {}: parallelism {} becomes {wanted}",
                case.called(operator),
                operator.parallelism
            )
        })
    });
    let mut lines: Vec<_> = rescaled.collect();
    lines.extend(operators.iter().filter_map(|operator| rechained(case, operator)));
    if lines.is_empty() {
        return None;
    }
    let nameless = operators
        .iter()
        .filter(|operator| operator.stateful && uid_of(case, operator) != Uid::Given);
    let nameless: Vec<_> = nameless.map(|operator| case.called(operator)).collect();
    let topic = case.topic(codes::RESHAPED).source(UPGRADING).saw_all(lines);
    Some(match nameless.is_empty() {
        true => topic.green("parallelism or chaining changes, and every operator with state has a uid"),
        false => topic
            .saw_all(nameless.iter().map(|operator| format!("operator {operator} has state and no known uid")))
            .saw("whether two operators may be chained goes into the ids of those without a uid, and parallelism into that")
            .fix("change parallelism and chaining in a step of its own, once every operator has a uid")
            .yellow("parallelism or chaining changes, and operators with state have no uid"),
    })
}

fn rechained(case: &Case<'_>, operator: &SnapshotOperator) -> Option<String> {
    let graphs = case.criteria.graphs.as_ref()?;
    let running = graphs
        .running
        .as_ref()?
        .known()?
        .operator(&operator.id)?
        .place
        .as_ref()?;
    let wanted = graphs.wanted.known()?.operator(&operator.id)?.place.as_ref()?;
    let words = |place: &ChainPlace| match place {
        ChainPlace::Head => "at the head of its chain".to_owned(),
        ChainPlace::Member { head } => format!("chained behind {head}"),
    };
    (running != wanted).then(|| {
        format!(
            "operator {}: {} becomes {}",
            case.called(operator),
            words(running),
            words(wanted)
        )
    })
}
