//! WEKA, as far as it can be seen: what a cluster says by its command line, and what its servers say of themselves,
//! over one connection to each. Changes nothing, and judges nothing.

mod ask;
mod codes;
mod frames;
mod observe;
mod reading;
mod record;

pub use codes::NO_ENTRY;
pub use observe::{Unseen, observe};
