//! Sets of ids within a bound. Ids of files end in 24 bits that are all set, those of a file's blocks count from zero in
//! the same container; both are folded so that neighbours share a page.

use roaring::RoaringTreemap;

use crate::alluxio::backup::Unchecked;

const INDEX_BITS: u32 = 24;
const INDEX: u64 = (1 << INDEX_BITS) - 1;
/// Blocks of a container that are kept close together.
const NEAR: u64 = 16;
/// Ids between two looks at how much memory the sets take.
const LOOK: u64 = 1 << 20;

/// The container of an id.
pub(super) fn container(id: u64) -> u64 {
    id >> INDEX_BITS
}

/// The first id of a directory's container with this sequence.
pub(super) fn directory_id(container: u64, sequence: u64) -> u64 {
    container << INDEX_BITS | sequence & INDEX
}

/// All ids that were met.
#[derive(Debug, Default)]
pub(super) struct Ids {
    files: RoaringTreemap,
    directories: RoaringTreemap,
    /// Files whose id is of no known form.
    odd: RoaringTreemap,
    near_blocks: RoaringTreemap,
    far_blocks: RoaringTreemap,
    seen: u64,
    limit: u64,
    last_parent: Option<u64>,
    dropped: Vec<Unchecked>,
}

impl Ids {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Takes a directory; false when an inode of this id was there.
    pub(super) fn directory(&mut self, id: u64) -> bool {
        if self.lacks(Unchecked::Inodes) {
            return true;
        }
        let new = self.directories.insert(id) && !self.is_file(id);
        self.look();
        new
    }

    /// Takes a file; false when an inode of this id was there.
    pub(super) fn file(&mut self, id: u64) -> bool {
        if self.lacks(Unchecked::Inodes) {
            return true;
        }
        let new = match id & INDEX == INDEX {
            true => self.files.insert(container(id)),
            false => self.odd.insert(id),
        };
        let new = new && !self.directories.contains(id);
        self.look();
        new
    }

    fn is_file(&self, id: u64) -> bool {
        match id & INDEX == INDEX {
            true => self.files.contains(container(id)),
            false => self.odd.contains(id),
        }
    }

    /// Whether a directory of this id was there.
    pub(super) fn is_parent(&mut self, id: u64) -> bool {
        if self.last_parent == Some(id) || self.lacks(Unchecked::Inodes) {
            return true;
        }
        let known = self.directories.contains(id);
        if known {
            self.last_parent = Some(id);
        }
        known
    }

    /// Takes a block's record; false when it was there.
    pub(super) fn block(&mut self, id: u64) -> bool {
        if self.lacks(Unchecked::Blocks) {
            return true;
        }
        let (set, key) = self.block_set(id);
        let new = set.insert(key);
        self.look();
        new
    }

    /// Takes a block of a file; false when it has no record.
    pub(super) fn claim(&mut self, id: u64) -> bool {
        if self.lacks(Unchecked::Blocks) {
            return true;
        }
        let (set, key) = self.block_set(id);
        set.remove(key)
    }

    /// Blocks with a record that no file claimed.
    pub(super) fn unclaimed(&self) -> u64 {
        self.near_blocks.len() + self.far_blocks.len()
    }

    /// Checks that could not be made.
    pub(super) fn dropped(&self) -> &[Unchecked] {
        &self.dropped
    }

    fn block_set(&mut self, id: u64) -> (&mut RoaringTreemap, u64) {
        match id & INDEX {
            index if index < NEAR => (&mut self.near_blocks, container(id) * NEAR + index),
            _ => (&mut self.far_blocks, id),
        }
    }

    fn lacks(&self, what: Unchecked) -> bool {
        self.dropped.contains(&what)
    }

    /// Gives up what matters least, where everything together is too much.
    fn look(&mut self) {
        self.seen += 1;
        if !self.seen.is_multiple_of(LOOK) {
            return;
        }
        let bytes =
            |sets: &[&RoaringTreemap]| sets.iter().map(|set| set.serialized_size() as u64).sum::<u64>();
        let inodes = bytes(&[&self.files, &self.directories, &self.odd]);
        let blocks = bytes(&[&self.near_blocks, &self.far_blocks]);
        if inodes + blocks > self.limit && !self.lacks(Unchecked::Blocks) {
            (self.near_blocks, self.far_blocks) = Default::default();
            self.dropped.push(Unchecked::Blocks);
        }
        if inodes > self.limit {
            (self.files, self.directories, self.odd) = Default::default();
            self.dropped.push(Unchecked::Inodes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ids, Unchecked, directory_id};

    fn file(container: u64) -> u64 {
        container << 24 | 0xff_ffff
    }

    #[test]
    fn an_inode_is_new_once() {
        let mut ids = Ids::new(1 << 20);
        assert!(ids.directory(0) && ids.file(file(1)) && ids.file(77));
        assert!(!ids.directory(0) && !ids.file(file(1)) && !ids.file(77));
        assert!(!ids.file(0) && !ids.directory(77));
        assert!(ids.is_parent(0) && !ids.is_parent(file(1)) && !ids.is_parent(9));
    }

    #[test]
    fn blocks_are_claimed_once_near_and_far() {
        let mut ids = Ids::new(1 << 20);
        let all = [0, 15, 16, 4_000].map(|index| directory_id(5, index));
        assert!(all.iter().all(|id| ids.block(*id)));
        assert!(all.iter().all(|id| !ids.block(*id)));
        assert_eq!(ids.unclaimed(), 4);
        assert!(all.iter().all(|id| ids.claim(*id)));
        assert!(all.iter().all(|id| !ids.claim(*id)));
        assert_eq!(ids.unclaimed(), 0);
    }

    #[test]
    fn too_many_ids_are_given_up_and_said() {
        let mut ids = Ids::new(1_000);
        for container in 0..1 << 21 {
            ids.block(directory_id(container * 1_000, 0));
            ids.file(file(container * 1_000));
        }
        assert_eq!(ids.dropped(), [Unchecked::Blocks, Unchecked::Inodes]);
        assert!(ids.file(file(0)), "nobody knows any more");
    }
}
