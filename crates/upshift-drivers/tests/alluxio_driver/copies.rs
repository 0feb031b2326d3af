//! Backups on masters' hosts: brought here whole or not at all, put there readable for their master, and a full disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use upshift_drivers::alluxio::codes;
use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Condition, Preparation, Role, THIS_MACHINE};
use upshift_model::expect::Expectation;
use upshift_model::ids::{BindingName, Code, ComponentId};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::Baseline;
use upshift_model::step::{Artifact, Effect, Step, StopWhat};

use super::world::*;

fn written(world: &World) -> (PathBuf, Bindings) {
    let file = world.at("there/alluxio-backup-2026-11-20-1.gz");
    put(&file, &fs::read(fixture("2.7.3-UFS")).expect("a file"));
    let mut all = backup_bound("written", &file, Some(36));
    let more = [("written.host", THIS_MACHINE), ("written.marked", "true")];
    let binds = more.map(|(name, value)| Binding::Value {
        name: BindingName::new(name),
        value: value.to_owned(),
    });
    all.absorb(&Proof {
        facts: Vec::new(),
        binds: binds.into(),
    });
    (file, all)
}

fn fetch() -> Step {
    prepare(Preparation::Fetch {
        of: BindingName::new("written"),
        into: BindingName::new("before"),
    })
}

#[track_caller]
fn refused(said: Result<(), Fault>) -> Code {
    match said {
        Err(Fault::Refused(failure)) => failure.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_backup_of_another_host_is_brought_here_whole_with_its_marker_or_not_at_all() {
    let world = World::new();
    let (file, mut all) = written(&world);
    let Standing::Done(proof) = world.tried(&fetch(), &all) else {
        panic!("it is fetched");
    };
    all.absorb(&proof);
    let here = PathBuf::from(all.value(&BindingName::new("before.file")).expect("bound"));
    assert_eq!(fs::read(&here).expect("a file"), fs::read(&file).expect("a file"));
    assert!(here.with_extension("gz.complete").exists());
    assert_eq!(all.value(&BindingName::new("before.entries")), Some("36"));
    // What lies here under its name must be it.
    put(&here, b"another");
    let standing = world.stands(&fetch(), &all, None).expect("seen");
    assert_eq!(code(standing), codes::OTHER_BACKUP);

    // It is another one there by now.
    let world = World::new();
    let (file, all) = written(&world);
    put(&file, &fs::read(fixture("2.1.0-UFS")).expect("a file"));
    let tried = world.attempts(&fetch(), &all, &intent(Baseline::default()));
    assert_eq!(refused(tried), codes::OTHER_BACKUP);
    assert!(matches!(
        world.stands(&fetch(), &all, None),
        Ok(Standing::Ready(_))
    ));
}

#[test]
fn a_full_disk_is_told_as_one() {
    let world = World::new();
    let (_, all) = written(&world);
    // The half of a fetched file, on a device without room.
    let sha256 = all.value(&BindingName::new("written.sha256")).expect("bound");
    let folder = world.at("ours").join(format!("lake-{}-fetched", &sha256[..16]));
    fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink("/dev/full", folder.join("before.gz.partial")).expect("a link");
    let tried = world.attempts(&fetch(), &all, &intent(Baseline::default()));
    assert_eq!(refused(tried), codes::DISK_FULL);
    // The command of the release says so and ends with 0.
    world.program(
        "old/bin/alluxio",
        "echo 'java.io.IOException: No space left on device'; exit 0",
    );
    let backup = prepare(Preparation::Backup {
        release: "2.7.3".parse().expect("a version"),
        options: Vec::new(),
        marked: true,
        into: BindingName::new("before"),
    });
    assert_eq!(code(world.tried(&backup, &Bindings::default())), codes::DISK_FULL);
}

/// After its proof, while the old journal is in its place, and by whatever somebody answers to other questions.
#[test]
fn a_backup_that_is_written_over_is_told_before_the_journal_is_moved() {
    let world = World::new();
    let (file, all) = written(&world);
    let still = |on: Option<ComponentId>| Condition::Unaltered {
        of: BindingName::new("written"),
        on,
    };
    for on in [None, Some(Role::Master.component())] {
        let seen = world.stands(&watch(still(on)), &all, None).expect("seen");
        assert!(matches!(seen, Standing::Done(_)), "{seen:?}");
    }
    let mut moves = step(Effect::Transfer {
        what: Artifact::Folder {
            of: Role::Master.component(),
            from: world.at("journal"),
            to: world.at("journal.kept"),
            keep: false,
        },
        into: BindingName::new("journal"),
    });
    moves.before = vec![Expectation::Alluxio(still(None))];
    assert!(matches!(world.stands(&moves, &all, None), Ok(Standing::Ready(_))));
    put(&file, &fs::read(fixture("2.1.0-UFS")).expect("a file"));
    let other = world.stands(&moves, &all, None).expect("seen");
    assert!(matches!(other, Standing::Contradicted(_)), "{other:?}");
    assert_eq!(code(other), codes::OTHER_BACKUP);
    fs::remove_file(&file).expect("gone");
    let gone = world.stands(&moves, &all, None).expect("seen");
    assert_eq!(code(gone), codes::OTHER_BACKUP);
}

/// A process that looks like a master, of a user who may not look into folders of the one who runs the test.
fn master_of_somebody(home: &Path) -> Played {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "while :; do sleep 1; done", "alluxio.master.AlluxioMaster"])
        .arg(format!("-Dalluxio.home={}", home.display()))
        .current_dir("/")
        .stdin(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    Played(command.spawn().expect("it starts"))
}

#[test]
fn a_copy_is_the_backup_and_its_master_can_read_it() {
    let world = World::new();
    let (_, all) = written(&world);
    let copy = prepare(Preparation::Copy {
        of: BindingName::new("written"),
        server: Role::Master.component(),
        into: BindingName::new("copy"),
    });
    let own = played(&world.place().old.home);
    let Standing::Done(proof) = world.tried(&copy, &all) else {
        panic!("it is copied");
    };
    assert!(proof.facts[1].contains("can read"), "{proof:?}");
    // Half of it, as a crash leaves it: it is put there again.
    let mut bound = all.clone();
    bound.absorb(&proof);
    let there = PathBuf::from(bound.value(&BindingName::new("copy.file")).expect("bound"));
    put(&there, b"half");
    assert!(matches!(world.tried(&copy, &all), Standing::Done(_)));
    drop(own);

    let _master = master_of_somebody(&world.place().old.home);
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(&there, fs::Permissions::from_mode(0o000)).expect("closed");
    }
    let seen = world.stands(&copy, &all, None);
    match seen {
        Ok(standing) => assert_eq!(code(standing), codes::NOT_COPIED),
        // Who may not read it cannot compare it either.
        Err(Fault::Transient(what)) => assert!(!rustix::process::geteuid().is_root(), "{what}"),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_host_that_the_plan_does_not_name_is_none_to_stop_servers_on() {
    let mut world = World::new();
    world.site.places[0].host = "gone".to_owned();
    for server in &mut world.site.servers {
        server.host = "gone".to_owned();
    }
    let stop = step(Effect::Stop {
        what: StopWhat::Server {
            server: Role::Worker.component(),
        },
    });
    match world.stands(&stop, &Bindings::default(), None) {
        Err(Fault::Refused(failure)) => assert_eq!(failure.code, codes::HOSTS),
        other => panic!("{other:?}"),
    }
}
