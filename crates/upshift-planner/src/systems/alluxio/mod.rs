//! Alluxio: what is said of a backup before anything is stopped.

pub mod backup;
pub mod codes;
