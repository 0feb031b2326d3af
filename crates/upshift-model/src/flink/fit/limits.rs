//! Limits of a pair of releases that hang on what the state holds: which of them hold, by operator,
//! state and field.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::flink::{SerializerKind, SerializerShape, SnapshotContents, SnapshotOperator, SnapshotState};
use crate::ids::Code;
use crate::observed::Gap;
use crate::topic::Topic;

use super::codes;
use super::criteria::{FitCriteria, StateLimit, StateTrait};
use super::judge::{Case, subject};

/// Interfaces that 2.x writes with serializers of its own, where 1.x left them to Kryo.
const COLLECTIONS: [&str; 4] = [
    "java.util.List",
    "java.util.Map",
    "java.util.Set",
    "java.util.Collection",
];

impl StateTrait {
    /// The code of findings about it.
    const fn code(self) -> Code {
        match self {
            Self::CollectionInPojo => codes::COLLECTION_IN_POJO,
            Self::Kryo => codes::KRYO,
            Self::ScalaCaseClass => codes::SCALA_CASE_CLASS,
            Self::ScalaTraversable => codes::SCALA_TRAVERSABLE,
            Self::Cep => codes::CEP,
            Self::Broadcast => codes::BROADCAST,
            Self::SemiAsyncRocksdb => codes::SEMI_ASYNC,
        }
    }

    /// What state holds where it holds.
    const fn words(self) -> &'static str {
        match self {
            Self::CollectionInPojo => "a bean with a collection that Kryo wrote",
            Self::Kryo => "types that Kryo wrote",
            Self::ScalaCaseClass => "Scala case classes",
            Self::ScalaTraversable => "Scala collections",
            Self::Cep => "patterns of the CEP library",
            Self::Broadcast => "broadcast state",
            Self::SemiAsyncRocksdb => "RocksDB state of semi-asynchronous checkpoints",
        }
    }
}

/// Whether state holds something.
enum Holds {
    /// It does: one place a line.
    Yes(Vec<String>),
    No,
    /// Nobody can tell: why, one place a line.
    Untold(Vec<String>),
}

/// One finding for every trait that limits hang on.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let grouped = grouped(case.criteria).into_iter();
    grouped
        .map(|(on, limits)| {
            let topic = topic(case.criteria, on, &limits);
            let fails = limits.iter().any(|limit| limit.fails);
            let what = on.words();
            match (holds(case, on), fails) {
                (Holds::No, _) => topic.green(format!("state does not hold {what}")),
                (Holds::Yes(places), true) => topic
                    .saw_all(places)
                    .red(format!("state holds {what}: the restore would fail")),
                (Holds::Yes(places), false) => topic
                    .saw_all(places)
                    .yellow(format!("state holds {what}: the restore is not promised")),
                (Holds::Untold(why), true) => untold(topic, what, &why),
                (Holds::Untold(why), false) => topic.saw_all(why).yellow(format!("state may hold {what}")),
            }
        })
        .collect()
}

fn untold(topic: Topic, what: &str, why: &[String]) -> Finding {
    let gap = Gap {
        what: format!("whether state holds {what}"),
        reason: why.join("; "),
    };
    topic
        .fix("ask the author of these serializers; where it is not so: waive this")
        .unknown(
            &gap,
            Severity::Red,
            format!("whether state holds {what} cannot be told"),
        )
}

/// The same questions where no snapshot was read. What would make the restore fail is as bad as
/// `may_hide` says.
pub fn limits_unread(criteria: &FitCriteria, reason: &str, may_hide: Severity) -> Vec<Finding> {
    let grouped = grouped(criteria).into_iter();
    grouped
        .map(|(on, limits)| {
            let what = on.words();
            let topic = topic(criteria, on, &limits)
                .fix(
                    "take a savepoint while the job runs, then check again: upshift restore-points take FILE",
                )
                .fix("or name one: upshift check FILE --savepoint PATH");
            if !limits.iter().any(|limit| limit.fails) {
                return topic.saw(reason).yellow(format!("state may hold {what}"));
            }
            let gap = Gap {
                what: format!("whether state holds {what}"),
                reason: reason.to_owned(),
            };
            topic.unknown(
                &gap,
                may_hide,
                format!("whether state holds {what} cannot be told"),
            )
        })
        .collect()
}

fn grouped(criteria: &FitCriteria) -> BTreeMap<StateTrait, Vec<&StateLimit>> {
    let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for limit in &criteria.limits {
        grouped.entry(limit.on).or_default().push(limit);
    }
    grouped
}

fn topic(criteria: &FitCriteria, on: StateTrait, limits: &[&StateLimit]) -> Topic {
    let topic = Topic::new(on.code(), subject(criteria));
    limits.iter().fold(topic, |topic, limit| {
        topic.saw(&limit.text).fix(&limit.advice).source(&limit.source)
    })
}

fn holds(case: &Case<'_>, on: StateTrait) -> Holds {
    held(case.contents, &|operator| case.called(operator), on)
}

/// How an operator is called in what is said of it.
type Called<'a> = &'a dyn Fn(&SnapshotOperator) -> String;

/// Where a snapshot holds state of this kind: the first place; none where it does not.
///
/// # Errors
/// Why nobody can tell.
pub fn place_of_state(contents: &SnapshotContents, on: StateTrait) -> Result<Option<String>, String> {
    let first = |places: Vec<String>| places.into_iter().next();
    match held(contents, &|operator| operator.label().to_owned(), on) {
        Holds::Yes(places) => Ok(first(places)),
        Holds::No => Ok(None),
        Holds::Untold(why) => Err(first(why).unwrap_or_default()),
    }
}

fn held(contents: &SnapshotContents, called: Called<'_>, on: StateTrait) -> Holds {
    let case = (contents, called);
    match on {
        StateTrait::Broadcast => broadcast(case),
        // The mode was gone before the oldest metadata that the reader reads (version 2).
        StateTrait::SemiAsyncRocksdb => Holds::No,
        StateTrait::CollectionInPojo => {
            serializers(case, |path, shape| !path.is_empty() && is_kryo_collection(shape))
        }
        StateTrait::Kryo => serializers(case, |_, shape| matches!(shape.kind, SerializerKind::Kryo { .. })),
        StateTrait::ScalaCaseClass => serializers(case, |_, shape| {
            is_scala(shape) && shape.snapshot_class.contains("CaseClass")
        }),
        StateTrait::ScalaTraversable => serializers(case, |_, shape| {
            is_scala(shape) && shape.snapshot_class.contains("Traversable")
        }),
        StateTrait::Cep => serializers(case, |_, shape| {
            shape.snapshot_class.starts_with("org.apache.flink.cep.")
        }),
    }
}

/// Its name stands in the metadata itself, so nothing is left untold.
fn broadcast(case: (&SnapshotContents, Called<'_>)) -> Holds {
    let mut places = Vec::new();
    for operator in &case.0.operators {
        let states = operator
            .states
            .iter()
            .filter(|s| s.kind == SnapshotState::BROADCAST);
        places.extend(states.map(|state| place(case.1, operator, &state.name, &[])));
    }
    match places.is_empty() {
        true => Holds::No,
        false => Holds::Yes(places),
    }
}

fn serializers(
    case: (&SnapshotContents, Called<'_>),
    wanted: impl Fn(&[&str], &SerializerShape) -> bool,
) -> Holds {
    let (mut places, mut untold) = (Vec::new(), Vec::new());
    for operator in &case.0.operators {
        let mut look = |name: &str, shape: &SerializerShape| {
            shape.walk(&mut |path, inner| {
                let place = || format!("{}: {}", place(case.1, operator, name, path), inner.words());
                if wanted(path, inner) {
                    places.push(place());
                } else if inner.kind == SerializerKind::Unknown {
                    untold.push(place());
                }
            });
        };
        operator.key.iter().for_each(|key| look("its keys", key));
        for state in &operator.states {
            state
                .serializers
                .values()
                .for_each(|shape| look(&state.name, shape));
        }
        if let Some(why) = &operator.not_all_read {
            untold.push(format!("operator {}: {why}", (case.1)(operator)));
        }
    }
    // One key serializer for all states, and one value serializer under several roles, is one place.
    places.dedup();
    match (places.is_empty(), untold.is_empty()) {
        (false, _) => Holds::Yes(places),
        (true, true) => Holds::No,
        (true, false) => Holds::Untold(untold),
    }
}

fn place(called: Called<'_>, operator: &SnapshotOperator, state: &str, path: &[&str]) -> String {
    let field = match path {
        [] => String::new(),
        path => format!(", field {}", path.join(".")),
    };
    format!("operator {}, state {state}{field}", called(operator))
}

fn is_kryo_collection(shape: &SerializerShape) -> bool {
    matches!(&shape.kind, SerializerKind::Kryo { class } if COLLECTIONS.contains(&class.as_str()))
}

fn is_scala(shape: &SerializerShape) -> bool {
    shape.snapshot_class.contains(".scala.typeutils.")
}
