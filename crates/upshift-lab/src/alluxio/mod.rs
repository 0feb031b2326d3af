//! Alluxio: backups of any size, as masters of 2.9 write them.

mod synthetic;

pub use synthetic::synthetic_backup;
