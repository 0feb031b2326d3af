//! Alluxio: backups that masters wrote.

mod backup;
pub mod codes;

pub use backup::{BackupError, read_backup};
