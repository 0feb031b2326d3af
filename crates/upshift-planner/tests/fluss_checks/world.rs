//! A healthy cluster of three servers and the file that names it, for checks and plans to spoil in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use upshift_model::digest::Digest;
use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::fluss::{
    Access, BothSides, BucketFacts, BucketId, Coordinator, DataFolder, DataState, Declaration, Facts, Held,
    Home, HostFacts, Keeper, KeeperState, KvSnapshot, Lake, Leadership, Line, Listener, OptionLine, Owner,
    Role, ServerAnswer, ServerId, ServerProcess, System, THIS_MACHINE, TableFacts, TabletServer, Told,
};
use upshift_model::ids::{Code, SystemName};
use upshift_model::observed::{Gap, Observed};
use upshift_model::plan::InventoryStamp;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::checks::findings;
use upshift_planner::systems::fluss::situation::Situation;

/// Read once: it is long.
pub(crate) static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

pub(crate) struct World {
    pub(crate) declaration: Declaration,
    pub(crate) system: System,
}

pub(crate) fn gap() -> Gap {
    Gap {
        what: "it".to_owned(),
        reason: "nobody answers".to_owned(),
    }
}

pub(crate) fn listener(port: u16) -> Listener {
    Listener {
        name: "FLUSS".to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
    }
}

pub(crate) fn server(id: u16) -> (i32, Observed<TabletServer>) {
    let server = TabletServer {
        format: 3,
        listeners: vec![listener(9124 + id)],
        registered_at: jiff::Timestamp::UNIX_EPOCH,
        rack: None,
    };
    (i32::from(id), Observed::Known(server))
}

pub(crate) fn bucket(table: i64, bucket: u32) -> BucketFacts {
    BucketFacts {
        id: BucketId {
            table,
            partition: None,
            bucket,
        },
        assigned: vec![0, 1, 2],
        leadership: Observed::Known(Some(Leadership {
            leader: Some(i32::try_from(bucket % 3).expect("small")),
            leader_epoch: 0,
            isr: vec![0, 1, 2],
            coordinator_epoch: 0,
            bucket_epoch: 0,
            standby: Vec::new(),
        })),
        kv_snapshot: Observed::Known(Some(KvSnapshot {
            id: 1,
            log_offset: 10,
            written_at: Some(jiff::Timestamp::UNIX_EPOCH),
        })),
    }
}

/// A server's process as the start scripts of a release leave it, with a pid file of its own.
pub(crate) fn process((role, number): (Role, u32), from: &str) -> ServerProcess {
    let id = number.saturating_sub(1).to_string();
    let variables = [
        ("FLUSS_PID_DIR", format!("/run/{number}")),
        ("USER", "fluss".to_owned()),
    ];
    let data = DataFolder {
        path: format!("/data/{number}").into(),
        state: Observed::Known(DataState {
            clean_marker: false,
            size_kib: 100 << 20,
            used_kib: 10 << 20,
            tables: BTreeMap::from([("lab/orders_log-0".to_owned(), 0)]),
        }),
    };
    let mut pairs = vec![("log.replica.min-in-sync-replicas-number", "2")];
    pairs.extend((role == Role::TabletServer).then_some(("tablet-server.id", id.as_str())));
    ServerProcess {
        host: THIS_MACHINE.to_owned(),
        pid: 100 + number,
        started_ticks: 1,
        role,
        conf: format!("/srv/{}", 100 + number).into(),
        jar: Observed::Known(from.to_owned()),
        options: Observed::Known(options(&pairs)),
        file_digest: Observed::Known(Digest::zero()),
        java: Observed::Known(17),
        variables: Observed::Known(
            variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        ),
        plugins: Observed::Known(BTreeMap::new()),
        owner: Observed::Known(Owner {
            user: "fluss".to_owned(),
            is_login: true,
            may_signal: true,
        }),
        remote: Vec::new(),
        data: match role {
            Role::Coordinator => Vec::new(),
            Role::TabletServer => vec![data],
        },
    }
}

pub(crate) fn host() -> HostFacts {
    HostFacts {
        name: THIS_MACHINE.to_owned(),
        servers: Observed::Known(4),
        java: Observed::Known(17),
        java_homes: BTreeMap::new(),
        target_home: None,
        target_confs: BTreeMap::new(),
        clients: Observed::Known(Vec::new()),
    }
}

pub(crate) fn home(jar: &str) -> Home {
    Home {
        server_jar: Observed::Known(jar.to_owned()),
        jars: BTreeMap::from([(format!("lib/fluss-server-{jar}.jar"), "aa".to_owned())]),
        plugins: BTreeMap::new(),
    }
}

pub(crate) fn table(name: &str, key: &[&str]) -> TableFacts {
    TableFacts {
        database: "lab".to_owned(),
        name: name.to_owned(),
        buckets: 3,
        partitioned_by: Vec::new(),
        bucket_key: Vec::new(),
        primary_key: Observed::Known(key.iter().map(|key| (*key).to_owned()).collect()),
        auto_increment: Observed::Known(false),
        schemas: Observed::Known(1),
        properties: BTreeMap::new(),
        remote_data_dir: None,
        partitions: Observed::Known(BTreeMap::new()),
        lake: Lake {
            enabled: false,
            format: None,
            node: Observed::Known(None),
        },
    }
}

/// Three servers, one log table and one primary key table of three buckets with three replicas.
pub(crate) fn cluster() -> Facts {
    Facts {
        metadata: "127.0.0.1:2181/fluss".to_owned(),
        active: Observed::Known(Some(Coordinator {
            id: "c".to_owned(),
            format: 2,
            listeners: vec![listener(9123)],
        })),
        coordinators: Observed::Known(Vec::new()),
        table_sequence: Observed::Known(Some(2)),
        coordinator_epoch: Observed::Known(None),
        tablet_servers: Observed::Known((0..3).map(server).collect()),
        tables: BTreeMap::from([(0, table("orders_log", &[])), (1, table("orders_pk", &["k"]))]),
        buckets: (0..6)
            .map(|at| bucket(at / 3, u32::try_from(at % 3).expect("small")))
            .collect(),
        dropped: Vec::new(),
        tags: Observed::Known(BTreeMap::new()),
        rebalance: Observed::Known(None),
        dynamic_options: Observed::Known(BTreeSet::new()),
        acls: Observed::Known(false),
        gaps: Vec::new(),
    }
}

/// A healthy cluster whose servers answer as `line`, all of them on this machine.
pub(crate) fn world(from: &str, to: &str, line: Line) -> World {
    let answer = |server| ServerAnswer {
        server,
        address: "127.0.0.1:9123".to_owned(),
        line: Observed::Known(line),
    };
    let processes = [
        Role::Coordinator,
        Role::TabletServer,
        Role::TabletServer,
        Role::TabletServer,
    ];
    let processes = processes.into_iter().zip(0..).map(|one| process(one, from));
    World {
        declaration: Declaration {
            name: SystemName::new("lab"),
            zookeeper: "127.0.0.1:2181".to_owned(),
            root: "/fluss".to_owned(),
            access: Access::default(),
            current: from.parse().expect("a version"),
            target: to.parse().expect("a version"),
            hosts: Vec::new(),
            clients: Vec::new(),
            tiering: None,
            target_home: None,
            staged: Vec::new(),
            java_home: None,
            servers: Vec::new(),
            evidence: None,
            soak: Millis::from_secs(60),
            probes: Vec::new(),
            spread_leaders: true,
            policy: policy(),
            waivers: Vec::new(),
        },
        system: System {
            seen_at: jiff::Timestamp::UNIX_EPOCH,
            keepers: vec![keeper("127.0.0.1:2181", "3.8.3", "standalone")],
            cluster: cluster(),
            answers: std::iter::once(answer(ServerId::Coordinator))
                .chain((0..3).map(|id| answer(ServerId::TabletServer(id))))
                .collect(),
            both_sides: both_sides(),
            processes: Observed::Known(processes.collect()),
            hosts: vec![host()],
        },
    }
}

pub(crate) fn keeper(address: &str, version: &str, mode: &str) -> Keeper {
    Keeper {
        address: address.to_owned(),
        state: Observed::Known(KeeperState::Serves {
            version: version.to_owned(),
            mode: mode.to_owned(),
        }),
    }
}

/// Every server tells what the metadata says.
fn both_sides() -> BothSides {
    let told = |server| Told {
        server,
        held: Observed::Known(Held {
            same: 6,
            silent: Vec::new(),
            others: Vec::new(),
        }),
    };
    let servers = (0..3).map(ServerId::TabletServer);
    BothSides {
        told: std::iter::once(ServerId::Coordinator)
            .chain(servers)
            .map(told)
            .collect(),
        own_count: None,
    }
}

pub(crate) fn stamp() -> InventoryStamp {
    InventoryStamp {
        taken_at: jiff::Timestamp::UNIX_EPOCH,
        digest: Digest::zero(),
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        on_failed_gate: OnFailedGate::Ask,
        on_lane_failure: OnLaneFailure::All,
        replay_limit: Millis::ZERO,
        max_downtime: None,
        keep_restore_points: None,
        notify: Vec::new(),
    }
}

pub(crate) fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, OptionLine> {
    let lines = pairs.iter().zip(1..).map(|((key, value), line)| {
        let value = (*value).to_owned();
        ((*key).to_owned(), OptionLine { value, line })
    });
    lines.collect()
}

impl World {
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let today = jiff::civil::date(2026, 11, 27);
        let situation = Situation::new(
            &self.declaration,
            &self.system,
            &LIBRARY,
            (today, jiff::Timestamp::UNIX_EPOCH),
            stamp(),
        )
        .expect("releases");
        findings(&situation)
    }

    /// The one finding of a code.
    pub(crate) fn finding(&self, code: &Code) -> Finding {
        let mut found: Vec<_> = self
            .findings()
            .into_iter()
            .filter(|finding| finding.code == *code)
            .collect();
        assert_eq!(found.len(), 1, "{code}: {found:#?}");
        found.remove(0)
    }

    pub(crate) fn is(&self, code: &Code, severity: Severity) -> Finding {
        let finding = self.finding(code);
        assert_eq!(finding.judged(), Some(severity), "{finding:#?}");
        finding
    }

    pub(crate) fn is_unknown(&self, code: &Code, hides: Severity) {
        let finding = self.finding(code);
        let FindingState::Unknown { may_hide, .. } = finding.state else {
            panic!("{finding:#?}")
        };
        assert_eq!(may_hide, hides, "{code}");
    }

    pub(crate) fn process(&mut self, at: usize) -> &mut ServerProcess {
        let Observed::Known(processes) = &mut self.system.processes else {
            panic!("seen")
        };
        &mut processes[at]
    }
}

pub(crate) fn measured() -> World {
    world("0.7.0", "0.9.1-incubating", (0, 7))
}

pub(crate) fn says(finding: &Finding, what: &str) {
    let all = [&finding.evidence[..], &finding.remedy].concat().join("\n");
    assert!(all.contains(what), "{what:?} in {finding:#?}");
}
