//! Answers the questions that the engine asks outward: the way back, a restart beside the plan, and what is left over.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::{Driver, Fault, Progress, Standing};
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::proof::Proof;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::version::Version;
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch::{self, Judged};
use upshift_planner::knowledge::Library;

use crate::trouble::Stop;

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

    fn judge<'a>(
        &'a self,
        run: &'a RunState,
        hop: (&'a Version, &'a Version),
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move {
            let plan = dispatch::hop(run, hop);
            let driver = super::systems::driver(&plan)
                .map_err(|stop| Fault::Transient(format!("no look could be made: {}", why(&stop))))?;
            let seen = driver.observe().await?;
            let now = self.clock.now();
            let today = now.to_zoned(TimeZone::system()).date();
            let judged = dispatch::judge(&plan, &seen, &Library::builtin(), (today, now));
            Ok(match judged {
                Judged::Fine(facts) => Standing::Done(Proof::of(facts)),
                Judged::Unknown(what) => Standing::Waiting(Progress::of(what)),
                Judged::Red(failure) => Standing::Failed(failure),
            })
        })
    }

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move {
            let present = look_at_home(run).await;
            dispatch::left_over(run, present.as_ref())
        })
    }
}

fn why(stop: &Stop) -> String {
    match stop {
        Stop::Troubles(troubles) => {
            let all = troubles.iter().map(|trouble| trouble.what.clone());
            all.collect::<Vec<_>>().join("; ")
        }
        Stop::Unexpected(error) => error.to_string(),
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
