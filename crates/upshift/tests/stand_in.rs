//! Stories on a stand-in for Flink that are too slow, or cannot be had, on the real one.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "scenarios/clean.rs"]
mod clean;
#[path = "sim/consent.rs"]
mod consent;
#[path = "sim/rehearsal.rs"]
mod rehearsal;
#[path = "sim/simulated.rs"]
mod simulated;
#[path = "sim/stories.rs"]
mod stories;
#[path = "sim/support.rs"]
mod support;
#[path = "sim/telling.rs"]
mod telling;

/// No story: what the scripts of a stand-in installation start. Without their words it does nothing.
#[test]
fn process_of_a_cluster() {
    upshift_sim::wire::run_if_started_by_a_script(std::env::args());
}
