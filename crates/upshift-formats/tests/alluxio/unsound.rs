//! Whole streams whose entries do not belong together: what real masters restore without a word, or end on.

use upshift_formats::alluxio::{Backup, BackupLimits, DefectKind, Unchecked, read_backup};

use super::fixtures::read;
use super::made::{self, bytes, directory, entry, file, framed, number, sound};

/// The only kind that is wrong, and what is said of it.
fn only(backup: &Backup) -> (DefectKind, String) {
    let all: Vec<_> = backup.defects.kinds().collect();
    assert_eq!(all.len(), 1, "{all:?}");
    (all[0].0, all[0].2[0].what.clone())
}

fn with(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Backup {
    let mut entries = sound();
    change(&mut entries);
    read(&made::backup(&entries))
}

#[test]
fn the_made_backup_is_sound_and_tells_no_secret() {
    let backup = with(|_| {});
    assert!(backup.whole && backup.defects.is_empty(), "{:?}", backup.defects);
    assert_eq!(backup.mounts[0].options, ["s3a.secretKey"]);
    assert!(!format!("{backup:?}").contains("do-not-tell"));
    assert_eq!(backup.cached.named[0].path, "/a/two");
}

#[test]
fn a_stream_that_ends_early_lacks_what_every_backup_holds() {
    let all = sound();
    // Behind the generator of directories nothing tells the end but the mount points and the cluster's id.
    for end in 0..=10 {
        let backup = read(&made::backup(&all[..end]));
        assert!(
            backup.whole && backup.defects.count(DefectKind::Missing) > 0,
            "{end} entries"
        );
    }
    let (kind, what) = only(&read(&made::backup(&all[..11])));
    assert_eq!(kind, DefectKind::Mounts);
    assert!(what.contains("the directory m is a mount point"), "{what}");
    assert_eq!(read(&made::backup(&all[..12])).cluster, None);
}

#[test]
fn a_generator_that_gives_out_ids_in_use_is_told() {
    let (kind, what) = only(&with(|all| all[0] = entry(3, &number(1, 3))));
    assert_eq!(kind, DefectKind::UsedIds);
    assert!(what.contains("container 3 is in use"), "{what}");
    let (kind, _) = only(&with(|all| {
        all[10] = entry(10, &[number(1, 0), number(2, 2)].concat())
    }));
    assert_eq!(kind, DefectKind::UsedIds);
}

#[test]
fn a_record_that_is_there_twice_is_told() {
    for (at, expected) in [
        (0, DefectKind::Doubled),
        (10, DefectKind::Doubled),
        (12, DefectKind::Doubled),
        (1, DefectKind::SameBlock),
    ] {
        let (kind, _) = only(&with(|all| all.insert(at + 1, sound()[at].clone())));
        assert_eq!(kind, expected, "entry {at}");
    }
    let twice = with(|all| all.push(sound()[7].clone()));
    assert_eq!(twice.defects.count(DefectKind::SameInode), 1);
    assert_eq!(twice.defects.count(DefectKind::SameName), 1);
}

#[test]
fn a_child_without_a_parent_and_names_that_collide_are_told() {
    let (kind, what) = only(&with(|all| drop(all.remove(5))));
    assert_eq!(kind, DefectKind::NoParent);
    assert!(what.contains("inode 2 (m) has the parent 1"), "{what}");
    let (kind, _) = only(&with(|all| all.swap(5, 7)));
    assert_eq!(kind, DefectKind::NoParent, "the child comes first");
    let (kind, what) = only(&with(|all| all.insert(9, file(9, 1, "two", 0, "PERSISTED"))));
    assert_eq!(kind, DefectKind::SameName);
    assert!(what.contains("/a/"), "{what}");
    let (kind, _) = only(&with(|all| all[6] = directory(2, 2, "m", true)));
    assert_eq!(kind, DefectKind::NoParent, "its own parent");
}

#[test]
fn foreign_entries_are_told() {
    let (kind, what) = only(&with(|all| all.insert(9, entry(63, &number(1, 1)))));
    assert_eq!(kind, DefectKind::ForeignEntry);
    assert!(what.contains("type 63"), "{what}");
    let (kind, _) = only(&with(|all| all.insert(9, entry(39, &bytes(4, b"")))));
    assert_eq!(kind, DefectKind::ForeignEntry);
    let two = framed(&[bytes(40, b""), bytes(42, b"")].concat());
    let (kind, what) = only(&with(|all| all.insert(9, two)));
    assert_eq!(kind, DefectKind::Payload);
    assert!(what.contains("2 payloads"), "{what}");
    let (kind, _) = only(&with(|all| all.insert(9, framed(&[]))));
    assert_eq!(kind, DefectKind::Payload);
    let (kind, _) = only(&with(|all| all.insert(9, framed(&[0xff, 0xff]))));
    assert_eq!(kind, DefectKind::MalformedEntry);
    let numbered = framed(&[number(1, 5), bytes(40, b"")].concat());
    let (kind, _) = only(&with(|all| all.insert(9, numbered)));
    assert_eq!(kind, DefectKind::Sequenced);
}

#[test]
fn a_mount_without_its_directory_is_told() {
    let (kind, what) = only(&with(|all| all[6] = directory(2, 1, "m", false)));
    assert_eq!(kind, DefectKind::Mounts);
    assert!(what.contains("/a/m is mounted"), "{what}");
}

#[test]
fn blocks_without_files_and_files_without_blocks_are_counted() {
    let backup = with(|all| {
        all.insert(1, made::block(8, 5));
        drop(all.remove(2));
    });
    assert!(backup.defects.is_empty());
    assert_eq!(
        (backup.tally.orphan_blocks, backup.tally.unwritten_blocks),
        (1, 1)
    );
}

#[test]
fn thousands_of_one_kind_are_counted_and_the_first_are_kept() {
    let backup = with(|all| {
        for container in 10..900 {
            all.insert(10, file(container, 77, &container.to_string(), 0, "PERSISTED"));
        }
    });
    assert_eq!(backup.defects.count(DefectKind::NoParent), 890);
    let kept = backup.defects.kinds().map(|(_, _, kept)| kept.len()).max();
    assert_eq!(kept, Some(5));
}

#[test]
fn what_does_not_fit_is_said_to_be_unchecked() {
    let limits = BackupLimits {
        mounts: 0,
        named_files: 0,
        path_bytes: 0,
        names: 2,
        ..BackupLimits::default()
    };
    let backup = read_backup(&made::backup(&sound())[..], &limits).expect("memory does not fail");
    assert!(backup.defects.is_empty(), "{:?}", backup.defects);
    assert_eq!(backup.unchecked, [Unchecked::Names, Unchecked::Mounts]);
    assert_eq!((backup.cached.files, backup.cached.named.len()), (1, 0));
}

#[test]
fn an_input_that_fails_is_an_error_and_no_answer() {
    struct Torn;
    impl std::io::Read for Torn {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let error = read_backup(Torn, &BackupLimits::default()).expect_err("it fails");
    assert_eq!(error.to_string(), "the disk is gone");
}
