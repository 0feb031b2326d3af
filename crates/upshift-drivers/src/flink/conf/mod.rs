//! Flink's configuration files: read with Flink's own rules, shown without secrets, carried over to
//! a new directory in the new release's form. Which key means what, and what must change, is the
//! planner's knowledge.

mod carry;
mod dir;
mod error;
mod flat;
mod model;
mod sensitive;
mod write;
mod yaml;

pub use carry::{CarriedOver, CarryOver, MARKER, Written};
pub(super) use dir::names;
pub use dir::{MAIN_FILES, facts, main_file};
pub use error::{CarryOverError, ConfError};
pub use model::{ConfFile, Entry, Form, Value};
pub use sensitive::{REDACTED, is_sensitive, shown};
pub use write::render;
