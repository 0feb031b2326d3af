//! WEKA: what a cluster says by its command line and by REST, what its servers say of themselves, over one connection to
//! each; and the driver that the engine calls.

mod ask;
mod attempt;
pub mod codes;
mod command;
mod driver;
mod frames;
mod observe;
mod pulse;
mod reading;
mod record;
mod rest;
mod standing;

pub use codes::NO_ENTRY;
pub use driver::WekaDriver;
pub use observe::{Unseen, observe};
