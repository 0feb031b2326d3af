//! Readers of files written by the systems upshift upgrades: bytes in, owned answers out.
//!
//! Nothing here opens a file or a connection or knows the other upshift crates, and no input makes it panic
//! or allocate by a length it has not checked. What an answer means for an upgrade is decided elsewhere.
#![warn(clippy::cast_possible_truncation, clippy::indexing_slicing)]

pub mod cursor;
mod error;
pub mod flink;
pub mod java;
mod java_str;
mod limits;

pub use error::{FormatError, ReadError};
pub use java_str::JavaStr;
pub use limits::Limits;
