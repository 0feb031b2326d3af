//! Alluxio's backups as a person looks into them.

mod backup;

pub use backup::{BackupAccount, Wish, backup_account, rewrite};
