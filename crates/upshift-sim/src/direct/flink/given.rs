//! The machine that an inventory describes and a plan names: what a rehearsal of somebody's own plan begins
//! with. Ids, names, operators, slots, addresses and configuration are his; how long things take is taken
//! from what the servers measured.
//!
//! Where the inventory says nothing, something likely stands in its place: a snapshot takes a second, a start
//! three, and a checkpoint comes every minute.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use upshift_model::flink::{
    Cluster, ClusterFacts, ConfFacts, Facts, Job as PlannedJob, JobDetails, JobFacts, NEW, OLD, Site,
    SnapshotOperator,
};
use upshift_model::ids::ComponentId;
use upshift_model::inventory;
use upshift_model::plan::Plan;
use upshift_model::step::{Effect, StartWhat};

use super::scene::PROCESS_TAKES;
use crate::flink::{Conf, Graph, JobManner, Machine, Role, Vertex};

const SNAPSHOT_TAKES: i64 = 1_000;
const START_TAKES: i64 = 3_000;
const CHECKPOINTS_EVERY: i64 = 60_000;
const AN_HOUR: i64 = 3_600_000;

/// The machine a while after its jobs were started.
///
/// # Errors
/// When the plan or the inventory is of another system.
pub fn machine(plan: &Plan, inventory: &inventory::Inventory, now: i64) -> Result<Machine, String> {
    let site = plan.site.flink().ok_or("the plan is not of Flink")?;
    let facts = inventory.facts.flink().ok_or("the inventory is not of Flink")?;
    let old = site.clusters.get(&ComponentId::new(OLD));
    let old = old.ok_or("the plan names no cluster that runs now")?;
    let mut given = Given {
        machine: Machine::default(),
        site,
        facts,
        began: now - AN_HOUR,
    };
    given.machine.process_takes = PROCESS_TAKES;
    let conf = facts.host.current_conf.as_ref().and_then(|conf| conf.known());
    let home = given.cluster(OLD, old, Some(&facts.source), conf);
    if let Some((new, answering)) = given.running_target(plan, old) {
        let conf = given.cluster(NEW, new, answering, None);
        given
            .machine
            .elsewhere
            .insert(new.rest.authority().to_owned(), conf);
    }
    given.target_home();
    given.machine.advance(given.began + PROCESS_TAKES.0);
    given.jobs(&home);
    let mut machine = given.machine;
    machine.advance(now);
    machine.world.count_from_here();
    Ok(machine)
}

struct Given<'a> {
    machine: Machine,
    site: &'a Site,
    facts: &'a Facts,
    began: i64,
}

impl<'a> Given<'a> {
    /// A cluster that runs; gives its configuration directory.
    fn cluster(
        &mut self,
        id: &str,
        planned: &Cluster,
        seen: Option<&ClusterFacts>,
        conf: Option<&ConfFacts>,
    ) -> PathBuf {
        let installed = planned.installation.as_ref();
        let place = installed.map_or_else(|| PathBuf::from(format!("/{id}/conf")), |i| i.conf.clone());
        let managers = seen.and_then(|seen| seen.task_managers.known());
        let slots = managers.and_then(|all| all.first()).map(|manager| manager.slots);
        let count = managers.map(Vec::len).filter(|n| *n > 0);
        let count = count.unwrap_or_else(|| installed.map_or(1, |i| usize::from(i.task_managers)));
        let mut entries: BTreeMap<String, String> = match (conf, seen.and_then(|s| s.config.known())) {
            (Some(conf), _) => conf
                .entries
                .iter()
                .map(|e| (e.key.clone(), e.value.clone()))
                .collect(),
            (None, Some(config)) => config.clone(),
            (None, None) => BTreeMap::new(),
        };
        if let Some(port) = planned.rest.port() {
            entries.insert("rest.port".to_owned(), port.to_string());
        }
        if let Some(slots) = slots {
            entries.insert("taskmanager.numberOfTaskSlots".to_owned(), slots.to_string());
        }
        let file = conf.map_or_else(|| "config.yaml".to_owned(), |conf| conf.file.clone());
        let whole = Conf {
            file,
            entries,
            is_whole: true,
        };
        self.machine.confs.insert(place.clone(), whole);
        let release = planned.version.as_str();
        if let Some(installed) = installed {
            self.machine
                .homes
                .insert(installed.home.clone(), release.to_owned());
        }
        self.machine.start(Role::JobManager, &place, release, self.began);
        for _ in 0..count {
            self.machine.start(Role::TaskManager, &place, release, self.began);
        }
        place
    }

    /// The cluster that the jobs move to, where it is another one and no step starts it.
    fn running_target(&self, plan: &Plan, old: &Cluster) -> Option<(&'a Cluster, Option<&'a ClusterFacts>)> {
        let id = ComponentId::new(NEW);
        let new = self.site.clusters.get(&id)?;
        let started = plan.steps().any(|step| {
            matches!(&step.effect, Effect::Start { what: StartWhat::Cluster { cluster, .. } } if *cluster == id)
        });
        let seen = self.facts.target.as_ref().and_then(|seen| seen.known());
        (!started && new.rest.authority() != old.rest.authority()).then_some((new, seen))
    }

    /// The wanted release, where it is unpacked already.
    fn target_home(&mut self) {
        let installed = self
            .site
            .clusters
            .get(&ComponentId::new(NEW))
            .and_then(|c| c.installation.as_ref());
        let seen = self.facts.host.target_home.as_ref().and_then(|home| home.known());
        if let (Some(installed), Some(seen)) = (installed, seen) {
            let release = seen.version.as_str().to_owned();
            self.machine.homes.insert(installed.home.clone(), release);
        }
    }

    fn jobs(&mut self, home: &Path) {
        let conf = home.display().to_string();
        let begun = self.began + PROCESS_TAKES.0;
        let seen: Vec<&JobFacts> = self.facts.source.jobs.known().into_iter().flatten().collect();
        let mut named = BTreeSet::new();
        for job in self.site.jobs.values() {
            let Some(id) = &job.running_as else { continue };
            named.insert(id.as_str());
            let details = seen
                .iter()
                .find(|seen| seen.id == *id)
                .and_then(|seen| seen.details.known());
            if let Some(graph) = graph(self.facts, &job.name, details) {
                self.machine.world.shape(&job.name, graph);
            }
            for (cluster, planned) in &self.site.clusters {
                let manner = manner(job, cluster, details);
                self.machine
                    .world
                    .behave(planned.version.as_str(), &job.name, manner);
            }
            self.machine.world.submit(&conf, id, &job.name, begun);
        }
        let other = |job: &&&JobFacts| job.details.known().is_some() && !named.contains(job.id.as_str());
        for job in seen.iter().filter(other) {
            self.machine.world.submit(&conf, &job.id, &job.name, begun);
        }
    }
}

/// The operators of a job whose state is followed: those of its newest snapshot that could be read, or else
/// its vertices.
fn graph(facts: &Facts, name: &str, details: Option<&JobDetails>) -> Option<Graph> {
    let read = facts.snapshots.get(name).and_then(|all| all.read());
    let vertices: Vec<Vertex> = match (read, details) {
        (Some((_, contents)), _) => contents.operators.iter().map(operator).collect(),
        (None, Some(details)) => {
            let vertices = details.vertices.iter();
            vertices
                .map(|v| Vertex::named(v.id.clone(), v.name.clone(), v.name.clone()))
                .collect()
        }
        (None, None) => Vec::new(),
    };
    (!vertices.is_empty()).then(|| vertices.into())
}

fn operator(found: &SnapshotOperator) -> Vertex {
    let name = found.name.clone().unwrap_or_else(|| found.id.clone());
    Vertex {
        found: Some(found.clone()),
        ..Vertex::named(found.id.clone(), name, found.label().to_owned())
    }
}

fn manner(job: &PlannedJob, on: &ComponentId, details: Option<&JobDetails>) -> JobManner {
    let checkpointing = details.and_then(|d| d.checkpointing.known());
    let history = details.and_then(|d| d.checkpoints.known());
    let newest = history.and_then(|h| h.latest_savepoint.as_ref().or(h.latest_completed.as_ref()));
    let took = newest.and_then(|s| {
        let acknowledged = s.acknowledged_at?.as_millisecond();
        Some((acknowledged - s.triggered_at.as_millisecond()).max(1))
    });
    let interval = checkpointing.and_then(|c| i64::try_from(c.interval?.0).ok());
    let running = details.and_then(|d| d.vertices.iter().map(|v| v.parallelism).max());
    let wanted = job.submissions.get(on).and_then(|s| s.parallelism);
    JobManner {
        starts_in: START_TAKES,
        savepoint_takes: took.unwrap_or(SNAPSHOT_TAKES),
        checkpoints_every: interval.filter(|ms| *ms > 0).unwrap_or(CHECKPOINTS_EVERY),
        retained: checkpointing.and_then(|c| c.retained).unwrap_or(true),
        unaligned: checkpointing.and_then(|c| c.unaligned).unwrap_or(false),
        stateless: job.stateless,
        slots: wanted.or(running).unwrap_or(1),
        ..JobManner::default()
    }
}
