//! `upshift inspect fluss` over dumps of real clusters: healthy ones of every release, ones with a server
//! down, and ones that were changed by hand.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::support::{Ran, upshift};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fluss")
}

fn inspect(words: &[&str]) -> Ran {
    let words = [&["inspect", "fluss"], words].concat();
    upshift(&fixtures(), &words)
}

fn golden(dump: &str, code: i32, expected: Expect) {
    let ran = inspect(&["--dump", dump]).exits(code);
    expected.assert_eq(&format!("{}{}", ran.out, ran.err));
}

/// A dump of a real cluster with some nodes put in place of others; null takes one out.
fn changed(dump: &str, nodes: &[(&str, Value)]) -> tempfile::NamedTempFile {
    let text = std::fs::read_to_string(fixtures().join(dump)).expect("a fixture");
    let mut all: Value = serde_json::from_str(&text).expect("JSON");
    let members = all.as_object_mut().expect("an object");
    for (path, node) in nodes {
        match node.is_null() {
            true => drop(members.remove(*path).expect("it is there")),
            false => drop(members.insert((*path).to_owned(), node.clone())),
        }
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    put(file.path(), &all.to_string());
    file
}

fn put(path: &Path, text: &str) {
    let file = std::fs::File::create(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("written");
}

fn seen(file: &tempfile::NamedTempFile, code: i32) -> Value {
    let path = file.path().to_str().expect("a path");
    inspect(&["--dump", path, "--json"]).exits(code).json()
}

fn texts(value: &Value) -> String {
    let all = value.as_array().expect("a list");
    all.iter()
        .map(|one| one.as_str().expect("text"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_healthy_cluster_of_0_6() {
    golden(
        "zk-0.6.0-healthy.json",
        0,
        expect![[r#"
        zk-0.6.0-healthy.json
        health GREEN   6 of 6 buckets led, 18 of 18 replicas in sync
        coordinator
          CLIENT://127.0.0.1:29150  registers as 0.5 to 0.6 do, leads
        tablet servers
          0   FLUSS://127.0.0.1:29160  registers as 0.5 to 0.6 do, since 2026-11-21T00:03:24.26Z, leads 2, 6 of 6 replicas in sync
          1   FLUSS://127.0.0.1:29161  registers as 0.5 to 0.6 do, since 2026-11-21T00:03:25.563Z, leads 2, 6 of 6 replicas in sync
          2   FLUSS://127.0.0.1:29162  registers as 0.5 to 0.6 do, since 2026-11-21T00:03:26.825Z, leads 2, 6 of 6 replicas in sync
        tables
          lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
          lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 0 of 3
        ways back
          0.6.1 → 0.5.0: unknown
            risk    upstream promises no way back
    "#]],
    );
}

#[test]
fn a_cluster_of_0_6_still_calls_a_stopped_server_in_sync_and_is_not_believed() {
    golden(
        "zk-0.6.0-one-down.json",
        3,
        expect![[r#"
            zk-0.6.0-one-down.json
            health YELLOW   6 of 6 buckets led, 12 of 18 replicas in sync
            why it is not green
              lab.orders_log bucket 0 has replicas that are not in sync: 2 not registered
              lab.orders_log bucket 1 has replicas that are not in sync: 2 not registered
              lab.orders_log bucket 2 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 0 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 1 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 2 has replicas that are not in sync: 2 not registered
            to be known
              table 4 is dropped, its replicas are not all deleted yet; it does not count
            coordinator
              CLIENT://127.0.0.1:29150  registers as 0.5 to 0.6 do, leads
            tablet servers
              0   FLUSS://127.0.0.1:29160  registers as 0.5 to 0.6 do, since 2026-11-21T00:03:24.26Z, leads 4, 6 of 6 replicas in sync
              1   FLUSS://127.0.0.1:29161  registers as 0.5 to 0.6 do, since 2026-11-21T00:03:25.563Z, leads 2, 6 of 6 replicas in sync
              2     not registered, leads 0, 0 of 6 replicas in sync
            tables
              lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
              lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 0 of 3
            ways back
              0.6.1 → 0.5.0: unknown
                risk    upstream promises no way back
                not now a server is replaced only while every bucket has all its replicas in sync, its leader among them
        "#]],
    );
}

#[test]
fn healthy_clusters_of_0_7_to_0_9_look_alike_in_zookeeper() {
    golden(
        "zk-0.7.0-healthy.json",
        0,
        expect![[r#"
        zk-0.7.0-healthy.json
        health GREEN   6 of 6 buckets led, 18 of 18 replicas in sync
        coordinator
          FLUSS://127.0.0.1:29150  registers as 0.7 to 0.9 do, leads
        tablet servers
          0   FLUSS://127.0.0.1:29160  registers as 0.7 to 0.9 do, since 2026-11-21T00:01:51.142Z, leads 2, 6 of 6 replicas in sync
          1   FLUSS://127.0.0.1:29161  registers as 0.7 to 0.9 do, since 2026-11-21T00:01:52.058Z, leads 2, 6 of 6 replicas in sync
          2   FLUSS://127.0.0.1:29162  registers as 0.7 to 0.9 do, since 2026-11-21T00:01:53.253Z, leads 2, 6 of 6 replicas in sync
        tables
          lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
          lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 3 of 3
        ways back
          0.9.1-incubating → 0.8.0-incubating: conditional
            risk    upstream promises no way back
            allows  0.8 reads what 0.9 wrote where none of the new features was used
          0.8.0-incubating → 0.7.0: conditional
            risk    upstream promises no way back
            allows  0.7 and 0.8 keep the same formats; class names in the configuration go back too, and dynamic configuration is ignored by 0.7
          0.7.0 → 0.6.1: unknown
            refuses a 0.6 coordinator cannot read the registrations of later tablet servers [if stop=rolling]
            risk    upstream promises no way back
    "#]],
    );
    golden(
        "zk-0.9.1-healthy.json",
        0,
        expect![[r#"
        zk-0.9.1-healthy.json
        health GREEN   6 of 6 buckets led, 18 of 18 replicas in sync
        coordinator
          FLUSS://127.0.0.1:29150  registers as 0.7 to 0.9 do, leads
        tablet servers
          0   FLUSS://127.0.0.1:29160  registers as 0.7 to 0.9 do, since 2026-11-20T23:53:31.254Z, leads 2, 6 of 6 replicas in sync
          1   FLUSS://127.0.0.1:29161  registers as 0.7 to 0.9 do, since 2026-11-20T23:53:32.516Z, leads 2, 6 of 6 replicas in sync
          2   FLUSS://127.0.0.1:29162  registers as 0.7 to 0.9 do, since 2026-11-20T23:53:33.045Z, leads 2, 6 of 6 replicas in sync
        tables
          lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
          lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 3 of 3
        ways back
          0.9.1-incubating → 0.8.0-incubating: conditional
            risk    upstream promises no way back
            allows  0.8 reads what 0.9 wrote where none of the new features was used
          0.8.0-incubating → 0.7.0: conditional
            risk    upstream promises no way back
            allows  0.7 and 0.8 keep the same formats; class names in the configuration go back too, and dynamic configuration is ignored by 0.7
          0.7.0 → 0.6.1: unknown
            refuses a 0.6 coordinator cannot read the registrations of later tablet servers [if stop=rolling]
            risk    upstream promises no way back
    "#]],
    );
    inspect(&["--dump", "zk-0.8.0-healthy.json"])
        .exits(0)
        .says("health GREEN   6 of 6");
}

#[test]
fn a_server_that_is_away_is_named_with_its_buckets() {
    golden(
        "zk-0.9.1-one-down.json",
        3,
        expect![[r#"
            zk-0.9.1-one-down.json
            health YELLOW   6 of 6 buckets led, 12 of 18 replicas in sync
            why it is not green
              lab.orders_log bucket 0 has replicas that are not in sync: 2 not registered
              lab.orders_log bucket 1 has replicas that are not in sync: 2 not registered
              lab.orders_log bucket 2 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 0 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 1 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 2 has replicas that are not in sync: 2 not registered
            coordinator
              FLUSS://127.0.0.1:29150  registers as 0.7 to 0.9 do, leads
            tablet servers
              0   FLUSS://127.0.0.1:29160  registers as 0.7 to 0.9 do, since 2026-11-20T23:53:31.254Z, leads 2, 6 of 6 replicas in sync
              1   FLUSS://127.0.0.1:29161  registers as 0.7 to 0.9 do, since 2026-11-20T23:53:32.516Z, leads 4, 6 of 6 replicas in sync
              2     not registered, leads 0, 0 of 6 replicas in sync
            tables
              lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
              lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 3 of 3
            ways back
              0.9.1-incubating → 0.8.0-incubating: conditional
                risk    upstream promises no way back
                allows  0.8 reads what 0.9 wrote where none of the new features was used
                not now a server is replaced only while every bucket has all its replicas in sync, its leader among them
              0.8.0-incubating → 0.7.0: conditional
                risk    upstream promises no way back
                allows  0.7 and 0.8 keep the same formats; class names in the configuration go back too, and dynamic configuration is ignored by 0.7
                not now a server is replaced only while every bucket has all its replicas in sync, its leader among them
              0.7.0 → 0.6.1: unknown
                refuses a 0.6 coordinator cannot read the registrations of later tablet servers [if stop=rolling]
                risk    upstream promises no way back
                not now a server is replaced only while every bucket has all its replicas in sync, its leader among them
        "#]],
    );
    for dump in ["zk-0.7.0-one-down.json", "zk-0.8.0-one-down.json"] {
        inspect(&["--dump", dump])
            .exits(3)
            .says("health YELLOW   6 of 6 buckets led, 12 of 18 replicas in sync");
    }
}

#[test]
fn clusters_of_1_0_tell_their_epoch() {
    golden(
        "zk-1.0-healthy.json",
        0,
        expect![[r#"
        zk-1.0-healthy.json
        health GREEN   6 of 6 buckets led, 18 of 18 replicas in sync
        coordinator
          FLUSS://127.0.0.1:29150  registers as 1.0 does, leads
          epoch 0
        tablet servers
          0   FLUSS://127.0.0.1:29160  registers as 1.0 does, since 2026-11-20T23:55:01.2Z, leads 2, 6 of 6 replicas in sync
          1   FLUSS://127.0.0.1:29161  registers as 1.0 does, since 2026-11-20T23:55:02.12Z, leads 2, 6 of 6 replicas in sync
          2   FLUSS://127.0.0.1:29162  registers as 1.0 does, since 2026-11-20T23:55:02.787Z, leads 2, 6 of 6 replicas in sync
        tables
          lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
          lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 3 of 3
        ways back
          1.0.0 → 0.9.1-incubating: conditional
            refuses 0.9 knows one data.dir and one remote.data.dir: what lies in the others is not found [if several-directories=true]
            risk    upstream promises no way back
            allows  as long as the coordinator's epoch is zero, 0.9 takes over again: 1993 of 1993 acknowledged records were read back
    "#]],
    );
    golden(
        "zk-1.0-one-down.json",
        3,
        expect![[r#"
            zk-1.0-one-down.json
            health YELLOW   6 of 6 buckets led, 12 of 18 replicas in sync
            why it is not green
              lab.orders_log bucket 0 has replicas that are not in sync: 2 not registered
              lab.orders_log bucket 1 has replicas that are not in sync: 2 not registered
              lab.orders_log bucket 2 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 0 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 1 has replicas that are not in sync: 2 not registered
              lab.orders_pk bucket 2 has replicas that are not in sync: 2 not registered
            coordinator
              FLUSS://127.0.0.1:29150  registers as 1.0 does, leads
              epoch 0
            tablet servers
              0   FLUSS://127.0.0.1:29160  registers as 1.0 does, since 2026-11-20T23:55:01.2Z, leads 3, 6 of 6 replicas in sync
              1   FLUSS://127.0.0.1:29161  registers as 1.0 does, since 2026-11-20T23:55:02.12Z, leads 3, 6 of 6 replicas in sync
              2     not registered, leads 0, 0 of 6 replicas in sync
            tables
              lab.orders_log  (id 0) log table, 3 buckets, 3 replicas
              lab.orders_pk  (id 1) primary key table, 3 buckets, 3 replicas, KV snapshots of 3 of 3
            ways back
              1.0.0 → 0.9.1-incubating: conditional
                refuses 0.9 knows one data.dir and one remote.data.dir: what lies in the others is not found [if several-directories=true]
                risk    upstream promises no way back
                allows  as long as the coordinator's epoch is zero, 0.9 takes over again: 1993 of 1993 acknowledged records were read back
                not now a server is replaced only while every bucket has all its replicas in sync, its leader among them
        "#]],
    );
}

#[test]
fn the_second_coordinator_of_1_0_closes_the_way_back_whatever_the_buckets_say() {
    let file = changed(
        "zk-1.0-healthy.json",
        &[("/coordinators/epoch", json!({ "text": "1" }))],
    );
    let way = &seen(&file, 0)["ways_back"][0];
    assert_eq!(
        (way["to"].as_str(), way["verdict"].as_str()),
        (Some("0.9.1-incubating"), Some("unsupported"))
    );
    assert_eq!(way["rows"][0]["id"], "no-back-above-epoch-zero");

    // The other half: a bucket bears the epoch, and the node is gone.
    let leader = json!({ "version": 2, "leader": 1, "leader_epoch": 4, "isr": [1, 2, 0], "coordinator_epoch": 1,
                         "bucket_epoch": 9, "standby_replicas": [] });
    let file = changed(
        "zk-1.0-healthy.json",
        &[
            ("/coordinators/epoch", Value::Null),
            ("/tabletservers/tables/0/buckets/0/leader_isr", leader),
        ],
    );
    assert_eq!(seen(&file, 0)["ways_back"][0]["verdict"], "unsupported");
}

#[test]
fn json_of_something_else_is_no_cluster_in_ruins() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("a path");
    for nothing in ["{}", r#"{"/": null, "/brokers/ids/0": null}"#] {
        put(file.path(), nothing);
        inspect(&["--dump", path])
            .exits(2)
            .says("UP-FLUSS-0403")
            .says("no node of a Fluss cluster");
    }
}

#[test]
fn where_zookeeper_answers_has_a_port_and_no_root() {
    for servers in ["zk1", "zk1:2181/fluss", "zk1:2181,", ""] {
        inspect(&["--zookeeper", servers])
            .exits(2)
            .says("UP-CONF-0012")
            .says("HOST:PORT was expected");
    }
}

#[test]
fn what_is_not_understood_is_no_health() {
    let broken = [
        ("/tabletservers/tables/0", json!({ "text": "not JSON" })),
        (
            "/tabletservers/tables/0/buckets/1/leader_isr",
            json!({ "version": 9 }),
        ),
        ("/tabletservers/ids", json!({ "unread": "NoAuth" })),
        (
            "/metadata/databases/lab/tables/orders_log",
            json!({ "version": 7, "table_id": 0 }),
        ),
        (
            "/coordinators/active",
            json!({ "ephemeral": true, "value": { "version": 2, "id": "x" } }),
        ),
        ("/coordinators/epoch", json!({ "hex": "ff" })),
    ];
    for (path, node) in broken {
        let account = seen(
            &changed("zk-1.0-healthy.json", &[(path, node)]),
            expected_exit(path),
        );
        assert_ne!(texts(&account["gaps"]), "", "{path}");
        if path != "/coordinators/epoch" {
            assert_eq!(account["health"], "unknown", "{path}");
        }
    }
}

/// An epoch that cannot be read closes ways back and does not change the health.
fn expected_exit(path: &str) -> i32 {
    if path == "/coordinators/epoch" { 0 } else { 4 }
}

#[test]
fn leaders_that_are_no_leaders_are_told() {
    let at = "/tabletservers/tables/0/buckets/0/leader_isr";
    let leadership = |leader: i32, isr: &[i32]| json!({ "version": 1, "leader": leader, "leader_epoch": 1, "isr": isr, "coordinator_epoch": 0, "bucket_epoch": 0 });
    for (node, said) in [
        (
            leadership(-1, &[0, 1, 2]),
            "lab.orders_log bucket 0 has no leader",
        ),
        (
            leadership(7, &[0, 1, 2]),
            "led by tablet server 7, which is not registered",
        ),
        (
            leadership(2, &[0, 1]),
            "which is not among its own replicas in sync",
        ),
    ] {
        let account = seen(&changed("zk-0.9.1-healthy.json", &[(at, node)]), 3);
        assert_eq!(account["health"], "red");
        assert!(texts(&account["why_not_green"]).contains(said), "{account}");
    }
    let nobody = changed("zk-0.9.1-healthy.json", &[("/coordinators/active", Value::Null)]);
    assert!(texts(&seen(&nobody, 3)["why_not_green"]).contains("no coordinator is registered"));
}

#[test]
fn tags_a_rebalance_dropped_tables_and_single_replicas_are_told_beside_the_light() {
    let dropped = json!({ "version": 1, "buckets": { "0": [0, 1] } });
    let file = changed(
        "zk-0.9.1-healthy.json",
        &[
            (
                "/tabletservers/server_tags",
                json!({ "version": 1, "server_tags": { "1": 0, "2": 1 } }),
            ),
            (
                "/cluster/rebalance",
                json!({ "version": 1, "rebalance_id": "r1", "rebalance_status": 1, "rebalance_plan": [] }),
            ),
            ("/tabletservers/tables/99", dropped),
            (
                "/tabletservers/tables/0",
                json!({ "version": 1, "buckets": { "0": [1], "1": [0, 1, 2], "2": [2, 0, 1] } }),
            ),
        ],
    );
    let account = seen(&file, 0);
    let notes = texts(&account["notes"]);
    for said in [
        "tablet server 1 is tagged PERMANENT_OFFLINE",
        "tablet server 2 is tagged TEMPORARY_OFFLINE",
        "rebalance r1 runs",
        "table 99 is dropped",
        "1 of 6 buckets have one replica",
    ] {
        assert!(notes.contains(said), "{said} in {notes}");
    }
    let first = &account["ways_back"][0];
    assert!(
        first["not_now"].to_string().contains("no-roll-during-rebalance"),
        "{first}"
    );
}

#[test]
fn green_without_tables_says_so() {
    let text = std::fs::read_to_string(fixtures().join("zk-0.9.1-healthy.json")).expect("a fixture");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let tables = all.as_object().expect("an object").keys();
    let tables = tables.filter(|path| path.contains("/tables/") && path.matches('/').count() > 2);
    let tables: Vec<(&str, Value)> = tables.map(|path| (path.as_str(), Value::Null)).collect();
    let account = seen(&changed("zk-0.9.1-healthy.json", &tables), 0);
    assert!(
        texts(&account["notes"]).contains("green says nothing"),
        "{account}"
    );
}

#[test]
fn a_dump_is_written_once_and_reads_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.json");
    let copy = copy.to_str().expect("a path");
    let from = "zk-1.0-one-down.json";
    let first = inspect(&["--dump", from, "--write-dump", copy])
        .exits(3)
        .says("nodes written");
    let again = inspect(&["--dump", copy]).exits(3);
    assert_eq!(first.out.replace(from, copy), again.out);
    inspect(&["--dump", from, "--write-dump", copy])
        .exits(2)
        .says("UP-CONF-0013");
}

#[test]
fn what_is_no_dump_is_refused_with_what_was_expected() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dump.json");
    let path = file.to_str().expect("a path");
    for text in [
        "",
        "[]",
        "{\"no/slash\":null}",
        "{\"/a\":3}",
        "{\"/a\":{\"hex\":\"0\"}}",
        "{\"/a\":null,\"/a\":null}",
    ] {
        put(&file, text);
        inspect(&["--dump", path])
            .exits(2)
            .says("UP-FLUSS-0403")
            .says("--write-dump");
    }
    inspect(&["--dump", "no-such-file"])
        .exits(2)
        .says("UP-FLUSS-0403");
    inspect(&[]).exits(2);
    inspect(&["--dump", path, "--zookeeper", "127.0.0.1:1"]).exits(2);
}

#[test]
fn a_zookeeper_that_does_not_answer_is_unknown() {
    inspect(&["--zookeeper", "127.0.0.1:1"])
        .exits(4)
        .says("UP-FLUSS-0401");
}

/// A system file of a cluster whose ZooKeeper nobody runs.
fn system_file(more: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let text = "kind = \"fluss\"\nname = \"lab\"\nzookeeper = \"127.0.0.1:1\"\ncurrent = \"0.7.0\"\n";
    put(file.path(), &format!("{text}{more}"));
    file
}

#[test]
fn a_system_file_of_a_cluster_is_read_by_observe_and_check_and_refused_elsewhere() {
    let file = system_file("target = \"0.9.1-incubating\"\n");
    let path = file.path().to_str().expect("a path");
    for command in ["observe", "check", "plan", "diff"] {
        upshift(&fixtures(), &[command, path])
            .exits(4)
            .says("UP-FLUSS-0401");
    }
    let ran = upshift(&fixtures(), &["inspect", "savepoint", "x", "--system", path])
        .exits(2)
        .says("UP-CONF-0011");
    assert!(ran.err.contains("does not know Fluss yet"), "{}", ran.err);
}

#[test]
fn mistakes_in_the_file_of_a_cluster_are_told_by_its_own_keys() {
    for (more, said) in [
        ("", "\"target\" is missing"),
        ("target = \"next\"\n", "[target]"),
        (
            "target = \"0.9.1\"\nzokeeper = \"a:1\"\n",
            "did you mean \"zookeeper\"?",
        ),
        (
            "target = \"0.9.1\"\nrest = \"http://a:1\"\n",
            "unknown key \"rest\"",
        ),
        (
            "target = \"0.9.1\"\n[[waive]]\ncode = \"UP-FLUSS-0105\"\nsubject = \"buckets\"\n",
            "\"reason\" is missing",
        ),
        (
            "target = \"0.9.1\"\n[[host]]\nname = \"ts1\"\naddress = \"-oProxyCommand=id\"\n",
            "a host's name or address",
        ),
        (
            "target = \"0.9.1\"\n[[host]]\nname = \"ts1\"\nuser = \"a b\"\n",
            "a user's name",
        ),
        (
            "target = \"0.9.1\"\n[[host]]\nname = \"ts1\"\n[[host]]\nname = \"ts1\"\n",
            "two hosts are named ts1",
        ),
        (
            "target = \"0.9.1\"\n[[client]]\nname = \"billing\"\n",
            "\"version\" is missing",
        ),
    ] {
        let file = system_file(more);
        let path = file.path().to_str().expect("a path");
        let ran = upshift(&fixtures(), &["check", path]).exits(2);
        let said = said.trim_matches(|c| c == '[' || c == ']');
        assert!(ran.err.contains(said), "{more}: {}", ran.err);
    }
    let file = system_file("target = \"0.9.1\"\n");
    let text = std::fs::read_to_string(file.path()).expect("text");
    put(file.path(), &text.replace("127.0.0.1:1", "127.0.0.1:1/fluss"));
    let path = file.path().to_str().expect("a path");
    upshift(&fixtures(), &["check", path])
        .exits(2)
        .says("the root has a key of its own");
}
