//! All clusters of a story, what was done to them, and how their jobs behave.
//!
//! Every effect is counted: a story ends by comparing the counts with those of an undisturbed run.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Cluster, Role};
use super::job::{GRAPH, Graph, Job, Over};
use super::manner::JobManner;
use super::state::{Lineage, Mishap, Reached, Snapshot, Wrong};
use super::trigger::{Written, location};

/// See the module. Clusters go by the configuration directory of their processes.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub(super) clusters: BTreeMap<String, Cluster>,
    manners: BTreeMap<(String, String), JobManner>,
    graphs: BTreeMap<String, Graph>,
    pub(super) snapshots: BTreeMap<String, Snapshot>,
    mute: BTreeSet<String>,
    effects: BTreeMap<String, u32>,
    reached: BTreeMap<String, Reached>,
    full: bool,
    mishaps: Vec<Mishap>,
}

impl World {
    /// Says how the job of this name behaves on clusters of this release, from its submission on; one
    /// that is there already changes, too.
    pub fn behave(&mut self, release: &str, job: &str, manner: JobManner) {
        let here = self
            .clusters
            .values_mut()
            .filter(|cluster| cluster.release == release);
        for present in here
            .flat_map(|cluster| cluster.jobs.values_mut())
            .filter(|j| j.name == job)
        {
            present.manner = manner.clone();
        }
        self.manners.insert((release.to_owned(), job.to_owned()), manner);
    }

    /// The same for jobs that come from now on; one that is there stays as it is.
    pub fn will_behave(&mut self, release: &str, job: &str, manner: JobManner) {
        self.manners.insert((release.to_owned(), job.to_owned()), manner);
    }

    /// The same for jobs that are there; one that comes later behaves as before.
    pub fn behave_from_here(&mut self, release: &str, job: &str, manner: JobManner) {
        let here = self
            .clusters
            .values_mut()
            .filter(|cluster| cluster.release == release);
        for present in here
            .flat_map(|cluster| cluster.jobs.values_mut())
            .filter(|j| j.name == job)
        {
            present.manner = manner.clone();
        }
    }

    /// Says what the job of this name is made of.
    pub fn shape(&mut self, job: &str, graph: Graph) {
        self.graphs.insert(job.to_owned(), graph);
    }

    /// What the job of this name is made of.
    pub fn graph_of(&self, job: &str) -> Graph {
        let found = self.graphs.get(job).unwrap_or(&GRAPH);
        Graph::clone(found)
    }

    /// How the job of this name behaves on clusters of this release.
    pub fn manner_of(&self, release: &str, job: &str) -> JobManner {
        self.manner(release, job)
    }

    /// Task managers of this release, those to come too, do not register.
    pub fn mute_task_managers(&mut self, release: &str) {
        self.mute.insert(release.to_owned());
    }

    /// What was done so far, counted: `1.20.5 run orders` once.
    pub fn effects(&self) -> &BTreeMap<String, u32> {
        &self.effects
    }

    /// Forgets what was counted.
    pub fn count_from_here(&mut self) {
        self.effects.clear();
    }

    /// The clusters whose job manager lives, by configuration directory.
    pub fn clusters(&self) -> &BTreeMap<String, Cluster> {
        &self.clusters
    }

    /// Jobs of the name that are not over: release and id of each.
    pub fn alive(&self, name: &str) -> Vec<(String, String)> {
        let of = |cluster: &Cluster| {
            let jobs = cluster
                .jobs
                .iter()
                .filter(|(_, job)| job.name == name && job.over.is_none());
            jobs.map(|(id, _)| (cluster.release.clone(), id.clone()))
                .collect::<Vec<_>>()
        };
        self.clusters.values().flat_map(of).collect()
    }

    /// A process of a cluster has come up. Task managers find a job manager that comes later.
    pub fn came_up(
        &mut self,
        role: Role,
        conf: &str,
        release: &str,
        pid: u32,
        config: BTreeMap<String, String>,
    ) {
        self.count(format!("{release} {} started", role.words()));
        let cluster = self.clusters.entry(conf.to_owned()).or_default();
        match role {
            Role::JobManager => {
                release.clone_into(&mut cluster.release);
                cluster.config = config;
            }
            Role::TaskManager if self.mute.contains(release) => {}
            Role::TaskManager => cluster.task_managers.push(pid),
        }
    }

    /// A process of a cluster is gone; with a job manager goes all that it remembers.
    pub fn went_down(&mut self, role: Role, conf: &str, pid: u32, now: i64) {
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return;
        };
        match role {
            Role::JobManager => {
                let left = std::mem::take(&mut cluster.task_managers);
                let fresh = Cluster {
                    task_managers: left,
                    ..Cluster::default()
                };
                let gone = std::mem::replace(cluster, fresh);
                for kept in gone.left_behind(now) {
                    self.note(&kept);
                }
                for job in gone.jobs.values().filter(|job| job.over.is_none()) {
                    self.ended(job, now, false);
                }
            }
            Role::TaskManager => cluster.task_managers.retain(|other| *other != pid),
        }
    }

    /// A job manager ends and comes back at once. With high availability its jobs go on under their ids
    /// from their newest checkpoint; without it they are gone. Triggers, statistics and uploaded jars are
    /// forgotten either way.
    pub fn restarts(&mut self, conf: &str, highly_available: bool, now: i64) {
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return;
        };
        cluster.triggers.clear();
        cluster.jars.clear();
        cluster.disposals.clear();
        let kept = cluster.left_behind(now);
        let jobs = std::mem::take(&mut cluster.jobs);
        for kept in &kept {
            self.note(kept);
        }
        for (id, mut job) in jobs {
            if job.over.is_some() {
                continue;
            }
            self.ended(&job, now, false);
            if highly_available {
                job.state.until = job.covered(now);
                (job.submitted_at, job.saved) = (now, None);
                self.clusters
                    .entry(conf.to_owned())
                    .or_default()
                    .jobs
                    .insert(id, job);
            }
        }
    }

    /// Savepoints that end while the disk is full fail.
    pub const fn disk_is_full(&mut self, full: bool) {
        self.full = full;
    }

    /// The job manager forgets what was asked of it, as it does after some minutes.
    pub fn forget_triggers(&mut self, conf: &str) {
        if let Some(cluster) = self.clusters.get_mut(conf) {
            cluster.triggers.clear();
        }
    }

    /// Uploaded jars vanish from the job manager's folder for temporary files.
    pub fn forget_jars(&mut self, conf: &str) {
        if let Some(cluster) = self.clusters.get_mut(conf) {
            cluster.jars.clear();
        }
    }

    /// All snapshots there are, or were, by location.
    pub fn snapshots(&self) -> &BTreeMap<String, Snapshot> {
        &self.snapshots
    }

    /// Somebody writes another snapshot over the one at this location. It can be read, and it is not what
    /// was there.
    pub fn write_over(&mut self, location: &str, state: Lineage) {
        if let Some(snapshot) = self.snapshots.get_mut(location) {
            snapshot.state = state;
            snapshot.written += 1;
        }
    }

    /// What went wrong with the state of jobs so far.
    pub fn mishaps(&self) -> &[Mishap] {
        &self.mishaps
    }

    /// How far the job of this name has got.
    pub fn reached(&self, name: &str) -> Option<Reached> {
        self.reached.get(name).copied()
    }

    /// Puts a job on the cluster, as a person did before the story began.
    pub fn submit(&mut self, conf: &str, id: &str, name: &str, now: i64) {
        let graph = self.graph_of(name);
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return;
        };
        let manner = self
            .manners
            .get(&(cluster.release.clone(), name.to_owned()))
            .cloned();
        let job = Job {
            name: name.to_owned(),
            submitted_at: now,
            restored_from: None,
            state: Lineage::whole(name, graph, now),
            manner: manner.unwrap_or_default(),
            over: None,
            saved: None,
        };
        cluster.jobs.insert(id.to_owned(), job);
    }

    /// Lets the time pass. Gives the files that appeared.
    pub fn advance(&mut self, now: i64) -> Vec<Written> {
        let (mut written, mut over) = (Vec::new(), Vec::new());
        for cluster in self.clusters.values_mut() {
            let (files, ended) = cluster.advance(now, self.full);
            written.extend(files);
            over.extend(ended);
        }
        for (job, at, by_order) in over {
            self.ended(&job, at, by_order);
        }
        for file in &written {
            self.note(file);
        }
        written
    }

    pub(super) fn note(&mut self, file: &Written) {
        let location = location(&file.dir);
        let before = self.snapshots.get(&location).map_or(0, |s| s.written);
        match &file.of {
            Some(of) => {
                let snapshot = Snapshot {
                    contents: file.contents,
                    written: before + 1,
                    ..of.clone()
                };
                self.snapshots.insert(location, snapshot);
            }
            None => {
                if let Some(there) = self.snapshots.get_mut(&location) {
                    there.contents = file.contents;
                }
            }
        }
    }

    pub(super) fn count(&mut self, what: String) {
        *self.effects.entry(what).or_default() += 1;
    }

    pub(super) fn here(&mut self, conf: &str) -> (&mut Cluster, String) {
        let cluster = self.clusters.entry(conf.to_owned()).or_default();
        let release = cluster.release.clone();
        (cluster, release)
    }

    pub(super) fn manner(&self, release: &str, job: &str) -> JobManner {
        let found = self.manners.get(&(release.to_owned(), job.to_owned()));
        found.cloned().unwrap_or_default()
    }

    /// An instance of a job is over.
    pub(super) fn ended(&mut self, job: &Job, at: i64, by_order: bool) {
        let by_order = by_order || matches!(job.over, Some((_, Over::Canceled | Over::Finished)));
        let until = job.position(at);
        let reached = match self.reached.get(&job.name) {
            // What an earlier instance wrote beyond this one is that one's doing.
            Some(before) if before.until >= until => *before,
            _ => Reached { until, by_order },
        };
        self.reached.insert(job.name.clone(), reached);
    }

    /// An instance of a job starts: what is wrong with that is noted.
    pub(super) fn judge_start(&mut self, release: &str, id: &str, job: &Job) {
        let mut wrong = Vec::new();
        for (_, other) in self.alive(&job.name).into_iter().filter(|(_, other)| other != id) {
            wrong.push(Wrong::Doubled { other });
        }
        if job.state.job != job.name {
            wrong.push(Wrong::Foreign {
                of: job.state.job.clone(),
            });
        }
        let operators = job.state.missing();
        if !operators.is_empty() && !job.manner.stateless {
            wrong.push(Wrong::Lost { operators });
        }
        if let Some(reached) = self.reached.get(&job.name)
            && job.state.until < reached.until
            && job.state.until > i64::MIN
        {
            wrong.push(Wrong::Replayed {
                records: reached.until - job.state.until,
                by_order: reached.by_order,
            });
        }
        let at = job.submitted_at;
        self.mishaps.extend(wrong.into_iter().map(|what| Mishap {
            at,
            job: job.name.clone(),
            id: id.to_owned(),
            release: release.to_owned(),
            what,
        }));
    }
}
