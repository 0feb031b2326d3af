//! Where the simulated cluster stands on a step: one arm an effect, decided as the real driver decides it.

use std::collections::BTreeMap;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::expect::Expectation;
use upshift_model::fluss::before_stop::{LEADERSHIP, REGISTERED};
use upshift_model::fluss::{Act, CLEAN, Condition, Facts, ServerId, Site, clean_end_of};
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Intent};
use upshift_model::step::{Canary, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::codes::{self, failure, refused};
use super::condition::{Seen, evaluate};
use super::lag::Watch;
use super::observe;
use super::scene::number;
use crate::fluss::{CanarySeen, Server, World};

const PID: &str = "pid";
const LAST_BEFORE: &str = "last_table";
const REBALANCE_BEFORE: &str = "rebalance_before";

/// The process that a stop is about.
pub(super) fn pid_before(intent: &Intent) -> Option<u32> {
    intent.baseline.0.get(PID)?.parse().ok()
}

/// The row of a try.
pub(super) fn row_of(intent: &Intent) -> i64 {
    i64::from_str_radix(&intent.key.as_hex()[..15], 16).unwrap_or(0)
}

/// The name of a try's copy of the metadata.
pub(super) fn copy_of(intent: &Intent) -> String {
    format!("{}.json", intent.key)
}

/// Whether the tables of a canary were made since the try was begun.
pub(super) fn is_made_since(tables: &[i64], intent: &Intent) -> bool {
    let last = intent
        .baseline
        .0
        .get(LAST_BEFORE)
        .and_then(|last| last.parse::<i64>().ok());
    tables.len() == 2 && last.is_none_or(|last| tables.iter().all(|table| *table > last))
}

/// Whether a rebalance stands there that did not before the try.
pub(super) fn is_taken_on(world: &World, intent: &Intent) -> bool {
    let before = intent.baseline.0.get(REBALANCE_BEFORE);
    world.rebalance.is_some() && world.rebalance.as_ref() != before
}

/// One look at one step.
pub(super) struct Look<'a> {
    pub(super) world: &'a World,
    pub(super) site: &'a Site,
    pub(super) watch: &'a Watch,
    pub(super) step: &'a Step,
    pub(super) bound: &'a Bindings,
    pub(super) intent: Option<&'a Intent>,
}

impl Look<'_> {
    pub(super) fn stands(&self) -> Result<Standing, Fault> {
        match self.effect()? {
            Standing::Ready(baseline) => Ok(self.before()?.unwrap_or(Standing::Ready(baseline))),
            other => Ok(other),
        }
    }

    fn effect(&self) -> Result<Standing, Fault> {
        match &self.step.effect {
            Effect::Stop {
                what: StopWhat::Server { server },
            } => self.stopped(server),
            Effect::Start {
                what: StartWhat::Server { server, release },
            } => self.started(server, release),
            Effect::Prepare {
                what: Preparation::Evidence { into, .. },
            } => Ok(match self.intent {
                Some(intent) if self.world.copies.contains(&copy_of(intent)) => {
                    let binding = Binding::Value {
                        name: into.clone(),
                        value: copy_of(intent),
                    };
                    Standing::Done(Proof::of(["the metadata was copied".to_owned()]).with(binding))
                }
                _ => Standing::Ready(Baseline::default()),
            }),
            Effect::Prepare {
                what: Preparation::Canary { what, anew },
            } => self.canary_made(what, *anew),
            Effect::Fluss {
                what: Act::SpreadLeaders,
            } => self.leaders_spread(),
            Effect::Prove { what } => self.canary_seen(what),
            Effect::Release {
                what: Releasable::Canary { what },
            } => Ok(match self.world.canary(&what.name).as_slice() {
                [] => Standing::Done(Proof::of([format!("no table of {} is there", what.name)])),
                _ => Standing::Ready(Baseline::default()),
            }),
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => {
                let facts = self.facts()?;
                let mut met = Vec::new();
                for expectation in watch {
                    let seen = match expectation {
                        Expectation::Fluss(Condition::CleanEnd { server }) => self.clean_end(*server),
                        other => evaluate(self.site, &facts, other)?,
                    };
                    match seen {
                        Seen::Met(fact) => met.push(fact),
                        Seen::NotYet(what) => return Ok(self.lagging(what)),
                        Seen::Bad(failure) => return Ok(Standing::Failed(failure)),
                    }
                }
                Ok(Standing::Done(Proof::of(met)))
            }
            other => Err(refused(format!("Fluss knows no {other:?}"))),
        }
    }

    fn facts(&self) -> Result<Facts, Fault> {
        observe::facts(self.world)
    }

    /// What keeps the step from being begun.
    fn before(&self) -> Result<Option<Standing>, Fault> {
        if self.step.before.is_empty() {
            return Ok(None);
        }
        let facts = self.facts()?;
        for expectation in &self.step.before {
            match evaluate(self.site, &facts, expectation)? {
                Seen::Met(_) => {}
                Seen::NotYet(what) => return Ok(Some(self.lagging(what))),
                Seen::Bad(failure) if failure.code.to_string() == codes::EPOCH => {
                    return Ok(Some(Standing::Contradicted(failure)));
                }
                Seen::Bad(failure) => return Ok(Some(Standing::Waiting(Progress::of(failure.what)))),
            }
        }
        Ok(None)
    }

    fn lagging(&self, what: String) -> Standing {
        match self.watch.look(self.world) {
            Some(failure) if self.intent.is_none() => Standing::Failed(failure),
            Some(failure) => Standing::Waiting(Progress::of(failure.what)),
            None => Standing::Waiting(Progress::of(what)),
        }
    }

    /// What was bound when it was stopped.
    fn clean_end(&self, server: i32) -> Seen {
        match self.bound.value(&clean_end_of(server)) {
            Some(CLEAN) => Seen::Met(format!("tablet server {server} left its mark")),
            _ => Seen::Bad(failure(
                codes::NO_CLEAN_END,
                format!("tablet server {server} left no mark"),
            )),
        }
    }

    fn leaders_spread(&self) -> Result<Standing, Fault> {
        self.facts()?;
        let before = self.world.rebalance.clone().unwrap_or_default();
        Ok(match self.intent {
            Some(intent) if is_taken_on(self.world, intent) => {
                Standing::Done(Proof::of(["leaders are spread".to_owned()]))
            }
            _ => Standing::Ready(Baseline(BTreeMap::from([(REBALANCE_BEFORE.to_owned(), before)]))),
        })
    }

    fn server(&self, id: &ComponentId) -> Result<(ServerId, &Server), Fault> {
        let planned = self.site.servers.get(id);
        let planned = planned.ok_or_else(|| refused(format!("the plan has no {id}")))?;
        let server = self.world.servers.get(&number(planned.id));
        let server = server.ok_or_else(|| refused(format!("there is no {id}")))?;
        Ok((planned.id, server))
    }

    fn stopped(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let (id, server) = self.server(id)?;
        // Where the metadata cannot be read nothing is said.
        self.facts()?;
        let Some(process) = &server.process else {
            return Ok(match server.is_registered() {
                true => Standing::Waiting(Progress::of(format!("{id} is registered until its session ends"))),
                false => Standing::Done(ended(id, server)),
            });
        };
        let Some(intent) = self.intent else {
            let mut noted = BTreeMap::from([(PID.to_owned(), process.pid.to_string())]);
            let registered = server.registration.as_ref();
            noted.extend(registered.map(|of| (REGISTERED.to_owned(), of.at.to_string())));
            if id == ServerId::Coordinator {
                let leadership = self.facts()?.leadership();
                let leadership = leadership.map_err(|gap| Fault::Transient(gap.to_string()))?;
                noted.insert(LEADERSHIP.to_owned(), leadership.hex().to_owned());
            }
            return Ok(Standing::Ready(Baseline(noted)));
        };
        if pid_before(intent) != Some(process.pid) {
            let what = format!("process {} of {id} was started meanwhile", process.pid);
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        Ok(match process.ends_at {
            Some(_) => Standing::Underway(Progress::of(format!("waiting for the end of {id}"))),
            None => Standing::Ready(intent.baseline.clone()),
        })
    }

    fn started(&self, id: &ComponentId, release: &Version) -> Result<Standing, Fault> {
        let (id, server) = self.server(id)?;
        self.facts()?;
        let Some(process) = &server.process else {
            return Ok(match self.intent {
                None if server.is_registered() => {
                    Standing::Waiting(Progress::of(format!("ZooKeeper has an earlier start of {id}")))
                }
                None => Standing::Ready(Baseline::default()),
                Some(intent) if self.world.is_started(intent.key.as_hex()) => {
                    Standing::Failed(failure(codes::SERVER_DIED, format!("{id} did not come up")))
                }
                Some(intent) => Standing::Ready(intent.baseline.clone()),
            });
        };
        if process.release != release.as_str() {
            let what = format!("{id} runs {}, {release} was wanted", process.release);
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        Ok(match server.serves() {
            true => Standing::Done(Proof::of([format!(
                "process {} of {id} is registered",
                process.pid
            )])),
            false => Standing::Underway(Progress::of(format!("{id} is not registered yet"))),
        })
    }

    fn canary_made(&self, canary: &Canary, anew: bool) -> Result<Standing, Fault> {
        let facts = self.facts()?;
        let tables = self.world.canary(&canary.name);
        let newest = || facts.tables.keys().next_back().map(i64::to_string);
        let last = self
            .intent
            .and_then(|intent| intent.baseline.0.get(LAST_BEFORE).cloned());
        let last = last.or_else(newest);
        let again = Standing::Ready(Baseline(
            last.into_iter()
                .map(|last| (LAST_BEFORE.to_owned(), last))
                .collect(),
        ));
        if anew && !self.intent.is_some_and(|intent| is_made_since(&tables, intent)) {
            return Ok(again);
        }
        let mut its = self
            .world
            .buckets
            .iter()
            .filter(|bucket| tables.contains(&bucket.table));
        let led = its.all(|bucket| bucket.leader.is_some());
        Ok(match tables.len() {
            2 if led => Standing::Done(Proof::of([format!("{} is led", canary.name)])),
            2 => Standing::Underway(Progress::of(format!("{} is not led yet", canary.name))),
            _ => again,
        })
    }

    fn canary_seen(&self, canary: &Canary) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        self.facts()?;
        let seen = self.world.canary_row(&canary.name, row_of(intent));
        if let Some(failure) = self.watch.look(self.world) {
            return Ok(Standing::Failed(failure));
        }
        let tables = self.world.canary(&canary.name);
        let mut its = self
            .world
            .buckets
            .iter()
            .filter(|bucket| tables.contains(&bucket.table));
        let whole = its.all(|bucket| bucket.in_sync.len() == bucket.assigned.len());
        Ok(match seen {
            CanarySeen::Whole if whole => Standing::Done(Proof::of([format!(
                "a row was written into and read from {}",
                canary.name
            )])),
            CanarySeen::Missing => Standing::Ready(intent.baseline.clone()),
            CanarySeen::Whole | CanarySeen::NotYet => Standing::Underway(Progress::of(format!(
                "{} does not answer everywhere",
                canary.name
            ))),
        })
    }
}

/// That a server is gone, and whether it left its mark.
fn ended(id: ServerId, server: &Server) -> Proof {
    let proof = Proof::of([format!("{id} is not registered")]);
    let ServerId::TabletServer(number) = id else {
        return proof;
    };
    let seen = if server.clean_mark {
        CLEAN
    } else {
        "it left no mark"
    };
    proof.with(Binding::Value {
        name: clean_end_of(number),
        value: seen.to_owned(),
    })
}
