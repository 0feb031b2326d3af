//! What is known of an Alluxio system: its backups, and its journal folders.

mod backup;
mod journal;

pub use backup::{
    Backup, CachedFile, Damage, DamageKind, EntryCount, Generators, Marker, Mount, Tally, Unchecked,
};
pub use journal::{Journal, JournalKind, JournalLog};
