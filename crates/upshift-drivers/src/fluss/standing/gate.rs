//! Samples of a gate: what the metadata tells, what was seen of a server's end, and the operator's own probes.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::fluss::{CLEAN, Condition, Facts, clean_end_of};
use upshift_model::ids::BindingName;
use upshift_model::probe::{Probe, baseline_of};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::Failure;

use super::Look;
use crate::flink::probe::{self, ProbeVerdict};
use crate::fluss::codes;
use crate::fluss::expectation::{Seen, evaluate, failure};

/// Told by what upshift does not touch: no replica that lags is the reason.
const fn is_others(expectation: &Expectation) -> bool {
    matches!(
        expectation,
        Expectation::ProbeHolds { .. } | Expectation::Fluss(Condition::LakeAdvanced)
    )
}

impl Look<'_> {
    /// One sample of a gate. Probes are asked last: they cost their owner something.
    pub(super) async fn sample(&self, watch: &[Expectation]) -> Result<Standing, Fault> {
        let facts = self.facts().await?;
        let mut met = Vec::new();
        let is_probe = |expectation: &&Expectation| matches!(expectation, Expectation::ProbeHolds { .. });
        let (probes, others): (Vec<_>, Vec<_>) = watch.iter().partition(is_probe);
        for expectation in others.into_iter().chain(probes) {
            match self.holds(&facts, expectation).await? {
                Seen::Met(fact) => met.push(fact),
                Seen::NotYet(what) if is_others(expectation) => {
                    return Ok(Standing::Waiting(Progress::of(what)));
                }
                Seen::NotYet(what) => return Ok(self.lagging(&facts, what).await),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(Proof::of(met)))
    }

    async fn holds(&self, facts: &Facts, expectation: &Expectation) -> Result<Seen, Fault> {
        match expectation {
            Expectation::ProbeHolds { probe } => self.probe_holds(probe).await,
            Expectation::Fluss(Condition::CleanEnd { server }) => Ok(self.clean_end(*server)),
            Expectation::Fluss(Condition::LakeAdvanced) => self.lake_advanced(facts),
            other => evaluate(&self.driver.site, facts, other),
        }
    }

    /// What was seen before it was started anew: no later look can find it otherwise.
    fn clean_end(&self, server: i32) -> Seen {
        let of = format!("tablet server {server}");
        let what = match self.bound.value(&clean_end_of(server)) {
            Some(CLEAN) => return Seen::Met(format!("{of} had left .fluss_cleanshutdown")),
            Some(seen) => format!("{of} did not end in an orderly way: {seen}"),
            None => format!("how {of} ended was not seen"),
        };
        Seen::Bad(Failure {
            far_side: Some(
                "it recovered every log when it started, and is in sync again; find out in its log why before a second one ends like that"
                    .to_owned(),
            ),
            ..failure(codes::NO_CLEAN_END, what)
        })
    }

    fn probe(&self, name: &str) -> Result<&Probe, Fault> {
        self.driver.site.probes.get(name).ok_or_else(|| {
            Fault::Refused(failure(
                codes::NOT_IN_THE_PLAN,
                format!("the plan of this run does not have probe {name:?}"),
            ))
        })
    }

    /// An application needs a while to be itself again after its leaders moved: a miss is waited out, as long as the step
    /// allows.
    async fn probe_holds(&self, name: &str) -> Result<Seen, Fault> {
        let probe = self.probe(name)?;
        let before = self.bound.value(&baseline_of(name));
        Ok(match probe::ask(probe, &self.driver.secrets).await {
            Err(unasked) => Seen::NotYet(format!("probe {name:?}: {}", unasked.reason())),
            Ok(answer) => match probe::judge(&probe.expect, &answer, before) {
                ProbeVerdict::Holds(words) => Seen::Met(format!("probe {name:?} {words}")),
                ProbeVerdict::Misses(words) => Seen::NotYet(format!("probe {name:?} {words}")),
            },
        })
    }

    /// A probe's value before anything is stopped.
    pub(super) async fn baseline(&self, name: &str, into: &BindingName) -> Result<Standing, Fault> {
        let told = match probe::ask(self.probe(name)?, &self.driver.secrets).await {
            Err(unasked) => unasked.reason(),
            Ok(answer) if !answer.success => answer.ended,
            Ok(answer) => {
                let facts = [format!("probe {name:?} says {:?} now", answer.value)];
                let binding = Binding::Value {
                    name: into.clone(),
                    value: answer.value,
                };
                return Ok(Standing::Done(Proof::of(facts).with(binding)));
            }
        };
        Ok(Standing::Waiting(Progress::of(format!("probe {name:?}: {told}"))))
    }
}
