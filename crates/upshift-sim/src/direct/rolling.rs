//! The direct face of the rolling system. Its plans speak the shared vocabulary: a server is a cluster that
//! is stopped and started, and what the system says of its replicas is a probe.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use upshift_engine::driver::{Driver, Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::{Code, ComponentId};
use upshift_model::inventory::Inventory;
use upshift_model::proof::{Bindings, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

use super::line::{LATE_MS, Line, Passage};
use super::time::{Clockwork, pass};
use crate::rolling::World;

/// The probe that holds while every replica is in sync.
pub const IN_SYNC: &str = "every replica in sync";
const PID: &str = "pid";
/// A server whose process died is started again by its supervisor this much later.
const SUPERVISED_MS: i64 = 15_000;

/// A simulated rolling system.
#[derive(Clone)]
pub struct RollingFace {
    world: Arc<Mutex<World>>,
    line: Arc<Line>,
    time: Clockwork,
}

/// The number of a server, from its name in the plan.
fn number(world: &World, id: &ComponentId) -> Result<usize, Fault> {
    let unknown = || Fault::Refused(failure(format!("the system has no {id}")));
    match id.as_str() {
        "coordinator" => Ok(world.coordinator()),
        name => {
            let n = name.strip_prefix("server/").and_then(|n| n.parse().ok());
            n.filter(|n| *n < world.coordinator()).ok_or_else(unknown)
        }
    }
}

fn failure(what: String) -> Failure {
    Failure {
        code: Code::from("UP-SIM-0002".to_owned()),
        what,
        far_side: None,
    }
}

enum Seen {
    Met(String),
    NotYet(String),
    Broken(Failure),
}

impl RollingFace {
    /// A face of this world.
    pub const fn new(world: Arc<Mutex<World>>, line: Arc<Line>, time: Clockwork) -> Self {
        Self { world, line, time }
    }

    /// The world, as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.time.now());
        world
    }

    fn strike(&self, fault: super::Fault, step: &Step) {
        let now = self.time.now();
        let mut world = self.world();
        let Some(n) = subject(step).and_then(|id| number(&world, id).ok()) else {
            return;
        };
        let servers = world.coordinator();
        let other = (n + 1) % servers;
        match fault {
            super::Fault::FarSideRestarts => world.dies(other, 2_000, now),
            super::Fault::ProcessKilled => world.dies(other, SUPERVISED_MS, now),
            super::Fault::Stillborn => {
                world.stillborn.insert(n);
            }
            super::Fault::WrongState => {
                world.stuck.insert(n);
            }
            _ => {}
        }
    }

    fn evaluate(&self, world: &World, expectation: &Expectation) -> Result<Seen, Fault> {
        match expectation {
            Expectation::ReleaseIs { component, version } => {
                let n = number(world, component)?;
                let found = &world.servers[n].release;
                Ok(match (world.is_up(n), found == version.as_str()) {
                    (true, true) => Seen::Met(format!("{component} runs {found}")),
                    (true, false) => {
                        let what = format!("{component} runs {found}, expected {version}");
                        Seen::Broken(failure(what))
                    }
                    (false, _) => Seen::NotYet(format!("{component} does not answer")),
                })
            }
            Expectation::Stopped { component } => {
                let n = number(world, component)?;
                Ok(match world.is_up(n) {
                    false => Seen::Met(format!("{component} does not answer any more")),
                    true => Seen::NotYet(format!("{component} still answers")),
                })
            }
            Expectation::ProbeHolds { probe } if probe == IN_SYNC => Ok(match world.short().as_slice() {
                [] => Seen::Met("every replica is in sync".to_owned()),
                short => Seen::NotYet(format!("{} buckets are short of replicas in sync", short.len())),
            }),
            other => Err(Fault::Refused(failure(format!(
                "no rolling system knows {other:?}"
            )))),
        }
    }

    fn stands(&self, step: &Step, intent: Option<&Intent>) -> Result<Standing, Fault> {
        let world = self.world();
        let standing = match &step.effect {
            Effect::Stop {
                what: StopWhat::Cluster { cluster },
            } => Self::stopped(&world, cluster, intent)?,
            Effect::Start {
                what: StartWhat::Cluster { cluster, .. },
            } => Self::started(&world, cluster, intent)?,
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => return self.sample(&world, watch),
            other => {
                return Err(Fault::Refused(failure(format!(
                    "no rolling system does {other:?}"
                ))));
            }
        };
        match standing {
            // No try leaves half of a stop or start behind, so a repeat is asked like the first one.
            Standing::Ready(baseline) => {
                for expectation in &step.before {
                    match self.evaluate(&world, expectation)? {
                        Seen::Met(_) => {}
                        Seen::NotYet(what) => return Ok(Standing::Waiting(Progress::of(what))),
                        Seen::Broken(failure) => return Ok(Standing::Contradicted(failure)),
                    }
                }
                Ok(Standing::Ready(baseline))
            }
            Standing::Done(mut proof) => {
                for expectation in &step.after {
                    match self.evaluate(&world, expectation)? {
                        Seen::Met(fact) => proof.facts.push(fact),
                        Seen::NotYet(what) => return Ok(Standing::Underway(Progress::of(what))),
                        Seen::Broken(failure) => return Ok(Standing::Failed(failure)),
                    }
                }
                Ok(Standing::Done(proof))
            }
            other => Ok(other),
        }
    }

    fn sample(&self, world: &World, watch: &[Expectation]) -> Result<Standing, Fault> {
        let mut facts = Vec::new();
        for expectation in watch {
            match self.evaluate(world, expectation)? {
                Seen::Met(fact) => facts.push(fact),
                Seen::NotYet(what) => return Ok(Standing::Waiting(Progress::of(what))),
                Seen::Broken(failure) => return Ok(Standing::Failed(failure)),
            }
        }
        Ok(Standing::Underway(Progress::of(facts.join(", "))))
    }

    fn stopped(world: &World, id: &ComponentId, intent: Option<&Intent>) -> Result<Standing, Fault> {
        let server = &world.servers[number(world, id)?];
        let baseline = Baseline([(PID.to_owned(), server.pid.to_string())].into());
        if server.up_since.is_none() && server.comes_up.is_none() {
            return Ok(Standing::Done(Proof::of([format!("{id} is down")])));
        }
        let Some(intent) = intent else {
            return Ok(match server.up_since {
                Some(_) => Standing::Ready(baseline),
                None => Standing::Waiting(Progress::of(format!("{id} is starting"))),
            });
        };
        // Another process than the one that was to be stopped: the supervisor was quicker. It is waited for and
        // looked at anew, for what was known of the replicas is not known any more.
        if intent.baseline.0.get(PID) != Some(&server.pid.to_string()) {
            return Ok(Standing::Failed(failure(format!("{id} was started meanwhile"))));
        }
        Ok(match server.goes_down {
            Some(_) => Standing::Underway(Progress::of(format!("waiting for the end of {id}"))),
            None => Standing::Ready(baseline),
        })
    }

    fn started(world: &World, id: &ComponentId, intent: Option<&Intent>) -> Result<Standing, Fault> {
        let server = &world.servers[number(world, id)?];
        let baseline = Baseline([(PID.to_owned(), server.pid.to_string())].into());
        if server.up_since.is_some() && server.goes_down.is_none() {
            return Ok(match intent {
                Some(_) => Standing::Done(Proof::of([format!("{id} is up as process {}", server.pid)])),
                None => Standing::Waiting(Progress::of(format!("{id} is still up"))),
            });
        }
        if server.comes_up.is_some() {
            return Ok(Standing::Underway(Progress::of(format!("{id} is starting"))));
        }
        Ok(match intent {
            Some(i) if i.baseline.0.get(PID) != Some(&server.pid.to_string()) => {
                Standing::Failed(failure(format!("{id} ended right after it was started")))
            }
            Some(_) | None => Standing::Ready(baseline),
        })
    }

    /// Does what was asked for at a time.
    fn acts(&self, step: &Step, intent: &Intent, asked: i64) -> Result<(), Fault> {
        let now = self.time.now();
        let mut world = self.world();
        let before = intent.baseline.0.get(PID).and_then(|pid| pid.parse().ok());
        match &step.effect {
            Effect::Stop {
                what: StopWhat::Cluster { cluster },
            } => {
                let n = number(&world, cluster)?;
                if let Some(pid) = before {
                    world.stop(n, pid, asked, now);
                }
                Ok(())
            }
            Effect::Start {
                what: StartWhat::Cluster { cluster, release, .. },
            } => {
                let n = number(&world, cluster)?;
                // One that was started since is the effect of an earlier request of the same try.
                if before == Some(world.servers[n].pid) {
                    world.start(n, release.as_str(), now);
                }
                Ok(())
            }
            _ => Err(Fault::Refused(failure(format!(
                "step {} has nothing to be tried",
                step.id
            )))),
        }
    }
}

fn subject(step: &Step) -> Option<&ComponentId> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Cluster { cluster },
        }
        | Effect::Start {
            what: StartWhat::Cluster { cluster, .. },
        } => Some(cluster),
        _ => None,
    }
}

impl Driver for RollingFace {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(async {
            Err(Fault::Transient(
                "no inventory document knows rolling systems yet".to_owned(),
            ))
        })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move {
            let strike = |fault| self.strike(fault, step);
            self.line.look(&step.id, self.time.now(), strike).await?;
            self.stands(step, intent)
        })
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        _: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let strike = |fault| self.strike(fault, step);
            // The request is on its way from here on, however slow: what falls short meanwhile nobody could know.
            let asked = self.time.now();
            let passage = self.line.act(&step.id, asked, strike).await?;
            if passage == Passage::Late {
                let (face, step, intent) = (self.clone(), step.clone(), intent.clone());
                tokio::spawn(async move {
                    pass(LATE_MS).await;
                    // Nobody hears the answer.
                    face.acts(&step, &intent, asked).ok();
                });
                return self.line.answer(passage).await;
            }
            let answer = self.acts(step, intent, asked);
            self.line.answer(passage).await?;
            answer
        })
    }
}
