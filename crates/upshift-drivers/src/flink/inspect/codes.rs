//! Codes of snapshots that cannot be read, or not whole.

use upshift_model::ids::Code;

/// A directory without `_metadata`.
pub const NO_METADATA: Code = Code::new("UP-READ-0010");
/// A metadata file without a byte.
pub const EMPTY: Code = Code::new("UP-READ-0011");
/// A file that is not Flink's metadata.
pub const FOREIGN: Code = Code::new("UP-READ-0012");
/// Metadata of a version that this build does not read.
pub const VERSION: Code = Code::new("UP-READ-0013");
/// Metadata that ends too early.
pub const TRUNCATED: Code = Code::new("UP-READ-0014");
/// Metadata that is not what its format says.
pub const DAMAGED: Code = Code::new("UP-READ-0015");
/// Metadata that asks for more than the reader allows.
pub const BEYOND_LIMITS: Code = Code::new("UP-READ-0016");
/// A file that the snapshot refers to is missing.
pub const FILE_MISSING: Code = Code::new("UP-READ-0017");
/// A file that the snapshot refers to is shorter or longer than it should be.
pub const FILE_SIZE: Code = Code::new("UP-READ-0018");
/// A file that the snapshot refers to could not be looked at.
pub const FILE_UNSEEN: Code = Code::new("UP-READ-0019");
/// A file that is no jar, or one that cannot be read.
pub const NO_JAR: Code = Code::new("UP-READ-0021");
/// A place that is no Flink release: no home with `lib`, and no archive of one.
pub const NO_RELEASE: Code = Code::new("UP-READ-0022");
/// A state header that could not be read to its end.
pub const HEADER_INCOMPLETE: Code = Code::new("UP-READ-0020");
