//! Files of a snapshot wherever they lie: local paths, and the objects of S3.
//!
//! Gives sizes and ranges of bytes, never whole files, and changes nothing. What has not been proven
//! against a real server is refused by name. What the bytes mean is not known here.

mod error;
mod local;
mod place;
mod reader;
mod s3;
mod store;

pub use error::{ObjectError, Why};
pub use place::Place;
pub use reader::ObjectReader;
pub use store::{Extent, Objects, Presence};
