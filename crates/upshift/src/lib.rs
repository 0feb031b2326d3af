//! The binary's library: use cases in `app`, and the command line in `cli`, a thin skin over them.
//!
//! No planning and no driver logic lives here, and `cli` reaches drivers and planner only by `app`.

pub mod app;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod config;
pub mod exit;
pub mod pages;
pub mod secret;
pub mod trouble;
