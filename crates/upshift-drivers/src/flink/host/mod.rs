//! This machine, as far as an upgrade depends on it: installations and archives, Java, directories,
//! ports. Nothing is written, and nothing of another machine is claimed.

mod archive;
mod disk;
mod home;
mod java;
mod ports;

pub use archive::archive;
pub use disk::{directory, free_bytes, local_path};
pub use home::home;
pub(crate) use java::feature;
pub use java::{JavaSearch, target_java};
pub use ports::listening;
