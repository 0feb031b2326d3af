//! What a backup holds, as far as it matters for an upgrade. No judgement.

use std::collections::BTreeMap;

use super::defect::Defects;
use super::kind::EntryKind;

/// A backup, read to its end or to the defect that ended the reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backup {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes that were inflated.
    pub inflated: u64,
    /// Entries.
    pub entries: u64,
    /// Whether it was read to its end; what a whole backup must hold is asked only then.
    pub whole: bool,
    /// Entries of every type.
    pub kinds: BTreeMap<EntryKind, u64>,
    /// Sums.
    pub tally: Tally,
    /// Where ids go on.
    pub generators: Generators,
    /// The id of the cluster, which backups of 2.1 and later hold.
    pub cluster: Option<String>,
    /// Mounts but for the root's, which is configuration.
    pub mounts: Vec<Mount>,
    /// What exists in workers only.
    pub cached: Cached,
    /// What is wrong.
    pub defects: Defects,
    /// What did not fit into the bounds and was not checked.
    pub unchecked: Vec<Unchecked>,
}

/// Sums over all entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Directories, the root among them.
    pub directories: u64,
    /// Files.
    pub files: u64,
    /// Bytes of all files.
    pub file_bytes: u64,
    /// Files that are being written.
    pub incomplete: u64,
    /// Files that are to be written into the under-store.
    pub to_be_persisted: u64,
    /// Files whose blocks are gone.
    pub lost: u64,
    /// Pinned files and directories.
    pub pinned: u64,
    /// Files and directories that expire.
    pub with_ttl: u64,
    /// Files and directories with an access control list.
    pub with_acl: u64,
    /// Files and directories with extended attributes.
    pub with_attributes: u64,
    /// Files with a fingerprint of the form of 1.x.
    pub old_fingerprints: u64,
    /// Directories at which something is mounted.
    pub mount_points: u64,
    /// Blocks with a record.
    pub blocks: u64,
    /// Bytes of them.
    pub block_bytes: u64,
    /// Blocks of files without a record: not written yet.
    pub unwritten_blocks: u64,
    /// Blocks with a record that belong to no file.
    pub orphan_blocks: u64,
    /// Entries that have a sequence number.
    pub sequenced: u64,
}

/// Where ids go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Generators {
    /// The next container of a file and its blocks.
    pub container: Option<u64>,
    /// The next directory: container and sequence.
    pub directory: Option<(u64, u64)>,
}

/// A mount, without the values of its options.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mount {
    /// Where it is in Alluxio.
    pub path: String,
    /// What is mounted.
    pub ufs: String,
    /// Whether it is read only.
    pub read_only: bool,
    /// Whether everybody may use it.
    pub shared: bool,
    /// Its number.
    pub id: i64,
    /// Names of its options.
    pub options: Vec<String>,
}

/// What exists in workers only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cached {
    /// Complete files that are not in the under-store.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The first of them.
    pub named: Vec<CachedFile>,
}

/// A file that exists in workers only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedFile {
    /// Its path; `…` stands for parents that were not kept.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its blocks.
    pub blocks: u64,
}

/// A check that was not made, because what it needs did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unchecked {
    /// Whether blocks and files belong together, and whether a block is recorded twice.
    Blocks,
    /// Whether every inode is there once and behind its parent.
    Inodes,
    /// Whether names of some directories are there once.
    Names,
    /// Mounts beyond the bound.
    Mounts,
}
