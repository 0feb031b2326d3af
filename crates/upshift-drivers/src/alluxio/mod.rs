//! Alluxio: backups that masters wrote, their journal folders, and the cluster itself.

mod attempt;
mod backup;
pub mod codes;
mod configure;
mod difference;
mod driver;
mod far;
mod fresh;
mod journal;
mod journal_end;
mod machine;
mod observe;
mod rewrite;
mod standing;
mod tree;

pub use backup::{BackupError, read_backup, read_stored_backup};
pub use driver::{AlluxioDriver, look};
pub use journal::{JournalError, read_journal};
pub use rewrite::{NotWritten, rewrite_backup};
