//! The inventory that the simulated cluster yields: what the real driver would see in ZooKeeper, ask of the servers and
//! find on their host.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use upshift_engine::driver::Fault;
use upshift_model::digest::Digest;
use upshift_model::fluss::{
    BothSides, BucketFacts, BucketId, Coordinator, DataFolder, DataState, Facts, Held, HostFacts, Keeper,
    KeeperState, KvSnapshot, Lake, Leadership, Line, Listener, OptionLine, Owner, Rebalance, RebalanceStatus,
    Role, ServerAnswer, ServerProcess, System, THIS_MACHINE, TableFacts, TabletServer, Told,
};
use upshift_model::observed::Observed::{self, Known};

use super::scene::{conf, server_id};
use crate::fluss::{Bucket, COORDINATOR, Registration, Server, World};

/// Tables of the canary and of people lie beside each other; the key decides what a table is.
const PRIMARY: &str = "pk";

/// The metadata; an error while ZooKeeper does not answer.
pub(super) fn facts(world: &World) -> Result<Facts, Fault> {
    if world.now() < world.blind_until {
        return Err(Fault::Transient("ZooKeeper does not answer".to_owned()));
    }
    let coordinator = world.servers.get(&COORDINATOR);
    let active = coordinator.and_then(|server| server.registration.as_ref());
    let tablet_servers = world.tablet_servers().filter_map(|n| {
        let registration = world.servers.get(&n)?.registration.as_ref()?;
        Some((n, Known(tablet_server(n, registration))))
    });
    // From 1.0 on the one that leads is listed among those that may, too.
    let lists = active.is_some_and(|of| line(&of.release) >= (1, 0));
    let active = active.map(|of| Coordinator {
        id: format!("{}-{}", of.release, of.at),
        format: if of.release == "0.6.0" { 1 } else { 2 },
        listeners: vec![listener(COORDINATOR)],
    });
    let listed = active.iter().filter(|_| lists).cloned();
    Ok(Facts {
        metadata: "127.0.0.1:2181/fluss".to_owned(),
        coordinators: Known(listed.collect()),
        active: Known(active),
        table_sequence: Known(world.tables.keys().max().map(|id| id + 1)),
        coordinator_epoch: Known(world.epoch.map(i64::from)),
        tablet_servers: Known(tablet_servers.collect()),
        tables: world.tables.iter().map(|(id, of)| (*id, table(of))).collect(),
        buckets: world.buckets.iter().map(bucket).collect(),
        dropped: Vec::new(),
        tags: Known(BTreeMap::new()),
        rebalance: Known(world.rebalance.as_ref().map(|id| Rebalance {
            id: id.clone(),
            status: RebalanceStatus::Completed,
        })),
        dynamic_options: Known(BTreeSet::new()),
        acls: Known(false),
        gaps: Vec::new(),
    })
}

/// All that one look sees.
pub(super) fn system(world: &World, now: Timestamp) -> Result<System, Fault> {
    let cluster = facts(world)?;
    let answers = world.servers.iter().filter(|(_, server)| server.serves());
    let answers = answers.map(|(n, server)| ServerAnswer {
        server: server_id(*n),
        address: listener(*n).address(),
        line: Known(line(&server.release)),
    });
    let told = world.servers.iter().filter(|(_, server)| server.serves());
    let told = told.map(|(n, _)| Told {
        server: server_id(*n),
        held: Known(Held {
            same: cluster.buckets.len(),
            silent: Vec::new(),
            others: Vec::new(),
        }),
    });
    let both_sides = BothSides {
        told: told.collect(),
        own_count: None,
    };
    let processes = world.servers.iter().filter_map(|(n, server)| process(*n, server));
    let host = HostFacts {
        name: THIS_MACHINE.to_owned(),
        servers: Known(
            world
                .servers
                .values()
                .filter(|server| server.process.is_some())
                .count(),
        ),
        java: Known(17),
        java_homes: BTreeMap::new(),
        target_home: None,
        target_confs: BTreeMap::new(),
        clients: Known(Vec::new()),
    };
    Ok(System {
        seen_at: now,
        keepers: vec![Keeper {
            address: "127.0.0.1:2181".to_owned(),
            state: Known(KeeperState::Serves {
                version: "3.8.0".to_owned(),
                mode: "standalone".to_owned(),
            }),
        }],
        cluster,
        answers: answers.collect(),
        both_sides,
        processes: Known(processes.collect()),
        hosts: vec![host],
    })
}

/// The release line of a release: `(0, 9)`.
pub(super) fn line(release: &str) -> Line {
    let mut numbers = release.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next())
}

fn listener(n: i32) -> Listener {
    Listener {
        name: "FLUSS".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: u16::try_from(9124 + n).unwrap_or(0),
    }
}

fn tablet_server(n: i32, of: &Registration) -> TabletServer {
    TabletServer {
        format: match line(&of.release) {
            (0, ..=6) => 1,
            (0, _) => 3,
            _ => 4,
        },
        listeners: vec![listener(n)],
        registered_at: Timestamp::from_millisecond(of.at).unwrap_or(Timestamp::UNIX_EPOCH),
        rack: None,
    }
}

fn table(of: &crate::fluss::Table) -> TableFacts {
    let key = (of.name == PRIMARY).then(|| "k".to_owned());
    TableFacts {
        database: of.database.clone(),
        name: of.name.clone(),
        buckets: 0,
        partitioned_by: Vec::new(),
        bucket_key: Vec::new(),
        primary_key: Known(key.into_iter().collect()),
        auto_increment: Known(false),
        schemas: Known(1),
        properties: BTreeMap::new(),
        remote_data_dir: None,
        partitions: Known(BTreeMap::new()),
        lake: Lake {
            enabled: false,
            format: None,
            node: Known(None),
        },
    }
}

fn bucket(of: &Bucket) -> BucketFacts {
    BucketFacts {
        id: id(of),
        assigned: of.assigned.clone(),
        leadership: Known(Some(Leadership {
            leader: of.leader,
            leader_epoch: of.leader_epoch,
            isr: of.in_sync.iter().copied().collect(),
            coordinator_epoch: of.coordinator_epoch,
            bucket_epoch: of.epoch,
            standby: Vec::new(),
        })),
        kv_snapshot: Known(Some(KvSnapshot {
            id: 1,
            log_offset: of.acknowledged,
            written_at: None,
        })),
    }
}

pub(super) const fn id(of: &Bucket) -> BucketId {
    BucketId {
        table: of.table,
        partition: None,
        bucket: of.number,
    }
}

fn process(n: i32, server: &Server) -> Option<ServerProcess> {
    let process = server.process.as_ref()?;
    let data = DataFolder {
        path: format!("/data/{n}").into(),
        state: Known(DataState {
            clean_marker: server.clean_mark,
            size_kib: 100 << 20,
            used_kib: 10 << 20,
            tables: BTreeMap::from([("lab/orders-0".to_owned(), 0)]),
        }),
    };
    let mut options = vec![("log.replica.min-in-sync-replicas-number", "2".to_owned())];
    options.extend((n != COORDINATOR).then(|| ("tablet-server.id", n.to_string())));
    let options = options.into_iter().zip(1..);
    let options = options.map(|((key, value), line)| (key.to_owned(), OptionLine { value, line }));
    let variables = [
        ("FLUSS_PID_DIR", format!("/run/{n}")),
        ("USER", "fluss".to_owned()),
    ];
    Some(ServerProcess {
        host: THIS_MACHINE.to_owned(),
        pid: process.pid,
        started_ticks: 1,
        role: match n {
            COORDINATOR => Role::Coordinator,
            _ => Role::TabletServer,
        },
        conf: conf(n).into(),
        jar: Known(process.release.clone()),
        options: Known(options.collect()),
        file_digest: Known(Digest::zero()),
        java: Known(17),
        variables: Observed::Known(
            variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        ),
        plugins: Known(BTreeMap::new()),
        owner: Known(Owner {
            user: "fluss".to_owned(),
            is_login: true,
            may_signal: true,
        }),
        remote: Vec::new(),
        data: match n {
            COORDINATOR => Vec::new(),
            _ => vec![data],
        },
    })
}
