//! What the newest readable snapshot of each job holds, against the release and the job as wanted;
//! and whether the old release could read what the new one will write.
//!
//! The judgement itself is the one that the plan's gates use. A check takes no savepoint: where
//! nothing can be read it says so, and how to find out.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::fit::{
    FitCriteria, SnapshotRole, codes as fit_codes, judge, limits_unread, spoiled,
};
use upshift_model::flink::{DeclaredJob, SnapshotFound, SnapshotLook, SnapshotTold};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::source;
use super::view::{self, View};
use crate::knowledge::flink::When;
use crate::systems::flink::{codes, fit};

/// All findings about snapshots.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let jobs = view.declared.jobs.iter().filter(|job| !job.stateless);
    let mut found: Vec<_> = jobs.clone().flat_map(|job| of_job(view, job)).collect();
    if jobs.count() > 0 {
        found.extend(newer_snapshots(view));
    }
    found
}

fn of_job(view: &View<'_>, job: &DeclaredJob) -> Vec<Finding> {
    let criteria = fit::criteria(view.situation, job, view.details(job), view.target_version());
    let snapshots = view.facts.snapshots.get(&job.name);
    let looked_at = snapshots.map(|all| all.looked_at.as_slice()).unwrap_or_default();
    let mut found = Vec::new();
    found.extend(first_spoiled(looked_at, &criteria, job));
    match snapshots.and_then(|snapshots| snapshots.read()) {
        Some((look, contents)) => {
            found.push(read(job, look));
            found.extend(judge(contents, &criteria, role(look, job)));
        }
        None => found.extend(unread(view, job, looked_at, &criteria)),
    }
    found
}

/// What a snapshot is judged for: one that a person names, or a checkpoint that the job may resume
/// from, as what the job would be started from.
fn role(look: &SnapshotLook, job: &DeclaredJob) -> SnapshotRole {
    match look.told_by {
        SnapshotTold::Person => SnapshotRole::RestorePoint,
        SnapshotTold::NewestCheckpoint if job.may_use_checkpoint => SnapshotRole::RestorePoint,
        SnapshotTold::NewestCheckpoint | SnapshotTold::NewestSavepoint => SnapshotRole::Sample,
    }
}

fn first_spoiled(looked_at: &[SnapshotLook], criteria: &FitCriteria, job: &DeclaredJob) -> Option<Finding> {
    looked_at.iter().find_map(|look| match &look.found {
        SnapshotFound::Spoiled { what } => Some(spoiled(&look.location, what, criteria, role(look, job))),
        SnapshotFound::Read(_) | SnapshotFound::Unseen(_) => None,
    })
}

const fn whose(told_by: SnapshotTold) -> &'static str {
    match told_by {
        SnapshotTold::Person => "as named",
        SnapshotTold::NewestSavepoint => "the newest savepoint that the server knows",
        SnapshotTold::NewestCheckpoint => "the newest checkpoint",
    }
}

fn read(job: &DeclaredJob, look: &SnapshotLook) -> Finding {
    Topic::new(fit_codes::UNREAD, view::job(&job.name))
        .saw(format!("{}: {}", look.location, whose(look.told_by)))
        .source(source::SAVEPOINTS)
        .green("a snapshot of the job was read")
}

/// Where a trial savepoint is read before anything stops, what is not known now can hide nothing that
/// would be met only after the stop.
fn unread(
    view: &View<'_>,
    job: &DeclaredJob,
    looked_at: &[SnapshotLook],
    criteria: &FitCriteria,
) -> Vec<Finding> {
    let named = looked_at.iter().any(|look| look.told_by == SnapshotTold::Person);
    let may_hide = match view.declared.trial_savepoint && !named {
        true => Severity::Yellow,
        false => Severity::Red,
    };
    let reasons: Vec<_> = looked_at
        .iter()
        .map(|look| match &look.found {
            SnapshotFound::Spoiled { what } => format!("{}: {what}", look.location),
            SnapshotFound::Unseen(gap) => gap.to_string(),
            SnapshotFound::Read(_) => look.location.clone(),
        })
        .collect();
    let reason = match reasons.is_empty() {
        true => "nobody looked at one".to_owned(),
        false => reasons.join("; "),
    };
    let gap = Gap {
        what: format!("what state job {} holds", job.name),
        reason: reason.clone(),
    };
    let topic = Topic::new(fit_codes::UNREAD, view::job(&job.name))
        .source(source::SAVEPOINTS)
        .saw("a check takes no savepoint by itself");
    let topic = match view.declared.trial_savepoint {
        true => {
            topic.saw("the plan takes a trial savepoint and judges it as here, before anything is stopped")
        }
        false => topic.saw("trial_savepoint is off: what does not fit would show only after the stop"),
    };
    let topic = topic
        .fix("take a savepoint while the job runs, then check again: upshift restore-points take FILE")
        .fix("or name one that this machine can read: upshift check FILE --savepoint PATH");
    let mut found = vec![topic.unknown(&gap, may_hide, "no snapshot of the job could be read")];
    found.extend(limits_unread(criteria, &reason, may_hide));
    found.extend(header_unread(view, job, &reason, may_hide));
    found
}

/// Whether there is operator state at all decides whether its header matters.
fn header_unread(view: &View<'_>, job: &DeclaredJob, reason: &str, may_hide: Severity) -> Option<Finding> {
    let from = &view.facts.source.version;
    let verdict = view
        .situation
        .knowledge
        .flink()
        .pair(from, view.target_version()?);
    let limit = verdict
        .reasons()
        .iter()
        .find(|limit| limit.when == When::OperatorState)?;
    let gap = Gap {
        what: "whether there is operator state".to_owned(),
        reason: reason.to_owned(),
    };
    Some(
        Topic::new(fit_codes::OPERATOR_HEADER, view::job(&job.name))
            .saw(limit.ground.to_string())
            .fix(limit.ground.advice())
            .fix("or name a snapshot that this machine can read: upshift check FILE --savepoint PATH")
            .source(limit.origin.to_string())
            .unknown(
                &gap,
                may_hide,
                "whether the target reads the headers of operator state cannot be told",
            ),
    )
}

/// The way back starts from a savepoint of the old release; one that the new release takes may be of
/// no use to the old.
fn newer_snapshots(view: &View<'_>) -> Vec<Finding> {
    let Some(to) = view.target_version() else {
        return Vec::new();
    };
    let from = &view.facts.source.version;
    let flink = view.situation.knowledge.flink();
    let metadata = flink
        .metadata_version_written(to)
        .zip(flink.metadata_versions_read(from));
    let metadata = metadata.map(|(written, (_, most))| (written, most));
    let header = flink.operator_header(to).zip(flink.operator_header(from));
    [
        (codes::NEWER_METADATA, "metadata", metadata),
        (codes::NEWER_HEADER, "headers of operator state", header),
    ]
    .into_iter()
    .filter_map(|(code, what, versions)| {
        let (written, read) = versions?;
        Some(newer(code, what, (from, to), (written, read)))
    })
    .collect()
}

fn newer(
    code: upshift_model::ids::Code,
    what: &str,
    (from, to): (&Version, &Version),
    (written, read): (u32, u32),
) -> Finding {
    let topic = Topic::new(code, "way back").source(source::RESTORES).saw(format!(
        "{to} writes {what} of version {written}, {from} reads up to {read}"
    ));
    if written <= read {
        return topic.green(format!("{from} reads {what} of snapshots that {to} takes"));
    }
    topic
        .saw("the way back of the plan starts from the savepoint that the old release took, and loses what came after it")
        .fix("keep that savepoint until you are sure: [policy] keep_restore_points")
        .fix(format!("what {to} writes cannot be carried back: decide within the soak time"))
        .yellow(format!("{from} cannot read {what} of snapshots that {to} takes"))
}
