//! Alluxio: what is said of clusters, of backups and of journal folders before anything is stopped.

pub mod backup;
pub mod checks;
pub mod codes;
pub mod journal;
pub mod situation;
pub mod way;
