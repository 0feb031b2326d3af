//! Programs that end with 0 having failed, and masters that came up with something else.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::json;
use upshift_drivers::alluxio::codes;
use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Condition, MountTerms, Preparation, Role, THIS_MACHINE};
use upshift_model::host::Host;
use upshift_model::ids::BindingName;
use upshift_model::proof::Bindings;
use upshift_model::record::Baseline;
use upshift_model::step::{Effect, StartWhat, StopWhat};

use super::world::*;

#[test]
fn programs_that_end_with_0_having_failed_are_seen_by_what_they_did_not_do() {
    let world = World::new();
    let none = Bindings::default();
    for name in ["old/bin/alluxio", "new/bin/alluxio", "new/bin/alluxio-start.sh"] {
        world.program(name, "echo '[ FAILED ] but all is well'; exit 0");
    }
    let backup = prepare(Preparation::Backup {
        release: "2.7.3".parse().expect("a version"),
        options: Vec::new(),
        marked: true,
        into: BindingName::new("before"),
    });
    assert_eq!(code(world.tried(&backup, &none)), codes::NO_BACKUP);
    fs::rename(world.at("journal"), world.at("journal.kept")).expect("moved");
    let format = prepare(Preparation::Format {
        server: Role::Master.component(),
        release: "2.9.6".parse().expect("a version"),
    });
    assert_eq!(code(world.tried(&format, &none)), codes::NOT_FORMATTED);
    let start = step(Effect::Start {
        what: StartWhat::Server {
            server: Role::Master.component(),
            release: "2.9.6".parse().expect("a version"),
        },
    });
    assert_eq!(code(world.tried(&start, &none)), codes::SERVER_DIED);
    let writers = |program: &str| {
        let by = vec![program.to_owned()];
        step(Effect::Stop {
            what: StopWhat::Writers { by },
        })
    };
    assert_eq!(code(world.tried(&writers("/bin/false"), &none)), codes::WRITERS);
    assert!(matches!(
        world.tried(&writers("/bin/true"), &none),
        Standing::Done(_)
    ));
}

/// The command makes the folder first and its marks long after: what is half made is no stranger's.
#[test]
fn a_journal_that_is_being_formatted_is_waited_for() {
    let world = World::new();
    let none = Bindings::default();
    fs::rename(world.at("journal"), world.at("journal.kept")).expect("moved");
    let (journal, go) = (world.at("journal"), world.at("go"));
    let (at, until) = (journal.display(), go.display());
    world.program(
        "new/bin/alluxio",
        &format!(
            "mkdir -p {at}/BlockMaster/v1/logs {at}/half\nwhile [ ! -e {until} ]; do sleep 0.05; done\n\
             rmdir {at}/half\n: > {at}/BlockMaster/v1/_format_1"
        ),
    );
    let format = prepare(Preparation::Format {
        server: Role::Master.component(),
        release: "2.9.6".parse().expect("a version"),
    });
    let Ok(Standing::Ready(baseline)) = world.stands(&format, &none, None) else {
        panic!("nothing is there");
    };
    let intent = intent(baseline);
    world.attempts(&format, &none, &intent).expect("it is begun");
    while !journal.join("half").exists() {
        pause();
    }
    let seen = world.stands(&format, &none, Some(&intent)).expect("seen");
    assert!(matches!(seen, Standing::Underway(_)), "{seen:?}");
    put(&go, b"");
    let over = loop {
        match world.stands(&format, &none, Some(&intent)).expect("seen") {
            Standing::Underway(_) => pause(),
            other => break other,
        }
    };
    assert!(matches!(over, Standing::Done(_)), "{over:?}");
}

#[test]
fn a_restore_that_failed_half_way_begins_again_on_a_fresh_journal() {
    let world = World::new();
    // What formats leaves the mark of a format; what starts does nothing.
    let journal = world.at("journal").display().to_string();
    let mark = format!("mkdir -p {journal}/BlockMaster/v1/logs; : > {journal}/BlockMaster/v1/_format_1");
    world.program("new/bin/alluxio", &mark);
    world.program(
        "new/bin/alluxio-start.sh",
        "echo \"$@\" > \"$(dirname \"$0\")/../words\"",
    );
    let file = world.at("ours/b.gz");
    put(&file, &fs::read(fixture("2.7.3-UFS")).expect("a file"));
    let all = backup_bound("restore", &file, Some(36));
    let start = step(Effect::Start {
        what: StartWhat::Restored {
            server: Role::Master.component(),
            release: "2.9.6".parse().expect("a version"),
            from: BindingName::new("restore"),
        },
    });
    put(
        &world.at("journal/BlockMaster/v1/logs/0x0-0x7fffffffffffffff"),
        b"",
    );
    assert_eq!(code(world.tried(&start, &all)), codes::SERVER_DIED);
    let words = fs::read_to_string(world.at("new/words")).expect("it was started");
    assert_eq!(words.trim(), format!("-N -i {} master", file.display()));
    let names = fs::read_dir(world.dir.path()).expect("a folder");
    let aside = names
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .find(|name| name.starts_with("journal.failed-"));
    assert!(aside.is_some(), "what the first try left is kept aside");
    assert!(
        !world
            .at("journal/BlockMaster/v1/logs/0x0-0x7fffffffffffffff")
            .exists()
    );
}

#[test]
fn who_writes_while_the_upgrade_begins_is_told_and_nothing_is_stopped() {
    let quiet = World::answering(&master(|_, _| {}));
    let note = prepare(Preparation::Watch {
        into: BindingName::new("writes"),
    });
    let Ok(Standing::Done(proof)) = quiet.stands(&note, &Bindings::default(), None) else {
        panic!("counts are noted");
    };
    let mut all = Bindings::default();
    all.absorb(&proof);
    let is_quiet = watch(Condition::Quiet {
        since: BindingName::new("writes"),
    });
    assert!(matches!(
        quiet.stands(&is_quiet, &all, None),
        Ok(Standing::Done(_))
    ));
    let busy = World::answering(&master(|info, _| {
        info["metrics"]["Master.CreateFileOps"] = json!(3)
    }));
    assert_eq!(
        code(busy.stands(&is_quiet, &all, None).expect("seen")),
        codes::WRITES
    );
    let anew = World::answering(&master(|info, _| info["startTimeMs"] = json!(1)));
    assert_eq!(
        code(anew.stands(&is_quiet, &all, None).expect("seen")),
        codes::WRITES
    );
    let serving = |release: &str| {
        watch(Condition::Serving {
            release: release.parse().expect("a version"),
        })
    };
    let all = Bindings::default();
    assert!(matches!(
        quiet.stands(&serving("2.9.6"), &all, None),
        Ok(Standing::Done(_))
    ));
    assert_eq!(
        code(quiet.stands(&serving("2.7.3"), &all, None).expect("seen")),
        codes::OTHER_RELEASE
    );
    let remounted = World::answering(&master(|info, _| {
        info["mountPoints"]["/"]["ufsUri"] = json!("/elsewhere")
    }));
    assert_eq!(
        code(remounted.stands(&serving("2.9.6"), &all, None).expect("seen")),
        codes::OTHER_TREE
    );
    assert!(matches!(
        quiet.stands(&watch(Condition::Workers), &all, None),
        Ok(Standing::Done(_))
    ));
    let alone = World::answering(&master(|info, _| info["workers"] = json!([])));
    assert!(matches!(
        alone.stands(&watch(Condition::Workers), &all, None),
        Ok(Standing::Waiting(_))
    ));
}

/// The master says nothing of a proxy, nor of a job server, which may have died behind its start.
#[test]
fn a_proxy_that_is_away_is_told_where_a_release_is_proven() {
    let none = Bindings::default();
    let serving = watch(Condition::Serving {
        release: "2.9.6".parse().expect("a version"),
    });
    let mut world = World::answering(&master(|_, _| {}));
    let mut proxy = world.site.servers[0].clone();
    (proxy.id, proxy.role) = (Role::Proxy.component(), Role::Proxy);
    world.site.servers.push(proxy);
    let Standing::Failed(away) = world.stands(&serving, &none, None).expect("seen") else {
        panic!("it is away");
    };
    assert_eq!(away.code, codes::MASTER_AWAY);
    assert!(away.what.contains("no proxy runs on"), "{}", away.what);
    let _proxy = played_as("alluxio.proxy.AlluxioProxy", &world.place().new.home);
    assert!(matches!(
        world.stands(&serving, &none, None),
        Ok(Standing::Done(_))
    ));
}

#[test]
fn a_store_that_is_mounted_on_other_terms_is_another() {
    let none = Bindings::default();
    let serving = watch(Condition::Serving {
        release: "2.9.6".parse().expect("a version"),
    });
    let mut world = World::answering(&master(|_, _| {}));
    let terms = |read_only: bool| MountTerms {
        read_only,
        shared: false,
        options: BTreeMap::new(),
    };
    world.site.mount_terms = BTreeMap::from([("/ro".to_owned(), terms(true))]);
    assert!(matches!(
        world.stands(&serving, &none, None),
        Ok(Standing::Done(_))
    ));
    world.site.mount_terms = BTreeMap::from([("/ro".to_owned(), terms(false))]);
    let Standing::Failed(other) = world.stands(&serving, &none, None).expect("seen") else {
        panic!("it was not read-only");
    };
    assert_eq!(other.code, codes::OTHER_TREE);
    assert!(other.what.contains("/ro is mounted read-only"), "{}", other.what);
}

/// A process that is gone is not over while something listens at a port that it had.
#[test]
fn a_worker_is_stopped_once_nobody_listens_at_its_ports() {
    let world = World::new();
    let none = Bindings::default();
    let stop = step(Effect::Stop {
        what: StopWhat::Server {
            server: Role::Worker.component(),
        },
    });
    // Below the range from which ports are given out.
    let (listener, port) = (21_000_u16..32_000)
        .find_map(|port| Some((TcpListener::bind(("127.0.0.1", port)).ok()?, port)))
        .expect("a free port");
    let noted = [("ports".to_owned(), format!("{port} 65535"))];
    let told = intent(Baseline(noted.into()));
    let Standing::Waiting(waits) = world.stands(&stop, &none, Some(&told)).expect("seen") else {
        panic!("somebody listens still");
    };
    assert!(waits.what.contains(&format!("its port {port}")), "{}", waits.what);
    drop(listener);
    let Standing::Done(proof) = world.stands(&stop, &none, Some(&told)).expect("seen") else {
        panic!("it is gone");
    };
    let listed = proof
        .facts
        .iter()
        .any(|fact| fact.contains(&format!("nobody listens at port {port}")));
    assert!(listed, "{proof:?}");
}

#[test]
fn of_several_masters_none_is_away() {
    let none = Bindings::default();
    let serving = watch(Condition::Serving {
        release: "2.9.6".parse().expect("a version"),
    });
    // With others that stand by, each must run from the release's home: the one that leads says nothing of them.
    let mut several = World::answering(&master(|_, _| {}));
    let mut second = several.site.place(THIS_MACHINE).expect("a place").clone();
    second.host = "h1".to_owned();
    second.new.home = several.at("second");
    fs::create_dir_all(&second.new.home).expect("a folder");
    let host = several.site.hosts[0].clone();
    several.site.hosts.push(Host {
        name: second.host.clone(),
        ..host
    });
    let mut server = several.site.servers[1].clone();
    (server.id, server.host) = (Role::Master.component_on("h1"), "h1".to_owned());
    several.site.servers.push(server);
    several.site.masters.push(several.site.masters[0].clone());
    several.site.places.push(second);
    let stands = || several.stands(&serving, &none, None).expect("seen");
    let _first = played(&several.place().new.home);
    let Standing::Failed(away) = stands() else {
        panic!("one of two masters is away");
    };
    assert_eq!(away.code, codes::MASTER_AWAY);
    assert!(away.what.contains("no master runs on h1"), "{}", away.what);
    let _second = played(&several.at("second"));
    let both = stands();
    assert!(matches!(both, Standing::Done(_)), "{both:?}");
}

#[test]
fn counts_of_one_that_stands_by_or_tells_none_are_no_quiet_ones() {
    let quiet = World::answering(&master(|_, _| {}));
    let note = prepare(Preparation::Watch {
        into: BindingName::new("writes"),
    });
    let Ok(Standing::Done(proof)) = quiet.stands(&note, &Bindings::default(), None) else {
        panic!("counts are noted");
    };
    let mut all = Bindings::default();
    all.absorb(&proof);
    let is_quiet = watch(Condition::Quiet {
        since: BindingName::new("writes"),
    });
    // One that stands by answers, too, where its web server is let.
    let standby = World::answering(&master(|_, metrics| {
        metrics["gauges"]["Master.RoleId"]["value"] = json!(2);
    }));
    match standby.stands(&is_quiet, &all, None) {
        Err(Fault::Transient(what)) => assert!(what.contains("it stands by"), "{what}"),
        other => panic!("{other:?}"),
    }
    let mute = World::answering(&master(|info, _| {
        info["metrics"]
            .as_object_mut()
            .expect("metrics")
            .remove("Master.CreateFileOps");
    }));
    assert_eq!(
        code(mute.stands(&is_quiet, &all, None).expect("seen")),
        codes::WRITES
    );
}

#[test]
fn a_stop_waits_for_what_is_about_to_start_a_server() {
    let world = World::new();
    world.program("new/bin/alluxio-start.sh", "while :; do sleep 1; done");
    let starter = Command::new(world.at("new/bin/alluxio-start.sh"))
        .args(["-N", "master"])
        .stdin(Stdio::null())
        .spawn();
    let starter = Played(starter.expect("it starts"));
    let stop = step(Effect::Stop {
        what: StopWhat::Server {
            server: Role::Worker.component(),
        },
    });
    let none = Bindings::default();
    assert!(matches!(
        world.stands(&stop, &none, None),
        Ok(Standing::Waiting(_))
    ));
    drop(starter);
    assert!(matches!(world.stands(&stop, &none, None), Ok(Standing::Done(_))));
}

/// Another machine may know the name; the proof says what was not asked.
#[test]
fn a_name_that_is_not_known_here_is_not_taken_for_a_port_that_is_closed() {
    let world = World::answering("http://no-such-host.invalid:19999");
    let stop = step(Effect::Stop {
        what: StopWhat::Server {
            server: Role::Master.component(),
        },
    });
    match world.stands(&stop, &Bindings::default(), None) {
        Ok(Standing::Done(proof)) => assert!(proof.facts[1].contains("was not asked"), "{proof:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_master_that_came_up_with_something_else_is_not_believed() {
    let restored = |count: i64| {
        World::answering(&master(move |_, metrics| {
            metrics["gauges"]["Master.LastBackupRestoreCount"]["value"] = json!(count);
        }))
    };
    let file = fixture("2.7.3-UFS");
    let all = backup_bound("restore", &file, Some(36));
    let start = step(Effect::Start {
        what: StartWhat::Restored {
            server: Role::Master.component(),
            release: "2.9.6".parse().expect("a version"),
            from: BindingName::new("restore"),
        },
    });
    let world = restored(36);
    let _one = played(&world.place().new.home);
    assert!(matches!(world.stands(&start, &all, None), Ok(Standing::Done(_))));
    let world = restored(35);
    let _one = played(&world.place().new.home);
    assert_eq!(
        code(world.stands(&start, &all, None).expect("seen")),
        codes::NOT_RESTORED
    );
    let world = restored(36);
    let _one = played(&world.place().new.home);
    let said = "INFO AlluxioMasterProcess - The journal system is not freshly formatted, skipping restoring backup from F\n";
    put(&world.place().new.master_log, said.as_bytes());
    let intent = intent(Baseline::default());
    let skipped = world.stands(&start, &all, Some(&intent)).expect("seen");
    assert_eq!(code(skipped), codes::NOT_RESTORED);
    let world = restored(36);
    let _one = played(&world.place().old.home);
    assert_eq!(
        code(world.stands(&start, &all, None).expect("seen")),
        codes::OTHER_RELEASE
    );
    let _another = played(&world.place().new.home);
    assert_eq!(
        code(world.stands(&start, &all, None).expect("seen")),
        codes::FOREIGN_PROCESS
    );
    match world.stands(&start, &Bindings::default(), None) {
        Ok(standing) => assert_eq!(code(standing), codes::FOREIGN_PROCESS),
        Err(fault) => panic!("{fault:?}"),
    }
    let stranger = step(Effect::Stop {
        what: StopWhat::Server {
            server: "nobody".into(),
        },
    });
    match world.stands(&stranger, &all, None) {
        Err(Fault::Refused(failure)) => assert_eq!(failure.code, codes::NOT_IN_THE_PLAN),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_restore_that_nothing_proves_is_none() {
    let world = World::answering(&master(|_, metrics| {
        metrics["gauges"]["Master.LastBackupRestoreCount"]["value"] = json!(36);
    }));
    let start = step(Effect::Start {
        what: StartWhat::Restored {
            server: Role::Master.component(),
            release: "2.9.6".parse().expect("a version"),
            from: BindingName::new("restore"),
        },
    });
    let _one = played(&world.place().new.home);
    let file = fixture("2.7.3-UFS");
    // Nobody knows how many entries there must be.
    let uncounted = backup_bound("restore", &file, None);
    let seen = world.stands(&start, &uncounted, None).expect("seen");
    assert_eq!(code(seen), codes::NOT_RESTORED);
    // A log that cannot be read may say that it skipped.
    fs::create_dir_all(&world.place().new.master_log).expect("a folder in its place");
    match world.stands(&start, &backup_bound("restore", &file, Some(36)), None) {
        Err(Fault::Transient(what)) => assert!(what.contains("cannot be read"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_in_workers_only_are_persisted_when_the_listing_says_so_and_not_the_command() {
    let world = World::new();
    let persist = prepare(Preparation::Persist {
        release: "2.7.3".parse().expect("a version"),
    });
    let line = "-rw-r--r--  root  root  700  $state 11-20-2026 23:35:16:839  100% /cache/only";
    let listing = |state: &str| {
        let text = format!(
            "state={state}\ncase $2 in ls) echo \"{line}\" ;; *) echo 'persisted file /cache/only with size 700' ;; esac"
        );
        world.program("old/bin/alluxio", &text);
    };
    listing("NOT_PERSISTED");
    match world.tried(&persist, &Bindings::default()) {
        Standing::Failed(failure) => {
            assert_eq!(failure.code, codes::IN_WORKERS_ONLY);
            assert!(
                failure.what.contains("1 files with 700 bytes"),
                "{}",
                failure.what
            );
        }
        other => panic!("{other:?}"),
    }
    listing("PERSISTED");
    assert!(matches!(
        world.tried(&persist, &Bindings::default()),
        Standing::Done(_)
    ));
}

/// The listing of a tree of any size, by which nothing is loaded from an under-store nor compared with one.
#[test]
fn the_listing_changes_no_tree_and_one_that_fails_or_is_long_is_not_an_empty_one() {
    let world = World::new();
    let none = Bindings::default();
    let persist = |release: &str| {
        prepare(Preparation::Persist {
            release: release.parse().expect("a version"),
        })
    };
    let asked = world.at("asked");
    let lists = |text: &str| {
        world.program(
            "old/bin/alluxio",
            &format!(
                "[ \"$2\" = ls ] || exit 0\necho \"$@\" > {}\n{text}",
                asked.display()
            ),
        );
    };
    let line = "-rw-r--r--  root  root  700  PERSISTED 11-20-2026 23:35:16:839  100% /lake/in/the/store";
    lists(&format!("yes '{line}' | head -n 900000"));
    let long = world.tried(&persist("2.7.3"), &none);
    assert!(matches!(long, Standing::Done(_)), "{long:?}");
    let words = fs::read_to_string(&asked).expect("it was asked");
    assert_eq!(
        words.trim(),
        "fs ls -R -Dalluxio.user.file.metadata.load.type=NEVER -Dalluxio.user.file.metadata.sync.interval=-1 /"
    );
    // Half of a listing and a code; then what a shell complains of where it says nothing else.
    for failing in [
        format!("echo '{line}'\nexit 1"),
        "echo 'Failed to connect'\nexit 255".to_owned(),
    ] {
        lists(&failing);
        let baseline = Baseline::default();
        let intent = intent(baseline);
        world
            .attempts(&persist("2.7.3"), &none, &intent)
            .expect("it is begun");
        let seen = loop {
            match world.stands(&persist("2.7.3"), &none, Some(&intent)) {
                Ok(Standing::Underway(_)) => pause(),
                other => break other,
            }
        };
        assert!(matches!(seen, Err(Fault::Transient(_))), "{seen:?}");
    }
}

/// A process of an application: named java, with a jar open.
fn application(world: &World, name: &str, jar: &str) -> Played {
    let java = world.at("app/java");
    if !java.exists() {
        fs::create_dir_all(world.at("app")).expect("a folder");
        std::os::unix::fs::symlink("/bin/sh", &java).expect("a link");
    }
    let jar = world.at("app").join(jar);
    put(&jar, b"jar");
    let child = Command::new(java)
        .args(["-c", "while :; do sleep 1; done", name])
        .stdin(fs::File::open(jar).expect("a jar"))
        .spawn();
    Played(child.expect("it starts"))
}

#[test]
fn an_application_is_switched_when_its_processes_have_the_client_open() {
    let world = World::new();
    let none = Bindings::default();
    let name = format!("org.example.App{}", std::process::id());
    let loaded = watch(Condition::Loaded {
        client: "spark".to_owned(),
        process: name.clone(),
        release: "2.9.6".parse().expect("a version"),
    });
    let waits = |said: &str| match world.stands(&loaded, &none, None) {
        Ok(Standing::Waiting(progress)) => assert!(progress.what.contains(said), "{progress:?}"),
        other => panic!("{other:?}"),
    };
    waits("no Java process");
    let other = application(&world, &name, "other.jar");
    waits("has loaded no client yet");
    drop(other);
    let new = application(&world, &name, "alluxio-2.9.6-client.jar");
    assert!(matches!(
        world.stands(&loaded, &none, None),
        Ok(Standing::Done(_))
    ));
    let old = application(&world, &name, "alluxio-1.8.1-client.jar");
    waits("has the client of 1.8.1 loaded");
    drop((new, old));
    let switch = |program: &str| {
        let by = vec![program.to_owned()];
        prepare(Preparation::ClassPath {
            client: "spark".to_owned(),
            switch: upshift_model::alluxio::ClientSwitch {
                class_path: by.clone(),
                class_path_back: by.clone(),
                restart: by,
                process: name.clone(),
            },
            back: false,
        })
    };
    assert_eq!(code(world.tried(&switch("/bin/false"), &none)), codes::WRITERS);
    assert!(matches!(
        world.tried(&switch("/bin/true"), &none),
        Standing::Done(_)
    ));
}
