//! Codes of what is said of backups and journals of Alluxio, UP-ALLUXIO-03xx, by checks and by gates.

use crate::ids::Code;

/// A file without bytes.
pub const EMPTY: Code = Code::new("UP-ALLUXIO-0301");
/// A file that is no gzip stream.
pub const NOT_GZIP: Code = Code::new("UP-ALLUXIO-0302");
/// A stream that ends before its trailer.
pub const CUT_STREAM: Code = Code::new("UP-ALLUXIO-0303");
/// Damaged data, or a checksum of others.
pub const DAMAGED_STREAM: Code = Code::new("UP-ALLUXIO-0304");
/// Bytes behind the first gzip member.
pub const BEYOND: Code = Code::new("UP-ALLUXIO-0305");
/// A whole stream that ends inside an entry.
pub const CUT_ENTRY: Code = Code::new("UP-ALLUXIO-0306");
/// Something that is no entry of a backup.
pub const MALFORMED_ENTRY: Code = Code::new("UP-ALLUXIO-0307");
/// Entries of a type that no backup holds.
pub const FOREIGN_ENTRY: Code = Code::new("UP-ALLUXIO-0308");
/// Whether the wanted release takes every type.
pub const TYPES: Code = Code::new("UP-ALLUXIO-0309");
/// Records that every backup holds.
pub const RECORDS: Code = Code::new("UP-ALLUXIO-0310");
/// What is there twice.
pub const DOUBLED: Code = Code::new("UP-ALLUXIO-0311");
/// Parents before children.
pub const PARENTS: Code = Code::new("UP-ALLUXIO-0312");
/// Ids that would be given out again.
pub const USED_IDS: Code = Code::new("UP-ALLUXIO-0313");
/// Mount points and mounts.
pub const MOUNTS: Code = Code::new("UP-ALLUXIO-0314");
/// The number of entries that the backup command told.
pub const COUNT: Code = Code::new("UP-ALLUXIO-0315");
/// The marker beside the file.
pub const MARKER: Code = Code::new("UP-ALLUXIO-0316");
/// Files that exist in workers only.
pub const CACHED: Code = Code::new("UP-ALLUXIO-0317");
/// Fingerprints of 1.x.
pub const FINGERPRINTS: Code = Code::new("UP-ALLUXIO-0318");
/// Files that expire, and the sync of the root.
pub const EXPIRING: Code = Code::new("UP-ALLUXIO-0319");
/// Blocks that belong to no file.
pub const BLOCKS: Code = Code::new("UP-ALLUXIO-0320");
/// Checks that did not fit into memory.
pub const UNCHECKED: Code = Code::new("UP-ALLUXIO-0321");
/// Files that were being written, or are to be persisted, or are lost.
pub const UNFINISHED: Code = Code::new("UP-ALLUXIO-0322");
/// The id of the cluster.
pub const CLUSTER: Code = Code::new("UP-ALLUXIO-0323");
/// Of which kind a journal folder is.
pub const JOURNAL_KIND: Code = Code::new("UP-ALLUXIO-0331");
/// Logs of a journal.
pub const JOURNAL_LOGS: Code = Code::new("UP-ALLUXIO-0332");
