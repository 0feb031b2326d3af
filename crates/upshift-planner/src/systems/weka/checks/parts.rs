//! Parts of the cluster, one by one: servers, processes, drives, filesystems, snapshots.

use upshift_model::finding::Finding;
use upshift_model::topic::Topic;
use upshift_model::weka::{Process, ServerState};

use super::{CHECKER, DOCS};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{self, One, list, one, red, yellow};
use crate::systems::weka::situation::{EVER, Situation};

/// A filesystem below this is next to nothing: 1 GiB.
const SMALL: u64 = 1 << 30;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![
        backends_up(s),
        clients_up(s),
        processes_up(s),
        drives_active(s),
        drives_writable(s),
        small_filesystems(s),
        denied(s),
        domains(s),
    ];
    found.extend(snapshot_buckets(s));
    found.extend(configured_drives(s));
    found.extend(network(s));
    found.extend(cards(s));
    found.extend(ofed(s));
    found
}

pub(super) fn text(field: Option<&String>) -> String {
    field.cloned().unwrap_or_else(|| "?".to_owned())
}

fn up(server: &ServerState, role: &str) -> One {
    let both = server.roles.as_ref().zip(server.status.as_ref());
    One::of(both, "roles and state of a server", |(roles, status)| {
        let is_one = roles.iter().any(|one| one.eq_ignore_ascii_case(role));
        (is_one && status != "UP").then(|| format!("{} is {status}", text(server.name.as_ref())))
    })
}

fn backends_up(s: &Situation<'_>) -> Finding {
    let words = red("backends are not up", "all backends are up");
    let topic = Topic::new(codes::BACKENDS_UP, "backends")
        .fix("bring them up, or take them out of the cluster")
        .source(DOCS);
    list(topic, words, &s.cluster().servers, |server| up(server, "BACKEND"))
}

fn clients_up(s: &Situation<'_>) -> Finding {
    let words = yellow("clients are not up", "all clients are up");
    let topic = Topic::new(codes::CLIENTS_UP, "clients")
        .fix("bring them up, or remove them: weka cluster container remove")
        .source(CHECKER);
    list(topic, words, &s.cluster().servers, |server| up(server, "CLIENT"))
}

fn processes_up(s: &Situation<'_>) -> Finding {
    let words = yellow("processes are not up", "all processes are up");
    let topic = Topic::new(codes::PROCESSES_UP, "processes")
        .fix("weka cluster process; look why")
        .source(CHECKER);
    list(topic, words, &s.cluster().processes, |process| {
        One::of(process.status.as_ref(), "the state of a process", |status| {
            (status != "UP").then(|| format!("{} is {status}", process_name(process)))
        })
    })
}

fn process_name(process: &Process) -> String {
    let roles = process.roles.as_ref().map(|roles| roles.join(", "));
    format!(
        "process {} of {} ({})",
        process.id.map_or_else(|| "?".to_owned(), |id| id.to_string()),
        text(process.host.as_ref()),
        roles.unwrap_or_default()
    )
}

fn drives_active(s: &Situation<'_>) -> Finding {
    let words = yellow("drives are not active", "all drives are active");
    let topic = Topic::new(codes::DRIVES_ACTIVE, "drives")
        .fix("wait for the end of the phase-out, or replace them")
        .source(CHECKER);
    list(topic, words, &s.cluster().drives, |drive| {
        One::of(drive.status.as_ref(), "the state of a drive", |status| {
            let id = drive.id.map_or_else(|| "?".to_owned(), |id| id.to_string());
            (status != "ACTIVE").then(|| format!("drive {id} of {} is {status}", text(drive.host.as_ref())))
        })
    })
}

fn drives_writable(s: &Situation<'_>) -> Finding {
    let words = yellow("drives take no writes", "all active drives take writes");
    let topic = Topic::new(codes::DRIVES_WRITABLE, "drives")
        .fix("replace them")
        .source(CHECKER);
    list(topic, words, &s.cluster().drives, |drive| {
        let both = drive.status.as_ref().zip(drive.writable.as_ref());
        One::of(both, "whether a drive takes writes", |(status, writable)| {
            let id = drive.id.map_or_else(|| "?".to_owned(), |id| id.to_string());
            (status == "ACTIVE" && writable == "Unwritable")
                .then(|| format!("drive {id} of {}", text(drive.host.as_ref())))
        })
    })
}

fn small_filesystems(s: &Situation<'_>) -> Finding {
    let words = yellow("filesystems with next to no room", "every filesystem has room");
    let topic = Topic::new(codes::SMALL_FILESYSTEMS, "filesystems")
        .fix("make them larger, or remove them")
        .source(CHECKER);
    list(topic, words, &s.cluster().filesystems, |filesystem| {
        One::of(filesystem.total, "the room of a filesystem", |total| {
            (total < SMALL).then(|| format!("{} has {} MiB", text(filesystem.name.as_ref()), total >> 20))
        })
    })
}

fn denied(s: &Situation<'_>) -> Finding {
    let words = yellow("processes are denied", "no process is denied");
    let topic = Topic::new(codes::DENIED, "processes")
        .fix("weka debug blacklist list; take them off")
        .source(CHECKER);
    list(topic, words, &s.cluster().inner.denied, |named| {
        One::Bad(named.clone())
    })
}

fn domains(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "with one failure domain away there are too few",
        "one failure domain can be away",
    );
    let topic = Topic::new(codes::DOMAINS, "cluster")
        .fix("add a backend, or accept it for the time of the upgrade")
        .source("WEKA documentation, stripe width and failure domains; upshift's own rule");
    one(topic, words, &s.cluster().rebuild, |rebuild| {
        One::of(rebuild.domains, "failure domains", |(active, needed)| {
            (active.saturating_sub(1) < needed)
                .then(|| format!("{active} are active, and a rebuild takes {needed}"))
        })
    })
}

fn snapshot_buckets(s: &Situation<'_>) -> Option<Finding> {
    if !s.goes_to("4.2.12", "4.4.0.1") {
        return None;
    }
    let words = red(
        "a snapshot knows of another number of buckets",
        "snapshots know the cluster's number of buckets",
    );
    let topic = Topic::new(codes::SNAPSHOT_BUCKETS, "snapshots")
        .fix("have the vendor look at it first")
        .source(CHECKER);
    let own = s.cluster().status.known().and_then(|status| status.buckets);
    Some(one(topic, words, &s.cluster().inner.snapshot_buckets, |counts| {
        One::of(own, "the cluster's number of buckets", |own| {
            let other = counts.iter().find(|count| **count != 0 && **count != own);
            other.map(|other| format!("one bears {other}, and the cluster has {own}"))
        })
    }))
}

fn configured_drives(s: &Situation<'_>) -> Option<Finding> {
    if !s.leaves("4.0", "4.2.1") {
        return None;
    }
    let words = yellow(
        "drives are listed that are none",
        "every drive that is listed is one",
    );
    let topic = Topic::new(codes::CONFIGURED_DRIVES, "drives")
        .fix("have the vendor clear them away")
        .source(CHECKER);
    Some(one(
        topic,
        words,
        &s.cluster().inner.configured_drives,
        |drives| {
            let states: Option<Vec<bool>> = drives.values().copied().collect();
            One::of(states, "the state of a configured drive", |states| {
                let gone = states.iter().filter(|left_over| **left_over).count();
                (gone > 0).then(|| format!("{gone} of {}", states.len()))
            })
        },
    ))
}

/// Only out of one build.
fn network(s: &Situation<'_>) -> Option<Finding> {
    if !s.leaves("4.4.8.76", "4.4.8.77") {
        return None;
    }
    let words = red("processes talk UDP and DPDK", "all processes talk one way");
    let topic = Topic::new(codes::MIXED_NETWORK, "processes")
        .fix("ask the vendor for the override that mends it, before and after the upgrade")
        .source(CHECKER);
    Some(one(topic, words, &s.cluster().processes, |processes| {
        let of_io = processes.iter().filter(|process| {
            let roles = process.roles.iter().flatten();
            process.mode.as_deref() == Some("backend") && !roles.into_iter().any(|role| role == "MANAGEMENT")
        });
        let ways: Option<Vec<&String>> = of_io.map(|process| process.network.as_ref()).collect();
        One::of(ways, "how a process talks", |mut ways| {
            ways.sort();
            ways.dedup();
            (ways.len() > 1).then(|| ways.into_iter().cloned().collect::<Vec<_>>().join(" and "))
        })
    }))
}

fn cards(s: &Situation<'_>) -> Option<Finding> {
    if !s.goes_to("5.0", EVER) {
        return None;
    }
    let words = red(
        "ConnectX-4 cards are not supported from 5.0 on",
        "no card is a ConnectX-4",
    );
    let topic = Topic::new(codes::CONNECTX_4, "network cards")
        .fix("replace them first")
        .source(CHECKER);
    Some(one(topic, words, &s.cluster().cards, |cards| {
        let bad = cards.iter().filter_map(|(host, devices)| {
            let device = devices
                .iter()
                .find(|device| device.to_ascii_lowercase().contains("connectx-4"))?;
            Some(format!("{host} has {device}"))
        });
        let bad: Vec<String> = bad.collect();
        match bad.is_empty() {
            true => One::Fine,
            false => One::Bad(judge::some(bad).join("; ")),
        }
    }))
}

fn ofed(s: &Situation<'_>) -> Option<Finding> {
    let told = s.cluster().ofed.as_ref()?;
    let words = yellow("network drivers differ", "all servers have one release of OFED");
    let topic = Topic::new(codes::OFED, "network drivers")
        .fix("compare them with the vendor's list for the wanted release")
        .source(CHECKER);
    Some(one(topic, words, told, |told| {
        let releases: Option<Vec<&String>> = told.values().map(Option::as_ref).collect();
        One::of(releases, "the release of OFED", |mut releases| {
            releases.sort();
            releases.dedup();
            (releases.len() > 1).then(|| releases.into_iter().cloned().collect::<Vec<_>>().join(", "))
        })
    }))
}
