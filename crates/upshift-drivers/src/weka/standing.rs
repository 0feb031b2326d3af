//! Where the world stands on a step. Changes nothing, waits for nothing, repeats nothing.

use std::collections::BTreeMap;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::step::{Effect, Step};
use upshift_model::weka::{Act, Condition, Fate};

use super::codes;
use super::command::{Latest, Phase};
use super::driver::{WekaDriver, failure};
use super::pulse::{Pulse, Seen};
use super::reached::{self, Reached};
use crate::wire::hosts::Detached;

// Keys of the baseline.
pub(super) const NUMBER: &str = "command";
pub(super) const PHASE: &str = "phase";

pub(super) async fn standing(
    driver: &WekaDriver,
    step: &Step,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let look = Look { driver, step, intent };
    match &step.effect {
        Effect::Weka { what } => look.of(what).await,
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => look.sample(watch).await,
        _ => Err(driver.not_known(step)),
    }
}

struct Look<'a> {
    driver: &'a WekaDriver,
    step: &'a Step,
    intent: Option<&'a Intent>,
}

impl Look<'_> {
    async fn of(&self, act: &Act) -> Result<Standing, Fault> {
        // The command first: what it was seen to have ended with is then in what is seen of the cluster.
        let latest = self.driver.latest(act).await?;
        let ended_well = latest
            .as_ref()
            .is_some_and(|latest| latest.stands == Detached::Ended(0));
        let there = self.driver.reached(act, ended_well).await?;
        let said = &there.said;
        match latest {
            Some(Latest {
                stands: Detached::Running,
                number,
            }) => {
                let host = self.driver.place(act);
                let what = format!("{said}; command {number} runs on {host}");
                Ok(Standing::Underway(self.driver.progress(what)))
            }
            Some(Latest {
                stands: Detached::Barred,
                number,
            }) => self.next(act, &there, number + 1).await,
            // Whatever a command that is over says: what is seen is believed.
            _ if there.whole => Ok(Standing::Done(Proof::of(facts(act, there.said)))),
            // It says that all went well: what is still missing is on its way.
            Some(Latest {
                stands: Detached::Ended(0),
                number,
            }) if self.number() == Some(number) => Ok(Standing::Underway(
                self.driver
                    .progress(format!("{said}; command {number} has ended well")),
            )),
            None
            | Some(Latest {
                stands: Detached::Never,
                ..
            }) => self.first(act, &there, 1).await,
            // An earlier run's, which came to its end: the phase that the cluster is in is not of it. So it is, too, when
            // the vendor has set the cluster back since, and somebody upgrades it again.
            Some(Latest {
                stands: Detached::Ended(0),
                number,
            }) => self.first(act, &there, number + 1).await,
            Some(Latest { stands, number }) => match self.number() == Some(number) {
                true => Ok(Standing::Failed(self.failed(act, &there, number, stands).await?)),
                // A try of this step that certainly failed, or a command of an earlier run. Nothing but a person's word
                // leads here, and what is begun then is the phase that it ended in.
                false => self.next(act, &there, number + 1).await,
            },
        }
    }

    /// The number of the command that this try began, or was about to.
    fn number(&self) -> Option<u16> {
        self.intent?.baseline.0.get(NUMBER)?.parse().ok()
    }

    /// No command was begun yet of which the phase could be: everything must hold.
    async fn first(&self, act: &Act, there: &Reached, number: u16) -> Result<Standing, Fault> {
        if let Some(phase) = there.phase.as_deref().filter(|phase| !phase.is_empty()) {
            let what = format!("an upgrade is in phase {phase}, which upshift did not begin");
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_UPGRADE, what)));
        }
        self.next(act, there, number).await
    }

    /// Ready for the command of this number, once everything holds. An upgrade that is within a phase is resumed in it,
    /// where not everything can hold.
    async fn next(&self, act: &Act, there: &Reached, number: u16) -> Result<Standing, Fault> {
        if let Act::Task { fate: Fate::Wait, .. } = act {
            return Ok(Standing::Waiting(self.driver.progress(there.said.clone())));
        }
        let phase = match act {
            Act::Backends { .. } => there.phase.as_deref().and_then(Phase::of),
            _ => None,
        };
        if phase.is_none()
            && let Some(not_yet) = self.before().await?
        {
            return Ok(not_yet);
        }
        // Before the drives phase the cluster does not tell of an upgrade: commands are looked for everywhere.
        if matches!(
            act,
            Act::Distribute { .. } | Act::Backends { .. } | Act::Clients { .. }
        ) && let Some(what) = self.driver.another().await?
        {
            let what = format!("{what}, which an earlier run began: wait for its end");
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_UPGRADE, what)));
        }
        // The command of a try whose fate is not known keeps its number: it is begun once.
        let number = self.number().filter(|known| *known >= number).unwrap_or(number);
        let phase = phase.map_or("", Phase::word);
        Ok(Standing::Ready(Baseline(BTreeMap::from([
            (NUMBER.to_owned(), number.to_string()),
            (PHASE.to_owned(), phase.to_owned()),
        ]))))
    }

    async fn failed(
        &self,
        act: &Act,
        there: &Reached,
        number: u16,
        stands: Detached,
    ) -> Result<Failure, Fault> {
        let code = match act {
            Act::Stage { .. } | Act::Distribute { .. } => codes::NOT_STAGED,
            Act::Backends { .. } => codes::UPGRADE_FAILED,
            Act::Clients { .. } | Act::Client { .. } => codes::CLIENTS_FAILED,
            Act::Quiet { .. }
            | Act::Override { .. }
            | Act::ClientTarget { .. }
            | Act::Task { .. }
            | Act::Restart { .. } => codes::NOT_DONE,
        };
        let resumed = match there.phase.as_deref().and_then(Phase::of) {
            Some(phase) => format!(
                "; once the cause is gone, upshift resume goes on with --ndu-{}-phase",
                phase.word()
            ),
            None => String::new(),
        };
        let said = self.driver.tail(act, number).await?;
        Ok(Failure {
            code,
            what: format!(
                "command {number} on {} {stands}; {}{resumed}",
                self.driver.place(act),
                there.said
            ),
            far_side: (!said.is_empty()).then_some(said),
        })
    }

    /// What keeps the step from being begun.
    async fn before(&self) -> Result<Option<Standing>, Fault> {
        if self.step.before.is_empty() {
            return Ok(None);
        }
        let pulse = self.driver.pulse(further(&self.step.before)).await?;
        for expectation in &self.step.before {
            match self.seen(&pulse, expectation)? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => return Ok(Some(Standing::Waiting(Progress::of(what)))),
                Seen::Bad(failure) | Seen::Drift(failure) => {
                    return Ok(Some(Standing::Contradicted(failure)));
                }
            }
        }
        Ok(None)
    }

    /// One sample of a gate.
    async fn sample(&self, watch: &[Expectation]) -> Result<Standing, Fault> {
        let pulse = self.driver.pulse(further(watch)).await?;
        let mut met = Vec::new();
        for expectation in watch {
            match self.seen(&pulse, expectation)? {
                Seen::Met(fact) => met.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Waiting(self.driver.progress(what))),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
                Seen::Drift(failure) => return Ok(Standing::Contradicted(failure)),
            }
        }
        Ok(Standing::Done(Proof::of(met)))
    }

    fn seen(&self, pulse: &Pulse, expectation: &Expectation) -> Result<Seen, Fault> {
        match expectation {
            Expectation::Weka(condition) => pulse.holds(condition, self.driver.minute()),
            _ => Err(self.driver.not_known(self.step)),
        }
    }
}

/// What is asked of the cluster beyond the usual for conditions.
fn further(conditions: &[Expectation]) -> &'static [&'static str] {
    let of_s3 =
        |expectation: &Expectation| matches!(expectation, Expectation::Weka(Condition::Undisturbed { .. }));
    match conditions.iter().any(of_s3) {
        true => &["s3"],
        false => &[],
    }
}

/// What is known of an act that is done.
fn facts(act: &Act, said: String) -> Vec<String> {
    let former = match act {
        Act::Quiet { units, .. } => reached::former(units),
        Act::ClientTarget { former, .. } => vec![format!("it was {former} before")],
        _ => Vec::new(),
    };
    std::iter::once(said).chain(former).collect()
}
