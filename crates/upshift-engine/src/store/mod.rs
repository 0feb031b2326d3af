//! Where journals are kept: the trait, the embedded store and the shared one.
//!
//! A store appends, reads and fences. It knows what a line is and nothing of what it means, except
//! that `opened` and `closed` decide whether a system has an open run.

mod error;
mod head;
pub mod postgres;
pub mod sqlite;
mod surface;

pub use error::StoreError;
pub use surface::*;
