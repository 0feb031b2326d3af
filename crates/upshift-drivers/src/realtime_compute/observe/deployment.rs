//! One deployment: its job, its state, what Flink says through the service's proxy, its jars.

use serde_json::Value;
use upshift_engine::driver::Fault;
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::{Checkpoints, Deployment as Seen, Draft, Job as SeenJob, Point, Room};

use super::system::{Wanted, or_gap};
use super::{libraries, program};
use crate::realtime_compute::{Deployment, Job, RealtimeCompute, Savepoint};

/// Newest checkpoints that count.
const RECENT: usize = 10;

/// Looks at it.
pub(super) async fn look(client: &RealtimeCompute, wanted: &Wanted<'_>, one: &Deployment) -> Seen {
    let objects = &wanted.objects;
    let program = wanted.programs.get(one.name());
    let copy = (wanted.copy_of)(one.name());
    let name = copy.unwrap_or_else(|| one.name().to_owned());
    let (jobs, points, named) = futures::join!(
        client.jobs(one.id()),
        client.savepoints(one.id()),
        client.deployments_named(&name)
    );
    let job = or_gap(
        "its job",
        jobs.map(|all| {
            all.into_iter()
                .find(|job| !job.status.current_job_status.is_over())
        }),
    );
    let id = job.known().and_then(Option::as_ref).map(|job| job.job_id.clone());
    let (checkpoints, build) = match id {
        Some(id) => futures::join!(checkpoints(client, &id), build(client, &id)),
        None => {
            let none = "it has no job that could be asked";
            (
                Observed::unknown("its checkpoints", none),
                Observed::unknown("the Flink that runs", none),
            )
        }
    };
    let text = |field: &str| one.get(field).and_then(Value::as_str);
    Seen {
        id: one.id().to_owned(),
        name: one.name().to_owned(),
        engine: one.engine_version().to_owned(),
        kind: one.artifact_kind().word().to_owned(),
        mode: text("executionMode").unwrap_or_default().to_owned(),
        queue: one.queue().map(str::to_owned),
        resource_mode: one
            .get("streamingResourceSetting")
            .and_then(|setting| setting.get("resourceSettingMode")?.as_str())
            .map(str::to_owned),
        changed: one.get("deploymentHasChanged").and_then(Value::as_bool),
        job: job.map(|job| job.as_ref().map(seen_job)),
        graph: program::graph(objects, wanted.graph.as_ref(), one, program).await,
        newest: match &points {
            Ok(all) if wanted.reads_state => program::newest(objects, all).await,
            Ok(_) | Err(_) => None,
        },
        points: or_gap(
            "its savepoints",
            points.map(|all| all.iter().map(point).collect()),
        ),
        checkpoints,
        build,
        name_taken: or_gap(
            &format!("whether {name} is there"),
            named.map(|all| !all.is_empty()),
        ),
        libraries: libraries::of(objects, one, program).await,
        draft: draft(client, one).await,
    }
}

/// The draft that a deployment names, and whether it still holds what was deployed.
async fn draft(client: &RealtimeCompute, one: &Deployment) -> Observed<Option<Draft>> {
    let what = "the draft that it was deployed from";
    let Some(id) = one.draft() else {
        return Observed::Known(None);
    };
    let seen = client.draft(id).await.map(|found| {
        found.map(|found| Draft {
            id: found.id().to_owned(),
            name: found.name().to_owned(),
            folder: found.folder().map(str::to_owned),
            as_deployed: found.holds(one),
        })
    });
    or_gap(what, seen)
}

fn seen_job(job: &Job) -> SeenJob {
    let running = job.status.running.as_ref();
    let metric = job.metric.as_ref();
    SeenJob {
        id: job.job_id.clone(),
        state: job.status.current_job_status.word().to_owned(),
        engine: job.engine_version.clone(),
        flink: running.and_then(|running| running.observed_flink_job_status.clone()),
        restarts: running
            .and_then(|running| running.observed_flink_job_restarts)
            .and_then(|count| u64::try_from(count).ok()),
        room: metric.and_then(|metric| {
            Some(Room {
                millicores: metric.millicores?,
                mebibytes: (metric.millibytes? / 1000).div_ceil(1 << 20),
            })
        }),
    }
}

fn point(told: &Savepoint) -> Point {
    Point {
        id: told.savepoint_id.clone(),
        origin: told.savepoint_origin.word().to_owned(),
        state: told.status.state.word().to_owned(),
        native: told.native_format,
        created_at: told.created_at,
    }
}

/// The job's id in Flink: that of the service without its dashes, if Flink knows it; else the only job there.
pub(in crate::realtime_compute) async fn flink_id(
    client: &RealtimeCompute,
    job: &str,
) -> Result<String, Fault> {
    let told = client.flink(job, "/jobs/overview").await?;
    let ids: Vec<String> = told
        .as_ref()
        .and_then(|told| told["jobs"].as_array())
        .into_iter()
        .flatten()
        .filter_map(|job| job["jid"].as_str().map(str::to_owned))
        .collect();
    let wanted = job.replace('-', "");
    Ok(match ids.as_slice() {
        [only] => only.clone(),
        _ => wanted,
    })
}

async fn checkpoints(client: &RealtimeCompute, job: &str) -> Observed<Checkpoints> {
    let what = "its checkpoints";
    let told = match flink_id(client, job).await {
        Ok(id) => client.flink(job, &format!("/jobs/{id}/checkpoints")).await,
        Err(fault) => Err(fault),
    };
    let read = |told: Value| {
        let count = |name: &str| told["counts"][name].as_u64();
        let history = told["history"].as_array().map(Vec::as_slice).unwrap_or_default();
        let over = history.iter().filter(|one| one["status"] != "IN_PROGRESS");
        Some(Checkpoints {
            completed: count("completed")?,
            failed: count("failed")?,
            recent: over
                .take(RECENT)
                .map(|one| one["status"] == "COMPLETED")
                .collect(),
            latest: told["latest"]["completed"]["latest_ack_timestamp"].as_i64(),
        })
    };
    match told {
        Ok(Some(told)) => read(told).map_or_else(
            || Observed::unknown(what, "Flink does not tell them"),
            Observed::Known,
        ),
        Ok(None) => Observed::unknown(what, "the service does not reach its Flink"),
        Err(fault) => Observed::unknown(what, fault.to_string()),
    }
}

async fn build(client: &RealtimeCompute, job: &str) -> Observed<String> {
    let what = "the Flink that runs";
    match client.flink(job, "/config").await {
        Ok(Some(told)) => match told["flink-version"].as_str() {
            Some(version) => Observed::Known(version.to_owned()),
            None => Observed::unknown(what, "Flink does not tell its version"),
        },
        Ok(None) => Observed::unknown(what, "the service does not reach its Flink"),
        Err(fault) => Observed::unknown(what, fault.to_string()),
    }
}
