//! A tree as two witnesses tell it: the master's own listing, and the entries of a backup.

use std::collections::BTreeMap;
use std::path::Path;

use upshift_formats::alluxio::{BackupLimits, Inode, read_backup_with};

/// What both witnesses know of a file or directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `drwxr-x---+`, as `ls` writes it.
    pub(crate) mode: String,
    pub(crate) owner: String,
    pub(crate) group: String,
    /// Bytes of a file.
    pub(crate) length: Option<u64>,
    pub(crate) persistence: String,
}

/// What `fs ls -R /` said.
pub(crate) fn listed(said: &str) -> BTreeMap<String, Seen> {
    let mut all = BTreeMap::new();
    for line in said.lines().filter(|line| line.starts_with(['d', '-'])) {
        let Some((head, path)) = line.split_once(" /") else {
            panic!("no path in {line:?}");
        };
        let words: Vec<&str> = head.split_whitespace().collect();
        let [mode, owner, group, size, state, ..] = words.as_slice() else {
            panic!("not a line of ls: {line:?}");
        };
        let file = mode.starts_with('-');
        let seen = Seen {
            mode: (*mode).to_owned(),
            owner: (*owner).to_owned(),
            group: (*group).to_owned(),
            length: file.then(|| size.parse().expect("a size")),
            persistence: (*state).to_owned(),
        };
        all.insert(format!("/{}", path.trim_end()), seen);
    }
    all
}

/// What a backup holds, without the root: `ls` does not show it.
pub(crate) fn held(backup: &Path) -> BTreeMap<String, Seen> {
    every(backup, |inode| {
        let access = inode.access();
        Seen {
            mode: mode(inode, access.mode),
            owner: access.owner,
            group: access.group,
            length: (!inode.directory).then_some(inode.length),
            persistence: inode.persistence.word().to_owned(),
        }
    })
}

/// All that a restore must keep, and no listing shows at once.
pub(crate) fn details(backup: &Path) -> BTreeMap<String, String> {
    every(backup, |inode| {
        format!(
            "{:?} {:?} ttl {} {} pinned {} mount point {} attributes {} blocks {:?}",
            inode.access(),
            inode.default_access(),
            inode.ttl,
            inode.ttl_action,
            inode.pinned,
            inode.mount_point,
            inode.attributes,
            inode.blocks().collect::<Vec<_>>(),
        )
    })
}

fn every<T>(backup: &Path, tell: impl Fn(&Inode<'_>) -> T) -> BTreeMap<String, T> {
    let file = std::fs::File::open(backup).expect("a backup");
    let (mut paths, mut all) = (BTreeMap::new(), BTreeMap::new());
    let read = read_backup_with(file, &BackupLimits::default(), |inode| {
        let name = String::from_utf8_lossy(inode.name);
        let path = match u64::try_from(inode.parent) {
            Err(_) => String::new(),
            Ok(parent) => format!("{}/{name}", paths[&parent]),
        };
        if !path.is_empty() {
            all.insert(path.clone(), tell(inode));
        }
        paths.insert(inode.id, path);
    });
    assert!(read.expect("it can be read").whole);
    all
}

fn mode(inode: &Inode<'_>, bits: u32) -> String {
    let mut text = String::from(if inode.directory { 'd' } else { '-' });
    for shift in [6, 3, 0] {
        for (bit, letter) in [(4, 'r'), (2, 'w'), (1, 'x')] {
            text.push(if bits >> shift & bit != 0 { letter } else { '-' });
        }
    }
    if inode.has_acl() {
        text.push('+');
    }
    text
}
