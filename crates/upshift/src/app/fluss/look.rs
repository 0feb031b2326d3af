//! Looks at a Fluss system that a file or a plan names. Changes nothing.

use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, LookError};
use upshift_engine::driver::Fault;
use upshift_model::endpoint::Endpoint;
use upshift_model::fluss::{Declaration, Site};
use upshift_model::inventory::Inventory;
use upshift_model::probe::ProbeAsk;

use super::source::unread;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{clock, codes, secret};

/// Looks at what the declaration names.
///
/// # Errors
/// When ZooKeeper does not answer, or knows no such cluster.
pub async fn observe(declared: &Declaration) -> Result<Inventory, Stop> {
    let driver =
        FlussDriver::for_declaration(declared, Clock::by(clock::now)).with_secrets(secret::secrets());
    driver.look().await.map_err(|error| match error {
        LookError::ZooKeeper(error) => unread(&error).into(),
        LookError::Hosts(_) => unseen(&error.fault(), driver.site()).into(),
    })
}

/// Every address that needs more than the cluster's own protocols: those of probes.
pub fn addresses(site: &Site) -> Vec<&Endpoint> {
    let probes = site.probes.values().filter_map(|probe| match &probe.ask {
        ProbeAsk::Http(endpoint) => Some(endpoint),
        ProbeAsk::Command(_) => None,
    });
    probes.collect()
}

/// The trouble of a plan's cluster of which nothing could be learned.
pub fn unseen(fault: &Fault, site: &Site) -> Trouble {
    let trouble = match fault {
        Fault::Refused(failure) => Trouble::usage(failure.code.clone(), failure.what.clone()),
        Fault::Transient(what) | Fault::Ambiguous(what) => Trouble::new(
            codes::NO_ANSWER,
            Exit::Unknown,
            format!("nothing was learned: {what}"),
        ),
    };
    trouble
        .at(format!("{}{}", site.zookeeper, site.root))
        .expected("the ZooKeeper of the cluster that the plan was made for")
}
