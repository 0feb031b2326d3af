//! What is known of an Alluxio system: its backups.

mod backup;

pub use backup::{
    Backup, CachedFile, Damage, DamageKind, EntryCount, Generators, Marker, Mount, Tally, Unchecked,
};
