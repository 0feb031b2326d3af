//! What is there: metadata, servers' answers, processes on their hosts.

mod answer;
mod answers;
mod host;
mod processes;
mod system;
mod yaml;

pub use system::LookError;
pub(super) use system::observe;
