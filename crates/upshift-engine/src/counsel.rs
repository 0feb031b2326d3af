//! The two questions that the engine asks outward, because answering them takes a planner, which
//! the engine must not know.

use futures::future::BoxFuture;
use upshift_model::plan::Sealed;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;

/// Whoever can plan.
pub trait Counsel: Send + Sync {
    /// The way back from where the run stands.
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>>;

    /// What planning to the same target again would still do, one thing a line; asked when all steps
    /// are done.
    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>>;
}

/// A way back, and what taking it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBackOffer {
    /// The steps.
    pub plan: Sealed,
    /// How far back the jobs would start reading again.
    pub replays: Millis,
    /// The amount in a sentence; empty when nothing is replayed.
    pub amount: String,
    /// Jobs whose sinks cannot take a record twice, or of which nobody said so.
    pub doubles: Vec<String>,
}
