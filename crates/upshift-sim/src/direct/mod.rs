//! The direct faces: world models as drivers of the real engine, without sockets, files or a real clock.
//!
//! What a step means for the world is decided here as the real drivers decide it: `standing` looks and
//! changes nothing, `attempt` asks for one change once. What goes wrong between the two lies in the line.

pub mod alluxio;
mod fault;
pub mod flink;
pub mod fluss;
mod line;
pub mod rolling;
mod time;

pub use fault::{Fault, Place, Planned, When};
pub use line::{Happened, Line};
pub use time::{Clockwork, pass};
