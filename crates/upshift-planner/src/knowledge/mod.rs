//! The catalogue: what is known of every system's releases, with the source of each row.
//!
//! The rows are data and lie in `knowledge/<system>/` as TOML and tables, built into the program.
//! This module loads them, refuses what cannot be (unknown keys, rows without a source, impossible
//! ranges), and answers questions. It judges nothing of a running system: that is what checks do
//! with its answers. What no row says is unknown, never allowed.

mod answer;
mod book;
mod catalogue;
pub mod changes;
mod entry_types;
mod fact;
pub mod flink;
mod library;
mod load;
mod option_changes;
pub mod options;
pub mod realtime_compute;
mod release;
mod row;
mod rule;
mod system;
mod weka;
mod weka_table;

pub use answer::{Answer, Cited, Open, Verdict};
pub use book::{Book, BookError, Named};
pub use catalogue::Knowledge;
pub(crate) use entry_types::SERIES_300;
pub use entry_types::{Accepted, EntryTypes};
pub use fact::{Condition, Fact, Facts, NotAFact, Truth};
pub use flink::Flink;
pub use library::Library;
pub use load::LoadError;
pub use option_changes::{OptionChanges, Renamed, Revalued};
pub use options::{ConfigOption, OptionTable};
pub use release::{NotARelease, Product, Release, Span};
pub use row::{Confidence, Origin, Range};
pub use rule::{About, Direction, Effect, Rule};
pub use system::{Known, NoSuchSystem};
pub use weka_table::{TableError, imported};
