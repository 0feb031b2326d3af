//! ZooKeeper's servers, remote data, whose processes servers are, what they log by.

use std::collections::BTreeMap;

use upshift_model::finding::Severity;
use upshift_model::fluss::{
    DeclaredServer, HostFacts, KeeperState, Owner, RemoteFolder, RemoteState, ServerId,
};
use upshift_model::observed::Observed;
use upshift_planner::systems::fluss::codes;

use super::{World, gap, host, keeper, measured, options, says, world};

#[test]
fn zookeeper_is_of_a_release_that_fluss_takes_and_every_server_of_it_serves() {
    let mut world = measured();
    says(&world.is(&codes::ZOOKEEPER, Severity::Green), "3.8.3, standalone");
    let quorum = |modes: [&str; 3]| {
        let all = ["zk1:2181", "zk2:2181", "zk3:2181"].into_iter().zip(modes);
        all.map(|(address, mode)| keeper(address, "3.6.4", mode))
            .collect::<Vec<_>>()
    };
    world.system.keepers = quorum(["leader", "follower", "follower"]);
    world.is(&codes::ZOOKEEPER, Severity::Green);
    world.system.keepers[2].state = Observed::Known(KeeperState::DoesNotServe);
    says(
        &world.is(&codes::ZOOKEEPER, Severity::Yellow),
        "zk3:2181: does not serve",
    );
    world.system.keepers[2].state = Observed::Unknown(gap());
    world.is_unknown(&codes::ZOOKEEPER, Severity::Yellow);
    world.system.keepers = quorum(["standalone", "follower", "leader"]);
    world.is(&codes::ZOOKEEPER, Severity::Yellow);
    world.system.keepers = quorum(["leader", "read-only", "follower"]);
    world.is(&codes::ZOOKEEPER, Severity::Red);
    world.system.keepers[1] = keeper("zk2:2181", "3.5.9", "follower");
    says(&world.is(&codes::ZOOKEEPER, Severity::Red), "3.6 or later");
    world.system.keepers.clear();
    world.is_unknown(&codes::ZOOKEEPER, Severity::Yellow);
}

fn remote(place: &str, state: Observed<Option<RemoteState>>) -> Vec<RemoteFolder> {
    vec![RemoteFolder {
        place: place.to_owned(),
        state,
    }]
}

fn folder(kind: &str, used: u64, writable: Observed<bool>) -> Observed<Option<RemoteState>> {
    Observed::Known(Some(RemoteState {
        size_kib: 100 << 20,
        used_kib: used << 20,
        kind: kind.to_owned(),
        writable,
    }))
}

#[test]
fn remote_data_is_looked_at_where_it_is_a_folder_and_unknown_in_a_store() {
    let mut world = measured();
    assert!(
        world
            .findings()
            .iter()
            .all(|finding| finding.code != codes::REMOTE)
    );
    let good = || folder("nfs4", 10, Observed::Known(true));
    let set = |world: &mut World, first: Observed<Option<RemoteState>>| {
        world.process(1).remote = remote("/remote", first);
        world.process(2).remote = remote("/remote", good());
    };
    set(&mut world, good());
    says(
        &world.is(&codes::REMOTE, Severity::Green),
        "pid 101: nfs4, 10 % of 100 GiB",
    );
    set(&mut world, folder("nfs4", 10, Observed::Known(false)));
    says(&world.is(&codes::REMOTE, Severity::Red), "the user of pid 101");
    set(&mut world, folder("nfs4", 10, Observed::Unknown(gap())));
    world.is_unknown(&codes::REMOTE, Severity::Yellow);
    set(&mut world, folder("nfs4", 90, Observed::Known(true)));
    world.is(&codes::REMOTE, Severity::Yellow);
    set(&mut world, Observed::Known(None));
    says(
        &world.is(&codes::REMOTE, Severity::Red),
        "pid 101: there is no such folder",
    );
    world.process(2).remote.clear();
    world.is(&codes::REMOTE, Severity::Yellow);
    // On one host a disk of its own is what both see, on two it is not.
    set(&mut world, folder("ext4", 10, Observed::Known(true)));
    world.process(2).remote = world.process(1).remote.clone();
    world.is(&codes::REMOTE, Severity::Green);
    world.process(2).host = "ts2".to_owned();
    world.is(&codes::REMOTE, Severity::Yellow);
    world.process(2).remote.clear();
    world.process(1).remote = remote("s3://lab/fluss", Observed::Unknown(gap()));
    world.is_unknown(&codes::REMOTE, Severity::Yellow);
    says(&world.finding(&codes::REMOTE), "aws s3 ls s3://lab/fluss/");
}

fn declared(world: &mut World, start: &[&str], target_conf: &str) {
    world.declaration.servers = vec![DeclaredServer {
        id: ServerId::TabletServer(0),
        conf: "/srv/101".into(),
        target_conf: target_conf.into(),
        start: Vec::new(),
        target_start: start.iter().map(|word| (*word).to_owned()).collect(),
    }];
}

#[test]
fn a_server_that_upshift_may_not_end_is_told_of_before_anything_is_stopped() {
    let mut world = measured();
    declared(
        &mut world,
        &["/opt/fluss/bin/tablet-server.sh", "start"],
        "/srv/101",
    );
    let owner = |is_login, may_signal| {
        Observed::Known(Owner {
            user: "fluss".to_owned(),
            is_login,
            may_signal,
        })
    };
    world.is(&codes::PROCESSES, Severity::Green);
    world.process(1).owner = owner(false, false);
    says(&world.is(&codes::PROCESSES, Severity::Red), "pid 101 is fluss's");
    world.process(1).owner = owner(false, true);
    says(
        &world.is(&codes::PROCESSES, Severity::Yellow),
        "tablet-server.sh would start it as upshift's login",
    );
    declared(&mut world, &["systemctl", "start", "fluss-ts"], "/srv/101");
    world.is(&codes::PROCESSES, Severity::Green);
    world.process(1).owner = Observed::Unknown(gap());
    world.is_unknown(&codes::PROCESSES, Severity::Yellow);
    // Where nobody is to be replaced by upshift nobody need be its own.
    world.declaration.servers.clear();
    world.process(1).owner = owner(false, false);
    world.is(&codes::PROCESSES, Severity::Green);
}

#[test]
fn a_folder_of_configuration_without_what_scripts_log_by_is_named() {
    let mut world = measured();
    let script = ["/opt/fluss/bin/tablet-server.sh", "start"];
    let nothing = |world: &World| {
        world
            .findings()
            .iter()
            .all(|finding| finding.code != codes::LOGGING)
    };
    declared(&mut world, &script, "/srv/101");
    assert!(nothing(&world));
    declared(&mut world, &script, "/srv/new");
    world.is_unknown(&codes::LOGGING, Severity::Yellow);
    let there = |has| HostFacts {
        target_confs: BTreeMap::from([("/srv/new".into(), has)]),
        ..host()
    };
    world.system.hosts = vec![there(Observed::Known(true))];
    world.is(&codes::LOGGING, Severity::Green);
    world.system.hosts = vec![there(Observed::Known(false))];
    says(
        &world.is(&codes::LOGGING, Severity::Yellow),
        "tablet server 0: /srv/new/log4j.properties is not there",
    );
    declared(&mut world, &["java", "-Dlog4j.configurationFile=/x"], "/srv/new");
    assert!(nothing(&world));
}

#[test]
fn providers_of_credentials_get_another_class_with_1_0() {
    let mut world = world("0.9.1-incubating", "1.0.0", (0, 9));
    world.is(&codes::CLASS_NAMES, Severity::Green);
    world.process(2).options = Observed::Known(options(&[
        ("tablet-server.id", "1"),
        (
            "s3.aws.credentials.provider",
            "com.amazonaws.auth.ProfileCredentialsProvider",
        ),
    ]));
    says(
        &world.is(&codes::CLASS_NAMES, Severity::Red),
        "/srv/102/server.yaml:2: s3.aws.credentials.provider",
    );
    assert!(
        measured()
            .findings()
            .iter()
            .all(|finding| finding.subject.as_str() != "credential providers")
    );
}

#[test]
fn skipping_a_release_with_tables_that_have_a_lake_is_unknown() {
    let mut world = measured();
    let table = world.system.cluster.tables.get_mut(&0).expect("a table");
    table.lake.enabled = true;
    world.is_unknown(&codes::HOP, Severity::Red);
}
