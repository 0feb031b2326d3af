//! Alluxio for commands: looking at clusters, backups and journal folders.

mod backup;
mod journal;
mod look;

pub use backup::{BackupAccount, Wish, backup_account, backup_place, rewrite, stored_account};
pub use journal::{JournalAccount, journal_account};
pub use look::{observe, unseen};
