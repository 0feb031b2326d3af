//! The system file: one TOML file per system, read whole, all of its mistakes reported at once.
//!
//! [`load`] reads a file and [`parse`] its text; both give a [`Declaration`]. Neither compares
//! anything with what runs, and neither looks for the files that are named in it.
//!
//! [`Declaration`]: upshift_model::flink::Declaration

mod alluxio;
pub mod duration;
mod example;
mod file;
mod fluss;
mod host;
mod load;
mod milli;
mod option;
mod problem;
mod read;
mod realtime_compute;
mod reference;
mod resolve;
mod section;
mod union;
mod value;
mod weka;

pub use duration::parse as length;
pub use example::EXAMPLE;
pub use fluss::are_servers as are_zookeeper_servers;
pub use load::{Declared, load, load_any, parse, parse_any};
pub use option::{name, secret_option, url};
pub use reference::{
    alluxio_reference, fluss_reference, realtime_compute_reference, reference, weka_reference,
};
