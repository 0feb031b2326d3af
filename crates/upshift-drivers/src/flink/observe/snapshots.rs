//! The newest snapshot of each declared job that can be read, or the one that a person names. Nothing
//! is taken: what is there already is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use upshift_model::flink::{
    CheckpointHistory, JobFacts, JobSnapshots, SnapshotFacts, SnapshotFound, SnapshotLook, SnapshotTold,
};
use upshift_model::observed::{Gap, Observed};

use super::told::blocking;
use crate::flink::look::LookSnapshot;
use crate::flink::savepoint::local_path;
use crate::flink::snapshot::read_location;

/// A running job replaces its checkpoints while they are read; each time there is a newer one.
const TRIES: usize = 5;

/// What was read, by job.
pub(super) async fn snapshots(
    asked: &[LookSnapshot],
    jobs: Option<&Vec<JobFacts>>,
) -> BTreeMap<String, JobSnapshots> {
    let asked = asked
        .iter()
        .map(|asked| (asked.clone(), history(&asked.job, jobs)));
    let asked: Vec<_> = asked.collect();
    blocking(move || {
        let all = asked.into_iter().map(|(asked, history)| {
            let found = of_job(&asked, &history);
            (asked.job, found)
        });
        all.collect()
    })
    .await
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

fn of_job(asked: &LookSnapshot, history: &Observed<CheckpointHistory>) -> JobSnapshots {
    let of_wanted = asked
        .of_wanted
        .as_ref()
        .map(|location| look(location, SnapshotTold::Person, &asked.names));
    let looked_at = match &asked.named {
        Some(location) => vec![look(location, SnapshotTold::Person, &asked.names)],
        None => newest(asked, history),
    };
    JobSnapshots { looked_at, of_wanted }
}

fn look(location: &str, told_by: SnapshotTold, names: &BTreeSet<String>) -> SnapshotLook {
    SnapshotLook {
        location: location.to_owned(),
        told_by,
        found: read_location(location, names),
    }
}

/// The newest of savepoint and checkpoint; the other where that one cannot be read.
fn newest(asked: &LookSnapshot, history: &Observed<CheckpointHistory>) -> Vec<SnapshotLook> {
    let history = match history {
        Observed::Known(history) => history,
        Observed::Unknown(gap) => return vec![unseen(&asked.job, gap.clone())],
    };
    let mut known: Vec<(&SnapshotFacts, SnapshotTold)> = [
        (&history.latest_savepoint, SnapshotTold::NewestSavepoint),
        (&history.latest_completed, SnapshotTold::NewestCheckpoint),
    ]
    .into_iter()
    .filter_map(|(snapshot, told)| Some((snapshot.as_ref().filter(|s| s.path.is_some())?, told)))
    .collect();
    known.sort_by_key(|(snapshot, _)| std::cmp::Reverse(snapshot.triggered_at));
    // The server counts a savepoint among the completed checkpoints.
    known.dedup_by(|(next, _), (kept, _)| next.path == kept.path);
    if known.is_empty() {
        let gap = Gap {
            what: format!("snapshots of job {}", asked.job),
            reason: "the server names none with a place where it lies".to_owned(),
        };
        return vec![unseen(&asked.job, gap)];
    }
    let mut looked_at = Vec::new();
    for (snapshot, told_by) in known {
        let location = snapshot.path.clone().unwrap_or_default();
        let looked = match told_by {
            SnapshotTold::NewestCheckpoint => checkpoint(&location, &asked.names),
            SnapshotTold::NewestSavepoint | SnapshotTold::Person => look(&location, told_by, &asked.names),
        };
        let read = looked.contents().is_some();
        looked_at.push(looked);
        if read {
            break;
        }
    }
    looked_at
}

fn unseen(job: &str, gap: Gap) -> SnapshotLook {
    SnapshotLook {
        location: format!("(none is known of job {job})"),
        told_by: SnapshotTold::NewestCheckpoint,
        found: SnapshotFound::Unseen(gap),
    }
}

/// The server's word is seconds old, and the job may have replaced the checkpoint since: then the
/// newest beside it is read.
fn checkpoint(location: &str, names: &BTreeSet<String>) -> SnapshotLook {
    let mut looked = look(location, SnapshotTold::NewestCheckpoint, names);
    let Some(path) = local_path(location) else {
        return looked;
    };
    let mut place = path.clone();
    for _ in 1..TRIES {
        if is_there(&place) && looked.contents().is_some() {
            break;
        }
        let Some(newest) = path.parent().and_then(newest_in) else {
            break;
        };
        let uri = format!("file:{}", newest.display());
        looked = look(&uri, SnapshotTold::NewestCheckpoint, names);
        place = newest;
    }
    looked
}

/// Whether the checkpoint is there still: what was found lacking in one that is gone means nothing.
fn is_there(path: &Path) -> bool {
    path.join("_metadata").is_file()
}

/// The newest complete checkpoint in a job's directory of checkpoints.
fn newest_in(directory: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(directory).ok()?;
    let numbered = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_string_lossy().into_owned();
        let number: u64 = name.strip_prefix("chk-")?.parse().ok()?;
        is_there(&path).then_some((number, path))
    });
    numbered.max_by_key(|(number, _)| *number).map(|(_, path)| path)
}
