//! Whether every operator with state is still in the job as wanted, and is still the same.

use crate::finding::{Finding, Severity};
use crate::flink::{GraphExtent, GraphOperator, GraphOrigin, InGraph, JobGraph, SnapshotOperator};
use crate::observed::Gap;
use crate::topic::Topic;
use crate::words;

use super::codes;
use super::criteria::GraphAsk;
use super::judge::{Case, RESTORES, UPGRADING};
use super::uids::{Uid, name, uid_of};

/// A source whose id was given literally.
const PINNED: &str = "measured: a source of 1.18.1 with setUidHash on 1.20.5 was RUNNING and read its input from the beginning, 34,961 of 104,018 records wrong";

/// All findings about operators.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let stateful = || {
        case.contents
            .operators
            .iter()
            .filter(|operator| operator.stateful)
    };
    found.extend(absent(case));
    found.extend(
        stateful()
            .filter(|o| presence(case, o) == InGraph::No)
            .map(|o| lost(case, o)),
    );
    found.extend(stateful().filter_map(|operator| taken_over(case, operator)));
    found.extend(stateful().filter_map(|operator| pinned_source(case, operator)));
    let untold: Vec<_> = stateful()
        .filter(|o| presence(case, o) == InGraph::Untold)
        .collect();
    // Without any word on the job's operators nothing is asked of them: so it is on the way back.
    if case.criteria.graphs.is_some() {
        found.push(still_there(case, &untold));
    }
    found.extend(named_for_nothing(case));
    found.extend(starts_empty(case));
    found
}

/// Whether the operator is in the job as wanted.
pub(super) fn presence(case: &Case<'_>, operator: &SnapshotOperator) -> InGraph {
    let graphs = case.criteria.graphs.as_ref();
    let told = graphs.map_or(InGraph::Untold, |graphs| graphs.holds(&operator.id));
    match told {
        // Ids follow from the graph, and the graph from the program.
        InGraph::Untold if is_unchanged(case) => InGraph::Yes,
        told => told,
    }
}

/// Whether the program that will run is the one that runs, as submitted.
pub(super) fn is_unchanged(case: &Case<'_>) -> bool {
    case.criteria.same_program == Some(true)
}

/// Whether a waiver names the operator, so that its state may be lost.
pub(super) fn may_be_lost(case: &Case<'_>, operator: &SnapshotOperator) -> bool {
    case.criteria
        .may_lose
        .iter()
        .any(|named| operator.is_called(named))
}

fn how_read(graph: &JobGraph) -> String {
    match &graph.origin {
        GraphOrigin::DeclaredUids => "by the uids that the system file names".to_owned(),
        GraphOrigin::ClusterPlan { rest, version } => {
            format!("by the plan that {rest} made of the jar ({version})")
        }
        GraphOrigin::Probe { version, .. } => format!("by the jar's own graph, built with {version}"),
    }
}

/// Operators that must have state and have none.
fn absent(case: &Case<'_>) -> Option<Finding> {
    let has = |id: &str| {
        let mut operators = case.contents.operators.iter();
        operators.any(|operator| (operator.stateful || operator.finished) && operator.id == id)
    };
    let without: Vec<_> = case
        .criteria
        .operators_with_state
        .iter()
        .filter(|id| !has(id))
        .collect();
    (!without.is_empty()).then(|| {
        Topic::new(
            codes::STARTS_EMPTY,
            format!("{}: wanted operators", case.subject()),
        )
        .saw_all(without.iter().map(|id| format!("no state of operator {id}")))
        .source(RESTORES)
        .fix("start from a snapshot that has it: upshift restore-points list")
        .red("the snapshot lacks state that the job cannot do without")
    })
}

fn lost(case: &Case<'_>, operator: &SnapshotOperator) -> Finding {
    let subject = format!("operator {} of job {}", operator.label(), case.criteria.job);
    let states: Vec<_> = operator.states.iter().map(|state| state.name.as_str()).collect();
    let states = match states.as_slice() {
        [] => "its states are not known".to_owned(),
        some => format!("states {}", words::listed(some.iter().copied())),
    };
    let graph = case
        .criteria
        .graphs
        .as_ref()
        .and_then(|graphs| graphs.wanted.known());
    let mut finding = Topic::new(codes::STATE_DROPPED, subject.clone())
        .source(RESTORES)
        .source(UPGRADING)
        .saw(format!("{} ({}): {} of state, {states}", operator.id, name(case, operator), words::bytes(operator.bytes)))
        .saw_all(graph.map(|graph| format!("the job as wanted has no operator of this id, {}", how_read(graph))))
        .saw("Cannot map checkpoint/savepoint state, when the job is submitted")
        .fix(match operator.coordinator {
            false => format!("if the operator is still there under another id: .setUidHash(\"{}\") on it, then check the new jar again", operator.id),
            true => "if the source is still there: put what is new behind it in a chain of its own (startNewChain), so that its id stays; setUidHash does not bring back its coordinator's state".to_owned(),
        })
        .fix(format!("if it is gone for good: [[waive]] code = \"UP-FLINK-0210\", subject = \"{subject}\"; the plan then drops its state and no other"))
        .red("state of an operator would be lost: the job as wanted does not have the operator");
    if may_be_lost(case, operator) {
        finding.waived_by = Some("a waiver names the operator".to_owned());
    }
    finding
}

/// Dropping is allowed for the whole job or not at all, so a name that means no operator is worth a word.
fn named_for_nothing(case: &Case<'_>) -> Vec<Finding> {
    let all = case.contents.operators.iter();
    let operators: Vec<_> = all.filter(|operator| operator.stateful).collect();
    let known: Vec<_> = operators.iter().map(|operator| operator.label()).collect();
    let unknown = case.criteria.may_lose.iter();
    let unknown = unknown.filter(|named| !operators.iter().any(|operator| operator.is_called(named)));
    unknown
        .map(|named| {
            Topic::new(
                codes::STATE_DROPPED,
                format!("operator {named} of job {}", case.criteria.job),
            )
            .source(RESTORES)
            .saw(format!(
                "operators with state: {}",
                words::listed(known.iter().copied())
            ))
            .fix("name the operator by its uid or by its 32 hex digits, or delete the [[waive]] entry")
            .yellow("a waiver lets state be dropped of an operator that the snapshot has no state of")
        })
        .collect()
}

/// `setUidHash` brings back the state of an operator's tasks and not that of its coordinator.
fn pinned_source(case: &Case<'_>, operator: &SnapshotOperator) -> Option<Finding> {
    let wanted = case.criteria.graphs.as_ref()?.wanted.known()?;
    let now = wanted.operator(&operator.id).filter(|_| operator.coordinator)?;
    let given = now
        .also
        .as_ref()
        .is_some_and(|also| also.eq_ignore_ascii_case(&operator.id));
    given.then(|| {
        let subject = format!("operator {} of job {}", operator.label(), case.criteria.job);
        Topic::new(codes::PINNED_SOURCE, subject)
            .source(PINNED)
            .saw(format!("{} ({}): its coordinator has state, and the job as wanted gives it this id with setUidHash", operator.id, name(case, operator)))
            .saw("Flink finds the state of its tasks under such an id, and not that of its coordinator: it runs, and hands out every split anew")
            .fix("leave the source without setUidHash where its id stays by itself: put new operators in chains of their own (startNewChain) and behind it")
            .fix("or give the source a uid first, in a release that changes nothing else, and accept what it reads again")
            .red("a source would start from the beginning: setUidHash does not bring back its coordinator's state")
    })
}

/// An id that follows from the place in the graph may end up with another operator.
fn taken_over(case: &Case<'_>, operator: &SnapshotOperator) -> Option<Finding> {
    let graphs = case.criteria.graphs.as_ref()?;
    let now = graphs.wanted.known()?.operator(&operator.id)?;
    if now.is_pinned_to(&operator.id) || uid_of(case, operator) == Uid::Given {
        return None;
    }
    let (before, then) = (head(name(case, operator)), head(now.name.as_deref()?));
    if before == then || before == head("(name not known)") || is_of_a_table(then) {
        return None;
    }
    let subject = format!("operator {} of job {}", operator.label(), case.criteria.job);
    Some(
        Topic::new(codes::ID_TAKEN, subject)
            .source(RESTORES)
            .saw(format!("{}: {before:?} in the snapshot, {then:?} in the job as wanted", operator.id))
            .saw(format!("{} of state would go to another operator; neither has a uid", words::bytes(operator.bytes)))
            .fix(format!("on the operator that the state belongs to: .setUidHash(\"{}\"), then check the new jar again", operator.id))
            .fix("if it is the same operator under a new name: waive this")
            .red("the operator's id belongs to another operator in the job as wanted"),
    )
}

/// The first of the names that a server joins for a chain: `a -> b` of a vertex that runs; of a plan `a +- b`,
/// or `a :- b +- c` where the chain has branches.
pub(super) fn head(name: &str) -> &str {
    let joints = [" -> ", " +- ", " :- "];
    let end = joints.iter().filter_map(|joint| name.find(joint)).min();
    end.and_then(|end| name.get(..end)).unwrap_or(name).trim()
}

/// Whether a plan shows what an operator of a table does (`[3]:Calc(…)`), which is not its name.
fn is_of_a_table(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|rest| rest.split_once("]:"));
    inner.is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn still_there(case: &Case<'_>, untold: &[&SnapshotOperator]) -> Finding {
    let topic = case.topic(codes::OPERATORS_UNTOLD).source(UPGRADING);
    let graphs = case.criteria.graphs.as_ref();
    let read = graphs.and_then(|graphs| graphs.wanted.known());
    if untold.is_empty() {
        let topic = match (read, is_unchanged(case)) {
            (Some(graph), _) => topic.saw(how_read(graph)),
            (None, true) => topic.saw("the jar, its arguments and the parallelism are those that run"),
            (None, false) => topic.saw("by the uids that the system file names"),
        };
        return topic.green("which operators with state the job as wanted has is known");
    }
    let reason = match graphs.map(|graphs| &graphs.wanted) {
        Some(wanted) if wanted.gap().is_some() => {
            wanted.gap().map(|gap| gap.reason.clone()).unwrap_or_default()
        }
        Some(_) => "only the heads of its chains are known".to_owned(),
        None => "nobody told what operators the jar has".to_owned(),
    };
    let gap = Gap {
        what: "operators of the job as wanted".to_owned(),
        reason,
    };
    let lines = untold.iter().map(|operator| {
        format!(
            "{}  {}  {} of state",
            operator.id,
            name(case, operator),
            words::bytes(operator.bytes)
        )
    });
    let topic = topic
        .saw_all(lines)
        .fix("where the job as wanted sets uids: uids = [\"…\"] in its [[job]] entry says so")
        .fix("or let its graph be read: `upshift explain UP-FLINK-0251` tells the ways")
        .fix("where the author says that all of them are still there: waive this");
    let by_gate = case.criteria.graph_ask == Some(GraphAsk::ByGate);
    let (topic, may_hide) = match by_gate {
        true => (
            topic.saw("the plan asks the target cluster for the jar's graph and judges it, before the job is stopped"),
            Severity::Yellow,
        ),
        false => (topic, Severity::Red),
    };
    topic.unknown(
        &gap,
        may_hide,
        "whether the job as wanted still has every operator with state is not known",
    )
}

/// Operators of the job as wanted that the snapshot does not have at all.
fn starts_empty(case: &Case<'_>) -> Option<Finding> {
    let graphs = case.criteria.graphs.as_ref()?;
    let whole = graphs
        .wanted
        .known()
        .filter(|graph| graph.extent == GraphExtent::All);
    let told = whole.or(graphs.declared.as_ref())?;
    let is_new = |operator: &&GraphOperator| {
        !case
            .contents
            .operators
            .iter()
            .any(|known| known.id == operator.id)
    };
    let new: Vec<_> = told.operators.iter().filter(is_new).collect();
    let topic = case.topic(codes::STARTS_EMPTY).source(UPGRADING);
    if new.is_empty() {
        return Some(topic.green("every operator that is known of the job as wanted is in the snapshot"));
    }
    let lines = new.iter().map(|operator| {
        let called = operator.uid.as_deref().or(operator.name.as_deref());
        format!("{}  {}", operator.id, called.unwrap_or("(name not known)"))
    });
    Some(
        topic
            .saw(how_read(told))
            .saw_all(lines)
            .fix("if one of them is an old operator: give it the uid, or .setUidHash(\"…\"), that it has in the snapshot")
            .fix("if it is new: nothing; where it has state, it starts with none")
            .yellow("operators of the job as wanted find no state in the snapshot"),
    )
}

#[cfg(test)]
mod tests {
    use super::{head, is_of_a_table};

    #[test]
    fn the_first_of_a_chain_is_told_however_the_server_joins_it() {
        for joined in [
            "counter",
            "counter -> tally -> lines",
            "counter +- tally +- lines",
            "counter :- tally : +- lines +- other",
        ] {
            assert_eq!(head(joined), "counter", "{joined}");
        }
        assert_eq!(head("Source: numbers -> audit"), "Source: numbers");
    }

    #[test]
    fn what_a_table_does_is_not_taken_for_a_name() {
        assert!(is_of_a_table("[12]:Calc(select=[a])"));
        assert!(!is_of_a_table("[urgent] orders") && !is_of_a_table("[]:x") && !is_of_a_table("counter"));
    }
}
