//! A system file with every key, as the reference shows it; the tests read it.

/// The file.
pub const EXAMPLE: &str = include_str!("example.toml");
