//! The use cases: the only user of planner, engine and drivers. `cli` is a skin over them.
//!
//! Nothing here prints or reads the command line.

pub mod alluxio;
mod as_seen;
pub mod bundle;
pub mod check;
pub mod compat;
pub mod context;
pub mod counsel;
pub mod daemon;
pub mod diff;
pub mod emulate;
pub mod find_run;
mod flink;
pub mod fluss;
pub mod hosts;
pub mod init;
pub mod inspect;
pub mod journal;
pub mod matrix;
pub mod notes;
pub mod output;
pub mod overlay;
pub mod place;
pub mod plan;
pub mod plan_file;
pub mod realtime_compute;
pub mod rehearse;
pub mod restore_points;
pub mod route;
pub mod run;
pub mod sim;
pub mod systems;
pub mod wait;
pub mod weka;
pub mod worker;
