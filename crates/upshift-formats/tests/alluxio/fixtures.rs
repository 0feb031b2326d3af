//! Real backups: what is in them is what their manifests say, and nothing is wrong with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use expect_test::expect;
use serde_json::Value;
use upshift_formats::alluxio::{Backup, BackupLimits, Inode, Persistence, read_backup, read_backup_with};

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio")
}

pub(super) fn bytes(name: &str) -> Vec<u8> {
    let path = root().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn read(bytes: &[u8]) -> Backup {
    read_backup(bytes, &BackupLimits::default()).expect("memory does not fail")
}

const REAL: [&str; 5] = [
    "1.8.1-UFS",
    "2.1.0-UFS",
    "2.7.3-EMBEDDED",
    "2.7.3-UFS",
    "2.9.6-UFS",
];

/// The backup in a folder, and its manifest.
pub(super) fn real(name: &str) -> (Vec<u8>, Value) {
    let manifest: Value =
        serde_json::from_slice(&bytes(&format!("backups/{name}/manifest.json"))).expect("JSON");
    let file = manifest["file"].as_str().expect("a name");
    (bytes(&format!("backups/{name}/{file}")), manifest)
}

#[test]
fn real_backups_hold_what_their_manifests_say() {
    for name in REAL {
        let (bytes, manifest) = real(name);
        let backup = read(&bytes);
        assert!(
            backup.whole && backup.defects.is_empty(),
            "{name}: {:?}",
            backup.defects
        );
        assert_eq!(backup.unchecked, []);
        assert_eq!(Some(backup.entries), manifest["entries"].as_u64());
        assert_eq!(Some(backup.inflated), manifest["raw_bytes"].as_u64());
        assert_eq!(backup.bytes, bytes.len() as u64);
        let kinds: BTreeMap<String, u64> = backup
            .kinds
            .iter()
            .map(|(kind, count)| (kind.to_string(), *count))
            .collect();
        let said: BTreeMap<String, u64> =
            serde_json::from_value(manifest["entry_types"].clone()).expect("counts");
        assert_eq!(kinds, said, "{name}");
        let tally = backup.tally;
        assert_eq!((tally.directories, tally.files, tally.blocks), (7, 8, 15));
        assert_eq!(
            (tally.block_bytes, tally.pinned, tally.mount_points),
            (10_500_011, 1, 2)
        );
        assert_eq!((tally.orphan_blocks, tally.unwritten_blocks), (0, 0));
        assert_eq!(tally.old_fingerprints > 0, name.starts_with("1."), "{name}");
        assert_eq!(backup.cluster.is_some(), !name.starts_with("1."));
        assert_eq!((backup.cached.files, backup.cached.bytes), (1, 3_500_000));
        assert_eq!(backup.cached.named[0].path, "/cache-only");
        let mounts: Vec<_> = backup
            .mounts
            .iter()
            .map(|mount| (mount.path.as_str(), mount.read_only))
            .collect();
        assert_eq!(mounts, [("/mnt", false), ("/ro", true)]);
    }
}

#[test]
fn backups_of_the_projects_own_tests_are_read() {
    let old = read(&bytes("backup-1.8.0.gz"));
    assert!(old.whole && old.defects.is_empty(), "{:?}", old.defects);
    assert_eq!(
        (
            old.entries,
            old.tally.directories,
            old.tally.files,
            old.tally.blocks
        ),
        (55, 30, 11, 11)
    );
    assert_eq!(old.cluster, None);
    let many = read(&bytes("backup-2.x-1000-unpersisted.gz"));
    assert!(many.whole && many.defects.is_empty(), "{:?}", many.defects);
    assert_eq!(
        (many.entries, many.tally.directories, many.tally.files),
        (1_005, 2, 1_000)
    );
    // They hold no bytes: nothing would be lost with them.
    assert_eq!(many.cached.files, 0);
}

#[test]
fn every_inode_is_shown_as_it_comes() {
    let (bytes, _) = real("2.7.3-UFS");
    let mut lines = String::new();
    read_backup_with(&bytes[..], &BackupLimits::default(), |inode| {
        assert_ne!(inode.persistence, Persistence::Unknown);
        lines += &format!("{}\n", told(inode));
    })
    .expect("memory does not fail");
    expect![[r#"
        d 755 root:root "" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        f 644 root:root "cache-only" 3500000 bytes, ttl -1, NOT_PERSISTED, 4 blocks [; ]
        d 755 root:root "mnt" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        d 755 root:root "a" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        f 644 root:root "inmount" 1 bytes, ttl -1, PERSISTED, 1 blocks [; ]
        f 600 root:root "small" 5 bytes, ttl 86400000, PERSISTED, 1 blocks [; ]
        d 755 root:root "ro" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        d 755 root:root "many" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        f 644 root:root "small" 5 bytes, ttl -1, PERSISTED, 1 blocks [; ]
        f 644 root:root "big" 3500000 bytes, ttl -1, PERSISTED, 4 blocks [; ]
        f 644 root:root "empty" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        d 750 root:root "b" 0 bytes, ttl -1, PERSISTED, 0 blocks [group:ops:r-x,mask::rwx,user:bob:rwx; ]
        f 644 root:root "big" 3500000 bytes, ttl -1, PERSISTED, 4 blocks, pinned [; ]
        d 755 root:root "c" 0 bytes, ttl 604800000, PERSISTED, 0 blocks [; mask::r-x,user:bob:r-x]
        f 644 root:root "empty file é" 0 bytes, ttl 604800000, PERSISTED, 0 blocks [; ]
    "#]]
    .assert_eq(&lines);
}

#[test]
fn what_1_8_writes_in_fields_of_their_own_is_read_as_well() {
    let (bytes, _) = real("1.8.1-UFS");
    let mut lines = Vec::new();
    read_backup_with(&bytes[..], &BackupLimits::default(), |inode| {
        lines.push(told(inode))
    })
    .expect("memory does not fail");
    lines.retain(|line| line.contains("\"b\"") || line.contains("\"small\""));
    expect![[r#"
        f 600 root:root "small" 5 bytes, ttl 86400000, PERSISTED, 1 blocks [; ]
        d 750 root:root "b" 0 bytes, ttl -1, PERSISTED, 0 blocks [; ]
        f 644 root:root "small" 5 bytes, ttl -1, PERSISTED, 1 blocks [; ]"#]]
    .assert_eq(&lines.join("\n"));
}

fn told(inode: &Inode<'_>) -> String {
    let access = inode.access();
    let beyond = [access.entries, inode.default_access()].map(|entries| entries.join(","));
    format!(
        "{} {:o} {}:{} {:?} {} bytes, ttl {}, {}, {} blocks{} [{}]",
        if inode.directory { 'd' } else { 'f' },
        access.mode,
        access.owner,
        access.group,
        String::from_utf8_lossy(inode.name),
        inode.length,
        inode.ttl,
        inode.persistence.word(),
        inode.blocks().count(),
        if inode.pinned { ", pinned" } else { "" },
        beyond.join("; "),
    )
}
