//! Stories on real Flink clusters: the real program upgrades a job that runs, and what the job wrote says whether
//! anything was lost, doubled or computed on wrong state.
//!
//! They need the releases that `cargo xtask fetch needed` puts into the cache, and fail where those are missing. Each
//! takes its turn on the machine, so a slow one delays the next and does not disturb it.

#[path = "support/mod.rs"]
mod support;

#[path = "real_flink/back.rs"]
mod back;
#[path = "real_flink/graphs.rs"]
mod graphs;
#[path = "real_flink/in_place.rs"]
mod in_place;
#[path = "real_flink/killed.rs"]
mod killed;
#[path = "real_flink/never_up.rs"]
mod never_up;
#[path = "real_flink/refused.rs"]
mod refused;
#[path = "real_flink/rehearsal.rs"]
mod rehearsal;
#[path = "real_flink/shadow.rs"]
mod shadow;
#[path = "real_flink/state.rs"]
mod state;
#[path = "real_flink/wrong_state.rs"]
mod wrong_state;
