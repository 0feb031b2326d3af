//! Whole upgrades of deployments by the real planner, engine and driver, over the wire to the emulated service on paper:
//! what it comes to when something goes wrong, and when upshift's process dies at every record of its journal.

mod beside;
mod boundaries;
mod drafts;
mod gateway;
mod lanes;
mod laws;
mod probes;
mod programs;
mod proxy;
mod stage;
mod stories;
#[path = "../conformance/support.rs"]
mod support;
mod telling;
