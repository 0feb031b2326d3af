//! Two backups that are held against each other: what is gone, changed, more, or expired is told by its name.

use upshift_drivers::alluxio::codes;
use upshift_engine::driver::Standing;
use upshift_model::alluxio::{Condition, Facet};
use upshift_model::ids::BindingName;
use upshift_model::record::Failure;

use super::made::{backup, bytes, entry, file_id, number, sound};
use super::world::*;

/// The position of `two` among the entries of a sound backup.
const TWO: usize = 8;

/// A file of `/a` with a time to live that was over when the tests were written, or is not over in theirs.
fn mortal(name: &str, ttl: u64, action: u64) -> Vec<u8> {
    let message = [
        number(1, file_id(9)),
        number(2, 1),
        bytes(3, name.as_bytes()),
        bytes(4, b"PERSISTED"),
        number(6, 1_700_000_000_000),
        number(9, 7),
        number(10, 1),
        number(13, ttl),
        number(16, 0o644),
        number(17, action),
    ];
    entry(11, &message.concat())
}

fn with(more: Vec<u8>) -> Vec<Vec<u8>> {
    let mut entries = sound();
    entries.insert(TWO, more);
    entries
}

fn held(before: &[Vec<u8>], after: &[Vec<u8>], more: bool) -> Result<String, Failure> {
    files_held(&backup(before), &backup(after), more)
}

fn files_held(before: &[u8], after: &[u8], more: bool) -> Result<String, Failure> {
    let world = World::new();
    let mut all = upshift_model::proof::Bindings::default();
    for (name, bytes) in [("before", before), ("after", after)] {
        let file = world.at(&format!("ours/{name}.gz"));
        put(&file, bytes);
        all.values.extend(backup_bound(name, &file, None).values);
    }
    let same = watch(Condition::SameTree {
        before: BindingName::new("before"),
        after: BindingName::new("after"),
        but: [Facet::DefaultAccess].into_iter().collect(),
        more,
    });
    match world.stands(&same, &all, None).expect("seen") {
        Standing::Done(proof) => Ok(proof.facts.concat()),
        Standing::Failed(failure) => Err(failure),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_gone_or_more_is_named_with_its_bytes() {
    let whole = sound();
    let mut less = sound();
    less.remove(TWO);
    let lost = held(&whole, &less, true).expect_err("a file is gone");
    assert_eq!(lost.code, codes::OTHER_TREE);
    let told = lost.far_side.expect("what is gone");
    assert_eq!(told, "not there any more: 1 with 20 bytes: /a/two");
    // The old journal holds what was written after the backup: nothing is lost by that.
    let told = held(&less, &whole, true).expect("all of before is there");
    assert!(
        told.ends_with("all of before; there now and not before: 1 with 20 bytes: /a/two"),
        "{told}"
    );
    let strange = held(&less, &whole, false).expect_err("a restore brings nothing of its own");
    assert_eq!(strange.code, codes::OTHER_TREE);
    assert!(held(&whole, &whole, false).is_ok());
}

/// No waiting makes it whole, and the cluster is down meanwhile.
#[test]
fn a_backup_that_is_not_whole_is_told_and_not_waited_for() {
    let whole = backup(&sound());
    let cut = files_held(&whole, &whole[..whole.len() / 2], false).expect_err("half of it");
    assert_eq!(cut.code, codes::OTHER_BACKUP);
    assert!(cut.what.contains("is not whole"), "{}", cut.what);
}

#[test]
fn what_has_expired_meanwhile_is_told_and_is_no_loss() {
    let (over, later) = (1_000, 1 << 50);
    let told = held(&with(mortal("old", over, 0)), &sound(), false).expect("it has expired");
    assert!(
        told.ends_with("expired meanwhile: 1 with 7 bytes: /a/old"),
        "{told}"
    );
    let lost = held(&with(mortal("old", later, 0)), &sound(), false).expect_err("its time is not over");
    assert_eq!(
        lost.far_side.as_deref(),
        Some("not there any more: 1 with 7 bytes: /a/old")
    );
    // One that is freed stays, without a time to live.
    let freed = held(
        &with(mortal("old", over, 1)),
        &with(mortal("old", u64::MAX, 0)),
        false,
    );
    assert!(freed.expect("it was freed").contains("expired meanwhile: 1"));
    let gone = held(&with(mortal("old", over, 1)), &sound(), false);
    assert!(gone.is_err(), "what is freed is not deleted");
}
