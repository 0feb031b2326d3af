//! Probes of a plan: what they answer now, and what that comes to. How one is asked and judged is the same for all
//! systems.

use std::collections::BTreeMap;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::flink::Probe;
use upshift_model::ids::BindingName;
use upshift_model::observed::Observed;
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::Failure;

use super::client::refused;
use super::codes;
use super::driver::{RealtimeComputeDriver, failure};
use super::expectation::Seen;
use crate::flink::probe::{self, ProbeUnasked, ProbeVerdict};
use crate::wire::Secrets;

/// Every probe's answer.
pub(super) async fn answers<'a>(
    probes: impl Iterator<Item = (&'a String, &'a Probe)>,
    secrets: &Secrets,
) -> BTreeMap<String, Observed<String>> {
    let asked = probes.map(async |(name, asked)| {
        let what = format!("probe {name}");
        let said = match probe::ask(asked, secrets).await {
            Ok(answer) if answer.success => Observed::Known(answer.value),
            Ok(answer) => Observed::unknown(what, answer.ended),
            Err(unasked) => Observed::unknown(what, unasked.reason()),
        };
        (name.clone(), said)
    });
    futures::future::join_all(asked).await.into_iter().collect()
}

fn unasked(why: &ProbeUnasked, name: &str) -> Failure {
    Failure {
        code: codes::PROBE_NOT_ASKED,
        ..why.failure(name)
    }
}

impl RealtimeComputeDriver {
    fn probe(&self, name: &str) -> Result<&Probe, Fault> {
        let no = || {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("the plan of this run has no probe {name:?}"),
            )
        };
        self.site.probes.get(name).ok_or_else(no)
    }

    /// Whether a probe gives what it should, held against its value of before.
    pub(super) async fn probe_holds(&self, name: &str, bound: &Bindings) -> Result<Seen, Fault> {
        let planned = self.probe(name)?;
        let answer = match probe::ask(planned, self.client.secrets()).await {
            Ok(answer) => answer,
            Err(why) => return Ok(Seen::Bad(unasked(&why, name))),
        };
        let before = bound.value(&BindingName::new(format!("probe/{name}")));
        Ok(match probe::judge(&planned.expect, &answer, before) {
            ProbeVerdict::Holds(words) => Seen::Met(format!("probe {name:?}: {words}")),
            ProbeVerdict::Misses(words) => {
                Seen::Bad(failure(codes::PROBE_FAILED, format!("probe {name:?}: {words}")))
            }
        })
    }

    /// Its value before anything changes.
    pub(super) async fn baseline(&self, name: &str, into: &BindingName) -> Result<Standing, Fault> {
        Ok(match probe::ask(self.probe(name)?, self.client.secrets()).await {
            Err(why) => Standing::Failed(unasked(&why, name)),
            Ok(answer) if !answer.success => {
                let what = format!("probe {name:?} {} before the switch", answer.ended);
                Standing::Failed(failure(codes::PROBE_FAILED, what))
            }
            Ok(answer) => {
                let fact = format!("probe {name:?} says {:?} before the switch", answer.value);
                let value = Binding::Value {
                    name: into.clone(),
                    value: answer.value,
                };
                Standing::Done(Proof::of([fact]).with(value))
            }
        })
    }
}
