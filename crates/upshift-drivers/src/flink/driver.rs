//! The driver: which clients and which site it has, and the trait that the engine calls. How a look,
//! a standing and an attempt come about is in the modules of those names.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use thiserror::Error;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::flink::{Cluster, Declaration, Job, Probe, Site};
use upshift_model::ids::{Code, ComponentId, SystemName};
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::Step;
use upshift_model::version::Version;

use super::client::FlinkClient;
use super::look::Look;
use super::{attempt, codes, observe, standing};
use crate::Clock;
use crate::wire::objects::Objects;
use crate::wire::{Http, HttpSetupError, Secrets};

/// The oldest line that request bodies are built for: the first with `/jobs/:id/status`.
const OLDEST_ACTED_ON: (u32, u32) = (1, 16);

/// A Flink system that can be looked at and, when it was made for a plan, changed.
#[derive(Debug)]
pub struct FlinkDriver {
    pub(super) look: Look,
    pub(super) source: FlinkClient,
    pub(super) target: Option<FlinkClient>,
    site: Option<PlannedSite>,
    pub(super) secrets: Secrets,
    /// The stores that snapshots lie in.
    pub(super) objects: Objects,
    clock: Clock,
}

#[derive(Debug)]
struct PlannedSite {
    site: Site,
    clients: BTreeMap<ComponentId, FlinkClient>,
}

/// Why a driver could not be made. Nothing was sent.
#[derive(Debug, Error)]
pub enum DriverSetupError {
    /// An address cannot be spoken to.
    #[error("{what}")]
    Wire {
        /// Whose address.
        what: String,
        /// Why.
        #[source]
        source: HttpSetupError,
    },
    /// The plan has no cluster that runs now.
    #[error("the plan's site has no cluster {expected:?}; it has {found:?}")]
    NoOldCluster {
        /// The cluster that must be there.
        expected: &'static str,
        /// Those that are.
        found: Vec<String>,
    },
    /// A cluster is older than what upshift acts upon.
    #[error("cluster {cluster} runs Flink {found}; upshift acts upon {expected} and later")]
    TooOld {
        /// Which.
        cluster: ComponentId,
        /// The oldest line acted upon.
        expected: String,
        /// Its release.
        found: Version,
    },
}

impl DriverSetupError {
    /// Its page.
    pub const fn code(&self) -> Code {
        match self {
            Self::Wire { .. } => crate::wire::codes::NO_TRUST,
            Self::NoOldCluster { .. } => codes::NOT_IN_THE_PLAN,
            Self::TooOld { .. } => codes::TOO_OLD_TO_ACT_ON,
        }
    }
}

impl FlinkDriver {
    /// A driver that can look and nothing else: `standing` and `attempt` refuse.
    ///
    /// # Errors
    /// When an address cannot be spoken to.
    pub fn for_declaration(
        declared: &Declaration,
        secrets: Secrets,
        clock: Clock,
    ) -> Result<Self, DriverSetupError> {
        Self::looking(Look::for_declaration(declared), None, secrets, clock)
    }

    /// A driver for a run of a plan.
    ///
    /// # Errors
    /// When an address cannot be spoken to, or the site cannot be acted upon.
    pub fn for_plan(
        system: SystemName,
        site: &Site,
        secrets: Secrets,
        clock: Clock,
    ) -> Result<Self, DriverSetupError> {
        let look = Look::for_site(system, site).ok_or_else(|| DriverSetupError::NoOldCluster {
            expected: upshift_model::flink::OLD,
            found: site.clusters.keys().map(ToString::to_string).collect(),
        })?;
        let mut clients = BTreeMap::new();
        for (id, cluster) in &site.clusters {
            if (cluster.version.major(), cluster.version.minor()) < OLDEST_ACTED_ON {
                return Err(DriverSetupError::TooOld {
                    cluster: id.clone(),
                    expected: format!("{}.{}", OLDEST_ACTED_ON.0, OLDEST_ACTED_ON.1),
                    found: cluster.version.clone(),
                });
            }
            clients.insert(
                id.clone(),
                client(&format!("cluster {id}"), &cluster.rest, &secrets)?,
            );
        }
        let site = PlannedSite {
            site: site.clone(),
            clients,
        };
        Self::looking(look, Some(site), secrets, clock)
    }

    fn looking(
        look: Look,
        site: Option<PlannedSite>,
        secrets: Secrets,
        clock: Clock,
    ) -> Result<Self, DriverSetupError> {
        let source = client("the cluster", &look.source, &secrets)?;
        let target = look
            .target
            .as_ref()
            .map(|rest| client("the target cluster", rest, &secrets))
            .transpose()?;
        let objects = Objects::new(look.objects.clone(), secrets.clone());
        Ok(Self {
            look,
            source,
            target,
            objects,
            site,
            secrets,
            clock,
        })
    }

    /// The time.
    pub(super) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The site of the plan that is carried out.
    ///
    /// # Errors
    /// [`Fault::Refused`] for a driver that was made to look only.
    pub(super) fn site(&self) -> Result<&Site, Fault> {
        self.planned().map(|planned| &planned.site)
    }

    /// A cluster of the plan, with the client that speaks to it.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the plan has none of that name.
    pub(super) fn cluster(&self, id: &ComponentId) -> Result<(&FlinkClient, &Cluster), Fault> {
        let planned = self.planned()?;
        match (planned.clients.get(id), planned.site.clusters.get(id)) {
            (Some(client), Some(cluster)) => Ok((client, cluster)),
            _ => Err(not_in_the_plan(&format!("cluster {id}"))),
        }
    }

    /// A job of the plan.
    ///
    /// # Errors
    /// As for [`Self::cluster`].
    pub(super) fn job(&self, id: &ComponentId) -> Result<&Job, Fault> {
        self.site()?
            .jobs
            .get(id)
            .ok_or_else(|| not_in_the_plan(&format!("job {id}")))
    }

    /// A probe of the plan.
    ///
    /// # Errors
    /// As for [`Self::cluster`].
    pub(super) fn probe(&self, name: &str) -> Result<&Probe, Fault> {
        self.site()?
            .probes
            .get(name)
            .ok_or_else(|| not_in_the_plan(&format!("probe {name:?}")))
    }

    fn planned(&self) -> Result<&PlannedSite, Fault> {
        self.site
            .as_ref()
            .ok_or_else(|| not_in_the_plan("any step: this driver was made to look only"))
    }
}

impl Driver for FlinkDriver {
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>> {
        Box::pin(observe::observe(self))
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(standing::standing(self, step, bound, intent))
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(attempt::attempt(self, step, bound, intent))
    }
}

fn client(
    whose: &str,
    rest: &upshift_model::endpoint::Endpoint,
    secrets: &Secrets,
) -> Result<FlinkClient, DriverSetupError> {
    let http = Http::new(rest, secrets.clone()).map_err(|source| DriverSetupError::Wire {
        what: format!("{whose} cannot be spoken to"),
        source,
    })?;
    Ok(FlinkClient::new(http))
}

fn not_in_the_plan(what: &str) -> Fault {
    Fault::Refused(Failure {
        code: codes::NOT_IN_THE_PLAN,
        what: format!("the plan of this run does not have {what}"),
        far_side: None,
    })
}
