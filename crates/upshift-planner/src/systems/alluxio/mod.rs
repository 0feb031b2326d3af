//! Alluxio: what is said of clusters, of backups and of journal folders before anything is stopped.

pub mod back;
pub mod backup;
pub mod checks;
pub mod codes;
pub mod drift;
pub mod journal;
pub mod left_over;
pub mod recipe;
pub mod situation;
pub mod way;
