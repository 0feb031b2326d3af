//! Every check, provoked: a healthy system, one thing changed, and the finding that must come of it.

mod cases;
mod changes;
mod cluster;
mod golden;
mod healthy;
mod jobs;
mod machine;
mod snapshots;
#[path = "../support/mod.rs"]
mod support;
mod waivers;
