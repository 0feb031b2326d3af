//! Campaigns with a simulated Alluxio cluster: planned by the real planner from what is observed, and judged by which
//! files are in the tree in the end, and which blocks in the tier.

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
use upshift_planner::systems::alluxio::situation::Situation;

use crate::planned::{Planned, settled, sound};
use crate::system::{End, System};
use upshift_sim::alluxio::{Keeping, Role, Server, Shape, WORKER, World};
use upshift_sim::direct::alluxio::{AlluxioFace, JOURNAL, declaration};
use upshift_sim::direct::{Clockwork, Fault, Line};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

const STRIKES: &[Fault] = &[
    Fault::FarSideRestarts,
    Fault::FarSideForgets,
    Fault::ProcessKilled,
    Fault::Stillborn,
    Fault::StateLacking,
    Fault::WrittenOver,
    Fault::Stranger,
];

/// What a person has accepted of such a cluster.
const ACCEPTED: &[(&str, &str)] = &[];

/// See the module.
pub(crate) struct Alluxio {
    world: Arc<Mutex<World>>,
    time: Clockwork,
    shape: Shape,
}

impl Alluxio {
    /// Sets the scene. To be called inside a paused runtime.
    pub(crate) fn set(shape: &Shape, time: Clockwork) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(shape, JOURNAL, time.now()))),
            time,
            shape: shape.clone(),
        }
    }

    fn servers(&self) -> impl Iterator<Item = Server> {
        (0..self.shape.masters)
            .map(|host| (Role::Master, host))
            .chain([WORKER])
    }

    fn looking(&self) -> AlluxioFace {
        AlluxioFace::new(Arc::clone(&self.world), Arc::default(), self.time, None)
    }

    fn acting(&self, plan: &Plan, line: &Arc<Line>) -> AlluxioFace {
        let Site::Alluxio(site) = &plan.site else {
            return self.looking();
        };
        let site = Some((**site).clone());
        AlluxioFace::new(Arc::clone(&self.world), Arc::clone(line), self.time, site)
    }

    fn planned(&self, inventory: &Inventory) -> Result<Result<Plan, NoPlan>, String> {
        let declaration = declaration(&self.shape, ACCEPTED);
        let facts = inventory.facts.alluxio().ok_or("the look is not of Alluxio")?;
        let stamp = InventoryStamp {
            taken_at: inventory.taken_at,
            digest: Digest::zero(),
        };
        let today = (date(2026, 11, 27), self.time.stamp());
        let situation = Situation::new(&declaration, facts, &LIBRARY, today, stamp);
        let situation = situation.map_err(|no| no.to_string())?;
        let situation = dispatch::Situation::Alluxio(Box::new(situation));
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
        settled(self.planned(&self.looking().seen())?)
    }

    /// Files that somebody was told are written, and that are nowhere; a way back may lose what was written since those
    /// who write were started again.
    fn lost(world: &World, back: bool) -> Vec<String> {
        let younger = |file: &u64| back && world.files_at_restart.is_some_and(|until| *file > until);
        let forgiven = |file: &u64| younger(file) || world.has_expired(*file);
        let mut flaws = Vec::new();
        let files = world.acknowledged.iter().filter(|(file, _)| !forgiven(file));
        let in_tree = |file: &u64| world.tree().is_some_and(|tree| tree.contains_key(file));
        let (mut gone, mut bare) = (0, 0);
        for (file, persisted) in files {
            gone += usize::from(!in_tree(file));
            bare += usize::from(!persisted && !world.tier.contains(file));
        }
        if gone > 0 {
            flaws.push(format!("{gone} files that were written are not in the tree"));
        }
        if bare > 0 {
            flaws.push(format!(
                "{bare} files were in the worker only, and their blocks are deleted"
            ));
        }
        flaws
    }
}

impl System for Alluxio {
    fn words(&self) -> String {
        let (from, to) = self.shape.releases;
        let way = if self.shape.by_backup {
            "by backup"
        } else {
            "in place"
        };
        let masters = match self.shape.keeping {
            Keeping::Alone => String::new(),
            Keeping::Shared => format!(", {} masters by ZooKeeper", self.shape.masters),
            Keeping::Embedded => format!(", {} masters with an embedded journal", self.shape.masters),
        };
        let expires = if self.shape.mortal > 0 {
            ", some expire"
        } else {
            ""
        };
        format!(
            "Alluxio {from} to {to} {way}{masters}, {} files{expires}",
            self.shape.files
        )
    }

    fn subjects(&self) -> usize {
        // Masters, worker and those who write.
        self.shape.masters + 2
    }

    fn plan(&self) -> Result<Plan, String> {
        let inventory = self.looking().seen();
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
            look: move || Ok(face.seen()),
            time: self.time,
        })
    }

    fn strikes(&self) -> &'static [Fault] {
        STRIKES
    }

    fn rules(&self, _: &RunState) -> Vec<String> {
        self.looking().world().harm.clone()
    }

    fn judge(&self, end: &End<'_>) -> Vec<String> {
        let face = self.looking();
        let world = face.world();
        let mut flaws = world.harm.clone();
        let (from, to) = self.shape.releases;
        let (wanted, back) = match end.outcome {
            Some(Outcome::Finalized) => (to, false),
            Some(Outcome::RolledBack) => (from, true),
            Some(Outcome::Abandoned) | None => return flaws,
        };
        for server in self.servers() {
            match world.processes.get(&server) {
                Some(process) if process.release == wanted && world.is_up(server) => {}
                // Another master leads, and it will be there again.
                None if world.serves() && world.comes_back_as(server) == Some(wanted) => {}
                other => flaws.push(format!("{server:?} is {other:?}, expected {wanted} that is up")),
            }
        }
        if !world.serves() {
            flaws.push("no master leads".to_owned());
        }
        // What somebody wrote while nobody was to write, right before a stop, nobody could know.
        if !end.had(Fault::Stranger) {
            flaws.extend(Self::lost(&world, back));
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
        let one = |server: Server| match world.processes.get(&server) {
            Some(process) => format!("{:?} {} {}", server.0, server.1, process.release),
            None => format!("{:?} {} down", server.0, server.1),
        };
        let servers: Vec<String> = self.servers().map(one).collect();
        let folders: Vec<&str> = world.journals.keys().map(String::as_str).collect();
        format!(
            "{}; {}; journals in {}; writers {}; {}",
            servers.join(", "),
            if world.serves() { "one leads" } else { "none leads" },
            folders.join(", "),
            if world.writers_stopped {
                "stopped"
            } else {
                "at work"
            },
            Self::lost(&world, true).join(", ")
        )
    }
}
