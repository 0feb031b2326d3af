//! The files of changes that are built into the program.
//!
//! Which they are is listed when this crate is built, so that a new file needs no line of code.

/// Name below `knowledge/` and text of every file, in order.
pub(super) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/changes.rs"));
