//! What changed between releases: rows that each ask something of an operator or of a job's author,
//! and what they come to for one system.
//!
//! The rows lie in `knowledge/<system>/changes/`. Whether a pair of releases is allowed at all is not
//! asked here: that is what rules are for.

mod book;
mod built_in;
mod change;
mod error;
mod need;
mod notes;
mod row;
mod sight;
mod weigh;

pub use book::{Changes, Reading, Sheet};
pub use change::{Act, Area, Change, Weight};
pub use error::ChangeError;
pub use need::{Need, NotANeed};
pub use notes::{Notes, Outcome, Told, Way};
pub use sight::{Members, Number, Rest, Sight};
pub use weigh::Weighed;
