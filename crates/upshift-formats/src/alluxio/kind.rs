//! Types of journal entries: numbers of the fields of `JournalEntry`, which were never given out twice from 1.8.0 to 313.

use std::fmt;

/// A type of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKind(pub u32);

/// Numbers that carry something about an entry, and are none.
pub(super) const SEQUENCE_NUMBER: u32 = 1;
pub(super) const OPERATION_ID: u32 = 52;
/// Entries in an entry: masters write them into live journals and never into backups.
pub(super) const JOURNAL_ENTRIES: u32 = 39;

const NAMES: [(u32, &str); 52] = [
    (2, "add_mount_point"),
    (3, "block_container_id_generator"),
    (4, "block_info"),
    (5, "complete_file"),
    (6, "delete_file"),
    (7, "delete_lineage"),
    (8, "delete_mount_point"),
    (9, "inode_directory"),
    (10, "inode_directory_id_generator"),
    (11, "inode_file"),
    (12, "inode_last_modification_time"),
    (13, "lineage"),
    (14, "lineage_id_generator"),
    (15, "persist_directory"),
    (16, "async_persist_request"),
    (18, "reinitialize_file"),
    (19, "rename"),
    (21, "complete_partition"),
    (22, "complete_store"),
    (23, "create_store"),
    (25, "delete_store"),
    (26, "merge_store"),
    (27, "set_attribute"),
    (28, "rename_store"),
    (29, "delete_block"),
    (30, "update_ufs_mode"),
    (31, "set_acl"),
    (32, "add_sync_point"),
    (33, "remove_sync_point"),
    (34, "active_sync_tx_id"),
    (35, "update_inode"),
    (36, "update_inode_directory"),
    (37, "update_inode_file"),
    (38, "new_block"),
    (39, "journal_entries"),
    (40, "path_properties"),
    (41, "remove_path_properties"),
    (42, "cluster_info"),
    (43, "add_table"),
    (44, "attach_db"),
    (45, "detach_db"),
    (46, "add_transform_job_info"),
    (47, "remove_transform_job_info"),
    (48, "complete_transform_table"),
    (49, "update_database_info"),
    (50, "remove_table"),
    (51, "add_table_partitions"),
    (53, "load_job"),
    (54, "copy_job"),
    (55, "move_job"),
    (56, "policy_definition"),
    (57, "policy_remove"),
];

impl EntryKind {
    /// What it is called; none for a number that no public release knows.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES
            .iter()
            .find(|(number, _)| *number == self.0)
            .map(|(_, name)| *name)
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {}", self.0),
        }
    }
}
