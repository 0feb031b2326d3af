//! A backup written again without the fingerprints of 1.x: nothing else changes.

use upshift_formats::alluxio::{
    BackupLimits, DefectKind, RewriteError, Rewritten, read_backup_with, without_old_fingerprints,
};

use super::fixtures::{bytes, read, real};

fn rewritten(backup: &[u8]) -> (Vec<u8>, Rewritten) {
    let mut out = Vec::new();
    let done = without_old_fingerprints(backup, &mut out, &BackupLimits::default());
    match done {
        Ok(done) => (out, done),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn only_the_fingerprints_of_1_x_are_left_out() {
    let (old, _) = real("1.8.1-UFS");
    let (new, done) = rewritten(&old);
    let (before, after) = (read(&old), read(&new));
    assert_eq!((done.entries, done.changed), (35, before.tally.old_fingerprints));
    assert!(done.changed > 0 && after.defects.is_empty());
    let mut expected = before.tally;
    expected.old_fingerprints = 0;
    assert_eq!(after.tally, expected);
    assert_eq!(
        (after.kinds, after.mounts, after.cached),
        (before.kinds, before.mounts, before.cached)
    );
    let fingerprints: usize = before.inflated as usize - after.inflated as usize;
    assert!(fingerprints > 50 * 7, "{fingerprints} bytes less");
    let told = |backup: &[u8]| {
        let mut all = Vec::new();
        read_backup_with(backup, &BackupLimits::default(), |inode| {
            let blocks: Vec<u64> = inode.blocks().collect();
            all.push((
                inode.id,
                inode.parent,
                inode.name.to_vec(),
                inode.access(),
                inode.ttl,
                inode.length,
                blocks,
            ));
        })
        .expect("memory does not fail");
        all
    };
    assert_eq!(told(&old), told(&new));
}

#[test]
fn a_backup_of_2_x_stays_as_it_is_entry_by_entry() {
    let (old, _) = real("2.9.6-UFS");
    let (new, done) = rewritten(&old);
    assert_eq!((done.entries, done.changed), (36, 0));
    assert_eq!(read(&new).inflated, read(&old).inflated);
}

#[test]
fn a_damaged_backup_is_not_written_again() {
    let whole = bytes("backup-1.8.0.gz");
    let error = without_old_fingerprints(&whole[..600], Vec::new(), &BackupLimits::default());
    let Err(RewriteError::Damaged(defect)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(defect.kind, DefectKind::CutStream);
}
