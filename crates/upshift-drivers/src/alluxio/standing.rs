//! Where the world stands on a step: one arm an effect. Changes nothing, repeats nothing.

mod blocks;
mod condition;
mod configured;
mod copied;
mod in_hand;
mod late;
mod loaded;
mod persisted;
mod program;
mod proven;
mod same;
mod server;
mod taken;
mod tiers;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::Preparation;
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::BindingName;
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Intent};
use upshift_model::step::{Artifact, Change, Effect, Preparation as Prepared, StartWhat, Step, StopWhat};

use super::driver::AlluxioDriver;
use super::{configure, fresh};
use condition::Seen;

pub(super) use blocks::{list_blocks, list_file};
pub(super) use copied::{copied_to, fetched_to};
pub(super) use persisted::persist_words;
pub(super) use proven::{copy_of, source};
pub(super) use server::{start_words, told};
pub(super) use taken::{backup_words, folder_of};

/// One look at one step.
struct Look<'a> {
    driver: &'a AlluxioDriver,
    step: &'a Step,
    bound: &'a Bindings,
    intent: Option<&'a Intent>,
}

pub(super) async fn standing(
    driver: &AlluxioDriver,
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
        Standing::Ready(baseline) => {
            if let Some(in_the_way) = look.in_the_way().await? {
                return Ok(in_the_way);
            }
            match look.before().await? {
                None => Ok(Standing::Ready(baseline)),
                Some(not_yet) => Ok(not_yet),
            }
        }
        Standing::Done(proof) if !step.after.is_empty() => look.after(proof).await,
        other => Ok(other),
    }
}

impl Look<'_> {
    async fn effect(&self) -> Result<Standing, Fault> {
        match &self.step.effect {
            Effect::Stop {
                what: StopWhat::Server { server },
            } => self.stopped(server).await,
            Effect::Stop {
                what: StopWhat::Writers { .. },
            } => self.program("those who write are stopped").await,
            Effect::Start {
                what: StartWhat::Writers { .. },
            } => self.program("those who write are started").await,
            Effect::Start {
                what: StartWhat::Server { server, release },
            } => self.started(server, release, None).await,
            Effect::Start {
                what:
                    StartWhat::Restored {
                        server,
                        release,
                        from,
                    },
            } => self.started(server, release, Some(from)).await,
            Effect::Prepare {
                what: Prepared::Alluxio(what),
            } => self.prepared(what).await,
            Effect::Transfer {
                what: Artifact::Folder { of, from, to, keep },
                into,
            } => {
                let (server, _) = self.driver.server(of)?;
                let far = self.driver.far(&server.host)?;
                Ok(match fresh::moved(far, from, to, *keep).await? {
                    Standing::Done(proof) => Standing::Done(proof.with(Binding::Value {
                        name: into.clone(),
                        value: to.display().to_string(),
                    })),
                    other => other,
                })
            }
            Effect::Configure {
                component,
                change:
                    Change::CarryOver {
                        from,
                        from_file,
                        from_digest,
                        to,
                        to_file,
                        edits,
                    },
            } => {
                let (server, _) = self.driver.server(component)?;
                let far = self.driver.far(&server.host)?;
                configure::stands(far, &from.join(from_file), from_digest, &to.join(to_file), edits).await
            }
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => self.sample(watch).await,
            _ => Err(self.driver.not_known(self.step)),
        }
    }

    async fn prepared(&self, what: &Preparation) -> Result<Standing, Fault> {
        match what {
            Preparation::Watch { into } => self.watched(into).await,
            Preparation::JournalEnd { into } => self.journals_end(into).await,
            Preparation::Persist { release } => self.persisted(release).await,
            Preparation::Backup { marked, into, .. } => self.taken(*marked, into).await,
            Preparation::Restorable { of, criteria, into } => self.proven(of, criteria, into).await,
            Preparation::Fetch { of, into } => self.fetched(of, into).await,
            Preparation::Copy { of, server, into } => self.copied(of, server, into).await,
            Preparation::Blocks { into, .. } => self.listed(into),
            Preparation::ClassPath { client, .. } => {
                self.program(&format!("the class path of {client} is set")).await
            }
            Preparation::Restart { client, .. } => self.program(&format!("{client} is started")).await,
            Preparation::SaveTiers { server, to } => self.tiers_saved(server, to).await,
            Preparation::ReturnTiers { server, from } => self.tiers_returned(server, from).await,
            Preparation::Format { server, .. } => self.formatted(server).await,
            Preparation::FormatWorker { server, .. } => self.worker_formatted(server).await,
            Preparation::PutBack {
                server,
                kept,
                journal,
                ..
            } => {
                let (server, _) = self.driver.server(server)?;
                fresh::put_back(self.driver.far(&server.host)?, journal, kept).await
            }
        }
    }

    /// The counts as they are, which later ones are held against.
    async fn watched(&self, into: &BindingName) -> Result<Standing, Fault> {
        let master = self.driver.master().await?;
        let value = condition::counts(&master);
        let sum: u64 = master.writes.values().sum();
        let fact = format!("{sum} calls have changed the tree since the master started");
        Ok(Standing::Done(Proof::of([fact]).with(Binding::Value {
            name: into.clone(),
            value,
        })))
    }

    /// What keeps the step from being begun.
    async fn before(&self) -> Result<Option<Standing>, Fault> {
        for expectation in &self.step.before {
            match self.evaluate(expectation, self.bound).await? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => return Ok(Some(Standing::Waiting(Progress::of(what)))),
                Seen::Bad(failure) => return Ok(Some(Standing::Contradicted(failure))),
            }
        }
        Ok(None)
    }

    /// What must hold beside what the step itself shows.
    async fn after(&self, mut proof: Proof) -> Result<Standing, Fault> {
        let mut bound = self.bound.clone();
        bound.absorb(&proof);
        for expectation in &self.step.after {
            match self.evaluate(expectation, &bound).await? {
                Seen::Met(fact) => proof.facts.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Underway(Progress::of(what))),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(proof))
    }

    /// One sample of a gate.
    async fn sample(&self, watch: &[Expectation]) -> Result<Standing, Fault> {
        let mut met = Vec::new();
        for expectation in watch {
            match self.evaluate(expectation, self.bound).await? {
                Seen::Met(fact) => met.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Waiting(Progress::of(what))),
                Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Done(Proof::of(met)))
    }
}

/// A part of what is bound under one name: `backup/before` and `file`.
fn part(name: &BindingName, part: &str) -> BindingName {
    BindingName::new(format!("{name}.{part}"))
}

fn bound_part<'b>(bound: &'b Bindings, name: &BindingName, of: &str) -> Option<&'b str> {
    bound.value(&part(name, of))
}

fn ready() -> Standing {
    Standing::Ready(Baseline::default())
}
