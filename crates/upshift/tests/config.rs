//! Stories of system files: what a good one says, and what is said of a bad one.

#[path = "config/errors.rs"]
mod errors;
#[path = "config/meaning.rs"]
mod meaning;
#[path = "config/support.rs"]
mod support;
