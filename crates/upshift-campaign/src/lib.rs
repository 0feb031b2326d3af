//! Whole simulated upgrades: a plan made by the planner, carried out by the real engine on a direct face of a
//! world model, with faults drawn from a seed, a person who answers, and an oracle that says what was lost
//! or doubled.
//!
//! It is the one place where planner, engine and simulator meet. It judges; it repairs nothing, and no real
//! run knows of it.

mod alluxio;
mod batch;
mod case;
pub mod conformance;
mod counsel;
mod flink;
mod fluss;
mod kind;
mod memory;
mod mortal;
mod person;
mod planned;
mod robbery;
mod rolling;
mod run;
mod stage;
mod survey;
mod system;
mod tally;
mod without;

pub use batch::{Batch, Progress};
pub use case::{Case, Setting, Trouble, Wanted};
pub use kind::Kind;
pub use memory::MemoryStore;
pub use mortal::{At, Death, Died, Mortal};
pub use person::{Person, Wish};
pub use run::{BEGINS_AT, Told, in_virtual_time, of_case, of_given, of_seed, robbed};
pub use stage::Given;
pub use survey::{Course, Ending, Strike, Struck, contacts, strikes, survey};
pub use tally::{Failing, Spread, Tally};
pub use without::Safety;
