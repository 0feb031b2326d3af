//! One look: both clusters and this machine at the same time. What is asked of each is in the modules
//! of those names.

use futures::future::OptionFuture;
use upshift_engine::driver::Fault;
use upshift_model::flink::Facts;
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed;

use super::told::{blocking, fault_words};
use super::{cluster, machine, snapshots};
use crate::flink::driver::FlinkDriver;
use crate::flink::graph;
use crate::flink::{process, references};

/// Looks at everything once.
///
/// # Errors
/// When the cluster that runs now does not answer, or something else answers in its place: then there
/// is nothing that an inventory could be about.
pub(in crate::flink) async fn observe(driver: &FlinkDriver) -> Result<Inventory, Fault> {
    let taken_at = driver.now();
    let look = &driver.look;
    let seen = match blocking(process::scan).await {
        Ok(seen) => Observed::Known(machine::as_declared(seen, look)),
        Err(e) => Observed::unknown("Flink's processes on this machine", e.to_string()),
    };
    let current_conf = look.current_home.as_ref().map(|home| home.conf.as_path());
    let target_conf = look.target_home.as_ref().map(|home| home.conf.as_path());
    let target = driver
        .target
        .as_ref()
        .map(|client| cluster::cluster(client, &seen, target_conf));
    let (source, target, host) = futures::join!(
        cluster::cluster(&driver.source, &seen, current_conf),
        OptionFuture::from(target),
        machine::machine(driver, &seen),
    );
    let target = target.map(|found| match found {
        Ok(facts) => Observed::Known(facts),
        Err(fault) => Observed::unknown("the target cluster", fault_words(&fault)),
    });
    let source = source?;
    let snapshots = snapshots::snapshots(&driver.objects, &look.snapshots, source.jobs.known()).await;
    let graphs = graph::graphs(driver, &source, &host).await;
    let references = references::of_jobs(driver, &host).await;
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: look.system.clone(),
        taken_at,
        facts: inventory::Facts::Flink(Facts {
            source,
            target,
            host,
            graphs,
            references,
            snapshots,
        }),
        gaps: Vec::new(),
    })
}
