//! What Alluxio's masters write: backups, the logs of a journal in the under-store, and the shape of a journal folder.
//!
//! A backup is one gzip member of journal entries, each behind its length. Nothing in it says how many there are, who
//! wrote it, or that it is whole; [`read_backup`] tells from the entries themselves, in one pass and in bounded memory.
//! What a defect means for an upgrade is decided elsewhere.

mod acl;
mod backup;
mod changes;
mod defect;
mod entry;
mod folder;
mod frames;
mod gzip;
mod inode;
mod kind;
mod limits;
mod log;
mod rewrite;
mod segment;
mod survey;
mod wire;

pub use acl::AccessList;
pub use backup::{Backup, Cached, CachedFile, Generators, Mount, Tally, Unchecked};
pub use changes::{Change, log_changes};
pub use defect::{Defect, DefectKind, Defects, Place};
pub use folder::{Flavour, flavour};
pub use inode::{Inode, Persistence};
pub use kind::EntryKind;
pub use limits::BackupLimits;
pub use log::{Log, LogName, read_log};
pub use rewrite::{RewriteError, Rewritten, without_old_fingerprints};
pub use segment::{Segment, segment_changes};
pub use survey::{read_backup, read_backup_with};
