//! The catalogue: what is known of every system's releases, with the source of each row.
//!
//! The rows are data and lie in `knowledge/<system>/` as TOML and tables, built into the program.
//! This module loads them, refuses what cannot be (unknown keys, rows without a source, impossible
//! ranges), and answers questions. It judges nothing of a running system: that is what checks do
//! with its answers. What no row says is unknown, never allowed.

mod catalogue;
pub mod flink;
mod load;
mod row;

pub use catalogue::Knowledge;
pub use flink::Flink;
pub use load::LoadError;
pub use row::{Confidence, Origin, Range};
