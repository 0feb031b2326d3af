//! Checks of Alluxio clusters: from a situation to findings.

mod backups;
mod clients;
mod configuration;
mod files;
mod files_of_conf;
mod hop;
mod journal;
mod kept;
mod list;
mod named;
mod processes;
mod releases;
mod stores;

pub(in crate::systems::alluxio) use backups::SYNC_KEY;
pub(in crate::systems::alluxio) use configuration::{is_unread, line, replacement, site_of};
pub(in crate::systems::alluxio) use kept::runs;
pub use list::findings;

use named::some;
