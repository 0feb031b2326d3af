//! Two backups as trees: whether they hold the same, side by side, in bounded memory and whatever the order of entries.
//!
//! Each side of an inode becomes a digest of its own, and digests are added up: sums are equal where the sides are, and
//! nothing has to be kept. Which file differs is not told by this; which side of the tree does is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use upshift_formats::alluxio::{Backup, BackupLimits, Inode, read_backup_with};
use upshift_model::alluxio::Facet;

/// What a tree comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) directories: u64,
    pub(super) files: u64,
    facets: BTreeMap<Facet, u128>,
    /// Mounts alone, which no file or directory explains.
    mounts: u128,
}

/// Reads a backup as a tree.
///
/// # Errors
/// When it cannot be read to its end.
pub(super) fn tree_of(path: &Path) -> io::Result<Tree> {
    let mut facets: BTreeMap<Facet, u128> = Facet::ALL.iter().map(|facet| (*facet, 0)).collect();
    let mut add = |facet: Facet, digest: u128| {
        let sum = facets.entry(facet).or_default();
        *sum = sum.wrapping_add(digest);
    };
    let read = read_backup_with(File::open(path)?, &BackupLimits::default(), |inode| {
        for (facet, text) in sides(inode) {
            add(facet, digest(inode.id, &text));
        }
    })?;
    let mut own = 0_u128;
    for text in mounts(&read) {
        let one = digest(0, &text);
        own = own.wrapping_add(one);
        add(Facet::Mounts, one);
    }
    if !read.whole {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is not whole", path.display()),
        ));
    }
    Ok(Tree {
        directories: read.tally.directories,
        files: read.tally.files,
        facets,
        mounts: own,
    })
}

/// What may differ between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allowed {
    /// Sides that may.
    pub(super) but: Vec<Facet>,
    /// Whether the younger may hold more.
    pub(super) more: bool,
    /// Milliseconds since 1970: what had expired by then may be gone.
    pub(super) now: i64,
}

impl Tree {
    /// Whether the same is mounted at the same places.
    pub(super) fn mounts_as(&self, other: &Self) -> bool {
        self.mounts == other.mounts
    }

    /// The sides on which two trees are not the same.
    pub(super) fn differences(&self, other: &Self) -> Vec<Facet> {
        let of = |facet: &Facet| self.facets.get(facet) != other.facets.get(facet);
        Facet::ALL.into_iter().filter(of).collect()
    }
}

pub(super) fn digest(id: u64, text: &[u8]) -> u128 {
    let mut hash = Sha256::new();
    hash.update(id.to_be_bytes());
    hash.update(text);
    let bytes = hash.finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    u128::from_be_bytes(first)
}

pub(super) fn sides(inode: &Inode<'_>) -> Vec<(Facet, Vec<u8>)> {
    let mut name = format!("{} {} ", inode.parent, inode.directory).into_bytes();
    name.extend_from_slice(inode.name);
    let blocks: Vec<u64> = inode.blocks().collect();
    let expiry = match inode.ttl {
        // Without a time it does not matter what would follow.
        -1 => "never".to_owned(),
        ttl => format!("{ttl} {}", inode.ttl_action),
    };
    let text = |text: String| text.into_bytes();
    vec![
        (Facet::Names, name),
        (
            Facet::Contents,
            text(format!("{} {} {blocks:?}", inode.length, inode.completed)),
        ),
        (Facet::Persistence, text(inode.persistence.word().to_owned())),
        (Facet::Access, text(format!("{:?}", inode.access()))),
        (
            Facet::DefaultAccess,
            text(format!("{:?}", inode.default_access())),
        ),
        (Facet::Expiry, text(expiry)),
        (Facet::Pins, text(inode.pinned.to_string())),
        (
            Facet::Attributes,
            text(format!("{} {:x}", inode.attributes, inode.attributes_sum)),
        ),
        (Facet::Mounts, text(inode.mount_point.to_string())),
    ]
}

fn mounts(read: &Backup) -> Vec<Vec<u8>> {
    let one = |mount: &upshift_formats::alluxio::Mount| {
        format!(
            "{} {} {} {} {:?}",
            mount.path, mount.ufs, mount.read_only, mount.shared, mount.options
        )
        .into_bytes()
    };
    read.mounts.iter().map(one).collect()
}

/// A backup that a real master wrote.
#[cfg(test)]
pub(super) fn recorded(name: &str) -> std::path::PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio/backups");
    let files = std::fs::read_dir(dir.join(name)).expect("a folder");
    let files = files.map(|entry| entry.expect("an entry").path());
    let mut files = files.filter(|path| path.extension().is_some_and(|end| end == "gz"));
    files.next().expect("a backup")
}

#[cfg(test)]
mod tests {
    use super::{Facet, recorded, tree_of};

    #[test]
    fn a_tree_is_its_own_and_no_other() {
        let one = tree_of(&recorded("2.7.3-UFS")).expect("a tree");
        assert_eq!((one.files, one.directories), (8, 7));
        assert_eq!(one.differences(&one.clone()), []);
        let other = tree_of(&recorded("1.8.1-UFS")).expect("a tree");
        assert!(one.differences(&other).contains(&Facet::Access));
    }
}
