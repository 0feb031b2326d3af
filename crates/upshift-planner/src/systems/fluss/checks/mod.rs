//! Checks of Fluss systems: from a situation to findings.

mod configuration;
mod hop;
mod list;
mod machine;
mod replicas;
mod surroundings;
mod waivers;

pub use list::findings;
