//! Checks of Alluxio clusters: from a situation to findings.

mod backups;
mod clients;
mod configuration;
mod files;
mod hop;
mod journal;
mod list;
mod named;
mod processes;
mod releases;
mod stores;

pub use list::findings;

use named::some;
