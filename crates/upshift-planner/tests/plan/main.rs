//! Plans of Flink upgrades: what they look like, what the linter says of them, and how one gets back
//! from wherever a run stands.

mod back;
mod flaws;
mod graphs;
mod refusals;
mod rehearsal;
mod runs;
mod stories;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the tests of the checks")]
mod support;
mod trees;
mod waivers;
