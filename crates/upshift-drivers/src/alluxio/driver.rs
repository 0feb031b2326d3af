//! The driver: what it is told of the cluster, and the trait that the engine calls.

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::alluxio::{Declaration, Master, Site};
use upshift_model::ids::SystemName;
use upshift_model::inventory::Inventory;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::Step;

use super::machine::Machine;
use super::observe::{self, Asked, ask};
use super::{attempt, codes, standing};
use crate::Clock;
use crate::wire::{Http, Secrets};

/// Looks at what a declaration names. Changes nothing.
///
/// # Errors
/// When neither a master nor a host tells anything.
pub async fn look(declared: &Declaration, clock: &Clock) -> Result<Inventory, Fault> {
    observe::observe(&declared.name, &Asked::declared(declared), clock.now()).await
}

/// An Alluxio cluster that is upgraded.
#[derive(Debug)]
pub struct AlluxioDriver {
    pub(super) system: SystemName,
    pub(super) site: Site,
    pub(super) machine: Machine,
    clock: Clock,
}

impl AlluxioDriver {
    /// A driver for a run of a plan.
    pub fn for_plan(system: SystemName, site: &Site, clock: Clock) -> Self {
        Self {
            system,
            site: site.clone(),
            machine: Machine::here(),
            clock,
        }
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// What the master tells now.
    pub(super) async fn master(&self) -> Result<Master, Fault> {
        let http = Http::new(&self.site.master, Secrets::none());
        ask(&http.map_err(|error| error.into_fault())?).await
    }

    pub(super) fn not_known(&self, step: &Step) -> Fault {
        Fault::Refused(Failure {
            code: codes::NOT_IN_THE_PLAN,
            what: format!("step {} is none that is carried out on Alluxio", step.id),
            far_side: None,
        })
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
