//! The way back together with what taking it means: how much is processed again, and where that shows.

use jiff::Timestamp;
use upshift_model::flink::Sink;
use upshift_model::inventory::Inventory;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;

use super::error::BackError;
use super::plan::{plan_back, replay};
use crate::dispatch::Offer;
use crate::systems::flink::of_plan;

/// The way back from where a run stands.
///
/// # Errors
/// When there is none.
pub fn offer(run: &RunState, present: Option<&Inventory>, now: Timestamp) -> Result<Offer, BackError> {
    let plan = plan_back(run, present, now)?;
    let replays = replay(run, present, now).unwrap_or(Millis::ZERO);
    let amount = plan.waves.first().map(|wave| wave.outlook.replayed.clone());
    let site = of_plan::site(&run.plan.plan);
    let twice = |job: &&upshift_model::flink::Job| matches!(job.sink, Sink::Append | Sink::Undeclared);
    let doubles = site.jobs.values().filter(twice).map(|job| job.name.clone());
    Ok(Offer {
        replays,
        amount: amount.unwrap_or_default(),
        doubles: doubles.collect(),
        plan,
    })
}
