//! Answers the two questions that the engine asks outward: the way back, and what is left over.

use std::sync::Arc;

use futures::future::BoxFuture;
use upshift_engine::clock::Clock;
use upshift_engine::counsel::{Counsel, WayBackOffer};
use upshift_engine::driver::Driver;
use upshift_model::flink::{NEW, OLD};
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::plan::Site;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
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

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move {
            let present = self.look_at_home(run).await;
            dispatch::left_over(run, present.as_ref())
        })
    }
}

impl Planner {
    /// A look at where the jobs are once every step is done: the old cluster may be gone by then.
    async fn look_at_home(&self, run: &RunState) -> Option<Inventory> {
        let mut plan = run.plan.plan.clone();
        if run.back.is_none()
            && let Site::Flink(site) = &mut plan.site
            && let Some(new) = site.clusters.remove(&ComponentId::new(NEW))
        {
            site.clusters.insert(ComponentId::new(OLD), new);
        }
        let driver = super::systems::driver(&plan).ok()?;
        driver.observe().await.ok()
    }
}

/// The way back from where a run stands.
///
/// # Errors
/// When there is none.
pub fn offer(
    run: &RunState,
    present: Option<&upshift_model::inventory::Inventory>,
    now: jiff::Timestamp,
) -> Result<WayBackOffer, Failure> {
    let offer = dispatch::way_back(run, present, now).map_err(|no| Failure {
        code: no.code,
        what: no.what,
        far_side: None,
    })?;
    Ok(WayBackOffer {
        plan: offer.plan.seal(),
        replays: offer.replays,
        amount: offer.amount,
        doubles: offer.doubles,
    })
}
