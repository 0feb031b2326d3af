//! The inventory that the simulated cluster yields: what its master answers, and what lies and runs on its host.

use std::collections::BTreeMap;

use upshift_model::alluxio::{
    Facts, HostFacts, JournalKind, Master, MasterAnswer, MountedStore, OptionLine, Process, Role as Told,
    RootStore, THIS_MACHINE, TierFolder, Worker,
};
use upshift_model::digest::Digest;
use upshift_model::observed::{Gap, Observed};

use super::scene::{JOURNAL, MASTER, NEW_HOME, OLD_HOME};
use crate::alluxio::{Role, World};

const SITE: [(&str, &str); 3] = [
    ("alluxio.master.mount.table.root.ufs", "/srv/ufs"),
    ("alluxio.master.journal.type", "UFS"),
    ("alluxio.master.hostname", "localhost"),
];

pub(super) fn facts(world: &World) -> Facts {
    let master = master(world).ok_or_else(|| Gap {
        what: "the master".to_owned(),
        reason: "connection refused".to_owned(),
    });
    Facts {
        masters: vec![MasterAnswer {
            address: MASTER.to_owned(),
            told: match master {
                Ok(master) => Observed::Known(master),
                Err(gap) => Observed::Unknown(gap),
            },
        }],
        hosts: vec![host(world)],
        quorum: None,
        unpersisted: Some(Observed::Known(Vec::new())),
        stores: BTreeMap::new(),
    }
}

/// What the master answers; none while it does not.
pub(super) fn master(world: &World) -> Option<Master> {
    let memory = world.memory.as_ref()?;
    let process = world.processes.get(&Role::Master)?;
    let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    };
    let worker = Worker {
        host: "w1".to_owned(),
        port: 29_999,
        state: "In Service".to_owned(),
        tiers: BTreeMap::from([("MEM".to_owned(), (5, 10))]),
        blocks: u64::try_from(world.tier.len()).ok(),
    };
    let store = MountedStore {
        ufs: "/srv/ufs".to_owned(),
        kind: "local".to_owned(),
        read_only: false,
        shared: false,
        capacity: 1,
    };
    Some(Master {
        version: process.release.clone(),
        started_ms: memory.since,
        mounts: BTreeMap::from([("/".to_owned(), store)]),
        workers: world.is_up(Role::Worker).then_some(worker).into_iter().collect(),
        lost_workers: Vec::new(),
        paths: Observed::Known(world.tree().map_or(0, |tree| tree.len() as u64)),
        writes: BTreeMap::from([("CreateFileOps".to_owned(), memory.writes)]),
        restored: memory.restored,
        options: text(&[
            ("alluxio.master.journal.folder", JOURNAL),
            ("alluxio.master.journal.type", "UFS"),
            ("alluxio.master.backup.directory", "/srv/daily"),
        ]),
    })
}

fn lines() -> BTreeMap<String, OptionLine> {
    let lines = SITE.iter().zip(1..).map(|((key, value), line)| {
        let value = (*value).to_owned();
        ((*key).to_owned(), OptionLine { value, line })
    });
    lines.collect()
}

fn host(world: &World) -> HostFacts {
    let (from, to) = world.shape.releases;
    let processes = world.processes.iter().map(|(role, process)| Process {
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
    });
    let known = |text: &str| Observed::Known(text.to_owned());
    HostFacts {
        name: THIS_MACHINE.to_owned(),
        processes: Observed::Known(processes.collect()),
        clients: Observed::Known(Vec::new()),
        home: known(from),
        target_home: known(to),
        java: Observed::Known(11),
        site: Observed::Known(lines()),
        target_site: Observed::Known(lines()),
        site_sha256: Observed::Known(Digest::zero()),
        journal: Observed::Known(JournalKind::UnderStore),
        journal_kib: Observed::Known(1_000),
        room_kib: Observed::Known(1_000_000),
        tiers: Observed::Known(vec![TierFolder {
            path: "/mnt/ramdisk/alluxioworker".into(),
            blocks: world.tier.len() as u64,
            kib: 7_000,
            file_system: "tmpfs".to_owned(),
        }]),
        root_store: Some(Observed::Known(RootStore {
            path: "/srv/ufs".into(),
            device: 1,
            names: 5,
        })),
        stores: Observed::Known(Vec::new()),
    }
}
