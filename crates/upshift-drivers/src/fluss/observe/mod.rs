//! What is there: metadata, servers' answers, processes on their hosts.

mod answers;
mod host;
mod processes;
mod remote;
mod running;
mod system;
mod told;
mod yaml;

pub(super) use host::{LONGEST_FILE, SERVER_YAML, home_at};
pub(super) use running::{clean_mark, data_folders_of, end_of_log, running};
pub use system::LookError;
pub(super) use system::{Started, observe};
pub use told::both_sides;
