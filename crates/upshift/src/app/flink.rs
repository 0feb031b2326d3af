//! Flink systems: the driver for a declaration or a plan, and what is told where nothing answers.

use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_engine::driver::{Driver as _, Fault};
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{Declaration, OLD, ProbeAsk, Site, Target};
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::plan::Plan;

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes, secret};

/// Looks at what the declaration names.
///
/// # Errors
/// When a secret is missing, or nothing at all could be learned of the cluster that runs now.
pub(super) async fn observe(declaration: &Declaration) -> Result<Inventory, Stop> {
    secret::at_hand(endpoints(declaration).into_iter())?;
    let address = &declaration.rest.url;
    let driver = FlinkDriver::for_declaration(declaration, secret::secrets(), Clock::by(clock::now))
        .map_err(|error| unusable(error.into(), address))?;
    driver
        .observe()
        .await
        .map_err(|fault| unseen(&fault, address).into())
}

/// The driver for a plan's site.
///
/// # Errors
/// When something the site names cannot be used: a certificate file, a secret.
pub(super) fn driver(plan: &Plan, site: &Site) -> Result<FlinkDriver, Stop> {
    secret::at_hand(addresses(site).into_iter())?;
    let clock = Clock::by(clock::now);
    let driver = FlinkDriver::for_plan(plan.system.clone(), site, secret::secrets(), clock);
    let unusable = |e| Trouble::usage(codes::NO_ANSWER, format!("{:#}", anyhow::Error::from(e)));
    Ok(driver.map_err(unusable)?)
}

/// Every address that a run of a plan goes to.
pub(super) fn addresses(site: &Site) -> Vec<&Endpoint> {
    let clusters = site.clusters.values().map(|cluster| &cluster.rest);
    let probes = site.probes.values().filter_map(|probe| match &probe.ask {
        ProbeAsk::Http(endpoint) => Some(endpoint),
        ProbeAsk::Command(_) => None,
    });
    clusters.chain(probes).collect()
}

/// Where the cluster that runs before the upgrade answers.
pub(super) fn home(site: &Site) -> &str {
    let old = site.clusters.get(&ComponentId::new(OLD));
    old.map_or("", |old| old.rest.url.as_str())
}

/// Every address that a look goes to.
fn endpoints(declaration: &Declaration) -> Vec<&Endpoint> {
    let target = match &declaration.target {
        Target::RunningCluster { rest } => Some(rest),
        Target::Release { shadow, .. } => shadow.as_ref().map(|shadow| &shadow.rest),
        Target::SameCluster => None,
    };
    let probes = declaration
        .probes
        .iter()
        .filter_map(|(_, probe)| match &probe.ask {
            ProbeAsk::Http(endpoint) => Some(endpoint),
            ProbeAsk::Command(_) => None,
        });
    std::iter::once(&declaration.rest)
        .chain(target)
        .chain(probes)
        .collect()
}

/// The trouble of an address that cannot even be spoken to.
fn unusable(error: anyhow::Error, address: &str) -> Trouble {
    Trouble::usage(codes::NO_ANSWER, format!("the address cannot be used: {error:#}")).at(address)
}

/// The trouble of a system of which nothing could be learned.
pub(super) fn unseen(fault: &Fault, address: &str) -> Trouble {
    let look = format!("curl -sS {address}/config");
    match fault {
        Fault::Refused(failure) => {
            let mut trouble = Trouble::usage(failure.code.clone(), failure.what.clone());
            trouble.far_side.clone_from(&failure.far_side);
            trouble
                .at(address)
                .expected("the REST address of a Flink job manager")
                .next(look)
        }
        Fault::Transient(what) | Fault::Ambiguous(what) => {
            let trouble = Trouble::new(
                codes::NO_ANSWER,
                Exit::Unknown,
                format!("nothing was learned: {what}"),
            );
            trouble
                .at(address)
                .expected("a Flink job manager that answers")
                .next(look)
        }
    }
}
