//! What a cluster says of one of its jobs.

use upshift_engine::driver::Fault;
use upshift_model::flink::{
    CheckpointHistory, Checkpointing, JobDetails, JobFacts, SnapshotFacts, VertexFacts,
};
use upshift_model::observed::Observed;
use upshift_model::span::Millis;

use super::told::{observed, time};
use crate::flink::answers::{Checkpoint, CheckpointConfig, Checkpoints, Job, JobException, JobSummary};
use crate::flink::client::FlinkClient;

/// `Long.MAX_VALUE`: how Flink says that periodic checkpoints are off.
const NEVER: u64 = i64::MAX as u64;

const HAS_GONE: &str = "the server did not know it any more";

pub(super) async fn job(client: &FlinkClient, summary: JobSummary) -> JobFacts {
    let details = if summary.state.is_over() {
        Observed::unknown(format!("details of job {}", summary.name), "it is over")
    } else {
        details(client, &summary).await
    };
    JobFacts {
        id: summary.jid,
        name: summary.name,
        state: summary.state.word().to_owned(),
        started_at: time(summary.start_time),
        details,
    }
}

async fn details(client: &FlinkClient, summary: &JobSummary) -> Observed<JobDetails> {
    let id = &summary.jid;
    let (job, restarts, exceptions, config, checkpoints) = futures::join!(
        client.job(id),
        client.restarts(id),
        client.exceptions(id),
        client.checkpoint_config(id),
        client.checkpoints(id),
    );
    let of = |what: &str| format!("{what} of job {}", summary.name);
    let no_checkpoints = "the server has none of it: it is a batch job, or it has just ended";
    match asked(&of("details"), job, HAS_GONE) {
        Observed::Unknown(gap) => Observed::Unknown(gap),
        Observed::Known(job) => Observed::Known(JobDetails {
            vertices: vertices(&job),
            restarts: asked(
                &of("restarts"),
                restarts,
                "the server has no metric numRestarts of it yet",
            ),
            last_exception_at: last_exception(&of("exceptions"), exceptions),
            checkpointing: asked(&of("checkpoint settings"), config, no_checkpoints).map(checkpointing),
            checkpoints: history(
                &of("checkpoints"),
                asked(&of("checkpoints"), checkpoints, no_checkpoints),
            ),
        }),
    }
}

/// A fact that the server may not have.
fn asked<T>(what: &str, found: Result<Option<T>, Fault>, absent: &str) -> Observed<T> {
    match found {
        Ok(Some(fact)) => Observed::Known(fact),
        Ok(None) => Observed::unknown(what, absent),
        Err(fault) => observed(what, Err(fault)),
    }
}

fn vertices(job: &Job) -> Vec<VertexFacts> {
    job.vertices
        .iter()
        .map(|vertex| VertexFacts {
            id: vertex.id.clone(),
            name: vertex.name.clone(),
            parallelism: vertex.parallelism,
            max_parallelism: vertex.max_parallelism.and_then(|max| u32::try_from(max).ok()),
            status: vertex.status.clone(),
        })
        .collect()
}

fn last_exception(
    what: &str,
    found: Result<Option<Vec<JobException>>, Fault>,
) -> Observed<Option<jiff::Timestamp>> {
    match asked(what, found, HAS_GONE) {
        Observed::Unknown(gap) => Observed::Unknown(gap),
        Observed::Known(entries) => match entries.first().map(|newest| time(newest.timestamp)) {
            None => Observed::Known(None),
            Some(Some(at)) => Observed::Known(Some(at)),
            Some(None) => Observed::unknown(what, "its newest entry bears no time"),
        },
    }
}

fn checkpointing(config: CheckpointConfig) -> Checkpointing {
    let some = |ms: u64| (ms < NEVER).then_some(Millis(ms));
    Checkpointing {
        mode: config.mode,
        interval: some(config.interval),
        timeout: some(config.timeout),
        unaligned: config.unaligned_checkpoints,
        state_backend: config.state_backend,
        changelog: config.state_changelog_enabled,
        retained: config
            .externalization
            .map(|kept| kept.enabled && !kept.delete_on_cancellation),
    }
}

fn history(what: &str, found: Observed<Checkpoints>) -> Observed<CheckpointHistory> {
    let found = match found {
        Observed::Known(found) => found,
        Observed::Unknown(gap) => return Observed::Unknown(gap),
    };
    let snapshot = |found: Option<&Checkpoint>| match found.map(snapshot) {
        None => Ok(None),
        Some(Some(facts)) => Ok(Some(facts)),
        Some(None) => Err(()),
    };
    match (
        snapshot(found.latest.completed.as_ref()),
        snapshot(found.latest.savepoint.as_ref()),
    ) {
        (Ok(latest_completed), Ok(latest_savepoint)) => Observed::Known(CheckpointHistory {
            completed: found.counts.completed,
            failed: found.counts.failed,
            in_progress: found.counts.in_progress,
            restored: found.counts.restored,
            latest_completed,
            latest_savepoint,
            latest_failed_at: found
                .latest
                .failed
                .as_ref()
                .and_then(|failed| time(failed.trigger_timestamp)),
            restored_from: found
                .latest
                .restored
                .as_ref()
                .and_then(|restored| restored.external_path.clone()),
            restored_at: found
                .latest
                .restored
                .as_ref()
                .and_then(|restored| time(restored.restore_timestamp)),
        }),
        _ => Observed::unknown(what, "the newest one bears no trigger time"),
    }
}

/// None when the server gives no trigger time: without it the age of the snapshot is not known.
fn snapshot(found: &Checkpoint) -> Option<SnapshotFacts> {
    Some(SnapshotFacts {
        id: found.id,
        triggered_at: time(found.trigger_timestamp)?,
        acknowledged_at: found.latest_ack_timestamp.and_then(time),
        // The whole state and not the increment: it is what a savepoint would have to write.
        bytes: found.state_size.or(found.checkpointed_size),
        path: found.external_path.clone().filter(|path| path.contains('/')),
    })
}
