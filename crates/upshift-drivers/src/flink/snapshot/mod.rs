//! Snapshots read for what they hold: metadata, the headers of state files, and whether the files are
//! there. Never a whole state file, and no judgement.

mod describe;
mod files;
mod read;
mod references;
mod serializers;

use describe::describe;
pub(crate) use read::read_location;
pub(super) use references::beside;
pub use references::{Referring, referring};
