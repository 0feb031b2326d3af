//! How much of anything the reader of backups keeps in memory.

/// Upper bounds for one backup. What does not fit is not checked, and said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupLimits {
    /// Bytes of one entry; a file with two million blocks has 16 MiB.
    pub entry_bytes: u32,
    /// Bytes for the sets of ids, by which parents, blocks and doubles are known. Ids are dense: 160 MiB hold those of
    /// some tens of millions of files.
    pub id_bytes: u64,
    /// Names held against each other at a time; 24 bytes each.
    pub names: usize,
    /// Bytes for the names of directories, of which paths are put together.
    pub path_bytes: usize,
    /// Files that are named one by one: those that exist only in caches.
    pub named_files: usize,
    /// Mounts.
    pub mounts: usize,
}

impl Default for BackupLimits {
    fn default() -> Self {
        Self {
            entry_bytes: 16 << 20,
            id_bytes: 120 << 20,
            names: 1 << 21,
            path_bytes: 24 << 20,
            named_files: 1_000,
            mounts: 100_000,
        }
    }
}
