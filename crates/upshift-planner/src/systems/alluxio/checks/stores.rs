//! What is mounted: the root, which no backup holds, and the other stores.

use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;

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
        let site = match host.target_site.as_result() {
            Ok(site) => site,
            Err(gap) => {
                return topic.unknown(
                    gap,
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
            // A file that is not there yet is carried over.
            None if !site.is_empty() => {
                return topic
                    .saw(format!(
                        "neither {} nor {} is set on {}",
                        KEYS[0], KEYS[1], host.name
                    ))
                    .fix(format!("{}={}", KEYS[0], root.ufs))
                    .refused("the wanted release would mount its default root under the same tree");
            }
            Some(_) | None => {}
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
    let root = s.facts.hosts.iter().find_map(|host| host.root_store.as_ref());
    match root.map(|root| root.as_result()) {
        Some(Ok(root)) if root.names == 0 => topic
            .saw(format!("{} is empty", root.path.display()))
            .fix("mount it; a master that syncs with an empty root deletes every file that was persisted")
            .red("the root store is there and empty: is it mounted?"),
        Some(Ok(_)) => topic.green("the root store is there, with something in it"),
        Some(Err(gap)) => topic.fix("mount it on the masters' hosts").unknown(
            gap,
            Severity::Red,
            "the root store cannot be seen",
        ),
        None => topic
            .saw("none of it is a folder that can be looked at; the master reaches it")
            .green("the master reaches its stores"),
    }
}
