//! Checks of clusters with several hosts, and of hosts of which not all was seen.

use upshift_model::alluxio::ClientProcess;

use super::*;

/// A worker's host beside the first one.
fn with_worker(mut world: World) -> World {
    let mut worker = host("2.7.3", "2.9.6");
    worker.name = "w1".to_owned();
    if let Observed::Known(all) = &mut worker.processes {
        all.retain(|process| process.role == Role::Worker);
    }
    worker.journal = Observed::unknown("the journal folder on w1", "there is no such folder");
    worker.journal_kib = Observed::unknown("the size of the journal on w1", "nothing was said of it");
    world.facts.hosts.push(worker);
    world
}

#[test]
fn room_for_backups_is_asked_of_hosts_with_a_master_and_a_journal_is_told_by_an_address_too() {
    let two = with_worker(World::new("2.7.3", "2.9.6"));
    assert_eq!(severity(&two.one(&BACKUPS)), GREEN);
    // Who runs there was not seen: it may be a master.
    let unseen = two.with(|w| w.facts.hosts[1].processes = Observed::unknown("processes", "closed"));
    assert_eq!(may_hide(&unseen.one(&BACKUPS)), Severity::Yellow);
    let inside = World::new("2.7.3", "2.9.6").with(|w| {
        let folder = "file:///srv/journal".to_owned();
        w.master()
            .options
            .insert("alluxio.master.journal.folder".to_owned(), folder);
        w.declaration.backups = "/srv/journal/backups".into();
    });
    assert_eq!(severity(&inside.one(&BACKUPS)), REFUSED);
}

#[test]
fn a_host_whose_processes_were_not_seen_may_run_anything() {
    let unseen = with_worker(World::new("2.7.3", "2.9.6")).with(|w| {
        w.facts.hosts[1].processes = Observed::unknown("processes on w1", "hidden");
        w.facts.hosts[1].clients = Observed::unknown("clients on w1", "hidden");
    });
    for code in [&OTHERS, &CLIENTS] {
        assert_eq!(may_hide(&unseen.one(code)), Severity::Yellow, "{code}");
    }
    // What is known to be wrong is no less so.
    let wrong = unseen.with(|w| {
        w.facts.hosts[0].clients = Observed::Known(vec![ClientProcess {
            application: Some("org.apache.spark.deploy.worker.Worker".to_owned()),
            pid: 7,
            jar: "alluxio-1.8.1-client.jar".to_owned(),
            version: "1.8.1".to_owned(),
        }]);
    });
    assert_eq!(severity(&wrong.one(&CLIENTS)), RED);
}

#[test]
fn a_worker_of_1_x_is_not_let_mount_over_its_tier() {
    let mounts = |from: &str, to: &str| {
        World::new(from, to).with(|w| w.declaration.worker_options = vec!["Mount".to_owned()])
    };
    assert_eq!(severity(&mounts("1.8.1", "2.9.6").one(&CACHE)), RED);
    assert_eq!(severity(&mounts("2.7.3", "2.9.6").one(&CACHE)), GREEN);
    let given_up = mounts("1.8.1", "2.9.6").with(|w| w.declaration.format_workers = true);
    assert_eq!(severity(&given_up.one(&CACHE)), YELLOW);
}

/// Files in a home may have been replaced under the process that runs from it.
#[test]
fn a_server_that_has_jars_of_another_release_loaded_is_of_another_release() {
    let has = |releases: &[&str]| {
        let releases = releases.iter().map(|release| (*release).to_owned()).collect();
        World::new("2.7.3", "2.9.6").with(|w| {
            if let Observed::Known(all) = &mut w.host().processes {
                all[1].releases = releases;
            }
        })
    };
    assert_eq!(severity(&has(&[]).one(&RELEASE)), GREEN);
    assert_eq!(severity(&has(&["2.7.3"]).one(&RELEASE)), GREEN);
    let mixed = has(&["2.6.2"]).one(&RELEASE);
    assert_eq!(severity(&mixed), REFUSED);
    assert!(mixed.evidence[1].contains("worker with pid 11"), "{mixed:?}");
    // Another cluster on the same machine is none of ours.
    let strange = has(&["2.6.2"]).with(|w| {
        if let Observed::Known(all) = &mut w.host().processes {
            all[1].home = Some("/opt/another".into());
        }
    });
    assert_eq!(severity(&strange.one(&RELEASE)), GREEN);
}

/// Standbys answer where they are let, and of some journals nothing tells them from the leader.
#[test]
fn masters_that_all_answer_are_not_taken_for_leaders() {
    let both = World::new("2.9.3", "2.9.6").with(|w| {
        let mut other = w.facts.masters[0].clone();
        other.address = "http://m2:19999".to_owned();
        w.facts.masters.push(other);
    });
    let refused = both.one(&MASTERS);
    assert_eq!(severity(&refused), REFUSED);
    assert!(
        refused
            .evidence
            .iter()
            .any(|line| line.contains("http://m2:19999")),
        "{refused:?}"
    );
}
