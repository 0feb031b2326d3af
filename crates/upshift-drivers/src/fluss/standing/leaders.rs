//! Whether the coordinator has spread the leaders: by the rebalance that the metadata tells of. Its id is not known
//! beforehand, so one that was not there before the try is the one that was asked for.

use std::collections::BTreeMap;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::fluss::{Facts, RebalanceStatus};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Intent};

use super::Look;
use crate::fluss::codes;
use crate::fluss::expectation::{failure, transient};

/// The rebalance that was asked for last before the try; empty where there was none.
const BEFORE: &str = "rebalance_before";

/// Whether a rebalance stands there that did not before the try: the one that it asked for.
pub(in crate::fluss) fn is_taken_on(facts: &Facts, intent: &Intent) -> Result<bool, Fault> {
    let last = facts.rebalance.as_result().map_err(transient)?;
    let before = intent.baseline.0.get(BEFORE);
    Ok(last.as_ref().is_some_and(|last| before != Some(&last.id)))
}

impl Look<'_> {
    pub(super) async fn leaders_spread(&self) -> Result<Standing, Fault> {
        let facts = self.facts().await?;
        let last = facts.rebalance.as_result().map_err(transient)?.as_ref();
        let before = self.intent.and_then(|intent| intent.baseline.0.get(BEFORE));
        let id = last.map_or("", |last| last.id.as_str());
        match (last, before) {
            (Some(last), Some(before)) if last.id != *before => Ok(match last.status {
                RebalanceStatus::Completed => Standing::Done(Proof::of([last.to_string(), leaders(&facts)])),
                _ if last.is_open() => Standing::Underway(Progress::of(last.to_string())),
                _ => Standing::Failed(failure(codes::NOT_SPREAD, last.to_string())),
            }),
            // Somebody else's: two at a time are refused.
            (Some(last), _) if last.is_open() => Ok(Standing::Waiting(Progress::of(last.to_string()))),
            _ => Ok(Standing::Ready(Baseline(BTreeMap::from([(
                BEFORE.to_owned(),
                id.to_owned(),
            )])))),
        }
    }
}

/// How many buckets each server leads.
fn leaders(facts: &Facts) -> String {
    let servers = facts.tablet_servers.known().into_iter().flat_map(BTreeMap::keys);
    let mut led: BTreeMap<i32, usize> = servers.map(|server| (*server, 0)).collect();
    for bucket in &facts.buckets {
        let of = bucket.leadership.known().and_then(Option::as_ref);
        if let Some(leader) = of.and_then(|of| of.leader) {
            *led.entry(leader).or_default() += 1;
        }
    }
    let said = led
        .iter()
        .map(|(server, led)| format!("tablet server {server} leads {led}"));
    said.collect::<Vec<_>>().join(", ")
}
