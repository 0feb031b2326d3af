//! The newest snapshot of each declared job that can be read, or the one that a person names. Nothing
//! is taken: what is there already is read.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::flink::{
    CheckpointHistory, JobFacts, JobSnapshots, SnapshotFacts, SnapshotFound, SnapshotLook, SnapshotTold,
};
use upshift_model::observed::{Gap, Observed};

use crate::flink::inspect::METADATA;
use crate::flink::look::LookSnapshot;
use crate::flink::snapshot::read_location;
use crate::wire::objects::{Objects, Place, Presence};

/// A running job replaces its checkpoints while they are read; each time there is a newer one.
const TRIES: usize = 5;

/// What was read, by job.
pub(super) async fn snapshots(
    objects: &Objects,
    asked: &[LookSnapshot],
    jobs: Option<&Vec<JobFacts>>,
) -> BTreeMap<String, JobSnapshots> {
    let mut all = BTreeMap::new();
    for asked in asked {
        let reading = Reading {
            objects,
            names: &asked.names,
        };
        let found = reading.of_job(asked, &history(&asked.job, jobs)).await;
        all.insert(asked.job.clone(), found);
    }
    all
}

/// What the server says of the job's snapshots.
fn history(job: &str, jobs: Option<&Vec<JobFacts>>) -> Observed<CheckpointHistory> {
    let unknown = |reason: &str| Observed::unknown(format!("snapshots of job {job}"), reason);
    let Some(jobs) = jobs else {
        return unknown("the jobs were not seen");
    };
    let mut of_name = jobs.iter().filter(|seen| seen.name == job);
    let running = of_name.find_map(|seen| seen.details.known());
    match running {
        Some(details) => details.checkpoints.clone(),
        None => unknown("no job of this name runs whose details were seen"),
    }
}

/// What the snapshots of a job are read with.
struct Reading<'a> {
    objects: &'a Objects,
    names: &'a BTreeSet<String>,
}

impl Reading<'_> {
    async fn of_job(&self, asked: &LookSnapshot, history: &Observed<CheckpointHistory>) -> JobSnapshots {
        let of_wanted = match &asked.of_wanted {
            Some(location) => Some(self.look(location, SnapshotTold::Person).await),
            None => None,
        };
        let looked_at = match &asked.named {
            Some(location) => vec![self.look(location, SnapshotTold::Person).await],
            None => self.newest(&asked.job, history).await,
        };
        JobSnapshots { looked_at, of_wanted }
    }

    async fn look(&self, location: &str, told_by: SnapshotTold) -> SnapshotLook {
        SnapshotLook {
            location: location.to_owned(),
            told_by,
            found: read_location(self.objects, location, self.names).await,
        }
    }

    /// The newest of savepoint and checkpoint; the other where that one cannot be read.
    async fn newest(&self, job: &str, history: &Observed<CheckpointHistory>) -> Vec<SnapshotLook> {
        let history = match history {
            Observed::Known(history) => history,
            Observed::Unknown(gap) => return vec![unseen(job, gap.clone())],
        };
        let known = told(history);
        if known.is_empty() {
            let gap = Gap {
                what: format!("snapshots of job {job}"),
                reason: "the server names none with a place where it lies".to_owned(),
            };
            return vec![unseen(job, gap)];
        }
        let mut looked_at = Vec::new();
        for (location, told_by) in known {
            let looked = match told_by {
                SnapshotTold::NewestCheckpoint => self.checkpoint(location).await,
                SnapshotTold::NewestSavepoint | SnapshotTold::Person => self.look(location, told_by).await,
            };
            let read = looked.contents().is_some();
            looked_at.push(looked);
            if read {
                break;
            }
        }
        looked_at
    }

    /// The server's word is seconds old, and the job may have replaced the checkpoint since: then the
    /// newest beside it is read.
    async fn checkpoint(&self, location: &str) -> SnapshotLook {
        let mut looked = self.look(location, SnapshotTold::NewestCheckpoint).await;
        let Ok(first) = Place::parse(location) else {
            return looked;
        };
        let mut place = first.clone();
        for _ in 1..TRIES {
            if looked.contents().is_some() && self.is_there(&place).await {
                break;
            }
            let Some(newest) = self.newest_in(&first.parent()).await else {
                break;
            };
            looked = self.look(&uri(&newest), SnapshotTold::NewestCheckpoint).await;
            place = newest;
        }
        looked
    }

    /// Whether the checkpoint is there still: what was found lacking in one that is gone means nothing.
    async fn is_there(&self, place: &Place) -> bool {
        let metadata = self.objects.presence(&place.join(METADATA)).await;
        matches!(metadata, Ok(Presence::File(_)))
    }

    /// The newest complete checkpoint in a job's directory of checkpoints.
    async fn newest_in(&self, directory: &Place) -> Option<Place> {
        let names = self.objects.children(directory).await.ok()?;
        let numbers = names
            .iter()
            .filter_map(|name| name.strip_prefix("chk-")?.parse().ok());
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        for number in numbers.into_iter().rev() {
            let place = directory.join(&format!("chk-{number}"));
            if self.is_there(&place).await {
                return Some(place);
            }
        }
        None
    }
}

/// As Flink writes it.
fn uri(place: &Place) -> String {
    match place {
        Place::Local(path) => format!("file:{}", path.display()),
        Place::S3 { .. } => place.to_string(),
    }
}

/// The snapshots that the server names, the newest first.
fn told(history: &CheckpointHistory) -> Vec<(&str, SnapshotTold)> {
    let mut known: Vec<(&SnapshotFacts, &str, SnapshotTold)> = [
        (&history.latest_savepoint, SnapshotTold::NewestSavepoint),
        (&history.latest_completed, SnapshotTold::NewestCheckpoint),
    ]
    .into_iter()
    .filter_map(|(snapshot, told)| {
        let snapshot = snapshot.as_ref()?;
        Some((snapshot, snapshot.path.as_deref()?, told))
    })
    .collect();
    known.sort_by_key(|(snapshot, ..)| std::cmp::Reverse(snapshot.triggered_at));
    // The server counts a savepoint among the completed checkpoints.
    known.dedup_by(|(_, next, _), (_, kept, _)| next == kept);
    known.into_iter().map(|(_, path, told)| (path, told)).collect()
}

fn unseen(job: &str, gap: Gap) -> SnapshotLook {
    SnapshotLook {
        location: format!("(none is known of job {job})"),
        told_by: SnapshotTold::NewestCheckpoint,
        found: SnapshotFound::Unseen(gap),
    }
}
