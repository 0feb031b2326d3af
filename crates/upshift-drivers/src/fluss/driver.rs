//! The driver: what it is told of the cluster, and the trait that the engine calls. How a look, a standing and an
//! attempt come about is in the modules of those names.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::fluss::{Declaration, Facts, Server, Site};
use upshift_model::ids::{ComponentId, SystemName};
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::Step;

use super::lag::Watch;
use super::machine::Machines;
use super::own_log::OwnLogs;
use super::standing::Away;
use super::{LookError, Walk, attempt, codes, observe, read_tree, standing};
use crate::Clock;
use crate::wire::Secrets;

/// A Fluss system that can be looked at and, when it was made for a plan, changed.
#[derive(Debug)]
pub struct FlussDriver {
    pub(super) system: SystemName,
    pub(super) site: Site,
    pub(super) machines: Machines,
    pub(super) watch: Watch,
    pub(super) own_logs: OwnLogs,
    pub(super) away: Away,
    pub(super) secrets: Secrets,
    started: observe::Started,
    clock: Clock,
}

impl FlussDriver {
    /// A driver that looks at what a declaration names, and acts on no server.
    pub fn for_declaration(declared: &Declaration, clock: Clock) -> Self {
        let site = Site {
            zookeeper: declared.zookeeper.clone(),
            root: declared.root.clone(),
            access: declared.access.clone(),
            target_home: declared.target_home.clone(),
            java_home: declared.java_home.clone(),
            probes: BTreeMap::new(),
            tiering: None,
            staged: declared.staged.clone(),
            switches: BTreeMap::new(),
            servers: BTreeMap::new(),
            hosts: declared.hosts.clone(),
        };
        let servers = declared.servers.iter();
        let starts = servers.map(|of| (of.target_start.as_slice(), of.target_conf.as_path()));
        Self {
            started: observe::Started::of(starts),
            ..Self::for_plan(declared.name.clone(), &site, clock)
        }
    }

    /// A driver for a run of a plan.
    pub fn for_plan(system: SystemName, site: &Site, clock: Clock) -> Self {
        Self {
            system,
            site: site.clone(),
            machines: Machines::of(site),
            watch: Watch::default(),
            own_logs: OwnLogs::default(),
            away: Away::default(),
            secrets: Secrets::none(),
            started: observe::Started::of(
                site.servers
                    .values()
                    .map(|of| (of.new.start.as_slice(), of.new.conf.as_path())),
            ),
            clock,
        }
    }

    /// The same, with secrets at hand: for ZooKeeper, and for the operator's own probes.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// What it was told of the cluster.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// One look.
    ///
    /// # Errors
    /// When ZooKeeper does not answer, or knows no such cluster.
    pub async fn look(&self) -> Result<Inventory, LookError> {
        observe::observe(
            &self.system,
            &self.site,
            &self.started,
            &self.secrets,
            self.clock.now(),
        )
        .await
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The way to the metadata.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk::of(&self.site, &self.secrets)
    }

    /// What the metadata says now.
    pub(super) async fn facts(&self) -> Result<Facts, Fault> {
        let tree = read_tree(self.walk(), |_| ())
            .await
            .map_err(|error| error.fault())?;
        Ok(super::facts(&tree, self.site.zookeeper.clone()))
    }

    /// A server of the plan.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the plan has none of that name.
    pub(super) fn server(&self, id: &ComponentId) -> Result<&Server, Fault> {
        self.site.servers.get(id).ok_or_else(|| {
            Fault::Refused(Failure {
                code: codes::NOT_IN_THE_PLAN,
                what: format!("the plan of this run does not have {id}"),
                far_side: None,
            })
        })
    }

    pub(super) fn not_known(&self, step: &Step) -> Fault {
        Fault::Refused(Failure {
            code: codes::NOT_IN_THE_PLAN,
            what: format!("step {} is none that is carried out on Fluss", step.id),
            far_side: None,
        })
    }
}

impl Driver for FlussDriver {
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>> {
        Box::pin(async { self.look().await.map_err(|error| error.fault()) })
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
        _: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(attempt::attempt(self, step, intent))
    }
}
