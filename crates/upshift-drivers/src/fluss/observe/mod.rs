//! What is there: metadata, servers' answers, processes of this machine.

mod answers;
mod processes;
mod system;

pub(super) use system::observe;
