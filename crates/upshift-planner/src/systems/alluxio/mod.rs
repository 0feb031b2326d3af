//! Alluxio: what is said of a backup and of a journal folder before anything is stopped.

pub mod backup;
pub mod codes;
pub mod journal;
