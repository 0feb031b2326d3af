//! One cluster while its job manager lives. What is here ends with that process: jobs, uploaded jars,
//! and what is remembered of triggers.

use std::collections::BTreeMap;

use super::job::{Job, Over, Phase};
use super::manner::Saving;
use super::state::Snapshot;
use super::trigger::{Contents, Trigger, Written, path};

/// What a process of a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Serves REST, remembers jobs.
    JobManager,
    /// Brings slots.
    TaskManager,
}

impl Role {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::JobManager => "job manager",
            Self::TaskManager => "task manager",
        }
    }
}

/// A job that ended, when, and whether somebody asked for it.
type Ended = (Job, i64, bool);

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cluster {
    /// Its release.
    pub release: String,
    /// Its effective configuration.
    pub config: BTreeMap<String, String>,
    /// Process ids of its task managers.
    pub task_managers: Vec<u32>,
    /// By id, those that are over, too: the memory by which a second job of one id is refused.
    pub jobs: BTreeMap<String, Job>,
    /// File names by id.
    pub jars: BTreeMap<String, String>,
    pub(super) uploads: usize,
    /// What is remembered of savepoints that were asked for, by their trigger.
    pub triggers: BTreeMap<String, Trigger>,
    pub(super) disposals: BTreeMap<String, Result<(), String>>,
}

impl Cluster {
    /// Slots of one task manager, as the configuration says.
    pub fn slots_each(&self) -> u32 {
        let told = self.config.get("taskmanager.numberOfTaskSlots");
        told.and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    /// All its slots.
    pub fn slots(&self) -> u32 {
        u32::try_from(self.task_managers.len()).unwrap_or(u32::MAX) * self.slots_each()
    }

    /// Slots that no running job uses.
    pub fn slots_free(&self, now: i64) -> u32 {
        let busy = |job: &&Job| matches!(job.phase(now), Phase::Running | Phase::Restarting);
        let used: u32 = self.jobs.values().filter(busy).map(|job| job.manner.slots).sum();
        self.slots().saturating_sub(used)
    }

    /// Lets the time pass. Gives the files that appeared, and the jobs that ended: when, and whether somebody
    /// asked for it.
    pub(super) fn advance(&mut self, now: i64, full: bool) -> (Vec<Written>, Vec<Ended>) {
        let (mut written, mut ended) = (Vec::new(), Vec::new());
        for (id, job) in &mut self.jobs {
            let was_over = job.over.is_some();
            job.advance(now);
            if let Some((at, _)) = job.over.as_ref().filter(|_| !was_over) {
                ended.push((job.clone(), *at, false));
                written.extend(kept_checkpoint(&self.config, &self.release, id, job));
            }
        }
        let due = |t: &Trigger| t.result.is_none() && t.ends_at.is_some_and(|at| now >= at);
        let ids: Vec<String> = self
            .triggers
            .iter()
            .filter(|(_, t)| due(t))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            let Some((file, stopped)) = self.end_trigger(&id, now, full) else {
                continue;
            };
            written.push(file);
            ended.extend(stopped);
        }
        (written, ended)
    }

    fn end_trigger(&mut self, id: &str, now: i64, full: bool) -> Option<(Written, Option<Ended>)> {
        let trigger = self.triggers.get_mut(id)?;
        let Some(job) = self.jobs.get_mut(&trigger.job) else {
            let text = format!(
                "org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job ({})",
                trigger.job
            );
            trigger.result = Some(Err(text));
            return None;
        };
        if job.phase(now) != Phase::Running {
            let text = "org.apache.flink.runtime.checkpoint.CheckpointException: Checkpoint Coordinator is suspending.";
            trigger.result = Some(Err(text.to_owned()));
            return None;
        }
        if full {
            trigger.result = Some(Err("java.io.IOException: No space left on device".to_owned()));
            return None;
        }
        let contents = match (&job.manner.saving, trigger.stops) {
            (Saving::Fails(cause), _) => {
                trigger.result = Some(Err(cause.clone()));
                return None;
            }
            (Saving::LacksMetadata, _) => Contents::Nothing,
            (Saving::IsCutShort, _) => Contents::Half,
            (Saving::Works | Saving::LacksState | Saving::Hangs, true) => Contents::Stop,
            (Saving::Works | Saving::LacksState | Saving::Hangs, false) => Contents::Snapshot,
        };
        let location = trigger.location(id);
        let done_at = trigger.ends_at.unwrap_or(now);
        job.saved = Some((trigger.asked_at, done_at, location.clone(), trigger.stops));
        let mut state = job.state_at(job.position(done_at));
        if job.manner.saving == Saving::LacksState {
            state = state.lacking_the_last();
        }
        let of = Snapshot {
            contents,
            state,
            taken_of: trigger.job.clone(),
            release: self.release.clone(),
            written: 0,
        };
        if trigger.stops {
            job.over = Some((done_at, Over::Finished));
        }
        let stopped = trigger.stops.then(|| (job.clone(), done_at, true));
        let dir = path(&location);
        trigger.result = Some(Ok(location));
        let file = Written {
            dir,
            contents,
            of: Some(of),
        };
        Some((file, stopped))
    }

    /// What jobs that end with their job manager leave on disk.
    pub(super) fn left_behind(&self, now: i64) -> Vec<Written> {
        let alive = self.jobs.iter().filter(|(_, job)| job.over.is_none());
        let left = |(id, job): (&String, &Job)| {
            let job = Job {
                over: Some((now, Over::Canceled)),
                ..job.clone()
            };
            kept_checkpoint(&self.config, &self.release, id, &job)
        };
        alive.filter_map(left).collect()
    }

    pub(super) fn cancel(&mut self, id: &str, now: i64) -> Option<Written> {
        let job = self.jobs.get_mut(id)?;
        job.over = Some((now, Over::Canceled));
        kept_checkpoint(&self.config, &self.release, id, job)
    }
}

/// The newest checkpoint of a job that is over, where it is retained.
fn kept_checkpoint(config: &BTreeMap<String, String>, release: &str, id: &str, job: &Job) -> Option<Written> {
    let (at, _) = job.over.as_ref()?;
    let (number, _) = job.checkpoint(*at).filter(|_| job.manner.retained)?;
    let dir = path(&checkpoint_location(config, id, number));
    let contents = Contents::Snapshot;
    let of = Snapshot {
        contents,
        state: job.state_at(job.covered(*at)),
        taken_of: id.to_owned(),
        release: release.to_owned(),
        written: 0,
    };
    Some(Written {
        dir,
        contents,
        of: Some(of),
    })
}

/// Where checkpoint `number` of the job lies.
pub fn checkpoint_location(config: &BTreeMap<String, String>, id: &str, number: i64) -> String {
    let keys = ["state.checkpoints.dir", "execution.checkpointing.dir"];
    let root = keys
        .iter()
        .find_map(|key| config.get(*key))
        .map_or("file:/nowhere", String::as_str);
    format!("{}/{id}/chk-{number}", super::trigger::uri(root))
}
