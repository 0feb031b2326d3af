//! Whether what a snapshot holds fits the job and the release that are to start from it.
//!
//! The planner compiles what is known of releases, jobs and waivers into [`FitCriteria`]; [`judge`]
//! holds a snapshot against them. The checks before an upgrade and the gates of a plan both call it,
//! so that what is red beforehand fails the gate under the same code. It reads nothing and knows no
//! release.

mod beside;
pub mod codes;
mod criteria;
mod files;
mod forms;
mod judge;
mod limits;
mod operators;
mod parallelism;
mod types;
mod uids;

pub use criteria::{Acceptance, FitCriteria, GraphAsk, SnapshotRole, StateLimit, StateTrait};
pub use judge::{judge, not_acceptable, spoiled};
pub use limits::{limits_unread, place_of_state};
