//! Plans of Alluxio: the order by a backup and in place, and what is refused.

use expect_test::{Expect, expect};
use upshift_model::alluxio::{Condition, Member};
use upshift_model::expect::Expectation;
use upshift_model::host::{Host, Reach, Ssh};
use upshift_model::plan::Plan;
use upshift_model::step::{Effect, StopWhat};
use upshift_planner::dispatch::{self, NoPlan};
use upshift_planner::{lint, render};

use super::back::Run;
use super::*;

fn planned(world: &World) -> Result<Plan, NoPlan> {
    let findings = world.findings();
    world.ask(|s| dispatch::Situation::Alluxio(Box::new(s.clone())).plan(&findings))
}

pub(super) fn plan(world: &World) -> Plan {
    let plan = planned(world).unwrap_or_else(|no| panic!("{no:?}"));
    let flaws: Vec<String> = lint::lint(&plan).iter().map(ToString::to_string).collect();
    assert!(flaws.is_empty(), "{flaws:#?}");
    plan
}

/// The steps in one line each.
pub(super) fn steps(plan: &Plan, expected: Expect) {
    let mut text = String::new();
    for wave in &plan.waves {
        text.push_str(&format!("{}\n", wave.title));
        for step in wave.lanes.iter().flat_map(|lane| &lane.steps) {
            text.push_str(&format!("  {} {}\n", step.id, render::words(plan, &step.effect)));
        }
    }
    expected.assert_eq(&text);
}

pub(super) fn with_writers(from: &str, to: &str) -> World {
    World::new(from, to).with(|w| {
        w.declaration.writers = Some(upshift_model::alluxio::Writers {
            stop: vec!["/opt/etl/stop".to_owned()],
            start: vec!["/opt/etl/start".to_owned()],
        });
    })
}

/// The stops of servers, and whether each asks before whether somebody wrote.
fn stops(plan: &Plan) -> Vec<(String, bool)> {
    let quiet = |step: &upshift_model::step::Step| {
        let mut before = step.before.iter();
        before.any(|one| matches!(one, Expectation::Alluxio(Condition::Quiet { .. })))
    };
    let stops = plan.steps().filter(|step| {
        matches!(
            &step.effect,
            Effect::Stop {
                what: StopWhat::Server { .. }
            }
        )
    });
    stops.map(|step| (step.id.to_string(), quiet(step))).collect()
}

/// A directory needs no worker: between the worker's end and the master's somebody may make one, which the backup lacks.
#[test]
fn the_stop_of_the_master_is_held_against_the_counts_too() {
    let plan = plan(&with_writers("1.8.1", "2.9.6"));
    let asked = [("2.1".to_owned(), true), ("2.2".to_owned(), true)];
    assert_eq!(stops(&plan), asked);
}

/// With two of three masters stopped nothing can be written, and soon none leads that could be asked: a run waited for an
/// answer until it gave up, with the cluster down.
#[test]
fn nobody_is_asked_once_half_of_the_masters_with_an_embedded_journal_are_stopped() {
    let plan = plan(&spread(Way::Backup));
    let masters: Vec<bool> = stops(&plan)
        .into_iter()
        .filter(|(step, _)| step.starts_with("3."))
        .map(|(_, asks)| asks)
        .collect();
    assert_eq!(masters, [true, true, false]);
}

/// Whoever writes over the backup is noticed while the old journal is in its place, whatever a person answers elsewhere.
#[test]
fn the_backup_is_still_the_proven_one_when_the_journal_moves_and_when_a_master_restores_it() {
    let asked = |plan: &Plan| -> Vec<String> {
        let held = |step: &upshift_model::step::Step| {
            let all = step.before.iter().filter_map(|one| match one {
                Expectation::Alluxio(Condition::Unaltered { of, .. }) => Some(of.to_string()),
                _ => None,
            });
            let all: Vec<String> = all.collect();
            (!all.is_empty()).then(|| format!("{} {}", step.id, all.join(" ")))
        };
        plan.steps().filter_map(held).collect()
    };
    let alone = asked(&plan(&World::new("1.8.1", "2.9.6")));
    assert_eq!(alone, ["3.1 backup/restore", "4.1 backup/restore"]);
    let several = asked(&plan(&spread(Way::Backup)));
    assert_eq!(several[0], "6.a.1 backup/restore backup/copy/m1");
    assert_eq!(several[3], "7.a.1 backup/restore backup/copy/m1");
    assert_eq!(several.len(), 6);
    assert!(asked(&plan(&World::new("2.7.3", "2.9.6"))).is_empty(), "in place");
}

#[test]
fn from_1_to_2_by_a_backup_that_is_proven_before_anything_is_stopped() {
    let plan = plan(&with_writers("1.8.1", "2.9.6"));
    steps(
        &plan,
        expect![[r#"
            prepare
              1.1 stop those who write: /opt/etl/stop
              1.2 note how many calls have changed the tree
              1.3 the master of 1.8.1 writes a backup → backup/before
              1.4 read all of backup/before and prove that it can be restored, and write it again without the fingerprints of 1.x → backup/restore
              1.5 wait until every tier of worker that held something holds something
              1.6 note where the masters' journals end → journal/end
            stop
              2.1 worker: SIGTERM by its pid, and wait
              2.2 master: SIGTERM by its pid, and wait
              2.3 list the blocks in the tiers of the stopped worker → blocks
              2.4 wait until every tier of worker that held something holds something
              2.5 wait until no block of blocks is younger than the backup: a restore would lose it
              2.6 wait until every file of backup/restore that is in workers only lies in a tier
              2.7 wait until no change stands behind journal/end: backup/restore would lack it
            switch
              3.1 move /srv/journal to /srv/journal.1.8.1-20261127T120000
              3.2 carry the configuration over to /opt/new/conf/alluxio-site.properties: keys: 1 set
              3.3 format the journal for 2.9.6; workers are not formatted
            masters
              4.1 master: start 2.9.6 with backup/restore
              4.2 the master of 2.9.6 writes a backup → backup/after
            workers
              5.1 worker: start 2.9.6
            prove
              6.1 for 1 s: the master answers as 2.9.6, mounts as before · the root store is the one that was seen, and not empty · every worker is in service · every block of blocks lies where it lay
            writers
              7.1 start those who write: /opt/etl/start
              7.2 wait until the master answers as 2.9.6, mounts as before · the root store is the one that was seen, and not empty · every worker is in service
            accept
              8.1 a person says finalize, or rollback
        "#]],
    );
    let text = render::tree(&plan.seal());
    for said in [
        "not formatted over",
        "a master learns the same only after its journal is gone",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn within_2_in_place_with_the_journal_copied_and_a_backup_all_the_same() {
    steps(
        &plan(&World::new("2.7.3", "2.9.6")),
        expect![[r#"
            prepare
              1.1 note how many calls have changed the tree
              1.2 the master of 2.7.3 writes a backup → backup/before
              1.3 read all of backup/before and prove that it can be restored → backup/restore
              1.4 wait until every tier of worker that held something holds something
            stop
              2.1 worker: SIGTERM by its pid, and wait
              2.2 master: SIGTERM by its pid, and wait
              2.3 list the blocks in the tiers of the stopped worker → blocks
              2.4 wait until every tier of worker that held something holds something
              2.5 wait until every file of backup/restore that is in workers only lies in a tier
            switch
              3.1 copy /srv/journal to /srv/journal.2.7.3-20261127T120000
            masters
              4.1 master: start 2.9.6
              4.2 the master of 2.9.6 writes a backup → backup/after
            workers
              5.1 worker: start 2.9.6
            prove
              6.1 for 1 s: the master answers as 2.9.6, mounts as before · the root store is the one that was seen, and not empty · every worker is in service · every block of blocks lies where it lay
            writers
              7.1 wait until the master answers as 2.9.6, mounts as before · the root store is the one that was seen, and not empty · every worker is in service
            accept
              8.1 a person says finalize, or rollback
        "#]],
    );
}

#[test]
fn files_in_workers_only_are_persisted_before_the_counts_are_noted() {
    let wish = |from: &str| {
        World::new(from, "2.9.6").with(|w| {
            w.declaration.unpersisted = Unpersisted::Persist;
            w.facts.unpersisted = Some(Observed::Known(vec![UnpersistedFile {
                path: "/cache/only".to_owned(),
                bytes: 700,
            }]));
        })
    };
    let plan = plan(&wish("1.8.1"));
    let first: Vec<String> = plan
        .steps()
        .take(2)
        .map(|step| render::words(&plan, &step.effect))
        .collect();
    assert_eq!(
        first,
        [
            "files that are in workers only: persist them with 1.8.1",
            "note how many calls have changed the tree"
        ]
    );
    assert_eq!(severity(&wish("1.8.1").one(&UNPERSISTED)), YELLOW);
    // From 2.0 on the job service does it, and none runs here.
    assert_eq!(severity(&wish("2.7.3").one(&UNPERSISTED)), RED);
    let served = wish("2.7.3").with(|w| {
        if let Observed::Known(all) = &mut w.host().processes {
            let mut worker = all[0].clone();
            worker.role = Role::JobWorker;
            all.push(worker);
        }
    });
    assert_eq!(severity(&served.one(&UNPERSISTED)), YELLOW);
}

#[test]
fn tiers_are_saved_where_that_is_wanted_and_put_back_before_workers_start() {
    let wish = World::new("2.7.3", "2.9.6").with(|w| w.declaration.save_tiers = Some("/srv/saved".into()));
    let plan = plan(&wish);
    let words: Vec<String> = plan
        .steps()
        .map(|step| render::words(&plan, &step.effect))
        .filter(|words| words.contains("tiers of"))
        .collect();
    assert_eq!(
        words,
        [
            "list the blocks in the tiers of the stopped worker → blocks",
            "copy the tiers of the stopped worker to /srv/saved/lake-20261127T120000",
            "put back into the tiers of worker what is gone, from /srv/saved/lake-20261127T120000",
        ]
    );
    let text = render::tree(&plan.seal());
    let text: Vec<&str> = text.split_whitespace().collect();
    let text = text.join(" ");
    assert!(text.contains("there is room for the tiers of worker"), "{text}");
    let over = wish.with(|w| w.declaration.worker_options = vec!["SudoMount".to_owned()]);
    assert_eq!(severity(&over.one(&CACHE)), RED);
}

#[test]
fn workers_are_formatted_only_where_a_person_says_so_and_what_that_costs_is_named() {
    let formats = |from: &str| World::new(from, "2.9.6").with(|w| w.declaration.format_workers = true);
    for from in ["1.8.1", "2.7.3"] {
        let plan = plan(&formats(from));
        let words: Vec<String> = plan
            .steps()
            .map(|step| render::words(&plan, &step.effect))
            .collect();
        let at = |part: &str| words.iter().position(|words| words.contains(part));
        let formatted = "worker: format its tiers for 2.9.6; given up: /mnt/ramdisk/alluxioworker with 10 files, 7000 KiB";
        let format = at(formatted).unwrap_or_else(|| panic!("{words:#?}"));
        assert!(
            at("backup/after") < Some(format),
            "the tree is proven first: {words:#?}"
        );
        assert_eq!(at("worker: start 2.9.6"), Some(format + 1), "{words:#?}");
        assert_eq!(at("lies where it lay"), None, "{words:#?}");
        assert!(
            at("is younger than the backup").is_some(),
            "in place, too: {words:#?}"
        );
        let refuses = |one: &Expectation| {
            matches!(
                one,
                Expectation::Alluxio(Condition::Persisted {
                    unpersisted: Unpersisted::Refuse,
                    ..
                })
            )
        };
        let held = plan
            .steps()
            .filter(|step| step.before.iter().chain(&step.after).any(refuses));
        assert_eq!(held.count(), 2, "at the proof, and at the format");
        let back = Run::up_to(&plan, "5.1").back().expect("a way back").plan;
        let back: Vec<String> = back
            .steps()
            .map(|step| render::words(&back, &step.effect))
            .collect();
        assert!(!back.iter().any(|words| words.contains("format")), "{back:#?}");
    }
    assert_eq!(severity(&formats("2.7.3").one(&CACHE)), YELLOW);
    let kept = formats("2.7.3").with(|w| w.declaration.save_tiers = Some("/srv/saved".into()));
    assert_eq!(severity(&kept.one(&CACHE)), REFUSED);
    let unseen = formats("2.7.3").with(|w| w.host().tiers = Observed::unknown("the tiers", "closed"));
    assert_eq!(may_hide(&unseen.one(&CACHE)), Severity::Red);
    let only = formats("2.7.3").with(|w| {
        w.facts.unpersisted = Some(Observed::Known(vec![UnpersistedFile {
            path: "/cache/only".to_owned(),
            bytes: 700,
        }]));
    });
    assert_eq!(severity(&only.one(&UNPERSISTED)), REFUSED);
}

#[test]
fn applications_are_switched_in_two_steps_and_switched_back() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let world = with_writers("1.8.1", "2.9.6").with(|w| {
        w.declaration.clients[0].switch = Some(upshift_model::alluxio::ClientSwitch {
            class_path: words(&["/opt/etl/client", "2.9.6"]),
            class_path_back: words(&["/opt/etl/client", "1.8.1"]),
            restart: words(&["/opt/etl/restart"]),
            process: "org.apache.spark".to_owned(),
        });
    });
    let plan = plan(&world);
    let of = |plan: &Plan| -> Vec<String> {
        let steps = plan
            .steps()
            .map(|step| format!("{} {}", step.id, render::words(plan, &step.effect)));
        steps.filter(|words| words.contains("spark")).collect()
    };
    assert_eq!(
        of(&plan),
        [
            "6.1 spark: put the wanted client on its class path: /opt/etl/client 2.9.6",
            "9.1 spark: start it again: /opt/etl/restart",
        ]
    );
    let loaded = plan
        .steps()
        .find(|step| step.id.as_str() == "9.1")
        .expect("a step");
    assert!(!loaded.after.is_empty(), "the loaded client is proven");
    let back = Run::up_to(&plan, "9.1").back().expect("a way back").plan;
    assert!(lint::lint(&back).is_empty());
    assert_eq!(
        of(&back),
        [
            "back.4.1 spark: put the client of before on its class path: /opt/etl/client 1.8.1",
            "back.7.1 spark: start it again: /opt/etl/restart",
        ]
    );
}

/// Three masters on hosts of their own, the second of which leads, and two workers.
pub(super) fn spread(way: Way) -> World {
    World::new("2.7.3", "2.9.6").with(|w| {
        let ssh = |name: &&str| Host {
            name: (*name).to_owned(),
            reach: Reach::Ssh(Ssh::new(*name).expect("a name")),
        };
        let names = ["m1", "m2", "m3", "w1", "w2"];
        w.declaration.hosts = names.iter().map(ssh).collect();
        w.declaration.way = Some(way);
        let at = |name: &&str| Endpoint::plain(format!("http://{name}:19999"));
        w.declaration.masters = names[..3].iter().map(at).collect();
        let mut leads = w.facts.masters[0].clone();
        leads.address = "http://m2:19999".to_owned();
        if let Observed::Known(master) = &mut leads.told {
            let kind = ("alluxio.master.journal.type".to_owned(), "EMBEDDED".to_owned());
            master.options.extend([kind]);
            master.workers = vec![worker("In Service"); 2];
        }
        let silent = |name: &str| MasterAnswer {
            address: format!("http://{name}:19999"),
            told: Observed::unknown("the master", "connection reset"),
        };
        w.facts.masters = vec![silent("m1"), leads, silent("m3")];
        let member = |name: &&str| Member {
            address: format!("{name}:19200"),
            state: "AVAILABLE".to_owned(),
        };
        w.facts.quorum = Some(Observed::Known(names[..3].iter().map(member).collect()));
        let one = w.facts.hosts.remove(0);
        w.facts.hosts = names.iter().map(|name| on(&one, name)).collect();
    })
}

fn on(like: &HostFacts, name: &str) -> HostFacts {
    let is_master = name.starts_with('m');
    let mut host = like.clone();
    host.name = name.to_owned();
    host.processes = like.processes.clone().map(|all| {
        let is = |process: &Process| (process.role == Role::Master) == is_master;
        all.into_iter().filter(is).collect()
    });
    let embedded = [SITE[0], ("alluxio.master.journal.type", "EMBEDDED"), SITE[3]];
    host.site = Observed::Known(lines(&embedded));
    host.target_site = Observed::Known(lines(&embedded));
    host.journal = match is_master {
        true => Observed::Known(JournalKind::Ratis),
        false => Observed::unknown("the journal folder", "there is no such folder"),
    };
    host
}

#[test]
fn three_masters_get_the_backup_and_the_one_that_leads_is_stopped_last() {
    let plan = plan(&spread(Way::Backup));
    steps(
        &plan,
        expect![[r#"
            prepare
              1.1 note how many calls have changed the tree
              1.2 the master of 2.7.3 writes a backup → backup/before/written
              1.3 bring backup/before/written here from the host that has it, compared by its digest → backup/before
              1.4 read all of backup/before and prove that it can be restored → backup/restore
              1.5 wait until every tier of worker w1 that held something holds something
              1.6 wait until every tier of worker w2 that held something holds something
              1.7 put backup/restore onto the host of master m1, compared by its digest, readable for it → backup/copy/m1
              1.8 put backup/restore onto the host of master m3, compared by its digest, readable for it → backup/copy/m3
              1.9 put backup/restore onto the host of master m2, compared by its digest, readable for it → backup/copy/m2
              1.10 note where the masters' journals end → journal/end
            stop workers
              2.a.1 worker w1: SIGTERM by its pid, and wait
              2.b.1 worker w2: SIGTERM by its pid, and wait
            stop masters
              3.1 master m1: SIGTERM by its pid, and wait
              3.2 master m3: SIGTERM by its pid, and wait
              3.3 master m2: SIGTERM by its pid, and wait
            stopped workers' blocks
              4.a.1 list the blocks in the tiers of the stopped worker w1 → blocks/w1
              4.a.2 wait until every tier of worker w1 that held something holds something
              4.a.3 wait until no block of blocks/w1 is younger than the backup: a restore would lose it
              4.b.1 list the blocks in the tiers of the stopped worker w2 → blocks/w2
              4.b.2 wait until every tier of worker w2 that held something holds something
              4.b.3 wait until no block of blocks/w2 is younger than the backup: a restore would lose it
            stopped servers' last word
              5.1 wait until every file of backup/restore that is in workers only lies in a tier
              5.2 wait until no change stands behind journal/end: backup/restore would lack it
            switch
              6.a.1 move /srv/journal to /srv/journal.2.7.3-20261127T120000
              6.a.2 carry the configuration over to /opt/new/conf/alluxio-site.properties: keys: 1 set
              6.a.3 format the journal for 2.9.6; workers are not formatted
              6.b.1 move /srv/journal to /srv/journal.2.7.3-20261127T120000
              6.b.2 carry the configuration over to /opt/new/conf/alluxio-site.properties: keys: 1 set
              6.b.3 format the journal for 2.9.6; workers are not formatted
              6.c.1 move /srv/journal to /srv/journal.2.7.3-20261127T120000
              6.c.2 carry the configuration over to /opt/new/conf/alluxio-site.properties: keys: 1 set
              6.c.3 format the journal for 2.9.6; workers are not formatted
              6.d.1 carry the configuration over to /opt/new/conf/alluxio-site.properties: keys: 1 set
              6.e.1 carry the configuration over to /opt/new/conf/alluxio-site.properties: keys: 1 set
            masters
              7.a.1 master m1: start 2.9.6 with backup/copy/m1
              7.b.1 master m3: start 2.9.6 with backup/copy/m3
              7.c.1 master m2: start 2.9.6 with backup/copy/m2
            tree
              8.1 the master of 2.9.6 writes a backup → backup/after/written
              8.2 bring backup/after/written here from the host that has it, compared by its digest → backup/after
            workers
              9.a.1 worker w1: start 2.9.6
              9.b.1 worker w2: start 2.9.6
            prove
              10.1 for 1 s: the master answers as 2.9.6, mounts as before · the root store is the one that was seen, and not empty · every worker is in service · every block of blocks/w1 lies where it lay · every block of blocks/w2 lies where it lay
            writers
              11.1 wait until the master answers as 2.9.6, mounts as before · the root store is the one that was seen, and not empty · every worker is in service
            accept
              12.1 a person says finalize, or rollback
        "#]],
    );
    let text = render::tree(&plan.seal());
    for said in ["it leads: the last of the masters", "from its own disk"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_journal_that_masters_share_is_kept_and_formatted_once() {
    let world = spread(Way::Backup).with(|w| {
        for host in &mut w.facts.hosts {
            host.site = Observed::Known(lines(&SITE));
            host.target_site = Observed::Known(lines(&SITE));
            host.journal = Observed::Known(JournalKind::UnderStore);
        }
        if let Observed::Known(master) = &mut w.facts.masters[1].told {
            let kind = ("alluxio.master.journal.type".to_owned(), "UFS".to_owned());
            master.options.extend([kind]);
        }
        w.facts.quorum = None;
    });
    let plan = plan(&world);
    let text = render::tree(&plan.clone().seal());
    assert_eq!(text.matches("format the journal").count(), 1, "{text}");
    assert_eq!(text.matches("move /srv/journal").count(), 1, "{text}");
    let back = Run::up_to(&plan, "8.1").back().expect("a way back");
    assert!(lint::lint(&back.plan).is_empty());
    let text = render::tree(&back.plan.seal());
    assert_eq!(text.matches("back as /srv/journal").count(), 1, "{text}");
}

#[test]
fn standbys_are_told_from_masters_that_are_down_and_the_quorum_counts() {
    let masters = |world: &World| world.one(&MASTERS);
    let all = masters(&spread(Way::InPlace));
    assert_eq!(severity(&all), GREEN);
    let said = all.evidence.join("; ");
    assert!(said.contains("on m2, which leads"), "{said}");
    assert_eq!(said.matches("which stands by").count(), 2, "{said}");
    let down = spread(Way::InPlace).with(|w| w.facts.hosts[2].processes = Observed::Known(Vec::new()));
    assert_eq!(severity(&masters(&down)), RED);
    let behind = spread(Way::InPlace).with(|w| {
        if let Some(Observed::Known(members)) = &mut w.facts.quorum {
            members[0].state = "UNAVAILABLE".to_owned();
        }
    });
    assert_eq!(severity(&masters(&behind)), RED);
    let fewer = spread(Way::InPlace).with(|w| {
        if let Some(Observed::Known(members)) = &mut w.facts.quorum {
            members.pop();
        }
    });
    assert_eq!(severity(&masters(&fewer)), RED);
    let untold = spread(Way::InPlace)
        .with(|w| w.facts.quorum = Some(Observed::unknown("the masters' quorum", "the shell failed")));
    assert_eq!(may_hide(&masters(&untold)), Severity::Yellow);
}

#[test]
fn what_is_set_in_the_wanted_release_is_what_a_restore_needs() {
    let sets = |world: &World| -> Vec<String> {
        let plan = plan(world);
        let edits = plan.steps().filter_map(|step| match &step.effect {
            Effect::Configure {
                change: upshift_model::step::Change::CarryOver { edits, .. },
                ..
            } => Some(edits.clone()),
            _ => None,
        });
        edits.flatten().map(|edit| format!("{edit:?}")).collect()
    };
    let set = sets(&World::new("1.8.1", "2.9.6"));
    assert_eq!(set.len(), 1, "{set:?}");
    assert!(set[0].contains("sync.root.after.init.from.backup"), "{set:?}");
    assert!(
        sets(&World::new("2.7.3", "2.9.6")).is_empty(),
        "in place nothing is synced"
    );
    let carried = World::new("1.8.1", "2.9.6").with(|w| {
        w.host().target_site = Observed::Known(BTreeMap::new());
        w.host().site = Observed::Known(lines(&[
            ("alluxio.underfs.address", "/srv/ufs"),
            ("alluxio.worker.data.port", "1"),
        ]));
    });
    let set = sets(&carried).join("\n");
    assert!(set.contains("alluxio.master.journal.type"), "{set}");
}

#[test]
fn clusters_of_another_shape_are_refused_by_name() {
    let refused = |world: &World| planned(world).expect_err("no plan").code;
    let two = World::new("2.7.3", "2.9.6").with(|w| {
        w.declaration.masters.push(Endpoint::plain("http://m2:19999"));
    });
    assert_eq!(refused(&two), NOT_HERE);
    let elsewhere = World::new("2.7.3", "2.9.6").with(|w| w.master().workers.push(worker("In Service")));
    assert_eq!(refused(&elsewhere), NOT_HERE);
    let object_store = World::new("2.7.3", "2.9.6").with(|w| {
        let key = "alluxio.master.journal.folder".to_owned();
        w.master().options.insert(key, "hdfs://nn/journal".to_owned());
        w.host().site = Observed::Known(lines(&SITE[..3]));
    });
    assert_eq!(refused(&object_store), NOT_HERE);
    // A link to the folder that the processes name.
    let linked = World::new("2.7.3", "2.9.6").with(|w| w.declaration.home = "/opt/alluxio".into());
    let told = format!("{:?}", planned(&linked).expect_err("no plan"));
    assert!(told.contains("/opt/old") && told.contains("not a link"), "{told}");
    let done = World::new("2.7.3", "2.9.6").with(|w| w.master().version = "2.9.6".to_owned());
    assert_eq!(refused(&done), NOTHING_TO_DO);
    let silent = World::new("2.7.3", "2.9.6").with(|w| {
        w.facts.masters[0].told = Observed::unknown("the master", "connection refused");
    });
    assert_eq!(refused(&silent), UNSEEN);
}

#[test]
fn a_plan_starts_only_in_the_world_that_it_was_made_for() {
    let world = World::new("2.7.3", "2.9.6");
    let plan = plan(&world);
    let now = |world: &World| upshift_model::inventory::Inventory {
        format: upshift_model::inventory::INVENTORY_FORMAT,
        system: "lake".into(),
        taken_at: jiff::Timestamp::UNIX_EPOCH,
        facts: upshift_model::inventory::Facts::Alluxio(Box::new(world.facts.clone())),
        gaps: Vec::new(),
    };
    assert_eq!(dispatch::differences(&plan, &now(&world)), Vec::<String>::new());
    let moved = World::new("2.7.3", "2.9.6").with(|w| {
        let key = "alluxio.master.journal.folder".to_owned();
        w.master().options.insert(key, "/srv/other".to_owned());
        w.host().site = Observed::Known(lines(&SITE[..3]));
        w.master().mounts.insert("/".to_owned(), store("/srv/other"));
        w.host().processes = Observed::Known(Vec::new());
    });
    assert_eq!(dispatch::differences(&plan, &now(&moved)).len(), 4);
    let joined = World::new("2.7.3", "2.9.6").with(|w| {
        if let Observed::Known(all) = &mut w.host().processes {
            let mut proxy = all[0].clone();
            (proxy.pid, proxy.role) = (12, Role::Proxy);
            all.push(proxy);
        }
    });
    let told = dispatch::differences(&plan, &now(&joined));
    assert_eq!(
        told,
        ["a proxy runs on this machine with pid 12, which the plan does not know"]
    );
}
