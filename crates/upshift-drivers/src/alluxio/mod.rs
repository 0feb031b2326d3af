//! Alluxio: backups that masters wrote, and their journal folders.

mod backup;
pub mod codes;
mod journal;
mod rewrite;

pub use backup::{BackupError, read_backup};
pub use journal::{JournalError, read_journal};
pub use rewrite::{NotWritten, rewrite_backup};
