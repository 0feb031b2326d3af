//! The one place where the program chooses by the kind of system: who looks, which driver carries a plan out, which
//! secrets that takes, and what is told where nothing answers.

use std::sync::Arc;

use upshift_drivers::Clock;
use upshift_drivers::alluxio::AlluxioDriver;
use upshift_drivers::fluss::FlussDriver;
use upshift_drivers::weka::WekaDriver;
use upshift_engine::driver::{Driver, Fault};
use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::inventory::Inventory;
use upshift_model::plan::{Plan, Site};

use super::{alluxio, flink, fluss, realtime_compute, weka};
use crate::clock;
use crate::config::Declared;
use crate::secret;
use crate::trouble::{Stop, Trouble};

/// Looks at what the declaration names. Changes nothing.
///
/// # Errors
/// When a secret is missing, or nothing at all could be learned.
pub async fn observe(declared: &Declared) -> Result<Inventory, Stop> {
    match declared {
        Declared::Flink(declared) => flink::observe(declared).await,
        Declared::Fluss(declared) => fluss::observe(declared).await,
        Declared::Weka(declared) => weka::observe(declared).await,
        Declared::RealtimeCompute(declared) => realtime_compute::observe(declared).await,
        Declared::Alluxio(declared) => alluxio::observe(declared).await,
    }
}

/// Looks at what the site of a plan names. Changes nothing.
///
/// # Errors
/// As [`observe`].
pub async fn observe_plan(plan: &Plan) -> Result<Inventory, Stop> {
    let seen = driver(plan)?.observe().await;
    seen.map_err(|fault| unseen(&fault, plan).into())
}

/// The driver for a plan's site.
///
/// # Errors
/// When something the site names cannot be used: a certificate file, a secret.
pub fn driver(plan: &Plan) -> Result<Arc<dyn Driver>, Stop> {
    Ok(match &plan.site {
        Site::Flink(site) => Arc::new(flink::driver(plan, site)?),
        Site::Alluxio(site) => Arc::new(AlluxioDriver::for_plan(
            plan.system.clone(),
            site,
            Clock::by(clock::now),
        )),
        Site::Fluss(site) => Arc::new(
            FlussDriver::for_plan(plan.system.clone(), site, Clock::by(clock::now))
                .with_secrets(secret::secrets()),
        ),
        Site::Weka(site) => Arc::new(
            WekaDriver::for_plan(
                plan.system.clone(),
                site,
                (&plan.from, &plan.to),
                secret::secrets(),
                Clock::by(clock::now),
            )
            .map_err(|fault| unseen(&fault, plan))?,
        ),
        Site::RealtimeCompute(site) => Arc::new(realtime_compute::driver(plan, site)?),
    })
}

/// Every address that a run of the plan goes to, with the secrets that it takes.
pub fn addresses(plan: &Plan) -> Vec<&Endpoint> {
    match &plan.site {
        Site::Flink(site) => flink::addresses(site),
        Site::Fluss(site) => fluss::addresses(site),
        Site::Alluxio(_) | Site::Weka(_) => Vec::new(),
        Site::RealtimeCompute(site) => vec![&site.service.endpoint],
    }
}

/// Every secret that a run of the plan takes.
pub fn secrets(plan: &Plan) -> Vec<&SecretRef> {
    let auth = addresses(plan).into_iter().filter_map(Endpoint::secret);
    let login = match &plan.site {
        Site::Fluss(site) => site.access.login.as_ref().map(|login| &login.password),
        Site::Flink(_) | Site::Alluxio(_) | Site::Weka(_) | Site::RealtimeCompute(_) => None,
    };
    auth.chain(login).collect()
}

/// Whether every secret that the plan names can be had here.
///
/// # Errors
/// One trouble for each that cannot.
pub fn secrets_at_hand(plan: &Plan) -> Result<(), Stop> {
    Ok(secret::all_at_hand(secrets(plan).into_iter())?)
}

/// The trouble of a plan's system of which nothing could be learned.
pub fn unseen(fault: &Fault, plan: &Plan) -> Trouble {
    match &plan.site {
        Site::Flink(site) => flink::unseen(fault, flink::home(site)),
        Site::Fluss(site) => fluss::unseen(fault, site),
        Site::Alluxio(site) => alluxio::unseen(fault, &site.leader.url),
        Site::Weka(site) => weka::unseen_in_a_run(fault, site),
        Site::RealtimeCompute(site) => realtime_compute::unseen(fault, &site.service),
    }
}
