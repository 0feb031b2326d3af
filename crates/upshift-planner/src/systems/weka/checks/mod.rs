//! Checks of WEKA clusters: from a situation to findings.

mod backends;
mod clients;
mod containers;
mod hop;
mod list;
mod machines;
mod parts;
mod prerequisites;
mod protocols;
mod rooms;
mod settings;
mod state;
mod work;

pub use list::findings;

/// The vendor's own checker.
const CHECKER: &str = "the vendor's upgrade checker 1.12.9";
/// The vendor's documentation.
const DOCS: &str = "WEKA documentation, 'Upgrade WEKA versions', prerequisites";
