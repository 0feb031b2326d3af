//! A backup of Alluxio's metadata as it was read: what it holds, and what is wrong with it. No judgement.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Where it was read.
    pub path: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// The digest of the file, by which this very backup is known again.
    pub sha256: Digest,
    /// Bytes of all entries.
    pub inflated: u64,
    /// Entries.
    pub entries: u64,
    /// Whether it was read to its end.
    pub whole: bool,
    /// Whether the empty file is there that a master puts beside a backup when it is done.
    pub marker: Marker,
    /// Entries of every type, by number.
    pub kinds: Vec<EntryCount>,
    /// Sums.
    pub tally: Tally,
    /// Where ids go on.
    pub generators: Generators,
    /// The id of the cluster.
    pub cluster: Option<String>,
    /// Mounts but for the root's.
    pub mounts: Vec<Mount>,
    /// Complete files that exist in workers only.
    pub cached_files: u64,
    /// Bytes of them.
    pub cached_bytes: u64,
    /// The first of them.
    pub cached: Vec<CachedFile>,
    /// What is wrong.
    pub damage: Vec<Damage>,
    /// What did not fit into memory and was not checked.
    pub unchecked: Vec<Unchecked>,
}

/// Whether `FILE.complete` is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    /// It is.
    There,
    /// It is not.
    Absent,
}

/// How many entries of a type there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCount {
    /// Its number.
    pub number: u32,
    /// What it is called.
    pub name: String,
    /// How many there are.
    pub count: u64,
}

/// Sums over all entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Blocks with a record.
    pub blocks: u64,
    /// Bytes of them.
    pub block_bytes: u64,
    /// Blocks of files without a record.
    pub unwritten_blocks: u64,
    /// Blocks with a record that belong to no file.
    pub orphan_blocks: u64,
}

/// Where ids go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Generators {
    /// The next container of a file and its blocks.
    pub container: Option<u64>,
    /// The next directory: container and sequence.
    pub directory: Option<(u64, u64)>,
}

/// A mount. The values of its options are read by nobody: credentials are among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is in Alluxio.
    pub path: String,
    /// What is mounted, without the user part.
    pub ufs: String,
    /// Whether it is read only.
    pub read_only: bool,
    /// Whether everybody may use it.
    pub shared: bool,
    /// Names of its options.
    pub options: Vec<String>,
}

/// A file that exists in workers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedFile {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its blocks.
    pub blocks: u64,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Its kind.
    pub kind: DamageKind,
    /// How often it was met.
    pub times: u64,
    /// The first of them: where, and what was found.
    pub met: Vec<String>,
}

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DamageKind {
    /// There are no bytes.
    Empty,
    /// The bytes are no gzip stream.
    NotGzip,
    /// The gzip stream ends before its trailer.
    CutStream,
    /// The compressed data, or their checksum or size.
    DamagedStream,
    /// Bytes follow the first gzip member.
    Beyond,
    /// The stream is whole and ends inside an entry.
    CutEntry,
    /// Something that is no entry of a backup: no message, no payload, a sequence number.
    MalformedEntry,
    /// A type that no backup holds.
    ForeignEntry,
    /// A record that every backup holds is not there.
    Missing,
    /// A record, an inode, a block or a name is there twice.
    Doubled,
    /// An inode without a parent before it.
    NoParent,
    /// A generator gives out ids that are in use.
    UsedIds,
    /// Mount points and mounts do not belong together.
    Mounts,
}

/// A check that was not made, because what it needs did not fit into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchecked {
    /// Whether blocks and files belong together.
    Blocks,
    /// Whether every inode is there once and behind its parent.
    Inodes,
    /// Whether names of some directories are there once.
    Names,
    /// Whether mounts have their directories.
    Mounts,
}
