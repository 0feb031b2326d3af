//! Checks of Fluss systems: from a situation to findings.

mod carried;
mod clients;
mod configuration;
mod data;
mod hop;
mod list;
mod machine;
mod named;
pub(super) mod plugins;
mod processes;
mod remote;
mod replicas;
mod surroundings;
mod told;
mod zookeeper;

pub use carried::new_options;
pub(super) use carried::{CarriedOver, carried_over};
pub(super) use clients::hangs;
pub(super) use hop::obstacles;
pub use list::findings;
pub(super) use replicas::least_in_sync;

use named::some;
