//! Several daemons that share runs on a real PostgreSQL: killed, stopped and revived.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "shared/naming.rs"]
mod naming;
#[path = "shared/support.rs"]
mod support;
#[path = "shared/takeover.rs"]
mod takeover;

/// No story: what the scripts of a stand-in installation start. Without their words it does nothing.
#[test]
fn process_of_a_cluster() {
    upshift_sim::wire::run_if_started_by_a_script(std::env::args());
}
