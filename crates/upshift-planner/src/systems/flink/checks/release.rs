//! The releases: what runs, what is wanted, and what the catalogue says of the pair.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{ClusterFacts, Target};
use upshift_model::observed::{Gap, Observed};
use upshift_model::version::Version;

use super::view::{NEW_CLUSTER, OLD_CLUSTER, View};
use super::{catalogue, source};
use crate::knowledge::flink::ActedUpon;
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// All findings about releases.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found = vec![catalogue::acted_upon(
        view,
        &view.facts.source.version,
        OLD_CLUSTER,
    )];
    found.extend(declared_current(view));
    found.extend(vendor(&view.facts.source.version, OLD_CLUSTER));
    found.extend(running_target(view));
    if let Some(target) = view.target_version() {
        found.extend(pair(view, target));
    }
    found.extend(nothing_changes(view));
    found.push(catalogue::age(view));
    found
}

fn pair(view: &View<'_>, target: &Version) -> Vec<Finding> {
    let source = &view.facts.source.version;
    if matches!(view.declared.target, Target::SameCluster) {
        return Vec::new();
    }
    let mut found = vec![
        catalogue::acted_upon(view, target, NEW_CLUSTER),
        direction(source, target),
    ];
    found.extend(vendor(target, NEW_CLUSTER));
    let judged = [source, target].map(|release| view.situation.knowledge.flink().acted_upon(release));
    if target >= source && judged.iter().all(|judged| *judged == ActedUpon::Yes) {
        found.extend(catalogue::pair(view, source, target));
    }
    found
}

fn declared_current(view: &View<'_>) -> Option<Finding> {
    let declared = &view.declared.current.as_ref()?.version;
    let seen = &view.facts.source.version;
    let topic = Topic::new(codes::CURRENT_VERSION, OLD_CLUSTER)
        .saw(format!("the file says {declared}, the cluster says {seen}"))
        .source(source::REST);
    Some(if declared == seen {
        topic.green("the file and the cluster agree on what runs")
    } else {
        topic
            .fix(format!("if the cluster is the right one: set [installation] current.version = \"{seen}\" and its home"))
            .fix(format!("if not: correct `rest`, now {}", view.facts.source.rest))
            .refused("another release runs than the file says")
    })
}

fn direction(source: &Version, target: &Version) -> Finding {
    let topic = Topic::new(codes::DIRECTION, NEW_CLUSTER)
        .saw(format!("{source} runs, {target} is wanted"))
        .source(source::RESTORES);
    if target >= source {
        return topic.green("the target is not older than what runs");
    }
    topic
        .saw("Flink promises no restore of newer state by an older release; 1.20 refuses every 2.x snapshot, 1.17 those of 1.18 with operator state")
        .fix("to return from an upgrade that upshift made: upshift rollback, which restores the savepoint taken before it")
        .refused("the target is older than what runs")
}

/// A tail such as `-amzn-1` or `-SNAPSHOT`: the catalogue speaks of Apache's own releases.
fn vendor(version: &Version, subject: &str) -> Option<Finding> {
    if version.tail().is_empty() {
        return None;
    }
    Some(
        Topic::new(codes::VENDOR_BUILD, subject)
            .saw(format!("{version}: the catalogue speaks of {}.{}, not of what {:?} changed", version.major(), version.minor(), version.tail()))
            .fix("ask its vendor whether state goes across, and try a copy: a shadow upgrade from a savepoint taken without stopping")
            .yellow("the build is not one of Apache's own releases"),
    )
}

fn running_target(view: &View<'_>) -> Option<Finding> {
    let Target::RunningCluster { rest } = &view.declared.target else {
        return None;
    };
    let topic = Topic::new(codes::TARGET_CLUSTER, NEW_CLUSTER)
        .fix(format!("see that it answers: curl -s {}/overview", rest.url))
        .source(source::REST);
    let unlooked = Gap {
        what: format!("cluster at {}", rest.url),
        reason: "not looked at".into(),
    };
    Some(match view.facts.target.as_ref().map(Observed::as_result) {
        Some(Ok(target)) => told(topic, target),
        Some(Err(gap)) => topic.unknown(gap, Severity::Red, "the target cluster does not answer"),
        None => topic.unknown(&unlooked, Severity::Red, "the target cluster was not looked at"),
    })
}

fn told(topic: Topic, target: &ClusterFacts) -> Finding {
    topic
        .saw(format!("{} is Flink {}", target.rest, target.version))
        .green("the target cluster answers")
}

/// The same release, jar, arguments and parallelism: only a restart would come of it.
fn nothing_changes(view: &View<'_>) -> Option<Finding> {
    let same_cluster = matches!(view.declared.target, Target::SameCluster);
    let all_same = view.declared.jobs.iter().all(|job| job.current == job.target);
    (same_cluster && all_same).then(|| {
        Topic::new(codes::NOTHING_CHANGES, OLD_CLUSTER)
            .saw("every [[job]] entry asks for what runs: the same jar path, arguments and parallelism")
            .fix("name what should change in a [[job]] entry, or an [installation] target")
            .yellow("nothing but a restart would come of it")
    })
}
