//! What masters keep: the tree, and the two forms in which it lies on a disk.

use std::collections::BTreeMap;

/// Files by their numbers, each with its block; and whether a copy lies in the store below.
pub type Tree = BTreeMap<u64, bool>;

/// A folder of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journal {
    /// What it holds; none where it was formatted and nobody has written.
    pub tree: Option<Tree>,
    /// How many entries were written into it.
    pub entries: u64,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// What can be read of it.
    pub tree: Tree,
    /// How many entries its master said that it wrote.
    pub told: u64,
    /// Counts what was written in its place.
    pub version: u32,
    /// When it is whole.
    pub done_at: i64,
    /// Whether fingerprints of 1.x are in it.
    pub old_fingerprints: bool,
    /// Whether it is damaged so that a master ends in the middle of its restore.
    pub ends_masters: bool,
}

impl Backup {
    /// Whether all is there that its master wrote. A master that restores it does not ask.
    pub fn is_whole(&self) -> bool {
        !self.ends_masters && u64::try_from(self.tree.len()).is_ok_and(|there| there == self.told)
    }
}

/// What a restore that dies half-way leaves.
pub(super) fn half(tree: &Tree) -> Tree {
    tree.iter()
        .take(tree.len() / 2)
        .map(|(file, persisted)| (*file, *persisted))
        .collect()
}
