//! Whether each job checkpoints healthily, and whether its kind of checkpoint stands in the way.
//!
//! A job that cannot complete a checkpoint will hardly complete a savepoint; and the plan proves a
//! restore by the first checkpoint after it.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{CheckpointHistory, Checkpointing, DeclaredJob, SnapshotFacts};
use upshift_model::observed::Observed;
use upshift_model::span::Millis;

use super::source;
use super::view::{self, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// Slack for a checkpoint's age: the server caches its statistics for 3 s from 1.18 on, and the
/// clocks of two machines kept by NTP differ by less than a second. Rounded up.
const SLACK: Millis = Millis::from_secs(10);
/// So many intervals may pass without alarm: one under way, one that was skipped because the one
/// before it took long, one for the pause between two.
const INTERVALS: u64 = 3;

/// What is seen where the server keeps silent.
const SILENT: &str = "no such field in its answer to checkpoints/config";
/// What to do where the server keeps silent.
const ASK: &str = "ask the cluster yourself: curl -s REST/jobs/JOB-ID/checkpoints/config and …/checkpoints";

/// All findings about checkpoints.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    view.detailed()
        .into_iter()
        .flat_map(|(job, details)| {
            let mut found = settings(job, &details.checkpointing);
            found.extend(history(view, job, &details.checkpointing, &details.checkpoints));
            found
        })
        .collect()
}

fn worst(job: &DeclaredJob) -> Severity {
    if job.stateless {
        Severity::Yellow
    } else {
        Severity::Red
    }
}

fn settings(job: &DeclaredJob, seen: &Observed<Checkpointing>) -> Vec<Finding> {
    match seen {
        Observed::Unknown(gap) => vec![
            Topic::new(codes::CHECKPOINTING_OFF, view::job(&job.name))
                .fix(ASK)
                .unknown(gap, worst(job), "how the job checkpoints could not be seen"),
        ],
        Observed::Known(seen) => {
            let mut found = vec![
                periodic(job, seen),
                unaligned(job, seen),
                changelog(job, seen),
                mode(job, seen),
            ];
            found.extend(retained(job, seen));
            found
        }
    }
}

fn periodic(job: &DeclaredJob, seen: &Checkpointing) -> Finding {
    let topic = Topic::new(codes::CHECKPOINTING_OFF, view::job(&job.name)).source(source::UPGRADING);
    match (seen.interval, job.stateless) {
        (Some(interval), _) => topic.saw(format!("every {interval}, {}", seen.mode)).green("the job checkpoints"),
        (None, true) => topic
            .saw("no checkpoint will show that it is well after the restart")
            .fix("set execution.checkpointing.interval: 60s, or let a probe say that it works")
            .yellow("periodic checkpoints are off, and the job is declared stateless"),
        (None, false) => topic
            .saw("a savepoint could be taken, but no checkpoint would ever prove the restore")
            .fix("set execution.checkpointing.interval: 60s in the configuration, or env.enableCheckpointing(60_000) in the job, and restart it")
            .fix("if it keeps no state worth keeping: set stateless = true in its [[job]] entry")
            .refused("periodic checkpoints are off"),
    }
}

fn unaligned(job: &DeclaredJob, seen: &Checkpointing) -> Finding {
    let topic = Topic::new(codes::UNALIGNED, view::job(&job.name)).source(source::SNAPSHOTS);
    match seen.unaligned {
        Some(false) => topic.green("checkpoints are aligned"),
        Some(true) if job.may_use_checkpoint => topic
            .saw("its entry allows to resume from a retained checkpoint, and an unaligned one is no way across releases")
            .fix("set may_use_checkpoint = false, or execution.checkpointing.unaligned: false and restart the job")
            .red("unaligned checkpoints are on, and the job may resume from one"),
        Some(true) => topic
            .saw("a savepoint is always aligned: it may take as long as the slowest channel needs")
            .fix("expect a slow savepoint under back pressure; try one: upshift restore-points take FILE")
            .yellow("unaligned checkpoints are on; only a savepoint goes across releases"),
        None => topic.saw(SILENT).fix(ASK).yellow("the server does not say whether checkpoints are unaligned"),
    }
}

/// upshift restores with NO_CLAIM only, so that the savepoint stays the user's; the changelog
/// backend restores that way and then fails its first checkpoint.
fn changelog(job: &DeclaredJob, seen: &Checkpointing) -> Finding {
    let topic = Topic::new(codes::CHANGELOG, view::job(&job.name)).source(source::CHANGELOG);
    match seen.changelog {
        Some(false) => topic.green("the changelog is off"),
        Some(true) => topic
            .saw("state_changelog_enabled is true")
            .saw("restored with NO_CLAIM it runs, and its first checkpoint fails: \"does not support enforcing a full snapshot\"")
            .fix("set state.changelog.enabled: false (up to 1.19: state.backend.changelog.enabled: false) in the configuration that is carried over, then waive this")
            .red("the changelog is on, and its backend cannot be restored with NO_CLAIM"),
        None => topic.saw(SILENT).fix(ASK).yellow("the server does not say whether the changelog is on"),
    }
}

fn mode(job: &DeclaredJob, seen: &Checkpointing) -> Finding {
    let topic = Topic::new(codes::AT_LEAST_ONCE, view::job(&job.name)).saw(format!("mode: {}", seen.mode));
    if seen.mode == "at_least_once" {
        topic
            .saw("whatever is restored, records may be counted twice")
            .fix("set execution.checkpointing.mode: EXACTLY_ONCE and restart the job, or accept it")
            .yellow("checkpoints are at-least-once")
    } else {
        topic.green("checkpoints are exactly-once")
    }
}

fn retained(job: &DeclaredJob, seen: &Checkpointing) -> Option<Finding> {
    if !job.may_use_checkpoint {
        return None;
    }
    let topic = Topic::new(codes::NOT_RETAINED, view::job(&job.name)).source(source::SNAPSHOTS).fix(
        "set execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION and restart the job",
    );
    Some(match seen.retained {
        Some(true) => topic.green("checkpoints outlive the job"),
        Some(false) => topic
            .saw("externalization: off, or deleted on cancellation")
            .yellow("the job may resume from a checkpoint, and none outlives its cancellation"),
        None => topic
            .saw(SILENT)
            .yellow("the server does not say whether checkpoints outlive the job"),
    })
}

fn history(
    view: &View<'_>,
    job: &DeclaredJob,
    settings: &Observed<Checkpointing>,
    seen: &Observed<CheckpointHistory>,
) -> Vec<Finding> {
    let seen = match seen {
        Observed::Known(seen) => seen,
        Observed::Unknown(gap) => {
            return vec![
                Topic::new(codes::NO_CHECKPOINT, view::job(&job.name))
                    .fix(ASK)
                    .unknown(gap, worst(job), "what came of its checkpoints could not be seen"),
            ];
        }
    };
    // Periodic checkpoints that are off have a finding of their own.
    let Some((interval, settings)) = settings.known().and_then(|s| s.interval.map(|i| (i, s))) else {
        return Vec::new();
    };
    let mut found = vec![failing(job, seen)];
    match &seen.latest_completed {
        Some(latest) => found.push(lateness(view, job, latest, interval, settings.timeout)),
        None => found.push(
            Topic::new(codes::NO_CHECKPOINT, view::job(&job.name))
                .saw(format!(
                    "{} failed, {} in progress, every {interval}",
                    seen.failed, seen.in_progress
                ))
                .fix("wait for the first one, or find out why none completes: web UI, Checkpoints, History")
                .at(worst(job), "no checkpoint completed yet"),
        ),
    }
    found
}

fn lateness(
    view: &View<'_>,
    job: &DeclaredJob,
    latest: &SnapshotFacts,
    interval: Millis,
    timeout: Option<Millis>,
) -> Finding {
    let done = latest.acknowledged_at.unwrap_or(latest.triggered_at);
    let age = Millis::between(done, view.looked_at());
    let took = Millis::between(latest.triggered_at, done);
    let usual = Millis(interval.0.saturating_mul(INTERVALS))
        .plus(took)
        .plus(SLACK);
    // Without a known time-out nothing more than lateness can be told.
    let given_up = timeout.map(|timeout| usual.plus(timeout));
    let topic = Topic::new(codes::CHECKPOINT_LATE, view::job(&job.name))
        .saw(format!("number {} completed {age} before the look ({done}), took {took}", latest.id))
        .saw(format!("one is due every {interval}"))
        .source(source::REST)
        .fix("find out why none completes: web UI, Checkpoints, History; back pressure and a full store are the usual causes");
    match given_up {
        _ if age <= usual => topic.green("the newest completed checkpoint is recent"),
        Some(limit) if age > limit => topic.at(
            worst(job),
            "no checkpoint completed for longer than interval and time-out allow",
        ),
        Some(_) | None => topic.yellow("the newest completed checkpoint is late"),
    }
}

fn failing(job: &DeclaredJob, seen: &CheckpointHistory) -> Finding {
    let topic = Topic::new(codes::CHECKPOINT_FAILING, view::job(&job.name))
        .saw(format!("{} completed, {} failed", seen.completed, seen.failed))
        .fix(
            "read the cause: web UI, Checkpoints, History; try a savepoint: upshift restore-points take FILE",
        );
    let latest = seen.latest_completed.as_ref().map(|latest| latest.triggered_at);
    match (seen.latest_failed_at, latest) {
        (None, _) => topic.green("no checkpoint failed"),
        (Some(failed), Some(completed)) if failed < completed => {
            topic.green("the newest checkpoint completed; failed ones are older")
        }
        (Some(failed), _) => topic
            .saw(format!("the newest failed one was triggered at {failed}"))
            .at(worst(job), "the newest checkpoint or savepoint failed"),
    }
}
