//! Apache Flink: clusters over REST, and the processes, installations and configuration directories
//! of this machine.

mod answers;
mod attempt;
mod cause;
mod client;
pub mod codes;
pub mod conf;
mod dispose;
mod driver;
mod expectation;
mod graph;
pub mod host;
pub mod inspect;
pub mod jar;
mod launch;
mod look;
mod observe;
pub mod probe;
pub mod process;
pub mod references;
mod savepoint;
mod scratch;
mod snapshot;
mod standing;
mod unpack;

pub use answers::*;
pub use cause::last_cause;
pub use client::{FlinkClient, RunJar, SavepointForm};
pub use driver::{DriverSetupError, FlinkDriver};
pub(crate) use graph::of_jar;
pub use savepoint::savepoint_digest;
pub(crate) use snapshot::read_location;
pub use snapshot::{Referring, referring};
