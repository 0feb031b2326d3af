//! Explicit operator uids: what lets state find its operator again when the job's graph changes.
//!
//! Before 2.0 neither REST nor the savepoint tells whether an operator has one, so only what the
//! file declares is judged here; the savepoint itself is read in the plan.

use upshift_model::finding::Finding;
use upshift_model::flink::{DeclaredJob, JobDetails};
use upshift_model::observed::Gap;

use super::parallelism::takes_configuration;
use super::source;
use super::view::{self, View};
use crate::systems::flink::codes;
use upshift_model::finding::Severity;
use upshift_model::topic::Topic;

/// All findings about uids.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found: Vec<_> = view
        .detailed()
        .into_iter()
        .filter(|(job, _)| !job.stateless)
        .map(|(job, details)| declared(view, job, details))
        .collect();
    found.extend(required(view));
    found
}

fn declared(view: &View<'_>, job: &DeclaredJob, details: &JobDetails) -> Finding {
    let topic = Topic::new(codes::UIDS, view::job(&job.name))
        .source(source::UPGRADING)
        .source(source::RESTORES);
    if !job.uids.is_empty() {
        return topic
            .saw(format!(
                "declared: {}",
                view::listed(job.uids.iter().map(String::as_str))
            ))
            .saw("declared and not seen: the server does not tell")
            .green("its author declares uids");
    }
    let same = job.current.jar == job.target.jar;
    let heads = details
        .vertices
        .iter()
        .map(|vertex| format!("{}  {}", vertex.id, vertex.name));
    topic
        .saw(if same {
            "the same jar runs on the target: ids follow from the graph's shape and stay as long as it does"
        } else {
            "another jar runs on the target: inserting or removing one operator renames those after it"
        })
        .saw("ids of the operators at the head of each chain:")
        .saw_all(heads)
        .fix("declare what the job sets: uids = [\"source\", \"dedupe\"] in its [[job]] entry")
        .fix("where it sets none: .uid(\"NAME\") on every operator of the next release; to keep today's state, .setUidHash(\"ID\") with the ids above")
        .fix(if view.declared.require_uids { "uids are required already: submission fails where one is missing" } else {
            "make submission fail where one is missing: upshift plan FILE --require-uids"
        })
        .yellow("the file declares no uids")
}

fn required(view: &View<'_>) -> Option<Finding> {
    if !view.declared.require_uids {
        return None;
    }
    let topic = Topic::new(codes::UIDS_NOT_SENT, "policy").source(source::BODIES);
    Some(match (takes_configuration(view), view.target_version()) {
        (Some(true), _) => topic.green("the target is told to refuse operators without a uid"),
        (Some(false), Some(version)) => topic
            .saw(format!("require_uids is set; {version} takes no configuration with a submission"))
            .fix("set pipeline.auto-generate-uids: false in the target's configuration and require_uids = false in the file")
            .refused("uids are required, and the target cannot be told so"),
        (Some(false), None) | (None, _) => {
            let gap = Gap { what: "release of the target".into(), reason: "not seen".into() };
            topic.fix("see that the target cluster answers: curl -s REST/overview").unknown(&gap, Severity::Red, "whether the target can be told to require uids could not be seen")
        }
    })
}
