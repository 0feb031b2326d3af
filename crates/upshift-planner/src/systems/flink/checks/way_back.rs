//! What a return would cost, and until when it stays possible: sinks, sources, transactions.

use upshift_model::finding::Finding;
use upshift_model::flink::{DeclaredJob, Sink};
use upshift_model::span::Millis;

use super::source;
use super::view::{self, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// All findings about the way back.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let jobs = view.declared.jobs.iter().filter(|job| !job.stateless);
    jobs.flat_map(|job| [sink(job), limits(view, job)]).collect()
}

fn sink(job: &DeclaredJob) -> Finding {
    let topic = Topic::new(codes::SINK, view::job(&job.name)).source(source::UPGRADING);
    let doubled = |topic: Topic| {
        topic
            .saw("a return starts from the savepoint and sends again what came after it")
            .fix("set sink = \"idempotent\" or \"transactional\" in its [[job]] entry where that is so")
            .fix("else: the plan names the amount, and `upshift rollback` asks for consent before it replays")
    };
    match job.sink {
        Sink::Idempotent => topic.green("a replay changes nothing: the sink is idempotent"),
        Sink::Transactional => {
            topic.green("a replay is not seen twice up to the savepoint: the sink is transactional")
        }
        Sink::Append => {
            doubled(topic.saw("sink = \"append\"")).yellow("a way back would double records in the sink")
        }
        Sink::Undeclared => doubled(topic.saw("no `sink` in its entry; treated as append"))
            .yellow("nobody said what the sink makes of a record that comes twice"),
    }
}

/// A return at the end of the soak must still find the source's records and the sink's open
/// transactions.
fn limits(view: &View<'_>, job: &DeclaredJob) -> Finding {
    let topic = Topic::new(codes::WAY_BACK_LIMITS, view::job(&job.name)).source(source::UPGRADING);
    let soak = view.declared.soak;
    let transactional = job.sink == Sink::Transactional;
    let limits = [
        (
            "source_retention",
            job.source_retention,
            true,
            "the records since the savepoint are gone from the source",
        ),
        (
            "transaction_timeout",
            job.transaction_timeout,
            transactional,
            "transactions of the savepoint are aborted, and their records lost",
        ),
    ];
    let short: Vec<_> = limits
        .iter()
        .filter_map(|(key, limit, _, then)| {
            limit
                .filter(|limit| *limit <= soak)
                .map(|limit| too_short(key, limit, soak, then))
        })
        .collect();
    let missing: Vec<_> = limits
        .iter()
        .filter(|(_, limit, wanted, _)| *wanted && limit.is_none())
        .map(|(key, ..)| *key)
        .collect();
    let topic = topic.saw_all(
        limits
            .iter()
            .filter_map(|(key, limit, ..)| limit.map(|limit| format!("{key}: {limit}"))),
    );
    if !short.is_empty() {
        return topic
            .saw_all(short)
            .fix("lengthen it at the broker or in the job, or set [policy] soak below it")
            .yellow("the way back closes before the soak is over");
    }
    if !missing.is_empty() {
        return topic
            .saw(format!("not declared: {}", missing.join(", ")))
            .fix(format!(
                "add to its [[job]] entry: {} = \"7d\"",
                missing.join(" = \"7d\", ")
            ))
            .yellow("until when the way back stays open is not known");
    }
    topic
        .saw(format!("soak: {soak}"))
        .green("the way back stays open beyond the soak")
}

fn too_short(key: &str, limit: Millis, soak: Millis, then: &str) -> String {
    format!("{key} {limit} is not longer than the soak of {soak}: then {then}")
}
