//! Where servers keep what is tiered and snapshots of key-value stores: a leader that moves reads there what another server
//! wrote.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{RemoteState, ServerProcess};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::processes::{called, missing, seen};
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// From here on a person should look.
const FULL: u64 = 80;
/// File systems that several hosts see.
const SHARED: [&str; 8] = ["nfs", "cifs", "smb", "ceph", "lustre", "gluster", "fuse", "9p"];

/// Every place, as each server that names it sees it.
pub(super) fn places(s: &Situation<'_>) -> Vec<Finding> {
    let mut all: BTreeMap<&str, Vec<&ServerProcess>> = BTreeMap::new();
    for process in seen(s) {
        for folder in &process.remote {
            all.entry(&folder.place).or_default().push(process);
        }
    }
    let mut found: Vec<Finding> = all.iter().map(|(place, by)| one(place, by)).collect();
    let unread = seen(s).iter().find_map(|process| process.options.gap());
    found.extend(unread.map(|gap| {
        Topic::new(codes::REMOTE, "servers")
            .fix("look at remote.data.dir in its server.yaml")
            .unknown(
                gap,
                Severity::Yellow,
                "where a server keeps remote data is not known",
            )
    }));
    if let Some(gap) = missing(s).filter(|_| found.is_empty()) {
        let topic = Topic::new(codes::REMOTE, "servers").fix("look at remote.data.dir in every server.yaml");
        found.push(topic.unknown(
            &gap,
            Severity::Yellow,
            "where servers keep remote data is not known",
        ));
    }
    found
}

fn one(place: &str, by: &[&ServerProcess]) -> Finding {
    let states: Vec<_> = by
        .iter()
        .filter_map(|process| {
            let folder = process.remote.iter().find(|folder| folder.place == place)?;
            Some((called(process), process.host.clone(), &folder.state))
        })
        .collect();
    let there: Vec<(&String, &String, &RemoteState)> = states
        .iter()
        .filter_map(|(name, host, state)| Some((name, host, state.known()?.as_ref()?)))
        .collect();
    let absent: Vec<&String> = states
        .iter()
        .filter(|(_, _, state)| matches!(state.known(), Some(None)))
        .map(|(name, ..)| name)
        .collect();
    let topic = Topic::new(codes::REMOTE, place)
        .source("ConfigOptions, remote.data.dir: snapshots of key-value stores and tiered logs lie there")
        .saw_all(there.iter().map(|(name, _, state)| {
            let percent = state.used_percent();
            let size = state.size_kib >> 20;
            format!("{name}: {}, {percent} % of {size} GiB in use", state.kind)
        }))
        .saw_all(
            absent
                .iter()
                .map(|name| format!("{name}: there is no such folder")),
        );
    let forbidden: Vec<String> = there
        .iter()
        .filter(|(.., state)| state.writable.known() == Some(&false))
        .map(|(name, ..)| format!("the user of {name} may not write there"))
        .collect();
    if !forbidden.is_empty() {
        return topic
            .saw_all(forbidden)
            .fix("give the servers' user the right to write there: snapshots fail without it, and nothing is tiered")
            .red("a server may not write its remote data");
    }
    if !there.is_empty() && !absent.is_empty() {
        return topic
            .fix("mount it on every host: a leader that moves there finds no snapshot and no tiered log")
            .red("remote data is not there on every host");
    }
    if !absent.is_empty() {
        return topic
            .fix("where data was written long ago, see whether a mount is away")
            .yellow(
                "the folder of remote data is not there: nothing was written to it yet, or a mount is away",
            );
    }
    let unseen = states.iter().find_map(|(.., state)| state.gap());
    reached(place, topic, &there, unseen)
}

/// What is said of a folder that is there for everybody who looked, and may be written.
fn reached(
    place: &str,
    topic: Topic,
    there: &[(&String, &String, &RemoteState)],
    unseen: Option<&Gap>,
) -> Finding {
    let hosts: BTreeSet<&String> = there.iter().map(|(_, host, _)| *host).collect();
    let is_shared = |state: &RemoteState| SHARED.iter().any(|kind| state.kind.starts_with(kind));
    if hosts.len() > 1 && !there.iter().all(|(.., state)| is_shared(state)) {
        return topic
            .fix(
                "see that it is one folder: a file that is put there on one host must be there on the others",
            )
            .yellow("remote data lies on a disk of each host: leaders that move may not find it");
    }
    if there.iter().any(|(.., state)| state.used_percent() >= FULL) {
        return topic
            .fix("make room before the upgrade")
            .yellow("the file system of remote data is nearly full");
    }
    let unsure = there.iter().find_map(|(.., state)| state.writable.gap());
    match unseen.or(unsure) {
        Some(gap) => topic.fix(how(place)).unknown(
            gap,
            Severity::Yellow,
            "whether servers reach their remote data is not known",
        ),
        None => topic.green("servers reach their remote data, and may write there"),
    }
}

/// How a person looks, with the store's own tool.
fn how(place: &str) -> String {
    let command = match place.split_once("://").map(|(scheme, _)| scheme) {
        Some("s3" | "s3a") => format!("aws s3 ls {place}/"),
        Some("hdfs") => format!("hdfs dfs -ls {place}"),
        Some("oss") => format!("ossutil ls {place}/"),
        Some("gs") => format!("gcloud storage ls {place}/"),
        _ => format!("ls -ld {place}"),
    };
    format!("as the servers' user, on a host of theirs: {command}; and write and delete a file there")
}
