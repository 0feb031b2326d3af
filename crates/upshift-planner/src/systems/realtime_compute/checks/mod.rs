//! Checks of a namespace: from a situation to findings.

mod engine;
mod job;
mod libraries;
mod list;
mod place;
mod state;
mod way;

pub use list::findings;
