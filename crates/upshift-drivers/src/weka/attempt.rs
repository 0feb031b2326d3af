//! One try of a step: one command, begun once under its mark. What came of it is for `standing` to see.

use std::collections::BTreeSet;

use upshift_engine::driver::Fault;
use upshift_model::record::Intent;
use upshift_model::step::{Effect, Step};
use upshift_model::weka::Act;

use super::command::command;
use super::driver::WekaDriver;
use super::standing::{NUMBER, PHASE};

pub(super) async fn attempt(driver: &WekaDriver, step: &Step, intent: &Intent) -> Result<(), Fault> {
    let Effect::Weka { what: act } = &step.effect else {
        return Err(driver.not_known(step));
    };
    let noted = |key: &str| intent.baseline.0.get(key).cloned();
    let number = noted(NUMBER).and_then(|number| number.parse().ok());
    let number = number.ok_or_else(|| driver.not_known(step))?;
    let ids: BTreeSet<u64> = match act {
        // Those that are on the release stay as they are.
        Act::Clients { release, ids, .. } => {
            let off = driver.pulse().await?.clients_off(ids, release)?;
            off.into_iter().map(|(id, _)| id).collect()
        }
        Act::Stage { .. } | Act::Backends { .. } => BTreeSet::new(),
    };
    let phase = noted(PHASE).unwrap_or_default();
    let command = command(&driver.site, act, &phase, &ids);
    let started = driver.runner()?.start(&driver.mark(act, number)?, &command).await;
    started.map(drop).map_err(|error| error.into_fault())
}
