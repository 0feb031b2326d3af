//! Alluxio: backups that masters wrote, their journal folders, and the cluster itself.

mod backup;
pub mod codes;
mod driver;
mod journal;
mod observe;
mod rewrite;

pub use backup::{BackupError, read_backup};
pub use driver::{AlluxioDriver, look};
pub use journal::{JournalError, read_journal};
pub use rewrite::{NotWritten, rewrite_backup};
