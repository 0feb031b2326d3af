//! What a snapshot holds: every finding about it, provoked. Snapshots of real jobs are read in the
//! tests of the drivers.

mod files;
mod format;
mod limits;
mod operators;
mod parallelism;
mod types;
mod world;
