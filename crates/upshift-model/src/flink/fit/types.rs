//! Types of state, keys and windows in the snapshot against those that the job as wanted will ask for.
//!
//! A jar does not tell its state's types before it runs; a snapshot that the job as wanted took
//! elsewhere does, and the graph tells the serializer of its keys.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::flink::{SerializerKind, SerializerShape, SnapshotOperator, SnapshotState};
use crate::observed::Gap;

use super::codes;
use super::judge::{Case, RESTORES, UPGRADING};
use super::operators::is_unchanged;

/// The role under which a window, or another namespace of keyed state, is written.
const NAMESPACE: &str = "NAMESPACE_SERIALIZER";

/// What became of a type.
#[derive(Debug, Default)]
struct Changes {
    /// The restore fails: one place a line.
    broken: Vec<String>,
    /// Flink's own rules for beans and enums decide: one place a line.
    evolved: Vec<String>,
}

/// All findings about types.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let (mut states, mut keys) = (Changes::default(), Changes::default());
    for operator in &case.contents.operators {
        by_graph(case, operator, &mut keys);
        let wanted = case
            .criteria
            .of_wanted
            .iter()
            .find(|wanted| wanted.id == operator.id);
        if let Some(wanted) = wanted {
            by_snapshot(case, operator, wanted, &mut states, &mut keys);
        }
    }
    let told = !case.criteria.of_wanted.is_empty();
    let mut found = Vec::new();
    if told || is_unchanged(case) || !keys.broken.is_empty() {
        found.push(keys_judged(case, keys));
    }
    found.push(states_judged(case, states, told));
    found
}

fn by_graph(case: &Case<'_>, operator: &SnapshotOperator, keys: &mut Changes) {
    let graphs = case.criteria.graphs.as_ref();
    let wanted = graphs.and_then(|graphs| {
        graphs
            .wanted
            .known()?
            .operator(&operator.id)?
            .key_serializer
            .as_deref()
    });
    if let (Some(wanted), Some(key)) = (wanted, &operator.key)
        && key.snapshot_class != wanted
    {
        let line = format!(
            "operator {}, keys: {} becomes {wanted}",
            case.called(operator),
            key.snapshot_class
        );
        keys.broken.push(line);
    }
}

fn by_snapshot(
    case: &Case<'_>,
    operator: &SnapshotOperator,
    wanted: &SnapshotOperator,
    states: &mut Changes,
    keys: &mut Changes,
) {
    let called = case.called(operator);
    if let (Some(old), Some(new)) = (&operator.key, &wanted.key) {
        compare(&format!("operator {called}, keys"), old, new, keys);
    }
    let named: BTreeMap<&str, &SnapshotState> = wanted.states.iter().map(|s| (s.name.as_str(), s)).collect();
    for old in &operator.states {
        let Some(new) = named.get(old.name.as_str()) else {
            continue;
        };
        let place = format!("operator {called}, state {}", old.name);
        if old.kind != new.kind {
            states
                .broken
                .push(format!("{place}: {} becomes {}", old.kind, new.kind));
            continue;
        }
        for (role, serializer) in &old.serializers {
            let Some(other) = new.serializers.get(role) else {
                continue;
            };
            match role.as_str() {
                NAMESPACE => compare(&format!("{place}, window or namespace"), serializer, other, keys),
                _ => compare(&place, serializer, other, states),
            }
        }
    }
}

/// Walks two serializers side by side.
fn compare(place: &str, old: &SerializerShape, new: &SerializerShape, to: &mut Changes) {
    let becomes = || format!("{place}: {} becomes {}", old.words(), new.words());
    match (&old.kind, &new.kind) {
        (
            SerializerKind::Pojo { class, fields },
            SerializerKind::Pojo {
                class: other,
                fields: theirs,
            },
        ) if class == other => {
            pojo(place, fields, theirs, to);
        }
        (
            SerializerKind::Composite { of, parts },
            SerializerKind::Composite {
                of: other,
                parts: theirs,
            },
        ) if old.snapshot_class == new.snapshot_class && of == other && parts.len() == theirs.len() => {
            let pairs = parts.iter().zip(theirs);
            pairs.for_each(|(old, new)| compare(place, old, new, to));
        }
        (
            SerializerKind::Enum { class, constants },
            SerializerKind::Enum {
                class: other,
                constants: theirs,
            },
        ) if class == other => {
            if constants != theirs {
                to.evolved.push(format!(
                    "{place}: constants {} become {}",
                    constants.join(", "),
                    theirs.join(", ")
                ));
            }
        }
        (mine, theirs) if mine == theirs && old.snapshot_class == new.snapshot_class => {}
        _ => to.broken.push(becomes()),
    }
}

type Fields = [(String, Option<SerializerShape>)];

fn pojo(place: &str, old: &Fields, new: &Fields, to: &mut Changes) {
    let theirs: BTreeMap<&str, &Option<SerializerShape>> = new.iter().map(|(n, s)| (n.as_str(), s)).collect();
    for (name, serializer) in old {
        match (serializer, theirs.get(name.as_str())) {
            (_, None) => to.evolved.push(format!("{place}: field {name} is gone")),
            (Some(mine), Some(Some(other))) => compare(&format!("{place}, field {name}"), mine, other, to),
            (_, Some(_)) => {}
        }
    }
    let added = new
        .iter()
        .filter(|(name, _)| !old.iter().any(|(known, _)| known == name));
    to.evolved
        .extend(added.map(|(name, _)| format!("{place}: field {name} is new")));
}

fn keys_judged(case: &Case<'_>, changes: Changes) -> Finding {
    let topic = case.topic(codes::KEY_TYPE).source(RESTORES).source(UPGRADING);
    let lines: Vec<_> = changes.broken.into_iter().chain(changes.evolved).collect();
    match lines.is_empty() {
        true => topic.green("keys and windows keep their types"),
        false => topic
            .saw_all(lines)
            .saw("state is found by its key and its window: another type of them does not find it")
            .fix("keep the type of the key and of the window, or give the operator another uid and fill its state anew")
            .red("keys or windows have another type in the job as wanted"),
    }
}

fn states_judged(case: &Case<'_>, changes: Changes, told: bool) -> Finding {
    let topic = case.topic(codes::STATE_TYPE).source(RESTORES).source(UPGRADING);
    if !changes.broken.is_empty() {
        return topic
            .saw_all(changes.broken)
            .saw_all(changes.evolved)
            .saw("StateMigrationException, after the job is RUNNING")
            .fix("keep the type, or register a second state under another name and move the values over in the job")
            .red("state has another type in the job as wanted");
    }
    if !changes.evolved.is_empty() {
        return topic
            .saw_all(changes.evolved)
            .fix("Flink migrates beans whose fields come and go and enums that grow; try a copy on a scratch cluster and compare its values")
            .yellow("state has another schema in the job as wanted");
    }
    match (is_unchanged(case), told) {
        (_, true) => topic.green("state has the types that the job as wanted will ask for"),
        (true, false) => topic
            .saw("the jar and its arguments are those that run")
            .green("the program stays, and with it the types of its state"),
        (false, false) => {
            let gap = Gap {
                what: "types of state of the job as wanted".to_owned(),
                reason: "a jar tells them only when it runs".to_owned(),
            };
            topic
                .fix("run the new jar on a scratch cluster, take a savepoint there and name it: wanted_snapshot = \"…\" in the [[job]] entry")
                .unknown(&gap, Severity::Yellow, "whether state keeps its types is not known")
        }
    }
}
