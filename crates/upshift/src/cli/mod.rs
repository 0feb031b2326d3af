//! The command line: one file per command, each with its arguments, its `run` and its rendering.
//!
//! What commands do is in `crate::app`; here it is only asked for and shown.

pub mod abandon;
mod alluxio_look;
pub mod answer;
pub mod apply;
pub mod bundle;
mod called;
pub mod check;
pub mod common;
pub mod compat;
pub mod completions;
pub mod diff;
mod dispatch;
pub mod emulate;
pub mod explain;
pub mod finalize;
pub mod findings;
mod fluss_hosts;
mod fluss_look;
pub mod follow;
pub mod hosts;
pub mod init;
pub mod inspect;
pub mod inventory;
pub mod journal;
pub mod knowledge;
mod knowledge_list;
pub mod known;
pub mod matrix;
mod namespace_look;
pub mod noted;
pub mod notes;
pub mod observe;
pub mod pause;
pub mod phase;
pub mod plan;
pub mod rehearse;
pub mod render;
pub mod restart;
pub mod restore_points;
pub mod resume;
pub mod rollback;
pub mod route;
pub mod runs;
mod screen;
pub mod sim;
pub mod speaker;
mod stats;
pub mod status;
pub mod timeline;
pub mod told;
mod weka_look;
pub mod worker;

pub use common::{say, say_json, tell};
pub use dispatch::{Cli, Command, main};
