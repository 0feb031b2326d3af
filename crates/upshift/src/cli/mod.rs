//! The command line: one file per command, each with its arguments, its `run` and its rendering.
//!
//! What commands do is in `crate::app`; here it is only asked for and shown.

pub mod render;
