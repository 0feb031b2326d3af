//! A program of the operator's own, run once under the mark of its try: its owner says with 0 that it is done. And whether
//! the tiering service is back: by what the lake has got since it was started.

use std::collections::BTreeMap;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::fluss::{Facts, Part, lake_before};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Failure};

use super::Look;
use crate::fluss::codes;
use crate::fluss::expectation::{Seen, transient};
use crate::wire::hosts::Detached;

/// The newest snapshots in the lake, before the program was run.
const LAKE: &str = "lake";

type Snapshots = BTreeMap<i64, Option<i64>>;

impl Look<'_> {
    pub(super) async fn program(&self, part: &Part) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            let lake = self
                .facts()
                .await?
                .lake_snapshots()
                .map_err(|gap| transient(&gap))?;
            let noted = serde_json::to_string(&lake).expect("numbers are JSON");
            return Ok(Standing::Ready(Baseline(BTreeMap::from([(
                LAKE.to_owned(),
                noted,
            )]))));
        };
        let (stands, said) = self.driver.machines.ran(intent).await?;
        Ok(match stands {
            Detached::Never => Standing::Ready(intent.baseline.clone()),
            Detached::Running => Standing::Underway(Progress::of("the program runs")),
            Detached::Ended(0) => {
                let proof = Proof::of(["the program ended with 0".to_owned()]);
                let lake = intent.baseline.0.get(LAKE);
                Standing::Done(match (part, lake) {
                    (Part::StartTiering { .. }, Some(lake)) => proof.with(Binding::Value {
                        name: lake_before(),
                        value: lake.clone(),
                    }),
                    _ => proof,
                })
            }
            other => Standing::Failed(Failure {
                code: codes::PROGRAM,
                what: format!("the program that the system file names {other}"),
                far_side: Some(said).filter(|said| !said.is_empty()),
            }),
        })
    }

    /// One table is enough: into the others nobody may have written.
    pub(super) fn lake_advanced(&self, facts: &Facts) -> Result<Seen, Fault> {
        let bound = self.bound.value(&lake_before());
        let before: Option<Snapshots> = bound.and_then(|text| serde_json::from_str(text).ok());
        let Some(before) = before else {
            return Ok(Seen::NotYet(
                "what the lake had before tiering was started is not known".to_owned(),
            ));
        };
        let now = facts.lake_snapshots().map_err(|gap| transient(&gap))?;
        let newer = now.iter().find_map(|(table, snapshot)| {
            let snapshot = (*snapshot)?;
            let had = before.get(table).copied().flatten();
            had.is_none_or(|had| had < snapshot)
                .then_some((*table, had, snapshot))
        });
        Ok(match newer {
            Some((table, had, snapshot)) => Seen::Met(format!(
                "the lake has snapshot {snapshot} of {}, {} before tiering was started",
                facts.table_name(table),
                had.map_or_else(|| "none".to_owned(), |had| had.to_string())
            )),
            None => Seen::NotYet(format!(
                "no snapshot in the lake is newer than before tiering was started, of {} tables; it comes once something is written into one",
                now.len()
            )),
        })
    }
}
