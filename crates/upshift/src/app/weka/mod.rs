//! WEKA, for commands: looking, and running the vendor's own checker beside.

mod look;
mod redact;
mod vendor;

pub use look::{VALID_FOR, observe, unseen_in_a_run};
pub use vendor::{Vendor, VendorWish, ask_vendor};
