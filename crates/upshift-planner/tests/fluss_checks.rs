//! Checks of Fluss systems: a healthy cluster of three servers, and what is said when one thing is otherwise.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::fluss::{
    BucketFacts, BucketId, Coordinator, Declaration, Facts, Lake, LakeNode, Leadership, Line, Listener,
    OptionLine, Rebalance, RebalanceStatus, Role, ServerAnswer, ServerId, ServerProcess, ServerTag, System,
    TableFacts, TabletServer,
};
use upshift_model::ids::{Code, SystemName};
use upshift_model::observed::{Gap, Observed};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::verdict::Verdict;
use upshift_model::waiver::Waiver;
use upshift_planner::dispatch::{self, Reason};
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::checks::findings;
use upshift_planner::systems::fluss::codes;
use upshift_planner::systems::fluss::situation::Situation;

struct World {
    declaration: Declaration,
    system: System,
}

fn gap() -> Gap {
    Gap {
        what: "it".to_owned(),
        reason: "nobody answers".to_owned(),
    }
}

fn listener(port: u16) -> Listener {
    Listener {
        name: "FLUSS".to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
    }
}

fn server(id: u16) -> (i32, Observed<TabletServer>) {
    let server = TabletServer {
        format: 3,
        listeners: vec![listener(9124 + id)],
        registered_at: jiff::Timestamp::UNIX_EPOCH,
        rack: None,
    };
    (i32::from(id), Observed::Known(server))
}

fn bucket(table: i64, bucket: u32) -> BucketFacts {
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
        kv_snapshot: Observed::Known(None),
    }
}

fn table(name: &str, key: &[&str]) -> TableFacts {
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
fn cluster() -> Facts {
    Facts {
        metadata: "127.0.0.1:2181/fluss".to_owned(),
        active: Observed::Known(Some(Coordinator {
            id: "c".to_owned(),
            format: 2,
            listeners: vec![listener(9123)],
        })),
        coordinators: Observed::Known(Vec::new()),
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
fn world(from: &str, to: &str, line: Line) -> World {
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
    let processes = processes.into_iter().zip(100..).map(|(role, pid)| ServerProcess {
        pid,
        started_ticks: 1,
        role,
        conf: format!("/srv/{pid}").into(),
        jar: Observed::Known(from.to_owned()),
        options: Observed::Known(options(&[("log.replica.min-in-sync-replicas-number", "2")])),
    });
    World {
        declaration: Declaration {
            name: SystemName::new("lab"),
            zookeeper: "127.0.0.1:2181".to_owned(),
            root: "/fluss".to_owned(),
            current: from.parse().expect("a version"),
            target: to.parse().expect("a version"),
            target_home: None,
            java_home: None,
            servers: Vec::new(),
            evidence: None,
            soak: Millis::from_secs(60),
            policy: policy(),
            waivers: Vec::new(),
        },
        system: System {
            cluster: cluster(),
            answers: std::iter::once(answer(ServerId::Coordinator))
                .chain((0..3).map(|id| answer(ServerId::TabletServer(id))))
                .collect(),
            processes: Observed::Known(processes.collect()),
            target_java: Observed::Known(17),
            target_home: None,
        },
    }
}

fn policy() -> Policy {
    Policy {
        on_failed_gate: OnFailedGate::Ask,
        on_lane_failure: OnLaneFailure::All,
        replay_limit: Millis::ZERO,
        max_downtime: None,
        keep_restore_points: None,
        notify: Vec::new(),
    }
}

fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, OptionLine> {
    let lines = pairs.iter().zip(1..).map(|((key, value), line)| {
        let value = (*value).to_owned();
        ((*key).to_owned(), OptionLine { value, line })
    });
    lines.collect()
}

impl World {
    fn findings(&self) -> Vec<Finding> {
        let library = Library::builtin();
        let today = jiff::civil::date(2026, 11, 27);
        let situation = Situation::new(&self.declaration, &self.system, &library, today).expect("releases");
        findings(&situation)
    }

    /// The one finding of a code.
    fn finding(&self, code: &Code) -> Finding {
        let mut found: Vec<_> = self
            .findings()
            .into_iter()
            .filter(|finding| finding.code == *code)
            .collect();
        assert_eq!(found.len(), 1, "{code}: {found:#?}");
        found.remove(0)
    }

    fn is(&self, code: &Code, severity: Severity) -> Finding {
        let finding = self.finding(code);
        assert_eq!(finding.judged(), Some(severity), "{finding:#?}");
        finding
    }

    fn is_unknown(&self, code: &Code, hides: Severity) {
        let finding = self.finding(code);
        let FindingState::Unknown { may_hide, .. } = finding.state else {
            panic!("{finding:#?}")
        };
        assert_eq!(may_hide, hides, "{code}");
    }

    fn process(&mut self, at: usize) -> &mut ServerProcess {
        let Observed::Known(processes) = &mut self.system.processes else {
            panic!("seen")
        };
        &mut processes[at]
    }
}

fn measured() -> World {
    world("0.7.0", "0.9.1-incubating", (0, 7))
}

fn says(finding: &Finding, what: &str) {
    let all = [&finding.evidence[..], &finding.remedy].concat().join("\n");
    assert!(all.contains(what), "{what:?} in {finding:#?}");
}

#[test]
fn the_measured_hop_of_a_healthy_cluster_may_start_with_things_to_read() {
    let found = measured().findings();
    let red: Vec<_> = found
        .iter()
        .filter(|f| f.judged() == Some(Severity::Red))
        .collect();
    assert!(
        matches!(Verdict::of(&found), Verdict::Conditional { .. }),
        "{red:#?}"
    );
}

#[test]
fn hops_are_told_by_what_is_known_of_them() {
    says(&measured().is(&codes::HOP, Severity::Yellow), "went well");
    world("0.9.0", "0.9.1-incubating", (0, 9)).is(&codes::HOP, Severity::Green);
    world("0.7.0", "1.0.0", (0, 7)).is_unknown(&codes::HOP, Severity::Red);
}

#[test]
fn the_documented_order_is_refused_from_0_6() {
    measured().is(&codes::ORDER, Severity::Green);
    let finding = world("0.6.0", "0.7.0", (0, 6)).is(&codes::ORDER, Severity::Yellow);
    says(&finding, "never sees");
    says(&finding, "coordinator first");
    let finding = world("0.6.0", "0.9.1-incubating", (0, 6)).is(&codes::ORDER, Severity::Yellow);
    says(&finding, "stop all servers");
}

#[test]
fn servers_answer_as_the_release_that_the_file_names_or_the_upgrade_does_not_start() {
    let mut world = measured();
    world.is(&codes::RELEASES, Severity::Green);
    world.system.answers[1].line = Observed::Known((0, 9));
    says(
        &world.is(&codes::RELEASES, Severity::Yellow),
        "tablet server 0 of 0.9",
    );
    world.system.answers[2].line = Observed::Known((0, 6));
    assert!(
        world.is(&codes::RELEASES, Severity::Red).state
            != FindingState::Judged {
                severity: Severity::Red,
                waivable: true
            }
    );
    let mut world = measured();
    world.system.answers[3].line = Observed::Unknown(gap());
    world.is_unknown(&codes::RELEASES, Severity::Red);
    world.system.answers.clear();
    world.is_unknown(&codes::RELEASES, Severity::Red);
}

#[test]
fn what_is_not_green_is_not_taken_down_further() {
    let mut world = measured();
    world.is(&codes::HEALTH, Severity::Green);
    let Observed::Known(servers) = &mut world.system.cluster.tablet_servers else {
        panic!("seen")
    };
    servers.remove(&2);
    says(&world.is(&codes::HEALTH, Severity::Red), "2 not registered");
    let mut world = measured();
    world.system.cluster.buckets[0].leadership = Observed::Unknown(gap());
    world.is_unknown(&codes::HEALTH, Severity::Red);
    let mut world = measured();
    world.system.cluster.buckets.clear();
    world.is(&codes::HEALTH, Severity::Yellow);
}

#[test]
fn buckets_that_cannot_do_without_a_server_are_named() {
    let mut world = measured();
    world.is(&codes::SINGLE_REPLICA, Severity::Green);
    world.is(&codes::MIN_IN_SYNC, Severity::Green);
    world.system.cluster.buckets[4].assigned = vec![1];
    let finding = world.is(&codes::SINGLE_REPLICA, Severity::Red);
    says(&finding, "tablet server 1 alone holds 1: lab.orders_pk bucket 1");
    assert!(finding.waivable());
    world.system.cluster.buckets[3].assigned = vec![0, 1];
    says(
        &world.is(&codes::MIN_IN_SYNC, Severity::Red),
        "lab.orders_pk bucket 0",
    );
    world.process(2).options = Observed::Unknown(gap());
    world.is_unknown(&codes::MIN_IN_SYNC, Severity::Red);
    let mut world = measured();
    world.system.cluster.gaps.push(gap());
    world.is_unknown(&codes::SINGLE_REPLICA, Severity::Red);
    world.system.processes = Observed::Known(Vec::new());
    world.is_unknown(&codes::MIN_IN_SYNC, Severity::Red);
}

#[test]
fn rebalances_and_tags_are_seen() {
    let mut world = measured();
    world.is(&codes::REBALANCE, Severity::Green);
    world.is(&codes::TAGS, Severity::Green);
    let rebalance = |status| {
        let id = "r1".to_owned();
        Observed::Known(Some(Rebalance { id, status }))
    };
    world.system.cluster.rebalance = rebalance(RebalanceStatus::Completed);
    world.is(&codes::REBALANCE, Severity::Green);
    world.system.cluster.rebalance = rebalance(RebalanceStatus::Running);
    world.is(&codes::REBALANCE, Severity::Red);
    world.system.cluster.rebalance = rebalance(RebalanceStatus::Other(9));
    world.is(&codes::REBALANCE, Severity::Red);
    world.system.cluster.rebalance = Observed::Unknown(gap());
    world.is_unknown(&codes::REBALANCE, Severity::Red);
    world.system.cluster.tags = Observed::Known(BTreeMap::from([(1, ServerTag::PermanentOffline)]));
    says(
        &world.is(&codes::TAGS, Severity::Yellow),
        "tablet server 1: PERMANENT_OFFLINE",
    );
    world.system.cluster.tags = Observed::Unknown(gap());
    world.is_unknown(&codes::TAGS, Severity::Yellow);
}

#[test]
fn the_way_back_is_told_before_the_start() {
    says(
        &measured().is(&codes::WAY_BACK, Severity::Yellow),
        "server by server",
    );
    let mut world = world("0.9.1-incubating", "1.0.0", (0, 9));
    world.system.cluster.coordinator_epoch = Observed::Known(Some(1));
    let finding = world.is(&codes::WAY_BACK, Severity::Yellow);
    assert!(finding.title.contains("no way back"), "{finding:#?}");
}

#[test]
fn this_machine_is_told_of() {
    let mut world = measured();
    says(&world.is(&codes::PID_FILE, Severity::Yellow), "pid 101");
    world.is(&codes::STOP_SCRIPT, Severity::Yellow);
    self::world("0.9.0", "0.9.1-incubating", (0, 9)).is(&codes::STOP_SCRIPT, Severity::Green);
    world.is(&codes::JAVA, Severity::Green);
    world.system.target_java = Observed::Known(8);
    world.is(&codes::JAVA, Severity::Red);
    world.system.target_java = Observed::Unknown(gap());
    world.is_unknown(&codes::JAVA, Severity::Yellow);
    world.declaration.target_home = Some("/opt/fluss".into());
    for (home, severity) in [
        ("0.9.1-incubating", Severity::Green),
        ("0.9.0-incubating", Severity::Red),
        ("x", Severity::Red),
    ] {
        world.system.target_home = Some(Observed::Known(home.to_owned()));
        world.is(&codes::HOME, severity);
    }
    world.system.target_home = Some(Observed::Unknown(gap()));
    world.is_unknown(&codes::HOME, Severity::Red);
}

#[test]
fn options_are_held_against_the_wanted_release() {
    let mut world = measured();
    world.is(&codes::UNREAD_KEY, Severity::Green);
    let pairs = [
        ("coordinator.io-pool.size", "4"),
        ("this.option.does.not.exist", "42"),
        ("s3.endpoint", "x"),
    ];
    world.process(0).options = Observed::Known(options(&pairs));
    let unread = world.is(&codes::UNREAD_KEY, Severity::Yellow);
    assert_eq!(unread.subject, "option this.option.does.not.exist");
    says(&unread, "/srv/100/server.yaml:2");
    says(
        &world.is(&codes::OLD_KEY, Severity::Yellow),
        "server.io-pool.size",
    );
    let mut world = measured();
    world.process(1).options = Observed::Unknown(gap());
    world.is_unknown(&codes::UNREAD_KEY, Severity::Yellow);
}

#[test]
fn class_names_of_before_stop_the_hop_over_0_8() {
    let mut world = measured();
    world.is(&codes::CLASS_NAMES, Severity::Green);
    let named = [(
        "security.sasl.plain.jaas.config",
        "com.alibaba.fluss.security.PlainLoginModule required;",
    )];
    world.process(0).options = Observed::Known(options(&named));
    world.is(&codes::CLASS_NAMES, Severity::Red);
    world.system.processes = Observed::Unknown(gap());
    world.is_unknown(&codes::CLASS_NAMES, Severity::Yellow);
    let later = self::world("0.8.0-incubating", "0.9.1-incubating", (0, 8)).findings();
    assert!(later.iter().all(|finding| finding.code != codes::CLASS_NAMES));
}

#[test]
fn clients_new_tables_lakes_and_wide_tables_are_told_of() {
    let mut world = measured();
    says(&world.is(&codes::CLIENTS, Severity::Yellow), "1.0");
    says(
        &world.is(&codes::NEW_TABLES, Severity::Yellow),
        "3 replicas on 3 tablet servers",
    );
    world.is(&codes::LAKE, Severity::Green);
    let table = world.system.cluster.tables.get_mut(&1).expect("a table");
    table.lake.node = Observed::Known(Some(LakeNode {
        format: 1,
        snapshot: Some(4),
    }));
    world.is_unknown(&codes::LAKE, Severity::Red);
    world.declaration.target = "0.8.0-incubating".parse().unwrap();
    says(&world.is(&codes::LAKE, Severity::Yellow), "tiering");
    let table = world.system.cluster.tables.get_mut(&1).expect("a table");
    table.lake.node = Observed::Unknown(gap());
    world.is_unknown(&codes::LAKE, Severity::Red);

    let mut world = self::world("0.9.1-incubating", "1.0.0", (0, 9));
    world.is(&codes::WIDE_TABLES, Severity::Green);
    world.system.cluster.tables.get_mut(&0).expect("a table").buckets = 5000;
    says(
        &world.is(&codes::WIDE_TABLES, Severity::Yellow),
        "lab.orders_log has 5000 buckets",
    );
    world.system.cluster.tables.clear();
    world.system.cluster.gaps.push(gap());
    world.is_unknown(&codes::WIDE_TABLES, Severity::Yellow);
}

#[test]
fn a_waiver_lifts_what_it_names_and_says_so_when_it_names_nothing() {
    let mut world = measured();
    world.system.cluster.buckets[4].assigned = vec![1];
    let waiver = |code: &Code, subject: &str, until| Waiver {
        code: code.clone(),
        subject: subject.to_owned(),
        reason: "agreed with the team".to_owned(),
        by: None,
        ticket: None,
        until,
    };
    world.declaration.waivers = vec![waiver(&codes::SINGLE_REPLICA, "buckets", None)];
    assert_eq!(
        world.finding(&codes::SINGLE_REPLICA).waived_by.as_deref(),
        Some("agreed with the team")
    );
    for waiver in [
        waiver(&codes::SINGLE_REPLICA, "bucket", None),
        waiver(
            &codes::SINGLE_REPLICA,
            "buckets",
            Some(jiff::civil::date(2026, 11, 26)),
        ),
        waiver(&codes::HEALTH, "cluster", None),
    ] {
        world.declaration.waivers = vec![waiver];
        world.is(&codes::IDLE_WAIVER, Severity::Yellow);
    }
}

#[test]
fn there_is_no_plan_where_the_file_does_not_say_how_servers_are_started() {
    let world = measured();
    let library = Library::builtin();
    let today = jiff::civil::date(2026, 11, 27);
    let situation = Situation::new(&world.declaration, &world.system, &library, today).expect("releases");
    let no = dispatch::Situation::Fluss(Box::new(situation)).plan(&world.findings());
    let no = no.expect_err("nothing says how servers are started");
    assert_eq!(no.code, codes::NOT_DECLARED);
    assert_eq!(no.reason, Reason::Declared);
}
