//! What simulated systems have in common that are planned by the real planner from a look: a plan that is sound, counsel
//! from a fresh look, and nothing left to do once a run has ended well.

use futures::future::BoxFuture;
use upshift_engine::counsel::Counsel;
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::plan::Plan;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch::{self, NoPlan, Reason};
use upshift_planner::lint;
use upshift_sim::direct::Clockwork;

/// Counsel by the planner, from a look at the system as it is; why nothing could be seen, otherwise.
pub(crate) struct Planned<F> {
    pub(crate) look: F,
    pub(crate) time: Clockwork,
}

impl<F: Fn() -> Result<Inventory, String> + Send + Sync> Counsel for Planned<F> {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            let present = (self.look)().ok();
            dispatch::way_back(run, present.as_ref(), self.time.stamp()).map_err(Failure::from)
        })
    }

    fn restart<'a>(
        &'a self,
        run: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move {
            match (self.look)() {
                Ok(present) => dispatch::restart(run, server, &present),
                Err(why) => Err(dispatch::unseen(server, &why)),
            }
        })
    }

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move { dispatch::left_over(run, (self.look)().ok().as_ref()) })
    }
}

/// A plan without flaws, of the world that it was made for.
pub(crate) fn sound(plan: Plan, seen: &Inventory) -> Result<Plan, String> {
    if let Some(flaw) = lint::lint(&plan).first() {
        return Err(format!("the linter: {flaw}"));
    }
    match dispatch::differences(&plan, seen).first() {
        Some(difference) => Err(format!("drift: {difference}")),
        None => Ok(plan),
    }
}

/// Planning once more finds nothing to do.
pub(crate) fn settled(again: Result<Plan, NoPlan>) -> Result<(), String> {
    match again {
        Err(no) if no.reason == Reason::NothingToDo => Ok(()),
        Ok(plan) => Err(format!("planning again would do {} steps", plan.steps().count())),
        Err(no) => Err(format!("planning again: {}", no.what)),
    }
}
