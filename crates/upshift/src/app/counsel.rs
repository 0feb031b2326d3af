//! Answers the questions that the engine asks outward: the way back, a restart beside the plan, and what is left over.

use std::sync::Arc;

use futures::future::BoxFuture;
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch;

/// Plans with the planner and looks with the driver.
pub struct Planner {
    /// Looks.
    pub driver: Arc<dyn Driver>,
    /// The clock.
    pub clock: Clock,
}

impl Counsel for Planner {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            // A world too dark to be seen is no reason to stay: the journal alone is enough.
            let present = self.driver.observe().await.ok();
            offer(run, present.as_ref(), self.clock.now())
        })
    }

    fn restart<'a>(
        &'a self,
        run: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move {
            // Which release a server runs is for the world to say.
            let present = match self.driver.observe().await {
                Ok(present) => present,
                Err(fault) => return Err(dispatch::unseen(server, &fault.to_string())),
            };
            dispatch::restart(run, server, &present)
        })
    }

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move {
            let present = look_at_home(run).await;
            dispatch::left_over(run, present.as_ref())
        })
    }
}

async fn look_at_home(run: &RunState) -> Option<Inventory> {
    let driver = super::systems::driver(&dispatch::at_home(run)).ok()?;
    driver.observe().await.ok()
}

/// The way back from where a run stands.
///
/// # Errors
/// When there is none.
pub fn offer(
    run: &RunState,
    present: Option<&Inventory>,
    now: jiff::Timestamp,
) -> Result<WayBackOffer, Failure> {
    dispatch::way_back(run, present, now).map_err(Failure::from)
}
