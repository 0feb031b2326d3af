//! The real process, killed at every boundary of its journal: whatever it was about to do, was doing or
//! had just done, `upshift resume` comes to the same end with every effect done once.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "sim/boundaries.rs"]
mod boundaries;
#[path = "sim/journal.rs"]
mod journal;
#[path = "sim/support.rs"]
mod support;

/// No story: what the scripts of a stand-in installation start. Without their words it does nothing.
#[test]
fn process_of_a_cluster() {
    upshift_sim::wire::run_if_started_by_a_script(std::env::args());
}
