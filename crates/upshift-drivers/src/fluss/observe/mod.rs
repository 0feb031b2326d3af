//! What is there: metadata, servers' answers, processes on their hosts.

mod answers;
mod host;
mod processes;
mod system;
mod yaml;

pub(super) use processes::{role_of, version_of};
pub use system::LookError;
pub(super) use system::observe;
pub(super) use yaml::read_options;
