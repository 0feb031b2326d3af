//! Serializer snapshots: what a state was written with, as far as it can be read without the job's jar.
//!
//! A snapshot has no length, so one of an unknown class ends the reading of what it stands in. It is then
//! reported with its class and offset; nothing behind it is guessed at.

mod describe;
mod known;
mod read;
mod snapshot;

pub(crate) use read::SnapshotReader;
pub use snapshot::{Content, Field, Outer, Serializer};
