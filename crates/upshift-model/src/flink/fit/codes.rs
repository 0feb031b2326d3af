//! The codes of findings about a snapshot. `docs/findings/` has a page for each.

use crate::ids::Code;

/// State of an operator is dropped: the waiver that allows it names the operator.
pub const STATE_DROPPED: Code = Code::new("UP-FLINK-0210");
/// The target does not read the version of the metadata.
pub const METADATA_VERSION: Code = Code::new("UP-FLINK-0220");
/// The target does not read the header of operator state.
pub const OPERATOR_HEADER: Code = Code::new("UP-FLINK-0222");
/// Operators of the job as wanted find no state in the snapshot.
pub const STARTS_EMPTY: Code = Code::new("UP-FLINK-0224");
/// Operators with state have no uid.
pub const NO_UID: Code = Code::new("UP-FLINK-0225");
/// No uids, a changed job and state that may be dropped: it would run on wrong state.
pub const WRONG_STATE: Code = Code::new("UP-FLINK-0226");
/// An operator's id belongs to another operator in the job as wanted.
pub const ID_TAKEN: Code = Code::new("UP-FLINK-0227");
/// The max parallelism of the snapshot is not that of the job as wanted.
pub const MAX_PARALLELISM: Code = Code::new("UP-FLINK-0228");
/// The parallelism exceeds the max parallelism of the snapshot.
pub const PARALLELISM: Code = Code::new("UP-FLINK-0229");
/// Parallelism or chaining changes.
pub const RESHAPED: Code = Code::new("UP-FLINK-0230");
/// A state has another type in the job as wanted.
pub const STATE_TYPE: Code = Code::new("UP-FLINK-0231");
/// Keys or windows have another serializer in the job as wanted.
pub const KEY_TYPE: Code = Code::new("UP-FLINK-0232");
/// A bean with a collection that Kryo wrote.
pub const COLLECTION_IN_POJO: Code = Code::new("UP-FLINK-0233");
/// Types that Kryo wrote.
pub const KRYO: Code = Code::new("UP-FLINK-0234");
/// Scala case classes.
pub const SCALA_CASE_CLASS: Code = Code::new("UP-FLINK-0235");
/// Scala collections.
pub const SCALA_TRAVERSABLE: Code = Code::new("UP-FLINK-0236");
/// State of the CEP library.
pub const CEP: Code = Code::new("UP-FLINK-0237");
/// Broadcast state.
pub const BROADCAST: Code = Code::new("UP-FLINK-0238");
/// RocksDB state of semi-asynchronous checkpoints.
pub const SEMI_ASYNC: Code = Code::new("UP-FLINK-0239");
/// The backend's own form, and another backend.
pub const OTHER_BACKEND: Code = Code::new("UP-FLINK-0240");
/// Files named by absolute path: the snapshot cannot be moved.
pub const NOT_MOVABLE: Code = Code::new("UP-FLINK-0241");
/// The snapshot needs files of another one.
pub const NEEDS_ANOTHER: Code = Code::new("UP-FLINK-0242");
/// Records in flight.
pub const CHANNEL_STATE: Code = Code::new("UP-FLINK-0243");
/// State of the changelog backend.
pub const CHANGELOG: Code = Code::new("UP-FLINK-0244");
/// Files are absent or short.
pub const FILES_LACKING: Code = Code::new("UP-FLINK-0245");
/// The metadata is damaged.
pub const DAMAGED: Code = Code::new("UP-FLINK-0246");
/// No snapshot of the job could be read.
pub const UNREAD: Code = Code::new("UP-FLINK-0247");
/// Serializers that the reader does not know.
pub const NOT_ALL_READ: Code = Code::new("UP-FLINK-0248");
/// Well-formed, and not as any sound snapshot is.
pub const ODD: Code = Code::new("UP-FLINK-0249");
/// A coordinator's state is not found under an id given literally.
pub const PINNED_SOURCE: Code = Code::new("UP-FLINK-0253");
/// A copy would take over what the running job's sink has open.
pub const OPEN_OUTPUT: Code = Code::new("UP-FLINK-0254");
/// Whether the operators are still in the job is not known.
pub const OPERATORS_UNTOLD: Code = Code::new("UP-FLINK-0251");
/// The metadata of a restore point is not what it was when it was taken.
pub const DOES_NOT_FIT: Code = Code::new("UP-FLINK-0322");
