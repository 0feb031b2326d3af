//! Journals, configuration, blocks and the root store.

use std::fs;

use upshift_drivers::alluxio::codes;
use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Condition, Pinned, Preparation, Role, TierFolder};
use upshift_model::digest::Digest;
use upshift_model::ids::BindingName;
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::Baseline;
use upshift_model::step::{Artifact, Change, ConfigEdit, Effect};

use super::world::*;

#[test]
fn journals_are_moved_copied_and_put_back_and_nothing_is_formatted_over() {
    let world = World::new();
    let none = Bindings::default();
    let transfer = |keep| {
        step(Effect::Transfer {
            what: Artifact::Folder {
                of: Role::Master.component(),
                from: world.at("journal"),
                to: world.at("journal.kept"),
                keep,
            },
            into: BindingName::new("kept"),
        })
    };
    let put_back = prepare(Preparation::PutBack {
        server: Role::Master.component(),
        kept: world.at("journal.kept"),
        journal: world.at("journal"),
        replaced: world.at("journal.replaced"),
    });
    let log = "BlockMaster/v1/logs/0x0-0x1";
    assert!(matches!(world.tried(&transfer(false), &none), Standing::Done(_)));
    assert!(!world.at("journal").exists() && world.at("journal.kept").join(log).exists());
    // The new release wrote something in its place.
    put(&world.at("journal/BlockMaster/v1/logs/0x0-0x9"), b"new");
    assert_eq!(
        code(world.stands(&transfer(false), &none, None).expect("seen")),
        codes::FOLDER
    );
    let format = prepare(Preparation::Format {
        server: Role::Master.component(),
        release: "2.9.6".parse().expect("a version"),
    });
    assert_eq!(
        code(world.stands(&format, &none, None).expect("seen")),
        codes::FOLDER
    );
    assert!(matches!(world.tried(&put_back, &none), Standing::Done(_)));
    assert!(world.at("journal").join(log).exists());
    assert!(world.at("journal.replaced/BlockMaster/v1/logs/0x0-0x9").exists());
    // Where it was never moved, nothing is put back.
    assert!(matches!(world.tried(&put_back, &none), Standing::Done(_)));
    assert!(world.at("journal").join(log).exists());
    assert!(matches!(world.tried(&transfer(true), &none), Standing::Done(_)));
    assert!(world.at("journal").join(log).exists() && world.at("journal.kept").join(log).exists());
}

#[test]
fn the_configuration_is_written_once_and_only_over_what_was_approved() {
    let world = World::new();
    let none = Bindings::default();
    let file = world.at("new/conf/alluxio-site.properties");
    let text = "alluxio.a=1\nalluxio.b=2\n";
    put(&file, text.as_bytes());
    let change = |digest: Digest| {
        let change = Change::CarryOver {
            from: world.at("new/conf"),
            from_file: "alluxio-site.properties".to_owned(),
            from_digest: digest,
            to: world.at("new/conf"),
            to_file: "alluxio-site.properties".to_owned(),
            edits: vec![ConfigEdit::Set {
                key: "alluxio.b".to_owned(),
                value: "3".to_owned(),
                why: "so".to_owned(),
            }],
        };
        let component = Role::Master.component();
        step(Effect::Configure { component, change })
    };
    let other = change(Digest::of_bytes(b"another"));
    assert_eq!(
        code(world.stands(&other, &none, None).expect("seen")),
        codes::CONFIGURATION
    );
    let right = change(Digest::of_bytes(text.as_bytes()));
    assert!(matches!(world.tried(&right, &none), Standing::Done(_)));
    let now = fs::read_to_string(&file).expect("a file");
    assert!(
        now.starts_with("alluxio.a=1\n# upshift: so\nalluxio.b=3\n# upshift: made of "),
        "{now}"
    );
    assert!(matches!(world.stands(&right, &none, None), Ok(Standing::Done(_))));
    // Edited by somebody behind it, though all that the plan sets is in it.
    put(&file, now.replace("alluxio.a=1", "alluxio.a=2").as_bytes());
    assert_eq!(
        code(world.stands(&right, &none, None).expect("seen")),
        codes::CONFIGURATION
    );
    let kept = world.at("new/conf/alluxio-site.properties.before-upshift");
    assert_eq!(fs::read_to_string(kept).expect("kept"), text);
}

/// The file of comments that a release is shipped with is written over, with or without an edit.
#[test]
fn a_configuration_of_comments_alone_is_none_that_was_carried_over() {
    let world = World::new();
    let (old, new) = (
        "old/conf/alluxio-site.properties",
        "new/conf/alluxio-site.properties",
    );
    let text = "alluxio.a=1\n";
    put(&world.at(old), text.as_bytes());
    put(&world.at(new), b"# alluxio.master.hostname=localhost\n");
    let carry = step(Effect::Configure {
        component: Role::Master.component(),
        change: Change::CarryOver {
            from: world.at("old/conf"),
            from_file: "alluxio-site.properties".to_owned(),
            from_digest: Digest::of_bytes(text.as_bytes()),
            to: world.at("new/conf"),
            to_file: "alluxio-site.properties".to_owned(),
            edits: Vec::new(),
        },
    });
    let none = Bindings::default();
    assert!(matches!(
        world.stands(&carry, &none, None),
        Ok(Standing::Ready(_))
    ));
    assert!(matches!(world.tried(&carry, &none), Standing::Done(_)));
    let now = fs::read_to_string(world.at(new)).expect("a file");
    assert!(now.starts_with(&format!("{text}# upshift: made of ")), "{now}");
    assert_eq!(now.lines().count(), 2);
}

/// Also where the plan sets nothing in it.
#[test]
fn a_configuration_that_was_edited_since_the_plan_is_seen_before_the_stop_and_before_the_start() {
    let mut world = World::new();
    let (old, new) = (
        world.at("old/conf/alluxio-site.properties"),
        world.at("new/conf/alluxio-site.properties"),
    );
    let text = "alluxio.master.mount.table.root.ufs=/srv/ufs\n";
    let watch = |made: bool| {
        let condition = Condition::Configured {
            server: Role::Master.component(),
            made,
        };
        watch(condition)
    };
    let none = Bindings::default();
    let pin = |made_of: &std::path::Path, edits: &[ConfigEdit]| {
        Some(Pinned {
            made_of: made_of.to_owned(),
            sha256: Digest::of_bytes(text.as_bytes()),
            file: new.clone(),
            edits: edits.to_vec(),
        })
    };
    let done =
        |world: &World, made: bool| matches!(world.stands(&watch(made), &none, None), Ok(Standing::Done(_)));
    // The wanted release's own, with nothing to set in it.
    put(&new, text.as_bytes());
    world.site.places[0].pinned = pin(&new, &[]);
    assert!(done(&world, false) && done(&world, true));
    put(&new, b"alluxio.master.mount.table.root.ufs=/srv/other\n");
    for made in [false, true] {
        assert_eq!(
            code(world.stands(&watch(made), &none, None).expect("seen")),
            codes::CONFIGURATION
        );
    }
    // One that is carried over: it is not there before the switch, and must be after it.
    put(&old, text.as_bytes());
    fs::remove_file(&new).expect("removed");
    world.site.places[0].pinned = pin(&old, &[]);
    assert!(done(&world, false) && !done(&world, true));
    put(&new, text.as_bytes());
    assert!(!done(&world, false), "somebody else put one there");
}

#[test]
fn blocks_are_listed_and_missed() {
    let world = World::new();
    let file = world.at("ours/b.gz");
    put(&file, &fs::read(fixture("2.7.3-UFS")).expect("a file"));
    let raw_ids = upshift_formats::alluxio::read_backup_with(
        fs::File::open(&file).expect("a file"),
        &upshift_formats::alluxio::BackupLimits::default(),
        |inode| {
            inode
                .blocks()
                .for_each(|block| put(&world.at(&format!("tier/{block}")), b"block"))
        },
    );
    assert!(raw_ids.expect("read").whole);
    put(&world.at("tier/1"), b"of nobody");
    let list = prepare(Preparation::Blocks {
        server: Role::Worker.component(),
        of: BindingName::new("before"),
        into: BindingName::new("blocks"),
    });
    let mut all = backup_bound("before", &file, None);
    let Standing::Done(proof) = world.tried(&list, &all) else {
        panic!("it is listed");
    };
    assert!(proof.facts[1].starts_with("1 files"), "{proof:?}");
    all.absorb(&proof);
    let held = watch(Condition::Blocks {
        server: Role::Worker.component(),
        of: BindingName::new("blocks"),
    });
    // A look writes nothing: there may be no room for it.
    let list_file = all.value(&BindingName::new("blocks")).expect("bound").to_owned();
    fs::create_dir(format!("{list_file}.now")).expect("a folder");
    assert!(matches!(world.stands(&held, &all, None), Ok(Standing::Done(_))));
    let some = fs::read_dir(world.at("tier"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let some = some.filter(|path| !path.ends_with("1")).max().expect("a block");
    fs::remove_file(some).expect("gone");
    assert_eq!(
        code(world.stands(&held, &all, None).expect("seen")),
        codes::BLOCKS_GONE
    );
    // A list that was damaged proves nothing.
    let text = fs::read_to_string(&list_file).expect("a list");
    put(
        std::path::Path::new(&list_file),
        format!("{text}no size\n").as_bytes(),
    );
    let damaged = world.stands(&held, &all, None).expect("seen");
    assert_eq!(code(damaged), codes::BLOCKS_UNSEEN);
    // A tier that cannot be read is no empty one.
    let world = world_with_a_file_for_a_tier();
    let intent = intent(Baseline::default());
    match world.attempts(
        &list,
        &backup_bound("before", &fixture("2.7.3-UFS"), None),
        &intent,
    ) {
        Err(Fault::Transient(what)) => assert!(what.contains("is no folder"), "{what}"),
        other => panic!("{other:?}"),
    }
}

/// Counts may be quiet, and still somebody wrote.
#[test]
fn blocks_that_are_younger_than_the_backup_are_told() {
    let world = World::new();
    let file = world.at("ours/b.gz");
    put(&file, &fs::read(fixture("2.7.3-UFS")).expect("a file"));
    let list = prepare(Preparation::Blocks {
        server: Role::Worker.component(),
        of: BindingName::new("before"),
        into: BindingName::new("blocks"),
    });
    let seen = || {
        let mut all = backup_bound("before", &file, None);
        let Standing::Done(proof) = world.tried(&list, &all) else {
            panic!("it is listed");
        };
        all.absorb(&proof);
        let nothing_late = watch(Condition::NothingLate {
            of: BindingName::new("blocks"),
        });
        world.stands(&nothing_late, &all, None).expect("seen")
    };
    // One that is older than the backup's newest file is what workers leave behind now and then.
    put(&world.at("tier/1"), b"of nobody");
    let before = seen();
    assert!(matches!(before, Standing::Done(_)), "{before:?}");
    let late = 1_u64 << 60;
    put(&world.at(&format!("tier/{late}")), b"late");
    let Standing::Failed(failure) = seen() else {
        panic!("somebody wrote after the backup");
    };
    assert_eq!(failure.code, codes::LATE);
    assert!(failure.what.contains("1 blocks with 4 bytes"), "{}", failure.what);
    let told = failure.far_side.expect("which");
    let shown = format!("4 {}/{late}", world.at("tier").display());
    assert!(told.contains(&shown), "{told}");
}

#[test]
fn a_root_store_that_is_empty_or_on_another_device_is_not_started_over() {
    let mut world = World::new();
    let none = Bindings::default();
    let root = watch(Condition::RootStore);
    assert!(matches!(world.stands(&root, &none, None), Ok(Standing::Done(_))));
    fs::remove_file(world.at("root/file")).expect("gone");
    assert_eq!(
        code(world.stands(&root, &none, None).expect("seen")),
        codes::ROOT_STORE
    );
    put(&world.at("root/file"), b"x");
    if let Some(root) = &mut world.site.places[0].root_store {
        root.device += 1;
    }
    assert_eq!(
        code(world.stands(&root, &none, None).expect("seen")),
        codes::ROOT_STORE
    );
}

fn world_with_a_file_for_a_tier() -> World {
    let world = World::new();
    fs::remove_dir(world.at("tier")).expect("removed");
    put(&world.at("tier"), b"no folder");
    world
}

#[test]
fn tiers_are_copied_while_they_are_stopped_and_what_is_gone_is_put_back() {
    let world = World::new();
    let none = Bindings::default();
    put(&world.at("tier/1"), b"one");
    put(&world.at("tier/2"), b"two");
    let worker = || Role::Worker.component();
    let to = world.at("saved/lake-1");
    let room = |to: std::path::PathBuf| {
        let condition = Condition::TierRoom { server: worker(), to };
        world.stands(&watch(condition), &none, None).expect("seen")
    };
    assert!(matches!(room(to.clone()), Standing::Done(_)));
    assert_eq!(code(room(world.at("tier/inside"))), codes::TIERS);
    assert_eq!(code(room(world.at("root"))), codes::TIERS);
    let save = prepare(Preparation::SaveTiers {
        server: worker(),
        to: to.clone(),
    });
    let back = prepare(Preparation::ReturnTiers {
        server: worker(),
        from: to,
    });
    // Before there is a copy nothing is put back.
    assert!(matches!(world.tried(&back, &none), Standing::Done(_)));
    // A crash left half of one.
    put(&world.at("saved/lake-1.partial/x"), b"half");
    // A look writes nothing: there may be no room for it.
    fs::create_dir(world.at("saved/lake-1.now")).expect("a folder");
    let Standing::Done(proof) = world.tried(&save, &none) else {
        panic!("they are copied");
    };
    assert!(proof.facts[0].contains("all 2 files with 6 bytes"), "{proof:?}");
    fs::remove_file(world.at("tier/2")).expect("gone");
    // A supervisor started it again: whatever is put back under it may be deleted at once.
    let again = played_as("alluxio.worker.AlluxioWorker", &world.place().new.home);
    let seen = world.stands(&back, &none, None).expect("seen");
    assert_eq!(code(seen), codes::FOREIGN_PROCESS);
    drop(again);
    // Of the same size, and not what was saved.
    put(
        &world.at(&format!("saved/lake-1{}/2", world.at("tier").display())),
        b"owt",
    );
    let refused = world.attempts(&back, &none, &intent(Baseline::default()));
    let Err(Fault::Refused(why)) = refused else {
        panic!("a damaged copy is not put back: {refused:?}");
    };
    assert_eq!(why.code, codes::TIERS);
    assert!(!world.at("tier/2").exists());
    put(
        &world.at(&format!("saved/lake-1{}/2", world.at("tier").display())),
        b"two",
    );
    // A crash left half of one: under its own name it would pass for what was there.
    put(&world.at("tier/2.upshift"), b"t");
    assert!(matches!(world.tried(&back, &none), Standing::Done(_)));
    assert_eq!(fs::read(world.at("tier/2")).expect("back"), b"two");
    assert!(!world.at("tier/2.upshift").exists());
    // A copy that is not whole is none.
    put(&world.at("tier/3"), b"three");
    assert_eq!(
        code(world.stands(&save, &none, None).expect("seen")),
        codes::TIERS
    );
}

/// The release's command ends with 0 where it failed: tiers tell.
#[test]
fn a_worker_is_formatted_once_and_its_tiers_tell_it() {
    let world = World::new();
    let none = Bindings::default();
    let format = prepare(Preparation::FormatWorker {
        server: Role::Worker.component(),
        release: "2.9.6".parse().expect("a version"),
        gives_up: Vec::new(),
    });
    put(&world.at("tier/1"), b"one");
    put(&world.at("tier/2"), b"three");
    world.program("new/bin/alluxio", "exit 0");
    let failed = world.tried(&format, &none);
    assert_eq!(code(failed), codes::WORKER_NOT_FORMATTED);
    let tier = world.at("tier").display().to_string();
    world.program(
        "new/bin/alluxio",
        &format!("[ \"$1\" = formatWorker ] && rm -f {tier}/*"),
    );
    let Standing::Done(proof) = world.tried(&format, &none) else {
        panic!("it is formatted");
    };
    assert!(
        proof.facts[0].contains("2 files with 8 bytes lay in it"),
        "{proof:?}"
    );
    // Done twice it gives up nothing more.
    assert!(matches!(world.tried(&format, &none), Standing::Done(_)));
    put(&world.at("tier/3"), b"of a worker that runs");
    let _worker = played_as("alluxio.worker.AlluxioWorker", &world.place().old.home);
    let under = world.stands(&format, &none, None).expect("seen");
    assert_eq!(code(under), codes::FOREIGN_PROCESS);
}

fn held(world: &World, blocks: u64) -> Condition {
    Condition::TiersHold {
        server: Role::Worker.component(),
        held: vec![TierFolder {
            path: world.at("tier"),
            blocks,
            kib: 4,
            file_system: "tmpfs".to_owned(),
        }],
    }
}

/// A RAM disk that is gone would leave an empty list, which everything holds.
#[test]
fn a_tier_that_holds_nothing_any_more_is_told() {
    let none = Bindings::default();
    let world = World::new();
    let stands = |blocks| {
        world
            .stands(&watch(held(&world, blocks)), &none, None)
            .expect("seen")
    };
    assert!(matches!(stands(0), Standing::Done(_)), "it held nothing before");
    assert_eq!(code(stands(2)), codes::TIER_EMPTY);
    put(&world.at("tier/1"), b"one");
    let Standing::Done(proof) = stands(2) else {
        panic!("caches evict");
    };
    assert!(proof.facts[0].contains("1 files with 3 bytes"), "{proof:?}");
    fs::remove_dir_all(world.at("tier")).expect("gone");
    assert_eq!(code(stands(2)), codes::TIER_EMPTY);
    // A tier that cannot be read is no empty one.
    let world = world_with_a_file_for_a_tier();
    let unseen = world.stands(&watch(held(&world, 2)), &none, None);
    assert!(matches!(unseen, Err(Fault::Transient(_))), "{unseen:?}");
    // Empty already when the plan was made: its worker tells of ten blocks.
    let world = World::answering(&master(|_, _| {}));
    let empty = world.stands(&watch(held(&world, 0)), &none, None).expect("seen");
    assert_eq!(code(empty), codes::TIER_EMPTY);
    put(&world.at("tier/1"), b"one");
    let Standing::Done(proof) = world.stands(&watch(held(&world, 0)), &none, None).expect("seen") else {
        panic!("something is there");
    };
    assert!(proof.facts[0].contains("told of 10 blocks"), "{proof:?}");
}

/// What no under-store has, and no tier that was listed either, is named.
#[test]
fn files_in_workers_only_that_no_tier_holds_are_told() {
    let world = World::new();
    let file = world.at("ours/b.gz");
    put(&file, &fs::read(fixture("2.7.3-UFS")).expect("a file"));
    let mut only = Vec::new();
    let read = upshift_formats::alluxio::read_backup_with(
        fs::File::open(&file).expect("a file"),
        &upshift_formats::alluxio::BackupLimits::default(),
        |inode| {
            let blocks = inode.blocks().map(|block| world.at(&format!("tier/{block}")));
            let blocks: Vec<_> = blocks.collect();
            blocks.iter().for_each(|block| put(block, b"block"));
            if inode.is_only_cached() {
                only.extend(blocks);
            }
        },
    );
    assert!(read.expect("read").whole);
    let name = |text: &str| BindingName::new(text);
    let list = |into: &str| {
        let list = prepare(Preparation::Blocks {
            server: Role::Worker.component(),
            of: name("before"),
            into: name(into),
        });
        let all = backup_bound("before", &file, None);
        match world.tried(&list, &all) {
            Standing::Done(proof) => proof,
            other => panic!("{other:?}"),
        }
    };
    let stands = |lists: &[&str], all: &Bindings| {
        let condition = Condition::OnlyCopies {
            of: name("before"),
            lists: lists.iter().copied().map(name).collect(),
        };
        world.stands(&watch(condition), all, None).expect("seen")
    };
    let mut all = backup_bound("before", &file, None);
    all.absorb(&Proof::of([]).with(Binding::Value {
        name: name("before.in_workers_only"),
        value: "1".to_owned(),
    }));
    all.absorb(&list("whole"));
    assert!(matches!(stands(&["whole"], &all), Standing::Done(_)));
    let gone = only.first().expect("the fixture has a file in workers only");
    fs::remove_file(gone).expect("gone");
    all.absorb(&list("lacks"));
    let Standing::Failed(failure) = stands(&["lacks"], &all) else {
        panic!("a block is gone");
    };
    assert_eq!(failure.code, codes::ONLY_COPIES_GONE);
    let id = gone.file_name().expect("a name").to_string_lossy().into_owned();
    let told = failure.far_side.expect("which");
    assert!(told.contains(&id) && told.contains("cache-only"), "{told}");
    // Another worker has it.
    assert!(matches!(stands(&["lacks", "whole"], &all), Standing::Done(_)));
    // No worker was there whose tiers could be listed.
    assert_eq!(code(stands(&[], &all)), codes::ONLY_COPIES_GONE);
}
