//! From what was seen and what is wanted to findings, a verdict and a plan.
//!
//! Pure: it does no I/O, is never async, reads neither clock nor environment, prints nothing, and
//! sees no driver, no engine and no file format. What it knows of releases lies in `knowledge/`.

pub mod build;
pub mod dispatch;
pub mod knowledge;
pub mod lint;
pub mod render;
pub mod route;
pub mod systems;
