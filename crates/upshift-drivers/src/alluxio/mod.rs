//! Alluxio: backups that masters wrote.

mod backup;
pub mod codes;
mod rewrite;

pub use backup::{BackupError, read_backup};
pub use rewrite::{NotWritten, rewrite_backup};
