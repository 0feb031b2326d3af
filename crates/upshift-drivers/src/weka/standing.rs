//! Where the world stands on a step. Changes nothing, waits for nothing, repeats nothing.

use std::collections::BTreeMap;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::step::{Effect, Step};
use upshift_model::version::Version;
use upshift_model::weka::Act;

use super::command::{Latest, Phase, release};
use super::driver::{WekaDriver, failure};
use super::pulse::{Pulse, Seen, some};
use super::{ask, codes};
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
        let there = match act {
            Act::Stage { release } => self.staged(release).await?,
            Act::Backends { .. } | Act::Clients { .. } => Reached::of(&self.driver.pulse().await?, act)?,
        };
        match latest {
            Some(Latest {
                stands: Detached::Running,
                number,
            }) => Ok(Standing::Underway(self.driver.progress(format!(
                "{}; command {number} runs on {}",
                there.said, self.driver.site.runner.host
            )))),
            Some(Latest {
                stands: Detached::Barred,
                number,
            }) => self.next(act, &there, number + 1).await,
            // Whatever a command that is over says: what is seen is believed.
            _ if there.whole => Ok(Standing::Done(Proof::of([there.said]))),
            // It says that all went well: what is still missing is on its way.
            Some(Latest {
                stands: Detached::Ended(0),
                number,
            }) if self.number() == Some(number) => Ok(Standing::Underway(
                self.driver
                    .progress(format!("{}; command {number} has ended well", there.said)),
            )),
            None
            | Some(Latest {
                stands: Detached::Never,
                ..
            }) => self.first(act, &there).await,
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

    /// No command was begun yet: everything must hold.
    async fn first(&self, act: &Act, there: &Reached) -> Result<Standing, Fault> {
        if let Some(phase) = there.phase.as_deref().filter(|phase| !phase.is_empty()) {
            let what = format!("an upgrade is in phase {phase}, which upshift did not begin");
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_UPGRADE, what)));
        }
        self.next(act, there, 1).await
    }

    /// Ready for the command of this number, once everything holds. An upgrade that is within a phase is resumed in it,
    /// where not everything can hold.
    async fn next(&self, act: &Act, there: &Reached, number: u16) -> Result<Standing, Fault> {
        let phase = there.phase.as_deref().and_then(Phase::of);
        if phase.is_none()
            && let Some(not_yet) = self.before().await?
        {
            return Ok(not_yet);
        }
        // The command of a try whose fate is not known keeps its number: it is begun once.
        let number = self.number().filter(|known| *known >= number).unwrap_or(number);
        let phase = match act {
            Act::Backends { .. } => phase.map_or("", Phase::word),
            Act::Stage { .. } | Act::Clients { .. } => "",
        };
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
            Act::Stage { .. } => codes::NOT_STAGED,
            Act::Backends { .. } => codes::UPGRADE_FAILED,
            Act::Clients { .. } => codes::CLIENTS_FAILED,
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
                self.driver.site.runner.host, there.said
            ),
            far_side: (!said.is_empty()).then_some(said),
        })
    }

    /// What keeps the step from being begun.
    async fn before(&self) -> Result<Option<Standing>, Fault> {
        if self.step.before.is_empty() {
            return Ok(None);
        }
        let pulse = self.driver.pulse().await?;
        for expectation in &self.step.before {
            match self.seen(&pulse, expectation)? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => return Ok(Some(Standing::Waiting(Progress::of(what)))),
                Seen::Bad(failure) => return Ok(Some(Standing::Contradicted(failure))),
            }
        }
        Ok(None)
    }

    /// One sample of a gate.
    async fn sample(&self, watch: &[Expectation]) -> Result<Standing, Fault> {
        let pulse = self.driver.pulse().await?;
        let mut met = Vec::new();
        for expectation in watch {
            match self.seen(&pulse, expectation)? {
                Seen::Met(fact) => met.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Waiting(self.driver.progress(what))),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(Proof::of(met)))
    }

    fn seen(&self, pulse: &Pulse, expectation: &Expectation) -> Result<Seen, Fault> {
        match expectation {
            Expectation::Weka(condition) => pulse.holds(condition),
            _ => Err(self.driver.not_known(self.step)),
        }
    }

    async fn staged(&self, release: &Version) -> Result<Reached, Fault> {
        let listed = ask::packages(self.driver.runner()?).await;
        let listed = listed.map_err(|error| error.into_read_fault())?;
        let whole = listed.iter().any(|package| package == release.as_str());
        Ok(Reached {
            whole,
            phase: None,
            said: match whole {
                true => format!("the package of {release} is on {}", self.driver.site.runner.host),
                false => format!("{} has {}", self.driver.site.runner.host, listed.join(", ")),
            },
        })
    }
}

/// How far an act has come, by what is seen.
struct Reached {
    whole: bool,
    /// The phase of an upgrade of backends.
    phase: Option<String>,
    said: String,
}

impl Reached {
    fn of(pulse: &Pulse, act: &Act) -> Result<Self, Fault> {
        let release = release(act);
        let phase = pulse.phase()?;
        let (whole, said) = match act {
            Act::Clients { ids, .. } => {
                let off = pulse.clients_off(ids, release)?;
                let on = ids.len() - off.len();
                let said = match off.is_empty() {
                    true => format!("{on} of {} clients are up on {release}", ids.len()),
                    false => format!(
                        "{on} of {} clients are up on {release}: {}",
                        ids.len(),
                        some(&off)
                    ),
                };
                (off.is_empty(), said)
            }
            Act::Backends { .. } | Act::Stage { .. } => {
                let (on, of) = pulse.backends_on(release)?;
                let within = match phase {
                    "" => String::new(),
                    phase => format!("phase {phase}, "),
                };
                let said = format!("{within}{on} of {of} containers of backends are up on {release}");
                (on == of && of > 0 && phase.is_empty(), said)
            }
        };
        Ok(Self {
            whole,
            phase: Some(phase.to_owned()),
            said,
        })
    }
}
