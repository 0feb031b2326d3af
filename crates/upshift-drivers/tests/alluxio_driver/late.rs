//! What somebody changed between the backup and the masters' end, as the journals that they left tell it.

use std::fs;
use std::path::Path;

use upshift_drivers::alluxio::codes;
use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Condition, Preparation};
use upshift_model::ids::BindingName;
use upshift_model::record::Failure;

use super::made::{backup, bytes, number, sound, summed, varint};
use super::world::*;

const UNDER_STORE: &str = "journal/FileSystemMaster/v1/logs";
const EMBEDDED: &str = "journal/raft/02511d47-d67c-49a3-9011-abb3109a44c1/current";

/// The first entries of a log of a real master.
fn log(entries: usize) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/alluxio/journal-1.8.0-FileSystemMaster.log");
    let whole = fs::read(file).expect("a fixture");
    let mut at = 0;
    for _ in 0..entries {
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = whole[at];
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        at += length;
    }
    whole[..at].to_vec()
}

/// Notes where the journal ends, lets something happen, and asks what stands behind that.
fn seen_after(world: &World, happens: impl FnOnce()) -> Standing {
    let file = world.at("ours/backup.gz");
    put(&file, &backup(&sound()));
    let mut all = backup_bound("backup", &file, None);
    let note = prepare(Preparation::JournalEnd {
        into: BindingName::new("end"),
    });
    let Standing::Done(proof) = world.stands(&note, &all, None).expect("it can be seen") else {
        panic!("it is noted");
    };
    all.absorb(&proof);
    happens();
    let late = watch(Condition::NothingWritten {
        since: BindingName::new("end"),
        of: BindingName::new("backup"),
    });
    world.stands(&late, &all, None).expect("seen")
}

fn failed(standing: Standing) -> Failure {
    match standing {
        Standing::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_changed_after_the_end_was_noted_is_named() {
    let world = World::new();
    let open = world.at(UNDER_STORE).join("0x0-0x7fffffffffffffff");
    put(&open, &log(130));
    // A master that ends gives its log the number of the last entry.
    let closed = |entries: usize| {
        fs::remove_file(&open).expect("there");
        put(
            &world.at(UNDER_STORE).join(format!("0x0-{entries:#x}")),
            &log(entries),
        );
    };
    let late = failed(seen_after(&world, || closed(135)));
    assert_eq!(late.code, codes::LATE_CHANGES);
    assert!(late.what.contains("3 changes"), "{}", late.what);
    let told = late.far_side.expect("which");
    assert_eq!(told.lines().count(), 3, "{told}");

    let world = World::new();
    put(&world.at(UNDER_STORE).join("0x0-0x87"), &log(135));
    let same = seen_after(&world, || {});
    assert!(matches!(same, Standing::Done(_)), "{same:?}");
}

#[test]
fn what_cannot_be_told_is_no_journal_without_changes() {
    let world = World::new();
    put(&world.at(UNDER_STORE).join("0x0-0x82"), &log(130));
    // What comes behind begins later than it must.
    let gap = failed(seen_after(&world, || {
        put(&world.at(UNDER_STORE).join("0x85-0x7fffffffffffffff"), b"");
    }));
    assert_eq!(gap.code, codes::LATE_UNSEEN);
    let world = World::new();
    let damaged = failed(seen_after(&world, || {
        put(&world.at(UNDER_STORE).join("0x0-0x7fffffffffffffff"), b"\x02\x07");
        put(&world.at(UNDER_STORE).join("0x0-0x5"), &log(4)[..40]);
    }));
    assert_eq!(damaged.code, codes::LATE_UNSEEN);
    let world = World::new();
    let gone = failed(seen_after(&world, || {
        fs::remove_dir_all(world.at("journal")).expect("gone");
    }));
    assert_eq!(gone.code, codes::LATE_UNSEEN);
    // Where it ends must be known before anything is stopped.
    let world = World::new();
    fs::remove_dir_all(world.at("journal")).expect("gone");
    put(&world.at("journal/copycat-1-1.log"), b"");
    let note = prepare(Preparation::JournalEnd {
        into: BindingName::new("end"),
    });
    match world.stands(&note, &upshift_model::proof::Bindings::default(), None) {
        Err(Fault::Refused(failure)) => assert_eq!(failure.code, codes::JOURNAL_UNREADABLE),
        other => panic!("{other:?}"),
    }
}

/// A log that is listed and gone, or closed, when it is read is none that holds nothing.
#[test]
fn a_log_that_cannot_be_opened_is_not_an_empty_one() {
    let world = World::new();
    let logs = world.at(UNDER_STORE);
    put(&logs.join("0x0-0x82"), &log(130));
    let file = world.at("ours/backup.gz");
    put(&file, &backup(&sound()));
    let mut all = backup_bound("backup", &file, None);
    let note = prepare(Preparation::JournalEnd {
        into: BindingName::new("end"),
    });
    let Ok(Standing::Done(proof)) = world.stands(&note, &all, None) else {
        panic!("it is noted");
    };
    all.absorb(&proof);
    std::os::unix::fs::symlink(world.at("gone"), logs.join("0x82-0x7fffffffffffffff")).expect("a link");
    let late = watch(Condition::NothingWritten {
        since: BindingName::new("end"),
        of: BindingName::new("backup"),
    });
    match world.stands(&late, &all, None) {
        Err(Fault::Transient(what)) => assert!(what.contains("cannot be read"), "{what}"),
        other => panic!("{other:?}"),
    }
}

/// An entry of Ratis with a change of the tree.
fn of_raft(index: u64, change: &[u8]) -> Vec<u8> {
    let own = bytes(3, &bytes(1, &bytes(39, change)));
    let message = [number(1, 1), number(2, index), own].concat();
    summed([varint(message.len() as u64), message].concat())
}

#[test]
fn an_embedded_journal_tells_it_too_and_access_times_are_no_changes() {
    let segment = |entries: &[Vec<u8>]| [b"RaftLog1".to_vec(), entries.concat(), vec![0; 64]].concat();
    let made = |name: &str| {
        let entry = [number(1, 77), number(2, 1), bytes(3, name.as_bytes())];
        bytes(9, &entry.concat())
    };
    let read = bytes(35, &[number(1, 77), number(18, 5)].concat());
    let world = World::new();
    fs::remove_dir_all(world.at("journal")).expect("gone");
    let file = world.at(EMBEDDED).join("log_inprogress_0");
    let first = of_raft(0, &made("before"));
    put(&file, &segment(std::slice::from_ref(&first)));
    let idle = seen_after(&world, || {
        put(&file, &segment(&[first.clone(), of_raft(1, &read)]))
    });
    let Standing::Done(proof) = idle else {
        panic!("{idle:?}");
    };
    assert!(
        proof.facts.concat().contains("1 entries that change no file"),
        "{proof:?}"
    );
    put(&file, &segment(std::slice::from_ref(&first)));
    let late = failed(seen_after(&world, || {
        put(
            &file,
            &segment(&[first.clone(), of_raft(1, &read), of_raft(2, &made("late"))]),
        );
    }));
    assert_eq!(late.code, codes::LATE_CHANGES);
    // The directory that it was made in is named by the backup.
    assert_eq!(late.far_side.as_deref(), Some("directory made: /a/late"));
}
