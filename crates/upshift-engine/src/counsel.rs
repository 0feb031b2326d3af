//! The questions that the engine asks outward, because answering them takes a planner, which
//! the engine must not know.

use futures::future::BoxFuture;
use upshift_model::ids::ComponentId;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::way_back::WayBackOffer;

/// Whoever can plan.
pub trait Counsel: Send + Sync {
    /// The way back from where the run stands.
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>>;

    /// The steps that restart a server with the release that it runs, beside the plan of a run that halted.
    fn restart<'a>(
        &'a self,
        run: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>>;

    /// What planning to the same target again would still do, one thing a line; asked when all steps
    /// are done.
    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>>;
}
