//! Nodes of every release, as real servers wrote them, and of formats that the recorded trees lack.

use upshift_formats::fluss::{
    Assignment, Config, Coordinator, KvSnapshot, LakeTable, LeaderAndIsr, Partition, Rebalance, Schema,
    ServerTags, Table, TabletServer, Tree, ZnodeError, counter, epoch,
};

use super::fixtures::tree;

fn bytes<'a>(tree: &'a Tree, path: &str) -> &'a [u8] {
    &tree
        .get(path)
        .expect("seen")
        .unwrap_or_else(|| panic!("no {path}"))
        .bytes
}

#[test]
fn registrations_of_every_release_name_their_listeners() {
    for (release, of_coordinator, of_server) in [
        ("0.6.0", 1, 1),
        ("0.7.0", 2, 3),
        ("0.8.0", 2, 3),
        ("0.9.1", 2, 3),
        ("1.0", 2, 4),
    ] {
        let tree = tree(release);
        let coordinator = Coordinator::read(bytes(&tree, "/coordinators/active")).expect(release);
        assert_eq!(coordinator.format, of_coordinator, "{release}");
        assert_eq!(coordinator.listeners.len(), 1, "{release}");
        for id in 0..3 {
            let server =
                TabletServer::read(bytes(&tree, &format!("/tabletservers/ids/{id}"))).expect(release);
            assert_eq!((server.format, server.rack), (of_server, None), "{release}");
            assert_eq!(server.listeners[0].port, 29_160 + id, "{release}");
            assert!(server.registered_ms > 1_700_000_000_000, "{release}");
        }
    }
}

#[test]
fn listeners_may_be_several_and_of_any_family() {
    let text = r#"{"version":3,"listeners":"INTERNAL://a.example:9123,CLIENT://[::1]:9124","register_timestamp":1,"rack":"r1"}"#;
    let server = TabletServer::read(text.as_bytes()).expect("a server");
    let said: Vec<String> = server.listeners.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["INTERNAL://a.example:9123", "CLIENT://[::1]:9124"]);
    assert_eq!(server.rack.as_deref(), Some("r1"));
    for wrong in [
        "",
        "CLIENT://a",
        "CLIENT://a:b",
        "a:1",
        "CLIENT://:1",
        "CLIENT://a:70000",
    ] {
        let text = format!(r#"{{"version":3,"listeners":"{wrong}","register_timestamp":1}}"#);
        assert!(
            matches!(TabletServer::read(text.as_bytes()), Err(ZnodeError::Value { .. })),
            "{wrong}"
        );
    }
    let none = br#"{"version":1,"host":"a","register_timestamp":1}"#;
    assert!(matches!(TabletServer::read(none), Err(ZnodeError::Value { .. })));
}

#[test]
fn buckets_of_every_release() {
    for (release, format) in [("0.6.0", 1), ("0.7.0", 1), ("0.8.0", 1), ("0.9.1", 1), ("1.0", 2)] {
        let tree = tree(release);
        let tables = tree.children("/tabletservers/tables").expect("seen");
        assert!(!tables.is_empty());
        for table in tables {
            let base = format!("/tabletservers/tables/{table}");
            let assigned = Assignment::read(bytes(&tree, &base)).expect(release);
            assert_eq!(
                (assigned.table_id, assigned.buckets.len()),
                (None, 3),
                "{release}"
            );
            for bucket in assigned.buckets.keys() {
                let at = format!("{base}/buckets/{bucket}/leader_isr");
                let leadership = LeaderAndIsr::read(bytes(&tree, &at)).expect(release);
                assert_eq!(
                    (leadership.format, leadership.isr.len()),
                    (format, 3),
                    "{release}"
                );
                assert_eq!(leadership.coordinator_epoch, 0, "{release}");
                assert!(leadership.leader.is_some());
            }
        }
    }
    let nobody =
        br#"{"version":1,"leader":-1,"leader_epoch":1,"isr":[],"coordinator_epoch":3,"bucket_epoch":0}"#;
    let nobody = LeaderAndIsr::read(nobody).expect("leader and replicas");
    assert_eq!((nobody.leader, nobody.coordinator_epoch), (None, 3));
    let partition =
        Assignment::read(br#"{"version":1,"table_id":4,"buckets":{"0":[1]}}"#).expect("an assignment");
    assert_eq!(partition.table_id, Some(4));
}

#[test]
fn tables_schemas_and_snapshots() {
    let tree = tree("1.0");
    let below = "/metadata/databases/lab/tables/orders_pk";
    let table = Table::read(bytes(&tree, below)).expect("a table");
    assert_eq!(
        (table.id, table.bucket_count, table.bucket_key),
        (1, 3, vec!["k".to_owned()])
    );
    assert!(table.remote_data_dir.is_some());
    let schema = Schema::read(bytes(&tree, &format!("{below}/schemas/1"))).expect("a schema");
    assert_eq!(
        (schema.primary_key, schema.auto_increment),
        (vec!["k".to_owned()], false)
    );
    let snapshot =
        KvSnapshot::read(bytes(&tree, "/tabletservers/tables/1/buckets/0/snapshots/1")).expect("a snapshot");
    assert_eq!((snapshot.id, snapshot.log_offset), (1, 128));
    assert_eq!(counter(bytes(&tree, "/metadata/table_seqid")), Ok(2));
    assert_eq!(epoch(bytes(&tree, "/coordinators/epoch")), Ok(0));
    let partition = br#"{"version":1,"table_id":1,"partition_id":7}"#;
    assert_eq!(Partition::read(partition).map(|found| found.id), Ok(7));
}

#[test]
fn what_the_recorded_clusters_lack() {
    let first = br#"{"version":1,"snapshot_id":5,"table_id":4,"buckets":[]}"#;
    let second = br#"{"version":2,"lake_snapshots":[{"snapshot_id":2,"tiered_offsets":"/a"},{"snapshot_id":3,"tiered_offsets":"/b"}]}"#;
    let lake = |bytes: &[u8]| LakeTable::read(bytes).map(|lake| (lake.format, lake.snapshot));
    assert_eq!(lake(first), Ok((1, Some(5))));
    assert_eq!(lake(second), Ok((2, Some(3))));
    let tags = ServerTags::read(br#"{"version":1,"server_tags":{"2":1}}"#).expect("tags");
    assert_eq!(tags.tags.into_iter().collect::<Vec<_>>(), [(2, 1)]);
    let plan = br#"{"version":1,"rebalance_id":"r","rebalance_status":3,"rebalance_plan":[{"table_id":1,"buckets":[]}]}"#;
    assert_eq!(Rebalance::read(plan).map(|found| found.status), Ok(3));
    let config =
        Config::read(br#"{"version":1,"configs":{"datalake.format":"paimon","a":null}}"#).expect("options");
    assert_eq!(config.keys, ["a", "datalake.format"]);
}

#[test]
fn formats_of_releases_to_come_and_empty_nodes_are_no_facts() {
    let later = br#"{"version":5,"listeners":"A://b:1","register_timestamp":1}"#;
    let error = TabletServer::read(later).expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "a tablet server's registration has format 5; known are 1 to 4"
    );
    assert!(matches!(
        LeaderAndIsr::read(br#"{"version":3}"#),
        Err(ZnodeError::Format { .. })
    ));
    assert!(matches!(Table::read(b""), Err(ZnodeError::Empty { .. })));
    assert!(matches!(Table::read(b"127.0.0.1"), Err(ZnodeError::Json { .. })));
    assert!(matches!(counter(b"7"), Err(ZnodeError::Value { .. })));
    assert!(matches!(epoch(b"\xff"), Err(ZnodeError::Value { .. })));
    assert!(matches!(epoch(b"one"), Err(ZnodeError::Value { .. })));
}
