//! What is known of Flink: format versions, savepoint compatibility, Java, configuration options.
//!
//! Facts and look-ups only. What they mean for one system is judged in `systems::flink`.

pub mod config;
mod known;
mod pairs;
pub mod releases;
pub mod savepoints;

pub use config::{ConfigFile, ConfigRules, KeyStanding};
pub use known::Flink;
pub use pairs::{Ground, PairVerdict, Reason};
pub use releases::{ActedUpon, JavaSupport, Releases, Support};
pub use savepoints::{Effect, Kind, Purpose, Savepoints, Serves, Sight, When};
