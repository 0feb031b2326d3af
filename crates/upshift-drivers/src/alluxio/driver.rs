//! The driver: what it is told of the cluster, and the trait that the engine calls.

use futures::future::{BoxFuture, select_ok};
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::alluxio::{Declaration, Master, Place, Server, Site};
use upshift_model::ids::{ComponentId, SystemName};
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::Step;

use super::far::Far;
use super::machine::{machines, refused};
use super::observe::{self, Asked, ask};
use super::{attempt, codes, standing};
use crate::Clock;
use crate::wire::machines::Machines;
use crate::wire::{Http, Secrets};

/// Looks at what a declaration names. Changes nothing.
///
/// # Errors
/// When neither a master nor a host tells anything.
pub async fn look(declared: &Declaration, secrets: &Secrets, clock: &Clock) -> Result<Inventory, Fault> {
    let asked = Asked::declared(declared, secrets);
    observe::observe(&declared.name, &asked, clock.now()).await
}

/// An Alluxio cluster that is upgraded.
#[derive(Debug)]
pub struct AlluxioDriver {
    pub(super) system: SystemName,
    pub(super) site: Site,
    pub(super) machines: Machines,
    clock: Clock,
}

impl AlluxioDriver {
    /// A driver for a run of a plan.
    pub fn for_plan(system: SystemName, site: &Site, clock: Clock) -> Self {
        Self {
            system,
            machines: machines(site),
            site: site.clone(),
            clock,
        }
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// What the master that leads tells now: the first that answers. One that does not lead gives no answer.
    pub(super) async fn master(&self) -> Result<Master, Fault> {
        let asked = self.site.masters.iter().map(|endpoint| {
            Box::pin(async move {
                let http = Http::new(endpoint, Secrets::none());
                ask(&http.map_err(|error| error.into_fault())?).await
            })
        });
        let asked: Vec<_> = asked.collect();
        if asked.is_empty() {
            return Err(refused(
                codes::NOT_IN_THE_PLAN,
                "the plan names no master".to_owned(),
            ));
        }
        select_ok(asked).await.map(|(master, _)| master)
    }

    /// A server of the plan, and what lies where it runs.
    pub(super) fn server(&self, id: &ComponentId) -> Result<(&Server, &Place), Fault> {
        self.site.server(id).ok_or_else(|| {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("the plan of this run does not have {id}"),
            )
        })
    }

    /// The master's host that takes commands.
    pub(super) fn first_master(&self) -> Result<(&Server, &Place), Fault> {
        self.site
            .first_master()
            .ok_or_else(|| refused(codes::NOT_IN_THE_PLAN, "the plan has no master".to_owned()))
    }

    /// Files and folders of a machine.
    pub(super) fn far(&self, host: &str) -> Result<Far<'_>, Fault> {
        self.machines.link(host).map(Far)
    }

    pub(super) fn not_known(&self, step: &Step) -> Fault {
        refused(
            codes::NOT_IN_THE_PLAN,
            format!("step {} is none that is carried out on Alluxio", step.id),
        )
    }
}

impl Driver for AlluxioDriver {
    fn observe<'a>(&'a self) -> BoxFuture<'a, Result<Inventory, Fault>> {
        Box::pin(async {
            let asked = Asked::planned(&self.site);
            observe::observe(&self.system, &asked, self.clock.now()).await
        })
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
