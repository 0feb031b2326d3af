//! Slots, parallelism and max parallelism on the target.
//!
//! All vertices of a job are taken to share slots, which is Flink's default; a job with slot sharing
//! groups of its own needs more, and REST does not tell.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DeclaredJob, JobDetails, Target};
use upshift_model::observed::Gap;

use super::source;
use super::view::{self, NEW_CLUSTER, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// The first line whose servers take configuration with a submission.
const TAKES_CONFIGURATION: (u32, u32) = (1, 18);

/// What to do where the server gives no max parallelism.
const UNSEEN: &str =
    "look in the web UI under the job's vertices, or in the job: setMaxParallelism; then waive this";

/// All findings about parallelism.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found = vec![slots(view)];
    // A snapshot tells it of every operator, and not only of those at the head of a chain.
    let unread = |job: &DeclaredJob| {
        let snapshots = view.facts.snapshots.get(&job.name);
        snapshots.and_then(|snapshots| snapshots.read()).is_none()
    };
    for (job, details) in view
        .detailed()
        .into_iter()
        .filter(|(job, _)| job.stateless || unread(job))
    {
        found.extend(max_parallelism(job, details));
        found.extend(parallelism(job, details));
    }
    found.extend(view.declared.jobs.iter().filter_map(|job| sendable(view, job)));
    found
}

/// Whether the target's server takes configuration with a submission; none when its release is not
/// known.
pub(super) fn takes_configuration(view: &View<'_>) -> Option<bool> {
    view.target_version()
        .map(|version| (version.major(), version.minor()) >= TAKES_CONFIGURATION)
}

fn slots(view: &View<'_>) -> Finding {
    let topic = Topic::new(codes::SLOTS, NEW_CLUSTER).source(source::REST).fix(
        "add task managers: [installation] task_managers = { current = 1, target = 2 }; or raise taskmanager.numberOfTaskSlots in the configuration",
    );
    let (needed, unseen) = needed(view);
    let (there, how) = match there(view) {
        Ok(there) => there,
        Err(gap) => return topic.unknown(&gap, Severity::Red, "the target's slots could not be counted"),
    };
    let topic = topic
        .saw(format!("{there} slots: {how}"))
        .saw(format!("{needed} wanted by the named jobs"));
    if needed > there {
        return topic.red("the target has too few slots");
    }
    if unseen.is_empty() {
        return topic.green("the target has slots enough");
    }
    let gap = Gap {
        what: format!("parallelism of {}", unseen.join(", ")),
        reason: "not seen".into(),
    };
    topic.unknown(
        &gap,
        Severity::Red,
        "how many slots the jobs want could not be seen",
    )
}

/// Slots that the named jobs want, and the jobs of which it is not known.
fn needed(view: &View<'_>) -> (u32, Vec<String>) {
    let mut sum = 0_u32;
    let mut unseen = Vec::new();
    for job in &view.declared.jobs {
        let running = view.details(job).map(widest);
        match job.target.parallelism.or(running) {
            Some(wanted) => sum = sum.saturating_add(wanted),
            None => unseen.push(view::job(&job.name)),
        }
    }
    (sum, unseen)
}

fn widest(details: &JobDetails) -> u32 {
    details
        .vertices
        .iter()
        .map(|vertex| vertex.parallelism)
        .max()
        .unwrap_or(0)
}

/// Slots that will be free for the jobs, and where the number comes from.
fn there(view: &View<'_>) -> Result<(u32, String), Gap> {
    match &view.declared.target {
        Target::Release { installation, .. } => {
            let each = slots_of_each(view)?;
            let managers = u32::from(installation.task_managers);
            Ok((
                managers.saturating_mul(each),
                format!("{managers} task manager(s) of {each}"),
            ))
        }
        Target::RunningCluster { rest } => {
            let missing = || Gap {
                what: format!("cluster at {}", rest.url),
                reason: "not looked at".into(),
            };
            let target = view.facts.target.as_ref().ok_or_else(missing)?;
            let free = target
                .as_result()
                .and_then(|cluster| cluster.slots_free.as_result());
            free.map(|free| (*free, format!("free at {}", rest.url)))
                .map_err(Clone::clone)
        }
        Target::SameCluster => {
            let free = *view.facts.source.slots_free.as_result().map_err(Clone::clone)?;
            let held = view
                .detailed()
                .iter()
                .map(|(_, details)| widest(details))
                .sum::<u32>();
            Ok((
                free.saturating_add(held),
                format!("{free} free, {held} held by the named jobs"),
            ))
        }
    }
}

fn slots_of_each(view: &View<'_>) -> Result<u32, Gap> {
    const KEY: &str = "taskmanager.numberOfTaskSlots";
    let gap = |reason: String| Gap {
        what: KEY.into(),
        reason,
    };
    view.conf()
        .ok_or_else(|| gap("the configuration that is carried over was not seen".into()))?;
    match view.conf_value(KEY) {
        // Flink's default.
        None => Ok(1),
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| gap(format!("{text:?} is not a number"))),
    }
}

/// A savepoint fixes each operator's max parallelism: another one is refused at submission, after
/// the stop.
fn max_parallelism(job: &DeclaredJob, details: &JobDetails) -> Option<Finding> {
    let wanted = job.target.max_parallelism?;
    let topic = Topic::new(codes::MAX_PARALLELISM, view::job(&job.name)).source(source::RESTORES);
    let unseen = details
        .vertices
        .iter()
        .find(|vertex| vertex.max_parallelism.is_none());
    let other = |seen: u32| seen != wanted;
    let differing: Vec<_> = details
        .vertices
        .iter()
        .filter(|vertex| vertex.max_parallelism.is_some_and(other))
        .collect();
    let topic = topic
        .saw(format!("declared for the target: {wanted}"))
        .saw_all(differing.iter().map(|vertex| {
            let seen = vertex
                .max_parallelism
                .map_or_else(String::new, |seen| seen.to_string());
            format!("{} ({}) runs with {seen}", vertex.name, vertex.id)
        }));
    let first = differing.first().and_then(|vertex| vertex.max_parallelism);
    Some(match (first, unseen) {
        (Some(_), _) if job.stateless => {
            topic.green("the max parallelism changes; the job is declared stateless")
        }
        (Some(first), _) => topic
            .fix(format!(
                "set max_parallelism = {first} in its [[job]] entry, or leave it out"
            ))
            .fix("if these operators hold no keyed state: waive this")
            .red("the max parallelism would change, and keyed state could not be restored"),
        (None, Some(vertex)) => {
            let gap = Gap {
                what: format!("max parallelism of {}", vertex.name),
                reason: "the server gives none".into(),
            };
            topic.fix(UNSEEN).unknown(
                &gap,
                Severity::Red,
                "whether the max parallelism stays could not be seen",
            )
        }
        (None, None) => topic.green("the max parallelism stays"),
    })
}

fn parallelism(job: &DeclaredJob, details: &JobDetails) -> Option<Finding> {
    let wanted = job.target.parallelism?;
    let lowest = details
        .vertices
        .iter()
        .filter_map(|vertex| vertex.max_parallelism)
        .min();
    let limit = job.target.max_parallelism.into_iter().chain(lowest).min();
    let topic = Topic::new(codes::PARALLELISM_TOO_HIGH, view::job(&job.name)).source(source::RESTORES);
    let Some(limit) = limit else {
        let gap = Gap {
            what: "max parallelism of its vertices".into(),
            reason: "the server gives none".into(),
        };
        return Some(topic.fix(UNSEEN).unknown(
            &gap,
            Severity::Red,
            "whether the parallelism is allowed could not be seen",
        ));
    };
    let topic = topic.saw(format!("parallelism {wanted}, max parallelism {limit}"));
    Some(if wanted > limit {
        topic
            .fix(format!("set parallelism = {limit} or less in its [[job]] entry: the max parallelism of existing state cannot be raised"))
            .refused("the parallelism exceeds the max parallelism")
    } else {
        topic.green("the parallelism is within the max parallelism")
    })
}

fn sendable(view: &View<'_>, job: &DeclaredJob) -> Option<Finding> {
    let wanted = job.target.max_parallelism?;
    if takes_configuration(view)? {
        return None;
    }
    let version = view.target_version()?;
    Some(
        Topic::new(codes::MAX_PARALLELISM_NOT_SENT, view::job(&job.name))
            .saw(format!("max_parallelism = {wanted}; {version} takes no configuration with a submission"))
            .source(source::BODIES)
            .fix(format!("set it in the job, env.setMaxParallelism({wanted}), or pipeline.max-parallelism: {wanted} in the configuration"))
            .yellow("the declared max parallelism cannot be sent to the target"),
    )
}
