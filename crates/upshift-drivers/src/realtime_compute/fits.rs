//! What a savepoint holds, read where it lies, and held against what the wanted engine asks of it, while the job still
//! runs. Where it lies out of sight nothing is known, and said so: then the start itself will tell.

use std::collections::BTreeSet;

use upshift_engine::driver::Fault;
use upshift_model::flink::SnapshotFound;
use upshift_model::flink::fit::{FitCriteria, SnapshotRole, judge, not_acceptable};
use upshift_model::ids::Slot;
use upshift_model::proof::Bindings;

use super::client::refused;
use super::codes;
use super::driver::{RealtimeComputeDriver, failure};
use super::expectation::Seen;
use crate::flink::read_location;

impl RealtimeComputeDriver {
    pub(super) async fn fits(
        &self,
        slot: &Slot,
        criteria: &FitCriteria,
        bound: &Bindings,
    ) -> Result<Seen, Fault> {
        let no = || refused(codes::NOT_IN_THE_PLAN, format!("nothing fills {slot}"));
        let location = &bound.slot(slot).ok_or_else(no)?.location;
        let bad = |what: String| Seen::Bad(failure(codes::DOES_NOT_FIT, what));
        Ok(
            match read_location(&self.objects, location, &BTreeSet::new()).await {
                SnapshotFound::Unseen(gap) => Seen::Met(format!("{slot} was not read: {gap}")),
                SnapshotFound::Spoiled { what } => bad(format!("{location} is damaged: {what}")),
                SnapshotFound::Read(contents) => {
                    let findings = judge(&contents, criteria, SnapshotRole::RestorePoint);
                    // What is not known of it stops nothing: of its engines the service says no more than their names.
                    let flaws = not_acceptable(&findings, criteria);
                    let flaws: Vec<String> = flaws
                        .into_iter()
                        .filter(|flaw| flaw.blocks())
                        .map(|flaw| format!("{} ({})", flaw.title, flaw.evidence.join("; ")))
                        .collect();
                    match flaws.is_empty() {
                        true => Seen::Met(format!("{location} was read, and fits what is started from it")),
                        false => bad(format!("{location} does not fit: {}", flaws.join("; "))),
                    }
                }
            },
        )
    }
}
