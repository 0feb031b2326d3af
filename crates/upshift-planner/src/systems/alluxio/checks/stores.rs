//! What is mounted: the root, which no backup holds, and the other stores.

use std::path::Path;

use upshift_model::alluxio::{HostFacts, MountedStore, Role, StoreFolder};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::configuration::site_of;
use super::kept::{nobody, runs};
use super::some;
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;

const KEYS: [&str; 2] = ["alluxio.master.mount.table.root.ufs", "alluxio.underfs.address"];

/// The root is configuration: another one under the same tree makes every file another file.
pub(super) fn root(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::ROOT_MOUNT, "mount /")
        .source("MountTable of 1.8.1 to 2.9.6: the root is mounted from configuration");
    let master = match s.leader() {
        Ok(master) => master,
        Err(gap) => return topic.unknown(&gap, Severity::Red, "what is mounted as the root is not known"),
    };
    let Some(root) = master.mounts.get("/") else {
        return topic.refused("the master tells no root mount");
    };
    let topic = topic.saw(format!("now: {}", root.ufs));
    for host in &s.facts.hosts {
        // Where nothing is named a release mounts a folder below its own home.
        let site = match site_of(host) {
            Ok((site, _)) => site,
            Err(gap) => {
                return topic.unknown(
                    &gap,
                    Severity::Red,
                    "what the wanted release would mount is not known",
                );
            }
        };
        let named = KEYS.iter().find_map(|key| Some((*key, site.get(*key)?)));
        match named {
            Some((key, line)) if !same(&line.value, &root.ufs) => {
                return topic
                    .saw(format!(
                        "{key}={} in line {} on {}",
                        line.value, line.line, host.name
                    ))
                    .fix(format!("{key}={}", root.ufs))
                    .refused("the wanted release would mount another root under the same tree");
            }
            None => {
                return topic
                    .saw(format!(
                        "neither {} nor {} is set on {}",
                        KEYS[0], KEYS[1], host.name
                    ))
                    .fix(format!("{}={}", KEYS[0], root.ufs))
                    .refused("the wanted release would mount its default root under the same tree");
            }
            Some(_) => {}
        }
    }
    topic.green("the wanted release mounts the same root")
}

fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let text = text.strip_prefix("file://").unwrap_or(text);
        text.trim_end_matches('/').to_owned()
    };
    plain(one) == plain(other)
}

pub(super) fn under_stores(s: &Situation<'_>) -> Finding {
    let row = s.row("root-sync-after-restore");
    let topic = Topic::new(codes::UNDER_STORES, "under-stores").source(row.source);
    let master = match s.leader() {
        Ok(master) => master,
        Err(gap) => return topic.unknown(&gap, Severity::Red, "which stores are mounted is not known"),
    };
    let all = master.mounts.iter();
    let topic = topic.saw_all(some(
        all.map(|(path, store)| format!("{path}: {} ({})", store.ufs, store.kind)),
    ));
    if master.mounts.get("/").and_then(MountedStore::folder).is_none() {
        return far(s, topic, "/", Severity::Yellow);
    }
    root_folder(s, topic)
}

/// The root's folder, as every master's and worker's host sees it.
fn root_folder(s: &Situation<'_>, topic: Topic) -> Finding {
    let hosts = s.facts.hosts.iter().filter(|host| serves(host));
    let (mut empty, mut gap) = (Vec::new(), nobody(hosts.clone().count()));
    for host in hosts {
        match host.root_store.as_ref().map(|root| root.as_result()) {
            Some(Ok(root)) if root.names == 0 => {
                empty.push(format!("{} is empty on {}", root.path.display(), host.name));
            }
            Some(Ok(_)) => {}
            Some(Err(why)) => gap = gap.or_else(|| Some(why.clone())),
            None => {
                gap = gap.or_else(|| {
                    Some(Gap {
                        what: format!("the root store on {}", host.name),
                        reason: "nobody looked".to_owned(),
                    })
                });
            }
        }
    }
    if !empty.is_empty() {
        return topic
            .saw_all(some(empty))
            .fix("mount it; a master that syncs with an empty root deletes every file that was persisted")
            .red("the root store is there and empty: is it mounted?");
    }
    match gap {
        Some(gap) => topic
            .fix("mount it on the hosts of all masters and workers")
            .unknown(&gap, Severity::Red, "the root store cannot be seen"),
        None => topic.green("the root store is there, with something in it"),
    }
}

/// A store that is no folder, as it was seen from upshift's machine.
fn far(s: &Situation<'_>, topic: Topic, path: &str, may_hide: Severity) -> Finding {
    let seen = s.facts.stores.get(path).map(|seen| seen.as_result());
    match seen {
        Some(Ok(true)) => topic.green("the store answers, with something in it"),
        Some(Ok(false)) => topic
            .fix("see that it is the store that you mean: aws s3 ls, or the like")
            .yellow("the store answers, and nothing is where it is mounted from"),
        Some(Err(gap)) => topic
            .fix("[objects] in the system file, or AWS_… in the environment, says how S3 is reached")
            .fix("of any other store: alluxio fs ls PATH of a file that nobody has read, before anything is stopped")
            .unknown(gap, may_hide, "whether the store is reached is not known"),
        None => {
            let gap = Gap {
                what: format!("the store of {path}"),
                reason: "nobody asked".to_owned(),
            };
            topic.unknown(&gap, may_hide, "whether the store is reached is not known")
        }
    }
}

/// Every mount but the root's: its folder on all masters' and workers' hosts, or its store from here.
pub(super) fn mounted(s: &Situation<'_>) -> Vec<Finding> {
    let Ok(master) = s.leader() else {
        return Vec::new();
    };
    let others = master.mounts.iter().filter(|(path, _)| path.as_str() != "/");
    let one = |(path, store): (&String, &MountedStore)| {
        let topic = Topic::new(codes::MOUNTED, format!("mount {path}"))
            .source("GET /api/v1/master/info; the folders on the hosts; a HEAD and a listing of the bucket")
            .saw(format!("{} ({})", store.ufs, store.kind));
        match store.folder() {
            Some(folder) => on_hosts(s, topic, &folder),
            None => far(s, topic, path, Severity::Yellow),
        }
    };
    others.map(one).collect()
}

fn on_hosts(s: &Situation<'_>, topic: Topic, folder: &Path) -> Finding {
    let (mut absent, mut empty, mut gap) = (Vec::new(), Vec::new(), None);
    for host in s.facts.hosts.iter().filter(|host| serves(host)) {
        let stores = match host.stores.as_result() {
            Ok(stores) => stores,
            Err(why) => {
                gap = gap.or(Some(why));
                continue;
            }
        };
        match stores.iter().find(|store| store.path == folder) {
            Some(StoreFolder { names: Some(0), .. }) => empty.push(host.name.clone()),
            Some(StoreFolder { names: Some(_), .. }) => {}
            Some(StoreFolder { names: None, .. }) | None => absent.push(host.name.clone()),
        }
    }
    let topic = topic.fix("mount it there before anything is stopped");
    if !absent.is_empty() {
        return topic
            .saw_all(some(
                absent.into_iter().map(|host| format!("not there on {host}")),
            ))
            .red("a mounted folder is not there on every master's and worker's host");
    }
    if let Some(gap) = gap {
        return topic.unknown(
            gap,
            Severity::Yellow,
            "whether the folder is there on every host is not known",
        );
    }
    match empty.is_empty() {
        true => topic.green("the folder is there on every host, with something in it"),
        false => topic
            .saw_all(some(empty.into_iter().map(|host| format!("empty on {host}"))))
            .yellow("a mounted folder is there and empty: is it mounted?"),
    }
}

/// Whether a master or a worker runs there, or what runs there was not seen.
fn serves(host: &HostFacts) -> bool {
    [Role::Master, Role::Worker]
        .into_iter()
        .any(|role| runs(host, role))
}
