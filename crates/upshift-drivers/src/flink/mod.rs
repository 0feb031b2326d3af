//! Apache Flink: clusters over REST, and the processes, installations and configuration directories
//! of this machine.

mod answers;
mod attempt;
mod cause;
mod client;
pub mod codes;
mod driver;
mod look;
pub mod probe;
pub mod process;
mod standing;

pub use answers::*;
pub use cause::last_cause;
pub use client::{FlinkClient, RunJar, SavepointForm};
pub use driver::{Clock, DriverSetupError, FlinkDriver};
