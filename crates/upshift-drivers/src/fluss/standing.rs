//! Where the world stands on a step: one arm an effect. Changes nothing, waits for nothing, repeats nothing.

mod canary;
mod configuration;
mod evidence;
mod gate;
mod leaders;
mod program;
mod server;
mod staged;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Act, Condition, Facts, Server};
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::{Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::codes;
use super::driver::FlussDriver;
use super::expectation::{Seen, bare, evaluate};
use super::lag::{self, Follower, Lag};

pub(super) use canary::{Away, is_made_since, led_of, number_of, place_of, reachable};
pub(super) use configuration::Files;
pub(super) use evidence::file_of;
pub(super) use leaders::is_taken_on;
pub(super) use server::{launch_of, told};

/// One look at one step.
struct Look<'a> {
    driver: &'a FlussDriver,
    step: &'a Step,
    bound: &'a Bindings,
    intent: Option<&'a Intent>,
}

pub(super) async fn standing(
    driver: &FlussDriver,
    step: &Step,
    bound: &Bindings,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let look = Look {
        driver,
        step,
        bound,
        intent,
    };
    match look.effect().await? {
        // Before a repeat, too: replicas that fell short since the first try hold it back.
        Standing::Ready(baseline) => match look.before().await? {
            None => Ok(Standing::Ready(baseline)),
            Some(not_yet) => Ok(not_yet),
        },
        other => Ok(other),
    }
}

impl Look<'_> {
    async fn effect(&self) -> Result<Standing, Fault> {
        match &self.step.effect {
            Effect::Stop {
                what: StopWhat::Server { server },
            } => self.stopped(server).await,
            Effect::Start {
                what: StartWhat::Server { server, release },
            } => self.started(server, release).await,
            Effect::Prepare {
                what: Preparation::Evidence { folder, into },
            } => self.evidence(folder, into),
            Effect::Prepare {
                what: Preparation::Canary { what, anew },
            } => self.canary_made(what, *anew).await,
            Effect::Prepare {
                what: Preparation::Baseline { probe, into },
            } => self.baseline(probe, into).await,
            Effect::Configure { component, change } => self.carried_over(component, change).await,
            Effect::Fluss {
                what: Act::SpreadLeaders,
            } => self.leaders_spread().await,
            Effect::Fluss {
                what: Act::Stage { host, plugins },
            } => self.staged(host, plugins).await,
            Effect::Fluss {
                what: Act::Run { part },
            } => self.program(part).await,
            Effect::Prove { what } => self.canary_seen(what).await,
            Effect::Release {
                what: Releasable::Canary { what },
            } => self.canary_gone(what).await,
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => self.sample(watch).await,
            _ => Err(self.driver.not_known(self.step)),
        }
    }

    fn server(&self, id: &ComponentId) -> Result<&Server, Fault> {
        self.driver.server(id)
    }

    async fn facts(&self) -> Result<Facts, Fault> {
        self.driver.facts().await
    }

    /// What keeps the step from being begun.
    async fn before(&self) -> Result<Option<Standing>, Fault> {
        if self.step.before.is_empty() {
            return Ok(None);
        }
        let facts = self.facts().await?;
        for expectation in &self.step.before {
            if let Expectation::Fluss(Condition::CarriedOver { server }) = expectation {
                match self.changed_since(server).await? {
                    Some(failure) => return Ok(Some(Standing::Contradicted(failure))),
                    None => continue,
                }
            }
            if let Expectation::Fluss(Condition::Staged { host }) = expectation {
                match self.unstaged(host).await? {
                    Some(failure) => return Ok(Some(Standing::Contradicted(failure))),
                    None => continue,
                }
            }
            match evaluate(&self.driver.site, &facts, expectation)? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => match self.held(&facts, expectation).await {
                    Some(Ok(())) => {}
                    Some(Err(why)) => {
                        let what = format!("{what}; {why}");
                        return Ok(Some(Standing::Waiting(Progress::of(what))));
                    }
                    None => return Ok(Some(self.lagging(&facts, what).await)),
                },
                // Nobody's waiting brings it back.
                Seen::Bad(failure) if [codes::EPOCH, codes::NOT_READ].contains(&failure.code) => {
                    return Ok(Some(Standing::Contradicted(failure)));
                }
                Seen::Bad(failure) => return Ok(Some(Standing::Waiting(Progress::of(failure.what)))),
            }
        }
        Ok(None)
    }

    /// Where only the replica on the server counts that is to be restarted: whether all that it has lies elsewhere, too. A
    /// leader that takes nobody back has no other way out. None for what is not asked so.
    async fn held(&self, facts: &Facts, expectation: &Expectation) -> Option<Result<(), String>> {
        let Expectation::Fluss(Condition::Covered { server, own }) = expectation else {
            return None;
        };
        let bare = match bare(facts, *server, own) {
            Ok(bare) => bare,
            Err(gap) => return Some(Err(gap.to_string())),
        };
        Some(lag::held_elsewhere(facts, *server, &bare).await)
    }

    /// What is waited for, unless it never comes: a replica that is stuck ends the wait.
    async fn lagging(&self, facts: &Facts, what: String) -> Standing {
        let followers = lag::followers(facts, |of| !of.in_sync && !self.is_taken_down(*of));
        match self.driver.watch.look(self.driver.now(), facts, &followers).await {
            // A try that is under way is not over for that.
            Lag::Stuck(failure) if self.intent.is_none() => Standing::Failed(failure),
            Lag::Stuck(failure) => Standing::Waiting(Progress::of(failure.what)),
            Lag::Coming(Some(how)) => Standing::Waiting(Progress::of(format!("{what}; {how}"))),
            Lag::Coming(None) => Standing::Waiting(Progress::of(what)),
        }
    }

    /// Whether the step takes the replica down, and so does not ask that it is in sync.
    fn is_taken_down(&self, follower: Follower) -> bool {
        let mut conditions = self.step.before.iter();
        conditions.any(|expectation| match expectation {
            Expectation::Fluss(Condition::OkToStop { server, .. }) => *server == follower.server,
            // The step is the remedy.
            Expectation::Fluss(Condition::Covered { .. }) => true,
            _ => false,
        })
    }
}
