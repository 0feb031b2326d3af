//! Alluxio's backups and journal folders as a person looks into them.

mod backup;
mod journal;

pub use backup::{BackupAccount, Wish, backup_account, rewrite};
pub use journal::{JournalAccount, journal_account};
