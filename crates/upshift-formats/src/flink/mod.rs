//! Apache Flink: snapshot metadata, state headers, serializer snapshots and operator ids.
//!
//! [`raw`] says what the bytes say, [`view`] answers questions. Knows no Flink release beyond which of
//! them wrote a format version; what a release can read or restore is knowledge kept elsewhere.

pub mod opid;
pub mod raw;
pub mod serializers;
pub mod view;

pub use opid::{OperatorId, operator_id_of_uid};
pub use view::{Snapshot, read_metadata, read_metadata_from};
