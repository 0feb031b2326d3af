//! Checks of Fluss systems: a healthy cluster of three servers, and what is said when one thing is otherwise.

use std::collections::BTreeMap;

use upshift_model::digest::Digest;
use upshift_model::finding::{FindingState, Severity};
use upshift_model::fluss::{
    Client, ClientProcess, DataState, Home, HostFacts, LakeNode, Line, Rebalance, RebalanceStatus, ServerTag,
};
use upshift_model::ids::Code;
use upshift_model::observed::Observed;
use upshift_model::span::Millis;
use upshift_model::verdict::Verdict;
use upshift_model::waiver::Waiver;
use upshift_planner::dispatch::{self, Reason};
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::codes;
use upshift_planner::systems::fluss::situation::Situation;

mod carried;
mod hosts;
mod machines;
mod owned;
mod places;
mod plans;
mod staged;
mod told;
mod turns;
mod world;

use world::*;

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
    says(&finding, "never takes a replica back");
    says(&finding, "stop all servers");
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
    // One that is ahead hides none that was not seen.
    world.system.answers[1].line = Observed::Known((0, 9));
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
    let mut started = plans::named("0.7.0", "0.9.1-incubating", (0, 7));
    let words = &mut started.declaration.servers[1].target_start;
    words.push("-Dlog.replica.min-in-sync-replicas-number=3".to_owned());
    started.is(&codes::MIN_IN_SYNC, Severity::Red);
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
        &world.is(&codes::TAGS, Severity::Red),
        "tablet server 1: PERMANENT_OFFLINE",
    );
    says(
        &world.finding(&codes::TAGS),
        "CALL sys.remove_server_tag('1', 'PERMANENT_OFFLINE')",
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
    let mut several = self::world("0.9.1-incubating", "1.0.0", (0, 9));
    several.process(1).options = Observed::Known(options(&[("data.dirs", "/a,/b")]));
    let finding = several.is(&codes::WAY_BACK, Severity::Yellow);
    assert!(finding.title.contains("no way back"), "{finding:#?}");
}

#[test]
fn every_server_is_found_on_a_host_or_said_to_be_missing() {
    let mut world = measured();
    says(
        &world.is(&codes::PROCESSES, Severity::Green),
        "tablet server 2: pid 103",
    );
    world.process(2).jar = Observed::Known("0.9.1-incubating".to_owned());
    says(
        &world.is(&codes::PROCESSES, Severity::Red),
        "tablet server 1 answers as 0.7, pid 102 names a jar of 0.9.1-incubating",
    );
    let mut world = measured();
    world.process(2).jar = Observed::Known("0.7.1".to_owned());
    let mut away = plans::named("0.7.0", "0.9.1-incubating", (0, 7));
    away.system.answers.remove(3);
    says(&away.is(&codes::PROCESSES, Severity::Red), "tablet server 2");
    let mut two = measured();
    two.process(1).role = upshift_model::fluss::Role::Coordinator;
    says(&two.is(&codes::PROCESSES, Severity::Red), "pid 100, pid 101");
    let finding = world.is(&codes::PROCESSES, Severity::Red);
    says(&finding, "pid 102 names a jar of 0.7.1");
    assert!(!finding.waivable(), "what runs could not be started anew");
    world.process(2).jar = Observed::Unknown(gap());
    world.is_unknown(&codes::PROCESSES, Severity::Yellow);
    let mut world = measured();
    let Observed::Known(processes) = &mut world.system.processes else {
        panic!("seen")
    };
    processes.remove(3);
    world.is_unknown(&codes::PROCESSES, Severity::Yellow);
    world.is_unknown(&codes::UNREAD_KEY, Severity::Yellow);
    let mut world = measured();
    world.system.hosts[0].servers = Observed::Unknown(gap());
    world.is_unknown(&codes::PROCESSES, Severity::Yellow);
}

#[test]
fn servers_that_share_a_pid_file_are_told_apart_from_those_that_do_not() {
    let mut world = measured();
    world.is(&codes::PID_FILE, Severity::Green);
    let shared = BTreeMap::from([("USER".to_owned(), "fluss".to_owned())]);
    world.process(1).variables = Observed::Known(shared.clone());
    world.is(&codes::PID_FILE, Severity::Green);
    world.process(2).variables = Observed::Known(shared);
    says(
        &world.is(&codes::PID_FILE, Severity::Yellow),
        "pid 101 with /srv/101: pid file /tmp/fluss-fluss-tablet-server.pid",
    );
    world.process(2).variables = Observed::Unknown(gap());
    world.is_unknown(&codes::PID_FILE, Severity::Yellow);
    world.process(2).host = "ts1".to_owned();
    world.process(3).host = "ts2".to_owned();
    assert!(
        world
            .findings()
            .iter()
            .all(|finding| finding.code != codes::PID_FILE)
    );
}

#[test]
fn plugins_that_would_keep_servers_from_starting_are_seen_before() {
    let mut world = measured();
    world.declaration.target_home = Some("/opt/fluss".into());
    let there = |home: Home| HostFacts {
        target_home: Some(Observed::Known(home)),
        ..host()
    };
    world.system.hosts = vec![there(home("0.9.1-incubating"))];
    says(
        &world.is(&codes::PLUGINS, Severity::Green),
        "the same on every host",
    );
    let mut empty = home("0.9.1-incubating");
    empty.plugins.insert("prometheus".to_owned(), 0);
    world.system.hosts = vec![there(empty)];
    says(
        &world.is(&codes::PLUGINS, Severity::Red),
        "plugins/prometheus on this machine holds no jar",
    );
    let mut other = home("0.9.1-incubating");
    let jar = "lib/fluss-server-0.9.1-incubating.jar".to_owned();
    other.jars.insert(jar, "bb".to_owned());
    let mut second = there(other);
    second.name = "ts1".to_owned();
    world.system.hosts = vec![there(home("0.9.1-incubating")), second];
    says(
        &world.is(&codes::PLUGINS, Severity::Red),
        "aa on this machine; bb on ts1",
    );
    world.system.hosts.truncate(1);
    world.process(1).plugins = Observed::Known(BTreeMap::from([("paimon".to_owned(), 1)]));
    says(
        &world.is(&codes::PLUGINS, Severity::Red),
        "plugins/paimon is not on this machine",
    );
    world.process(1).plugins = Observed::Unknown(gap());
    world.is_unknown(&codes::PLUGINS, Severity::Yellow);
    let lake = world.system.cluster.tables.get_mut(&1).expect("a table");
    lake.lake.enabled = true;
    lake.lake.format = Some("iceberg".to_owned());
    says(
        &world.is(&codes::PLUGINS, Severity::Red),
        "plugins/iceberg is not on this machine",
    );
}

#[test]
fn data_folders_and_disks_are_seen() {
    let mut world = measured();
    says(
        &world.is(&codes::DATA, Severity::Green),
        "/data/1: 10 % of 100 GiB",
    );
    let state = |used: u64, tables: &[(&str, i64)]| {
        Observed::Known(DataState {
            clean_marker: false,
            size_kib: 100 << 20,
            used_kib: used << 20,
            tables: tables
                .iter()
                .map(|(path, id)| ((*path).to_owned(), *id))
                .collect(),
        })
    };
    world.process(1).data[0].state = state(86, &[]);
    world.is(&codes::DATA, Severity::Yellow);
    world.process(1).data[0].state = Observed::Unknown(gap());
    world.is_unknown(&codes::DATA, Severity::Yellow);
    world.process(1).data[0].path = "/data/2".into();
    says(
        &world.is(&codes::DATA, Severity::Red),
        "/data/2: pid 101, pid 102",
    );

    let mut world = measured();
    let later = world.system.cluster.tables.remove(&1).expect("a table");
    world.system.cluster.tables.insert(9, later);
    world.system.cluster.table_sequence = Observed::Known(Some(12));
    world.process(1).data[0].state = state(1, &[("lab/gone-4", 4), ("lab/new-12", 12)]);
    let orphan = world.is(&codes::DATA, Severity::Yellow);
    says(&orphan, "pid 101 /data/1/lab/gone-4");
    assert!(
        !orphan.evidence.iter().any(|said| said.contains("new-12")),
        "{orphan:#?}"
    );
    // The table that was made last is dropped: its number was given away.
    world.system.cluster.table_sequence = Observed::Known(Some(13));
    says(
        &world.is(&codes::DATA, Severity::Yellow),
        "pid 101 /data/1/lab/new-12",
    );
    world.process(1).data[0].state = state(1, &[("lab/new-12", 12)]);
    world.system.cluster.table_sequence = Observed::Unknown(gap());
    world.is_unknown(&codes::DATA, Severity::Yellow);
    let mut full = self::world("0.9.1-incubating", "1.0.0", (0, 9));
    full.process(1).data[0].state = state(86, &[]);
    says(&full.is(&codes::DATA, Severity::Red), "rejects writes");
}

#[test]
fn old_and_missing_snapshots_are_told_of() {
    let mut world = measured();
    world.is(&codes::SNAPSHOTS, Severity::Green);
    world.system.seen_at = "1970-01-01T02:00:00Z".parse().expect("a time");
    says(
        &world.is(&codes::SNAPSHOTS, Severity::Yellow),
        "lab.orders_pk bucket 0: 120 min old, replays from offset 10",
    );
    let mut world = measured();
    world.system.cluster.buckets[3].kv_snapshot = Observed::Known(None);
    says(
        &world.is(&codes::SNAPSHOTS, Severity::Yellow),
        "lab.orders_pk bucket 0 has none",
    );
    world.system.cluster.buckets[3].kv_snapshot = Observed::Unknown(gap());
    world.is_unknown(&codes::SNAPSHOTS, Severity::Yellow);
    // A log table has none and needs none.
    let mut world = measured();
    world.system.cluster.buckets[0].kv_snapshot = Observed::Known(None);
    world.is(&codes::SNAPSHOTS, Severity::Green);
}

#[test]
fn tables_that_are_no_longer_compacted_are_named() {
    let mut world = measured();
    world.is(&codes::COMPACTION, Severity::Green);
    let table = world.system.cluster.tables.get_mut(&1).expect("a table");
    table.lake.enabled = true;
    says(&world.is(&codes::COMPACTION, Severity::Yellow), "lab.orders_pk");
    let table = world.system.cluster.tables.get_mut(&1).expect("a table");
    let own = ("table.datalake.auto-compaction".to_owned(), "false".to_owned());
    table.properties.extend([own]);
    world.is(&codes::COMPACTION, Severity::Green);
    world.system.cluster.gaps.push(gap());
    world.is_unknown(&codes::COMPACTION, Severity::Yellow);
    let later = self::world("0.8.0-incubating", "0.9.1-incubating", (0, 8)).findings();
    assert!(later.iter().all(|finding| finding.code != codes::COMPACTION));
}

#[test]
fn clients_are_known_from_the_file_and_from_processes_or_said_to_be_unknown() {
    let mut world = measured();
    world.is_unknown(&codes::CLIENTS, Severity::Yellow);
    says(&world.finding(&codes::CLIENTS), "fluss-client-*.jar");
    let client = |version: &str| Client {
        name: "billing".to_owned(),
        version: version.parse().expect("a version"),
        switch: None,
    };
    world.declaration.clients = vec![client("1.0.0")];
    world.is(&codes::CLIENTS, Severity::Green);
    world.declaration.clients = vec![client("0.6.0")];
    world.is_unknown(&codes::CLIENTS, Severity::Yellow);
    says(
        &world.finding(&codes::CLIENTS),
        "nobody says whether 0.9.1-incubating serves it",
    );
    world.declaration.clients = vec![client("1.0.0")];
    world.declaration.clients.push(client("0.8.0-incubating"));
    says(
        &world.is(&codes::CLIENTS, Severity::Yellow),
        "billing: client of 0.8.0-incubating, as the file says",
    );
    let mut world = measured();
    world.system.hosts[0].clients = Observed::Known(vec![ClientProcess {
        pid: 7,
        jar: "fluss-client-0.7.0.jar".to_owned(),
        version: "0.7.0".to_owned(),
    }]);
    says(
        &world.is(&codes::CLIENTS, Severity::Yellow),
        "pid 7 on this machine runs with fluss-client-0.7.0.jar",
    );
}

#[test]
fn the_carried_over_file_is_shown_as_a_diff_with_new_options_as_comments() {
    let mut world = measured();
    says(&world.is(&codes::CARRIED, Severity::Green), "as it is");
    let pairs = [
        ("coordinator.io-pool.size", "4"),
        ("this.option.does.not.exist", "42"),
    ];
    world.process(0).options = Observed::Known(options(&pairs));
    let diff = world.is(&codes::CARRIED, Severity::Green);
    says(&diff, "/srv/100/server.yaml");
    says(&diff, "~1: coordinator.io-pool.size: 4");
    says(
        &diff,
        "~2: this.option.does.not.exist: 42   # no release that is known reads it",
    );
    says(&diff, "+# server.io-pool.size: 10");
    let offered = diff.evidence.iter().filter(|said| said.starts_with("+#"));
    assert!(!offered.clone().any(|said| said.contains("table.")), "{diff:#?}");
    let unread = self::world("0.7.0", "3.0.0", (0, 7)).findings();
    assert!(unread.iter().all(|finding| finding.code != codes::CARRIED));
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
fn settings_of_sasl_are_read_by_releases_that_do_not_list_them() {
    let mut world = measured();
    let pairs = [
        ("security.sasl.plain.jaas.config", "org.apache.fluss.X «redacted»"),
        (
            "security.sasl.listener.name.client.plain.jaas.config",
            "«redacted»",
        ),
        // Of 1.0 alone: nothing was taken away by 0.9.
        ("server.data-disk.write-limit-ratio", "0.9"),
    ];
    world.process(0).options = Observed::Known(options(&pairs));
    let unread = world.is(&codes::UNREAD_KEY, Severity::Yellow);
    assert_eq!(unread.subject, "option server.data-disk.write-limit-ratio");
    says(&unread, "only later releases read it");
    let diff = world.is(&codes::CARRIED, Severity::Green).evidence.join("\n");
    assert!(!diff.contains("jaas"), "{diff}");
    assert!(!diff.contains("-3: server.data-disk"), "{diff}");
    let old = [(
        "security.sasl.plain.jaas.config",
        "com.alibaba.fluss.X «redacted»",
    )];
    world.process(0).options = Observed::Known(options(&old));
    world.is(&codes::CLASS_NAMES, Severity::Red);
    says(
        &world.is(&codes::CARRIED, Severity::Green),
        "com.alibaba.fluss.X «redacted»   # 0.9 does not find this class",
    );
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
fn new_tables_lakes_and_wide_tables_are_told_of() {
    let mut world = measured();
    says(
        &world.is(&codes::NEW_TABLES, Severity::Yellow),
        "3 replicas on 3 tablet servers",
    );
    let table = world.system.cluster.tables.get_mut(&0).expect("a table");
    for (key, value) in [
        ("table.auto-partition.enabled", "true"),
        ("table.auto-partition.time-unit", "HOUR"),
    ] {
        table.properties.insert(key.to_owned(), value.to_owned());
    }
    says(
        &world.is(&codes::NEW_TABLES, Severity::Yellow),
        "partitions come due by themselves: lab.orders_log (every HOUR)",
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
    let situation = Situation::new(
        &world.declaration,
        &world.system,
        &library,
        (today, jiff::Timestamp::UNIX_EPOCH),
        stamp(),
    )
    .expect("releases");
    let no = dispatch::Situation::Fluss(Box::new(situation)).plan(&world.findings());
    let no = no.expect_err("nothing says how servers are started");
    assert_eq!(no.code, codes::NOT_DECLARED);
    assert_eq!(no.reason, Reason::Declared);
}
