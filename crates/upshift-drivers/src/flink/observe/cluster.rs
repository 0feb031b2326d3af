//! What one cluster says of itself, all calls at the same time.

use std::collections::BTreeMap;
use std::path::Path;

use futures::stream::{self, StreamExt as _};
use upshift_engine::driver::Fault;
use upshift_model::flink::{ClusterFacts, JobFacts, TaskManagerFacts};
use upshift_model::observed::Observed;
use upshift_model::record::Failure;
use upshift_model::version::Version;

use super::deployment::{self, Clues};
use super::job;
use super::told::observed;
use crate::flink::answers::{Overview, TaskManager};
use crate::flink::client::FlinkClient;
use crate::flink::conf;
use crate::flink::process::Seen;
use crate::wire::codes;

/// Jobs asked about at the same time, six requests each: below the dozen or so request threads of a
/// small job manager.
const JOBS_AT_ONCE: usize = 4;

/// Looks at the cluster.
///
/// # Errors
/// When it does not even say which release it is.
pub(super) async fn cluster(
    client: &FlinkClient,
    processes: &Observed<Vec<Seen>>,
    conf_dir: Option<&Path>,
) -> Result<ClusterFacts, Fault> {
    let overview = client.overview().await?;
    let version = version(client, &overview)?;
    let (config, dashboard, task_managers, jobs, jars) = futures::join!(
        client.jobmanager_config(),
        client.dashboard(),
        client.task_managers(),
        jobs(client),
        client.jars(),
    );
    let config = observed("effective configuration", config);
    let web_submit = match dashboard.map(|dashboard| dashboard.features.web_submit) {
        Ok(Some(on)) => Observed::Known(on),
        Ok(None) => Observed::unknown("whether jars may be submitted", "the server does not say"),
        Err(fault) => observed("whether jars may be submitted", Err(fault)),
    };
    let deployment = deployment::deployment(&Clues {
        config: &config,
        web_submit: &web_submit,
        processes,
        conf_dir,
        address: client.address(),
    });
    Ok(ClusterFacts {
        rest: client.address().to_owned(),
        version,
        commit: overview.flink_commit.filter(|commit| commit != "<unknown>"),
        slots_total: Observed::Known(overview.slots_total),
        slots_free: Observed::Known(overview.slots_available),
        task_managers: observed(
            "task managers",
            task_managers.map(|all| all.iter().map(task_manager).collect()),
        ),
        deployment,
        config: config.map(hidden),
        web_submit,
        jobs: observed("jobs", jobs),
        jars: observed(
            "uploaded jars",
            jars.map(|jars| jars.into_iter().map(|jar| (jar.id, jar.name)).collect()),
        ),
    })
}

fn version(client: &FlinkClient, overview: &Overview) -> Result<Version, Fault> {
    overview.flink_version.parse().map_err(|not| {
        Fault::Refused(Failure {
            code: codes::NOT_THE_API,
            what: format!(
                "{}: the server does not say which release it is: {not}",
                client.address()
            ),
            far_side: None,
        })
    })
}

fn hidden(config: BTreeMap<String, String>) -> BTreeMap<String, String> {
    config
        .into_iter()
        .map(|(key, value)| {
            let value = conf::shown(&key, &value);
            (key, value)
        })
        .collect()
}

fn task_manager(found: &TaskManager) -> TaskManagerFacts {
    TaskManagerFacts {
        id: found.id.clone(),
        slots: found.slots_number,
        free: found.free_slots,
        physical_memory: found
            .hardware
            .as_ref()
            .and_then(|hardware| hardware.physical_memory),
    }
}

async fn jobs(client: &FlinkClient) -> Result<Vec<JobFacts>, Fault> {
    let jobs = client.jobs().await?;
    Ok(stream::iter(jobs)
        .map(|summary| job::job(client, summary))
        .buffered(JOBS_AT_ONCE)
        .collect()
        .await)
}
