//! The route from one release to another: found by a search over states, never written down.
//!
//! A state is a version per role group, clients among them. What may follow what, and which versions
//! may stand side by side, is the catalogue's; the order of roles and the versions between follow.

mod ground;
mod search;
mod told;

pub use ground::Ground;
pub use search::{Found, Step, Wish, find};
pub use told::{Blocked, Outcome, Route, route};
