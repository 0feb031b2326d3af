//! The driver: what it is told of the cluster, and the trait that the engine calls. How a look comes about is in
//! `observe`.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::fluss::{Declaration, Site};
use upshift_model::ids::SystemName;
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::Step;

use super::{LookError, codes, observe};
use crate::Clock;

/// A Fluss system that can be looked at.
#[derive(Debug)]
pub struct FlussDriver {
    system: SystemName,
    site: Site,
    clock: Clock,
}

impl FlussDriver {
    /// A driver that looks at what a declaration names.
    pub fn for_declaration(declared: &Declaration, clock: Clock) -> Self {
        let site = Site {
            zookeeper: declared.zookeeper.clone(),
            root: declared.root.clone(),
            target_home: declared.target_home.clone(),
            java_home: declared.java_home.clone(),
            servers: BTreeMap::new(),
            hosts: declared.hosts.clone(),
        };
        Self::for_plan(declared.name.clone(), &site, clock)
    }

    /// A driver for a run of a plan.
    pub fn for_plan(system: SystemName, site: &Site, clock: Clock) -> Self {
        Self {
            system,
            site: site.clone(),
            clock,
        }
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
        observe::observe(&self.system, &self.site, self.clock.now()).await
    }
}

impl Driver for FlussDriver {
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>> {
        Box::pin(async { self.look().await.map_err(|error| error.fault()) })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        _: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async { Err(unknown(step)) })
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        _: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Err(unknown(step)) })
    }
}

fn unknown(step: &Step) -> Fault {
    Fault::Refused(Failure {
        code: codes::NOT_IN_THE_PLAN,
        what: format!("step {} is none that is carried out on Fluss", step.id),
        far_side: None,
    })
}
