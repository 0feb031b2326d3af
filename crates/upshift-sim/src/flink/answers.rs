//! What a job manager tells: the fields of its JSON that callers read, with the names and shapes of the
//! recorded transcripts. Every answer is fresh; the real server's statistics may be 3 s old.

use serde_json::{Value, json};

use super::call::Call;
use super::cluster::{Cluster, checkpoint_location};
use super::errors;
use super::job::{GRAPH, Job, Over, PARALLELISM, Phase};

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// 200 with this body.
    pub const fn of(body: Value) -> Self {
        Self { status: 200, body }
    }
}

/// The answer to a question.
pub(super) fn told(cluster: &Cluster, call: &Call, now: i64) -> Answer {
    let of_job = |id: &str, tell: fn(&Cluster, &str, &Job, i64) -> Value| match cluster.jobs.get(id) {
        Some(job) => Answer::of(tell(cluster, id, job, now)),
        None => errors::no_job(id),
    };
    match call {
        Call::Overview => Answer::of(overview(cluster, now)),
        Call::Dashboard => Answer::of(json!({
            "refresh-interval": 3000, "flink-version": cluster.release, "flink-revision": "51a7d1f @ 2026-01-01",
            "features": { "web-submit": true, "web-cancel": true, "web-rescale": false, "web-history": false },
        })),
        Call::Configuration => {
            let entries = cluster.config.iter();
            Answer::of(
                entries
                    .map(|(key, value)| json!({ "key": key, "value": value }))
                    .collect(),
            )
        }
        Call::TaskManagers => Answer::of(task_managers(cluster, now)),
        Call::Jobs => {
            let jobs: Vec<Value> = cluster
                .jobs
                .iter()
                .map(|(id, job)| summary(id, job, now))
                .collect();
            Answer::of(json!({ "jobs": jobs }))
        }
        Call::Job(id) => of_job(id, |_, id, job, now| details(id, job, now)),
        Call::Status(id) => match cluster.jobs.get(id) {
            Some(job) => Answer::of(json!({ "status": job.phase(now).word() })),
            None => errors::no_job_status(id),
        },
        Call::Checkpoints(id) => of_job(id, checkpoints),
        Call::CheckpointConfig(id) => of_job(id, |_, _, job, _| checkpoint_config(job)),
        Call::Exceptions(id) => of_job(id, |_, _, job, now| exceptions(job, now)),
        Call::Result(id) => of_job(id, |_, id, job, _| result(id, job)),
        Call::Metrics(id) => of_job(
            id,
            |_, _, job, now| json!([{ "id": "numRestarts", "value": job.restarts(now).to_string() }]),
        ),
        Call::Jars => {
            let files = cluster.jars.iter();
            let files: Vec<Value> = files
                .map(|(id, name)| json!({ "id": id, "name": name, "uploaded": now, "entry": [] }))
                .collect();
            Answer::of(json!({ "address": "http://127.0.0.1", "files": files }))
        }
        Call::Saved { job, trigger } => saved(cluster, job, trigger),
        Call::Disposed(request) => match cluster.disposals.get(request) {
            None => errors::no_disposal(request),
            Some(Ok(())) => Answer::of(json!({ "status": { "id": "COMPLETED" }, "operation": {} })),
            Some(Err(why)) => completed(json!({ "failure-cause": errors::cause(why) })),
        },
        other => errors::not_found(other.word()),
    }
}

fn completed(operation: Value) -> Answer {
    Answer::of(json!({ "status": { "id": "COMPLETED" }, "operation": operation }))
}

fn overview(cluster: &Cluster, now: i64) -> Value {
    let count = |phase| {
        cluster
            .jobs
            .values()
            .filter(|job| job.phase(now) == phase)
            .count()
    };
    json!({
        "taskmanagers": cluster.task_managers.len(), "slots-total": cluster.slots(),
        "slots-available": cluster.slots_free(now), "jobs-running": count(Phase::Running),
        "jobs-finished": count(Phase::Finished), "jobs-cancelled": count(Phase::Canceled),
        "jobs-failed": count(Phase::Failed), "flink-version": cluster.release, "flink-commit": "51a7d1f",
    })
}

fn task_managers(cluster: &Cluster, now: i64) -> Value {
    let each = cluster.slots_each();
    let mut busy = cluster.slots() - cluster.slots_free(now);
    let tell = |pid: &u32| {
        let used = busy.min(each);
        busy -= used;
        json!({
            "id": format!("127.0.0.1:{pid}"), "path": "pekko.tcp://flink@127.0.0.1/user/rpc/taskmanager_0",
            "slotsNumber": each, "freeSlots": each - used, "hardware": { "physicalMemory": 1_073_741_824_u64 },
        })
    };
    let all: Vec<Value> = cluster.task_managers.iter().map(tell).collect();
    json!({ "taskmanagers": all })
}

fn tasks(job: &Job, now: i64) -> Value {
    let all = GRAPH.len();
    let (running, created, failed, done) = match job.phase(now) {
        Phase::Running => (all, 0, 0, 0),
        Phase::Created | Phase::Restarting => (0, all, 0, 0),
        Phase::Finished => (0, 0, 0, all),
        Phase::Canceled | Phase::Failed => (0, 0, all, 0),
    };
    json!({
        "total": all, "running": running, "created": created, "finished": done, "failed": failed, "scheduled": 0,
        "deploying": 0, "canceling": 0, "canceled": 0, "reconciling": 0, "initializing": 0,
    })
}

fn summary(id: &str, job: &Job, now: i64) -> Value {
    let end = job.over.as_ref().map(|(at, _)| *at);
    json!({
        "jid": id, "name": job.name, "state": job.phase(now).word(), "start-time": job.submitted_at,
        "end-time": end.unwrap_or(-1), "duration": end.unwrap_or(now) - job.submitted_at, "tasks": tasks(job, now),
    })
}

fn details(id: &str, job: &Job, now: i64) -> Value {
    let (parallelism, most) = PARALLELISM;
    let vertex = |v: &super::job::Vertex| {
        json!({
            "id": v.id, "name": v.name, "parallelism": parallelism, "maxParallelism": most,
            "status": job.phase(now).word(),
        })
    };
    let vertices: Vec<Value> = GRAPH.iter().map(vertex).collect();
    json!({
        "jid": id, "name": job.name, "isStoppable": false, "state": job.phase(now).word(),
        "start-time": job.submitted_at, "end-time": -1, "now": now, "maxParallelism": most, "vertices": vertices,
    })
}

fn checkpoint_config(job: &Job) -> Value {
    json!({
        "mode": "exactly_once", "interval": job.manner.checkpoints_every, "timeout": 600_000, "min_pause": 0,
        "max_concurrent": 1, "state_backend": "HashMapStateBackend",
        "externalization": { "enabled": job.manner.retained, "delete_on_cancellation": false },
        "checkpoint_storage": "FileSystemCheckpointStorage", "unaligned_checkpoints": job.manner.unaligned,
        "state_changelog_enabled": false,
    })
}

fn snapshot(number: i64, (asked, done): (i64, Option<i64>), kind: &str, path: Option<&str>) -> Value {
    json!({
        "className": if done.is_some() { "completed" } else { "in_progress" }, "id": number,
        "status": if done.is_some() { "COMPLETED" } else { "IN_PROGRESS" }, "is_savepoint": kind != "CHECKPOINT",
        "trigger_timestamp": asked, "latest_ack_timestamp": done.unwrap_or(-1), "checkpointed_size": 3_884,
        "state_size": 3_884, "num_subtasks": 2, "num_acknowledged_subtasks": if done.is_some() { 2 } else { 1 },
        "checkpoint_type": kind, "external_path": path, "discarded": false,
    })
}

const fn kind(stops: bool) -> &'static str {
    if stops { "SYNC_SAVEPOINT" } else { "SAVEPOINT" }
}

fn checkpoints(cluster: &Cluster, id: &str, job: &Job, now: i64) -> Value {
    let newest = job.checkpoint(now).map(|(number, at)| {
        let path = checkpoint_location(&cluster.config, id, number);
        let mut told = snapshot(number, (at - 5, Some(at)), "CHECKPOINT", Some(&path));
        told["discarded"] = json!(job.over.is_some() && !job.manner.retained);
        (number, told)
    });
    let count = newest.as_ref().map_or(0, |(number, _)| *number);
    let saved = job.saved.as_ref().map(|(asked, done, path, stops)| {
        snapshot(count + 1, (*asked, Some(*done)), kind(*stops), Some(path))
    });
    let pending = cluster
        .triggers
        .values()
        .filter(|t| t.job == id && t.result.is_none());
    let pending: Vec<Value> = pending
        .map(|t| snapshot(count + 2, (t.asked_at, None), kind(t.stops), None))
        .collect();
    let restored = job.restored_from.as_ref().map(|path| {
        let at = job.submitted_at;
        json!({ "id": 1, "restore_timestamp": at, "is_savepoint": true, "external_path": path })
    });
    json!({
        "counts": {
            "restored": u8::from(restored.is_some()), "total": count, "in_progress": pending.len(),
            "completed": count, "failed": 0,
        },
        "latest": {
            "completed": newest.map(|(_, told)| told), "savepoint": saved, "failed": null, "restored": restored,
        },
        "history": pending,
    })
}

fn exceptions(job: &Job, now: i64) -> Value {
    let tell = |(at, cause): (i64, &str)| {
        let name = cause.split(':').next().unwrap_or(cause);
        json!({ "exceptionName": name, "stacktrace": format!("{cause}\n\tat a.B.c(B.java:1)\n"), "timestamp": at })
    };
    let entries: Vec<Value> = job.exceptions(now).into_iter().map(tell).collect();
    json!({ "exceptionHistory": { "entries": entries, "truncated": false } })
}

fn result(id: &str, job: &Job) -> Value {
    match &job.over {
        None => json!({ "status": { "id": "IN_PROGRESS" } }),
        Some((_, over)) => {
            let mut told = json!({ "id": id, "application-status": "SUCCEEDED", "accumulator-results": {} });
            if let Over::Failed(cause) = over {
                told["application-status"] = json!("FAILED");
                told["failure-cause"] = errors::cause(cause);
            }
            json!({ "status": { "id": "COMPLETED" }, "job-execution-result": told })
        }
    }
}

fn saved(cluster: &Cluster, job: &str, id: &str) -> Answer {
    match cluster
        .triggers
        .get(id)
        .filter(|trigger| trigger.job == job)
        .map(|trigger| &trigger.result)
    {
        None => errors::no_trigger(job, id),
        Some(None) => Answer::of(json!({ "status": { "id": "IN_PROGRESS" }, "operation": null })),
        Some(Some(Ok(location))) => completed(json!({ "location": location })),
        // A failure is COMPLETED, too.
        Some(Some(Err(why))) => completed(json!({ "failure-cause": errors::cause(why) })),
    }
}
