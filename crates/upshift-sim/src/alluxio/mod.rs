//! The world model of an Alluxio cluster of some masters and one worker: a tree of files, the journals and the backups that
//! hold it, the blocks in the worker's tier, what expires, and whoever writes. It knows neither plans nor drivers.

mod acts;
mod masters;
mod shape;
mod tree;
mod world;

pub use acts::Gone;
pub use masters::{Memory, Restored};
pub use shape::{Keeping, Shape};
pub use tree::{Backup, Journal, Tree};
pub use world::{MASTER, Process, Role, Server, WORKER, World};
