//! The look at a Flink system: both clusters and this machine at the same time, every fact either
//! known or with the reason why not. What the facts mean for an upgrade is the planner's business.

mod cluster;
mod deployment;
mod job;
mod machine;

use futures::future::OptionFuture;
use upshift_engine::driver::Fault;
use upshift_model::flink::Facts;
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed;

use super::driver::FlinkDriver;
use super::process;

/// Looks at everything once.
///
/// # Errors
/// When the cluster that runs now does not answer, or something else answers in its place: then there
/// is nothing that an inventory could be about.
pub(super) async fn observe(driver: &FlinkDriver) -> Result<Inventory, Fault> {
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
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: look.system.clone(),
        taken_at,
        facts: inventory::Facts::Flink(Facts {
            source: source?,
            target,
            host,
        }),
        gaps: Vec::new(),
    })
}

/// A fact, or the gap with what the far side said.
fn observed<T>(what: &str, found: Result<T, Fault>) -> Observed<T> {
    match found {
        Ok(fact) => Observed::Known(fact),
        Err(fault) => Observed::unknown(what, fault_words(&fault)),
    }
}

fn fault_words(fault: &Fault) -> String {
    match fault {
        Fault::Refused(failure) => match &failure.far_side {
            Some(said) => format!("{}: {said}", failure.what),
            None => failure.what.clone(),
        },
        Fault::Transient(why) | Fault::Ambiguous(why) => why.clone(),
    }
}

/// Files and `/proc` are read apart from the tasks that speak with servers.
async fn blocking<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

fn time(milliseconds: i64) -> Option<jiff::Timestamp> {
    (milliseconds > 0)
        .then(|| jiff::Timestamp::from_millisecond(milliseconds).ok())
        .flatten()
}
