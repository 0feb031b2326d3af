//! Campaigns with a simulated Fluss cluster: planned by the real planner from what is observed, and judged by what
//! became of servers, replicas and acknowledged records.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use jiff::civil::date;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::digest::Digest;
use upshift_model::finding::Finding;
use upshift_model::inventory::Inventory;
use upshift_model::plan::{InventoryStamp, Plan, Site};
use upshift_model::record::Outcome;
use upshift_model::run_state::RunState;
use upshift_planner::dispatch::{self, NoPlan};
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::situation::Situation;

use crate::planned::{Planned, settled, sound};
use crate::system::{End, System};
use upshift_sim::direct::fluss::{FlussFace, declaration};
use upshift_sim::direct::{Clockwork, Fault, Line};
use upshift_sim::fluss::{COORDINATOR, Hop, Server, Shape, World};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

const STRIKES: &[Fault] = &[
    Fault::FarSideRestarts,
    Fault::ProcessKilled,
    Fault::Stillborn,
    Fault::NeverRegisters,
    Fault::WrongState,
    Fault::StuckReplica,
    Fault::MetadataAway,
];

/// What a person has accepted of such a cluster.
const ACCEPTED: &[(&str, &str)] = &[];

/// See the module.
pub(crate) struct Fluss {
    world: Arc<Mutex<World>>,
    time: Clockwork,
    shape: Shape,
}

fn name(n: i32) -> String {
    match n {
        COORDINATOR => "the coordinator".to_owned(),
        n => format!("tablet server {n}"),
    }
}

impl Fluss {
    /// Sets the scene. To be called inside a paused runtime.
    pub(crate) fn set(shape: &Shape, time: Clockwork) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(shape, time.now()))),
            time,
            shape: shape.clone(),
        }
    }

    fn looking(&self) -> FlussFace {
        FlussFace::new(Arc::clone(&self.world), Arc::default(), self.time, None)
    }

    fn acting(&self, plan: &Plan, line: &Arc<Line>) -> FlussFace {
        let Site::Fluss(site) = &plan.site else {
            return self.looking();
        };
        let site = Some(site.clone());
        FlussFace::new(Arc::clone(&self.world), Arc::clone(line), self.time, site)
    }

    fn planned(&self, inventory: &Inventory) -> Result<Result<Plan, NoPlan>, String> {
        let declaration = declaration(&self.shape, ACCEPTED);
        let system = inventory.facts.fluss().ok_or("the look is not of Fluss")?;
        let stamp = InventoryStamp {
            taken_at: inventory.taken_at,
            digest: Digest::zero(),
        };
        let today = (date(2026, 11, 27), self.time.stamp());
        let situation = Situation::new(&declaration, system, &LIBRARY, today, stamp);
        let situation = situation.map_err(|no| no.to_string())?;
        let situation = dispatch::Situation::Fluss(Box::new(situation));
        let findings = situation.findings();
        let plan = situation.plan(&findings);
        let against = |f: &&Finding| f.blocks() || f.blinds();
        match findings.iter().find(against) {
            Some(finding) if plan.is_ok() => Err(format!(
                "{} {}: {}: {}",
                finding.code,
                finding.subject,
                finding.title,
                finding.evidence.join(", ")
            )),
            _ => Ok(plan),
        }
    }

    /// Planning once more finds nothing to do.
    fn is_settled(&self) -> Result<(), String> {
        let inventory = self.looking().seen().map_err(|fault| fault.to_string())?;
        settled(self.planned(&inventory)?)
    }
}

impl System for Fluss {
    fn words(&self) -> String {
        let (from, to) = self.shape.hop.releases();
        format!(
            "Fluss {from} to {to}, {} tablet servers with {} buckets of {} replicas",
            self.shape.servers, self.shape.buckets, self.shape.replicas
        )
    }

    fn subjects(&self) -> usize {
        usize::from(self.shape.servers) + 1
    }

    fn plan(&self) -> Result<Plan, String> {
        let inventory = self.looking().seen().map_err(|fault| fault.to_string())?;
        let plan = self.planned(&inventory)?.map_err(|no| no.what)?;
        sound(plan, &inventory)
    }

    fn key(&self, plan: &Plan) -> String {
        dispatch::system_key(plan)
    }

    fn driver(&self, plan: &Plan, line: &Arc<Line>) -> Arc<dyn Driver> {
        Arc::new(self.acting(plan, line))
    }

    fn counsel(&self, _: &Plan) -> Arc<dyn Counsel> {
        let face = self.looking();
        Arc::new(Planned {
            look: move || face.seen().map_err(|fault| fault.to_string()),
            time: self.time,
        })
    }

    fn strikes(&self) -> &'static [Fault] {
        STRIKES
    }

    fn rules(&self, _: &RunState) -> Vec<String> {
        let face = self.looking();
        let world = face.world();
        let mut flaws: Vec<String> = world.harm.iter().map(|harm| harm.what.clone()).collect();
        let (from, to) = self.shape.hop.releases();
        let runs = |n: i32, release: &str| {
            let process = world.servers.get(&n).and_then(|server| server.process.as_ref());
            process.is_some_and(|process| process.release == release)
        };
        let mixed = match self.shape.hop {
            Hop::ZeroSevenToZeroNine | Hop::ZeroNineToOneZero => {
                runs(COORDINATOR, to) && world.tablet_servers().any(|n| runs(n, from))
            }
            // Whoever starts one is judged by the world itself: a start may come up with another release.
            Hop::ZeroSixToZeroSeven => false,
        };
        if mixed {
            flaws.push(
                "coordinator and tablet servers run releases that do not stand beside each other".to_owned(),
            );
        }
        if world.is_fenced() {
            flaws.push(format!(
                "a coordinator of {from} leads, where epoch {} was seen: it elects nobody",
                world.highest_epoch()
            ));
        }
        flaws
    }

    fn judge(&self, end: &End<'_>) -> Vec<String> {
        let face = self.looking();
        let world = face.world();
        let mut flaws: Vec<String> = world.harm.iter().map(|harm| harm.what.clone()).collect();
        let by_itself = end.had(Fault::FarSideRestarts) || end.had(Fault::ProcessKilled);
        if world.lost > 0 && !by_itself {
            flaws.push(format!("{} acknowledged records are lost", world.lost));
        }
        let (from, to) = self.shape.hop.releases();
        let wanted = match end.outcome {
            Some(Outcome::Finalized) => to,
            Some(Outcome::RolledBack) => from,
            Some(Outcome::Abandoned) | None => return flaws,
        };
        for (n, server) in &world.servers {
            if server.release != wanted {
                flaws.push(format!("{} runs {}, expected {wanted}", name(*n), server.release));
            }
            if !server.serves() {
                flaws.push(format!("{} does not serve", name(*n)));
            }
        }
        // One that a dead connection holds back after the last look is told by the next one.
        if world.short() > 0 && world.dead.is_empty() {
            flaws.push(format!("{} buckets are short of replicas in sync", world.short()));
        }
        if world.tables.len() > 1 {
            flaws.push(format!("{} tables of a canary are left", world.tables.len() - 1));
        }
        drop(world);
        if end.outcome == Some(Outcome::Finalized) && flaws.is_empty() {
            flaws.extend(self.is_settled().err());
        }
        flaws
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        self.looking().world().done.clone()
    }

    fn picture(&self) -> String {
        let face = self.looking();
        let world = face.world();
        let one = |(n, server): (&i32, &Server)| {
            let serves = if server.serves() {
                "serves"
            } else {
                "does not serve"
            };
            format!("{} {} {serves}", name(*n), server.release)
        };
        let all: Vec<String> = world.servers.iter().map(one).collect();
        format!(
            "{}; {} tables, {} buckets short; {} lost",
            all.join("; "),
            world.tables.len(),
            world.short(),
            world.lost
        )
    }
}
