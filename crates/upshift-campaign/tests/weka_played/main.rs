//! Whole upgrades of a WEKA cluster over two hops with clients, by the real planner, engine and driver, with a cluster that
//! is played in this process: upshift dies at every record of its journal, the connection is lost at every call, phases
//! and clients fail. No command is ever begun beside another, and none is lost: the cluster counts them.
//!
//! Time is virtual. What a look before a hop comes to is not played here: that takes servers, and is told by the
//! stories over real ones.

mod boundaries;
mod laws;
mod played;
#[expect(dead_code, reason = "what the terminal shows of it is another crate's story")]
mod stage;
#[path = "../conformance/support.rs"]
mod support;
