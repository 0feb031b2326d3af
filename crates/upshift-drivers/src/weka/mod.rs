//! WEKA: what a cluster says by its command line and by REST, what its servers say of themselves, over one connection to
//! each; and the driver that the engine calls.

mod ask;
mod attempt;
pub mod codes;
mod command;
mod driver;
mod far;
mod frames;
mod observe;
mod pulse;
mod reached;
mod reading;
mod record;
mod rest;
mod standing;
mod words;

pub use ask::questions_of_all as questions;
pub use codes::NO_ENTRY;
pub use driver::WekaDriver;
pub use far::{Answers, Far, Packages};
pub use observe::{Unseen, observe};
