//! The inventory that the simulated cluster yields: what its master answers, and what lies and runs on its hosts.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::alluxio::{
    Facts, HostFacts, JournalKind, JournalPlace, Master, MasterAnswer, Member, MountedStore, OptionLine,
    Process, Role as Told, RootStore, TierFolder, Worker,
};
use upshift_model::digest::Digest;
use upshift_model::observed::{Gap, Observed};

use super::scene::{JOURNAL, NEW_HOME, OLD_HOME, address, host_name};
use crate::alluxio::{Keeping, Restored, Role, World};

/// A worker that is not heard of for as long counts as lost.
const LOST_AFTER: i64 = 300_000;

/// What both releases are configured with.
fn site(keeping: Keeping) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![
        ("alluxio.master.mount.table.root.ufs", "/srv/ufs"),
        ("alluxio.master.hostname", "localhost"),
        ("alluxio.master.journal.folder", JOURNAL),
    ];
    all.push(match keeping {
        Keeping::Embedded => ("alluxio.master.journal.type", "EMBEDDED"),
        Keeping::Alone | Keeping::Shared => ("alluxio.master.journal.type", "UFS"),
    });
    if keeping == Keeping::Shared {
        all.extend([
            ("alluxio.zookeeper.enabled", "true"),
            ("alluxio.zookeeper.address", "zk:2181"),
        ]);
    }
    all
}

pub(super) fn facts(world: &World) -> Facts {
    let hosts = 0..world.shape.masters;
    let answer = |host: usize| MasterAnswer {
        address: address(&world.shape, host),
        told: match master(world).filter(|_| world.leader == Some(host)) {
            Some(master) => Observed::Known(master),
            // One that stands by answers as little as one that is away.
            None => Observed::Unknown(Gap {
                what: "the master".to_owned(),
                reason: "connection refused".to_owned(),
            }),
        },
    };
    Facts {
        masters: hosts.clone().map(answer).collect(),
        quorum: quorum(world),
        hosts: hosts.map(|number| host(world, number)).collect(),
        unpersisted: Some(Observed::Known(Vec::new())),
        stores: BTreeMap::new(),
    }
}

/// Asked where a master runs.
fn quorum(world: &World) -> Option<Observed<Vec<Member>>> {
    if world.shape.keeping != Keeping::Embedded || !world.serves() {
        return None;
    }
    let member = |host: usize| Member {
        address: format!("{}:19200", host_name(&world.shape, host)),
        state: match world.is_up((Role::Master, host)) {
            true => "AVAILABLE".to_owned(),
            false => "UNAVAILABLE".to_owned(),
        },
    };
    Some(Observed::Known((0..world.shape.masters).map(member).collect()))
}

/// For how long the master has not heard of its worker, in milliseconds; none where it never has.
pub(super) fn silent(world: &World) -> Option<i64> {
    Some(world.now() - world.memory.as_ref()?.heard?)
}

/// What the master that leads answers; none while none does.
pub(super) fn master(world: &World) -> Option<Master> {
    let memory = world.memory.as_ref()?;
    let process = world.processes.get(&(Role::Master, world.leader?))?;
    let text = |pairs: Vec<(&str, &str)>| -> BTreeMap<String, String> {
        let own = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        pairs.into_iter().map(own).collect()
    };
    let silent = silent(world);
    let worker = Worker {
        host: host_name(&world.shape, 0),
        port: 29_999,
        state: "In Service".to_owned(),
        silent_secs: silent.and_then(|silent| u64::try_from(silent / 1_000).ok()),
        tiers: BTreeMap::from([("MEM".to_owned(), (5, 10))]),
        blocks: u64::try_from(world.tier.len()).ok(),
    };
    let store = MountedStore {
        ufs: "/srv/ufs".to_owned(),
        kind: "local".to_owned(),
        read_only: false,
        shared: false,
        capacity: 1,
        options: BTreeMap::new(),
    };
    let is_known = silent.is_some_and(|silent| silent < LOST_AFTER);
    let is_lost = silent.is_some() && !is_known;
    let mut options = site(world.shape.keeping);
    options.push(("alluxio.master.backup.directory", "/srv/daily"));
    Some(Master {
        version: process.release.clone(),
        started_ms: memory.since,
        mounts: BTreeMap::from([("/".to_owned(), store)]),
        lost_workers: Some(worker.host.clone())
            .filter(|_| is_lost)
            .into_iter()
            .collect(),
        workers: Some(worker).filter(|_| is_known).into_iter().collect(),
        paths: Observed::Known(world.tree().map_or(0, |tree| tree.len() as u64)),
        writes: BTreeMap::from([("Master.CreateFileOps".to_owned(), memory.writes)]),
        restored: match memory.restored {
            Restored::Entries(count) => Some(count),
            Restored::Nothing | Restored::Skipped => None,
        },
        options: text(options),
    })
}

fn lines(keeping: Keeping) -> BTreeMap<String, OptionLine> {
    let lines = site(keeping).into_iter().zip(1..).map(|((key, value), line)| {
        let value = value.to_owned();
        (key.to_owned(), OptionLine { value, line })
    });
    lines.collect()
}

fn host(world: &World, number: usize) -> HostFacts {
    let (from, to) = world.shape.releases;
    let here = world.processes.iter().filter(|((_, on), _)| *on == number);
    let processes = here.map(|((role, _), process)| Process {
        pid: process.pid,
        started_ticks: 7,
        role: match role {
            Role::Master => Told::Master,
            Role::Worker => Told::Worker,
        },
        home: Some(
            if process.release == from {
                OLD_HOME
            } else {
                NEW_HOME
            }
            .into(),
        ),
        releases: vec![process.release.clone()],
    });
    let known = |text: &str| Observed::Known(text.to_owned());
    let keeping = world.shape.keeping;
    let tiers = TierFolder {
        path: "/mnt/ramdisk/alluxioworker".into(),
        blocks: world.tier.len() as u64,
        kib: 7_000,
        file_system: "tmpfs".to_owned(),
    };
    HostFacts {
        name: host_name(&world.shape, number),
        processes: Observed::Known(processes.collect()),
        clients: Observed::Known(Vec::new()),
        home: known(from),
        target_home: known(to),
        java: Observed::Known(11),
        site: Observed::Known(lines(keeping)),
        target_site: Observed::Known(lines(keeping)),
        site_sha256: Observed::Known(Digest::zero()),
        other_secrets: BTreeSet::new(),
        journal: Observed::Known(match keeping {
            Keeping::Embedded => JournalKind::Ratis,
            Keeping::Alone | Keeping::Shared => JournalKind::UnderStore,
        }),
        journal_kib: Observed::Known(1_000),
        journal_place: Observed::Known(JournalPlace {
            is_mount: false,
            is_writable: true,
            free_kib: 1_000_000,
        }),
        conf: Observed::Known(BTreeMap::new()),
        target_conf: Observed::Known(BTreeMap::new()),
        room_kib: Observed::Known(1_000_000),
        tiers: Observed::Known(Some(tiers).filter(|_| number == 0).into_iter().collect()),
        root_store: Some(Observed::Known(RootStore {
            path: "/srv/ufs".into(),
            device: 1,
            names: 5,
        })),
        stores: Observed::Known(Vec::new()),
    }
}
