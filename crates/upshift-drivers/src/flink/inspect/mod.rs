//! Snapshots as a person looks into them, wherever they lie: the metadata is read as a stream, of state files only what stands at
//! their start, and of all others only that they are there and how large they are.
//!
//! Judges nothing: what a snapshot means for an upgrade is decided elsewhere.

pub mod codes;
mod error;
mod files;
mod headers;
mod read;
pub mod words;

pub use error::{Defect, SnapshotError};
pub(super) use files::look_at;
pub use files::{FileCheck, FileState, check_files};
pub use headers::HeadersWanted;
pub(super) use headers::{Wanted, add, place_of};
pub(super) use read::{METADATA, failed, read_with_digest};
pub use read::{ReadSnapshot, read_snapshot};
