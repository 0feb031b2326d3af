//! What is known of Flink: format versions, savepoint compatibility, Java, configuration options.
//!
//! Facts and look-ups only. What they mean for one system is judged in `systems::flink`.

pub mod config;
pub mod options;
mod pairs;
pub mod releases;
pub mod savepoints;

pub use config::{ConfigFile, ConfigRules, KeyStanding};
pub use options::{ConfigOption, OptionTable};
pub use pairs::{Ground, PairVerdict, Reason};
pub use releases::{ActedUpon, JavaSupport, Releases, Support};
pub use savepoints::{Effect, Kind, Purpose, Savepoints, Serves, Sight, When};

/// All that is known of Flink.
#[derive(Debug, Clone)]
pub struct Flink {
    /// Format versions and Java, per release line.
    pub releases: Releases,
    /// Savepoint compatibility.
    pub savepoints: Savepoints,
    /// The configuration file, and what the option lists do not show.
    pub rules: ConfigRules,
    /// Every configuration option, per release line.
    pub options: OptionTable,
}
