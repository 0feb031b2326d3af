//! The questions that the engine asks outward, because answering them takes a planner, which
//! the engine must not know.

use futures::future::BoxFuture;
use upshift_model::ids::ComponentId;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::version::Version;
use upshift_model::way_back::WayBackOffer;

use crate::codes;
use crate::driver::{Fault, Standing};

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

    /// What a fresh look comes to, judged for one hop of the plan: done where nothing stands in its way, failed where
    /// something does, waiting where that cannot be known yet. Whoever judges nothing refuses.
    fn judge<'a>(
        &'a self,
        run: &'a RunState,
        (from, to): (&'a Version, &'a Version),
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        let what = format!(
            "nobody here judges the hop from {from} to {to} of run {}",
            run.run
        );
        Box::pin(async move {
            Err(Fault::Refused(Failure {
                code: codes::NOBODY_JUDGES,
                what,
                far_side: None,
            }))
        })
    }

    /// What planning to the same target again would still do, one thing a line; asked when all steps
    /// are done.
    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>>;
}
