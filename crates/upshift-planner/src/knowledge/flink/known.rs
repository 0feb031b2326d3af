//! Everything that is known of Flink in one value, as the planner is given it. Loads nothing.

use super::{ConfigRules, Releases, Savepoints};
use crate::knowledge::OptionTable;

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
