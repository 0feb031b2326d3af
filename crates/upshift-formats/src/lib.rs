//! Readers of files written by the systems upshift upgrades: bytes in, owned answers out.
//!
//! Nothing here opens a file or a connection or knows the other upshift crates, and no input makes it panic
//! or allocate by a length it has not checked. What an answer means for an upgrade is decided elsewhere.
//!
//! [`flink`] reads snapshots in two layers. The *raw* layer ([`flink::raw`]) says what the bytes say, piece by piece and
//! with offsets; the *view* ([`flink::view`]) answers what one asks: which operators, which states, which files.
//!
//! ```
//! use upshift_formats::flink::read_metadata;
//! use upshift_formats::{FormatError, Limits};
//!
//! // The least metadata there is: magic number, version 3, checkpoint 7, no master states, no operators.
//! let bytes = [0x49, 0x60, 0x67, 0x2d, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0];
//! let snapshot = read_metadata(&bytes, &Limits::default())?;
//! assert_eq!((snapshot.version, snapshot.checkpoint_id), (3, 7));
//! assert!(snapshot.operators.is_empty());
//!
//! let error = read_metadata(&bytes[..17], &Limits::default()).expect_err("cut short");
//! assert!(matches!(error, FormatError::Truncated { at: 16, .. }));
//! # Ok::<(), FormatError>(())
//! ```
//!
//! The states in a file of state stand at its start, and so does all that is known of their types:
//!
//! ```no_run
//! use upshift_formats::Limits;
//! use upshift_formats::flink::raw::read_keyed_header;
//!
//! let file = std::fs::read("/srv/savepoints/savepoint-3635ab/34a15e20-0752-46c6-bf4f-aa35a8144d84")?;
//! for state in read_keyed_header(&file, 0, &Limits::default())?.states {
//!     println!("{}: {:?}", state.name, state.serializers);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`java`] reads class files: what a class is, and which classes and members it refers to. [`fluss`] reads what Fluss
//! keeps in ZooKeeper. [`alluxio`] reads backups and journals of Alluxio's masters.
#![warn(clippy::cast_possible_truncation, clippy::indexing_slicing)]

pub mod alluxio;
pub mod cursor;
mod error;
pub mod flink;
pub mod fluss;
pub mod java;
mod java_str;
mod limits;

pub use error::{FormatError, ReadError};
pub use java_str::JavaStr;
pub use limits::Limits;
