//! Alluxio: releases from their published modules, installations of masters and workers with scripts that stand in for
//! the releases' own, a ZooKeeper beside them, and backups of any size.

mod batch;
mod conf;
mod home;
mod host;
mod keeper;
mod synthetic;

pub use batch::batch_classes;
pub use home::{ALLUXIO_RELEASES, AlluxioHome};
pub use host::{AlluxioHost, Ran};
pub use synthetic::synthetic_backup;
