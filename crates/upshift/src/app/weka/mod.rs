//! WEKA, for commands: looking, and running the vendor's own checker beside.

mod look;
mod redact;
mod vendor;

pub use look::{VALID_FOR, observe};
pub use vendor::{Vendor, VendorWish, ask_vendor};
