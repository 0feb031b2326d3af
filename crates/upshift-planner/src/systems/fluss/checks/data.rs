//! Folders of data, the disks they are on, and snapshots of key-value stores.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{BucketFacts, DataFolder, ServerProcess};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::processes::{called, missing, seen};
use super::some;
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// From here on a person should look.
const FULL: u64 = 80;
/// `server.data-disk.write-limit-ratio` of 1.0.
const REJECTED_BY_1_0: u64 = 85;
/// Three times the default of `kv.snapshot.interval`.
const OLD: SignedDuration = SignedDuration::from_mins(30);

/// Data of every tablet server.
pub(super) fn folders(s: &Situation<'_>) -> Finding {
    let row = s.row("bucket-limit");
    let all: Vec<(&ServerProcess, &DataFolder)> = seen(s)
        .iter()
        .flat_map(|process| process.data.iter().map(move |folder| (process, folder)))
        .collect();
    let topic =
        Topic::new(codes::DATA, "data folders").saw_all(all.iter().filter_map(|(process, folder)| {
            let state = folder.state.known()?;
            Some(format!(
                "{} {}: {} % of {} GiB in use",
                called(process),
                folder.path.display(),
                state.used_percent(),
                state.size_kib >> 20
            ))
        }));
    let shared = shared(&all);
    if !shared.is_empty() {
        return topic
            .saw_all(shared)
            .fix("give each server a folder of its own")
            .red("servers share a folder of data");
    }
    let fullest = all.iter().filter_map(|(_, folder)| folder.state.known());
    let fullest = fullest.map(|state| state.used_percent()).max().unwrap_or(0);
    if s.to.line() >= (1, 0) && fullest >= REJECTED_BY_1_0 {
        return topic
            .saw(row.text)
            .source(row.source)
            .fix("make room before the upgrade, or set server.data-disk.write-limit-ratio")
            .red("the wanted release rejects writes to a disk that is so full");
    }
    let orphans = orphans(s, &all);
    if !orphans.is_empty() && s.from.line().min(s.to.line()) <= (0, 7) {
        let topic = topic
            .saw_all(some(orphans))
            .source("issue 1486 of the project, repaired in 0.8")
            .fix("move folders of dropped tables away while their server is stopped");
        let title = "data of tables that are dropped: a server of 0.7 may not start with it";
        return match s.to.line() <= (0, 7) {
            true => topic.red(title),
            false => topic.yellow(title),
        };
    }
    if fullest >= FULL {
        return topic
            .fix("make room before the upgrade")
            .yellow("a disk is nearly full");
    }
    let unseen = all.iter().find_map(|(_, folder)| folder.state.gap().cloned());
    if let Some(gap) = unsure(s, &all).filter(|_| s.from.line().min(s.to.line()) <= (0, 7)) {
        return topic
            .source("issue 1486 of the project, repaired in 0.8")
            .fix("ls in every data.dir: a folder whose number no table has is of a dropped one, unless a table was made just now")
            .unknown(
                &gap,
                Severity::Yellow,
                "whether a folder is of a dropped table is not known",
            );
    }
    match unseen.or_else(|| missing(s)) {
        Some(gap) => topic
            .fix("df and ls in every data.dir, as the user who runs the server")
            .unknown(&gap, Severity::Yellow, "not every folder of data was seen"),
        None => topic.green("there is room, and each server has its own"),
    }
}

fn shared(all: &[(&ServerProcess, &DataFolder)]) -> Vec<String> {
    let mut users: BTreeMap<(&str, &std::path::Path), Vec<String>> = BTreeMap::new();
    for (process, folder) in all {
        let at = (process.host.as_str(), folder.path.as_path());
        users.entry(at).or_default().push(called(process));
    }
    users.retain(|_, users| users.len() > 1);
    let said = users.into_iter();
    said.map(|((_, path), users)| format!("{}: {}", path.display(), users.join(", ")))
        .collect()
}

/// Folders of tables that are registered no more. One that was made after the metadata was read has a number that was not
/// given away by then.
fn orphans(s: &Situation<'_>, all: &[(&ServerProcess, &DataFolder)]) -> Vec<String> {
    let facts = &s.system.cluster;
    if !facts.gaps.is_empty() {
        return Vec::new();
    }
    let leaving: BTreeSet<i64> = facts.dropped.iter().filter_map(|dropped| dropped.table).collect();
    let next = next_number(s);
    let is_orphan = |id: i64| id < next && !facts.tables.contains_key(&id) && !leaving.contains(&id);
    let found = all.iter().flat_map(|(process, folder)| {
        let tables = folder.state.known().into_iter().flat_map(|state| &state.tables);
        let orphans = tables.filter(|(_, id)| is_orphan(**id));
        orphans.map(|(path, _)| format!("{} {}/{path}", called(process), folder.path.display()))
    });
    found.collect()
}

/// Lower numbers were given away when the metadata was read: by the sequence, else up to the newest table that is there.
fn next_number(s: &Situation<'_>) -> i64 {
    let facts = &s.system.cluster;
    let leaving = facts.dropped.iter().filter_map(|dropped| dropped.table);
    let newest = facts.tables.keys().copied().chain(leaving).max().unwrap_or(-1);
    match facts.table_sequence.known() {
        Some(Some(next)) => *next,
        Some(None) | None => newest,
    }
}

/// Folders that no table that is there explains, and of which the sequence does not tell whether they are of a dropped one.
fn unsure(s: &Situation<'_>, all: &[(&ServerProcess, &DataFolder)]) -> Option<Gap> {
    let facts = &s.system.cluster;
    let gap = facts.table_sequence.gap()?;
    let mut ids = all.iter().flat_map(|(_, folder)| {
        folder
            .state
            .known()
            .into_iter()
            .flat_map(|state| state.tables.values())
    });
    ids.any(|id| !facts.tables.contains_key(id)).then(|| gap.clone())
}

/// Snapshots of buckets with a key: what a new leader has to replay.
pub(super) fn snapshots(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let topic = Topic::new(codes::SNAPSHOTS, "buckets with a key")
        .source("KvTabletSnapshotTarget of 0.7.0 to 0.9.1: a bucket without new data is passed over");
    let keyed = |bucket: &&BucketFacts| {
        let table = facts.tables.get(&bucket.id.table);
        table.is_some_and(|table| table.primary_key.known().is_none_or(|key| !key.is_empty()))
    };
    let keyed: Vec<&BucketFacts> = facts.buckets.iter().filter(keyed).collect();
    let (mut none, mut old, mut dateless) = (Vec::new(), Vec::new(), None);
    for bucket in &keyed {
        let name = facts.bucket_name(bucket.id);
        match bucket.kv_snapshot.as_result() {
            Err(gap) => dateless = dateless.or_else(|| Some(gap.clone())),
            Ok(None) => none.push(format!("{name} has none")),
            Ok(Some(snapshot)) => match snapshot.written_at {
                Some(at) => {
                    let age = s.system.seen_at.duration_since(at);
                    let minutes = age.as_secs() / 60;
                    let said = format!(
                        "{name}: {minutes} min old, replays from offset {}",
                        snapshot.log_offset
                    );
                    old.extend((age > OLD).then_some(said));
                }
                None => {
                    dateless = dateless.or_else(|| {
                        Some(Gap {
                            what: format!("the age of the snapshot of {name}"),
                            reason: "a dump does not tell when a node was written".to_owned(),
                        })
                    });
                }
            },
        }
    }
    let topic = topic.saw(format!(
        "{} buckets, {} without a snapshot",
        keyed.len(),
        none.len()
    ));
    match (none.is_empty() && old.is_empty(), dateless) {
        (false, _) => topic
            .saw_all(some([none, old].concat()))
            .saw("such a bucket had no new data since, or its snapshots fail; a new leader replays the log from there before it answers")
            .fix("look for failed snapshots in the log of its leader; wait for kv.snapshot.interval after writing")
            .yellow("buckets have no recent snapshot of their key-value store"),
        (true, Some(gap)) => {
            topic.unknown(&gap, Severity::Yellow, "how old snapshots are is not known")
        }
        (true, None) => topic.green("every bucket with a key has a recent snapshot"),
    }
}
