//! Samples of a soak, and the values that probes have before the switch.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::ids::BindingName;
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::Failure;

use super::super::expectation::{Seen, evaluate};
use super::super::{codes, probe};
use super::{Look, failure};

/// Flink's list of exceptions is up to 3 s old (its `web.refresh-interval`): so long, and a look more, a failure waits for
/// what the job says about it.
const TOLD_WITHIN: Duration = Duration::from_secs(4);
const LOOKS_EVERY: Duration = Duration::from_millis(500);

impl Look<'_> {
    /// One look at everything that is watched. What was never there yet is waited for, what is not
    /// right makes the sample bad, and what cannot be seen is a fault: the engine counts no time then.
    pub(super) async fn sample(&self, watch: &[Expectation]) -> Result<Standing, Fault> {
        let mut facts = Vec::new();
        let mut missing = None;
        for expectation in watch {
            match evaluate(self.driver, self.bound, expectation).await? {
                Seen::Met(fact) => facts.push(fact),
                Seen::NotYet(what) => missing = missing.or(Some(what)),
                Seen::Bad(failure) | Seen::Broken(failure) => {
                    return Ok(Standing::Failed(self.with_cause(failure, watch).await));
                }
            }
        }
        Ok(match missing {
            Some(what) => Standing::Waiting(Progress::of(what)),
            None => Standing::Underway(Progress::of(facts.join(", "))),
        })
    }

    /// The same with what a watched job itself said: a restart shows first as another restore point, as missing tasks or
    /// as a probe that misses, and none of these says why.
    async fn with_cause(&self, mut failure: Failure, watch: &[Expectation]) -> Failure {
        let exceptions: Vec<_> = watch
            .iter()
            .filter(|e| matches!(e, Expectation::NoExceptions { .. }))
            .collect();
        let begun = Instant::now();
        while failure.far_side.is_none() && !exceptions.is_empty() {
            for expectation in &exceptions {
                // Where this cannot be seen the failure stands without it.
                if let Ok(Seen::Broken(told)) = evaluate(self.driver, self.bound, expectation).await {
                    failure.far_side = failure.far_side.or(told.far_side);
                }
            }
            if begun.elapsed() >= TOLD_WITHIN {
                break;
            }
            if failure.far_side.is_none() {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the answer to one question comes late; what is decided waits for nothing"
                )]
                sleep(LOOKS_EVERY).await;
            }
        }
        failure
    }

    pub(super) async fn baseline(&self, name: &str, into: &BindingName) -> Result<Standing, Fault> {
        let planned = self.driver.probe(name)?;
        match probe::ask(planned, &self.driver.secrets).await {
            Err(unasked) => Ok(Standing::Failed(unasked.failure(name))),
            Ok(answer) if !answer.success => {
                let what = format!("probe {name:?} {} before the switch", answer.ended);
                Ok(Standing::Failed(failure(codes::PROBE_FAILED, what)))
            }
            Ok(answer) => {
                let facts = [format!(
                    "probe {name:?} says {:?} before the switch",
                    answer.value
                )];
                let binding = Binding::Value {
                    name: into.clone(),
                    value: answer.value,
                };
                Ok(Standing::Done(Proof::of(facts).with(binding)))
            }
        }
    }
}
