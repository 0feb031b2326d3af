//! The world model of an Alluxio cluster of one master and one worker: a tree of files, the journal and the backups that
//! hold it, the blocks in the worker's tier, and whoever writes. It knows neither plans nor drivers.

mod acts;
mod shape;
mod tree;
mod world;

pub use acts::Gone;
pub use shape::Shape;
pub use tree::{Backup, Journal, Tree};
pub use world::{Role, World};
