//! The messages that are sent and read, with the field numbers of the project's `FlussApi.proto`, which did not
//! change from 0.6 to its main branch. Fields that nobody here reads are left out; protobuf passes over them.

use prost::Message;

/// A request, which names its answer.
pub(super) trait Request: Message {
    /// Its number.
    const KEY: i16;
    /// What it is called in messages.
    const NAME: &'static str;
    /// Its answer.
    type Answer: Message + Default;
}

macro_rules! requests {
    ($($request:ident = $key:literal $name:literal -> $answer:ident;)+) => {
        $(impl Request for $request {
            const KEY: i16 = $key;
            const NAME: &'static str = $name;
            type Answer = $answer;
        })+
    };
}

requests! {
    ApiVersions = 1000 "ApiVersions" -> ApiVersionsAnswer;
    CreateDatabase = 1001 "CreateDatabase" -> Empty;
    DropDatabase = 1002 "DropDatabase" -> Empty;
    CreateTable = 1005 "CreateTable" -> Empty;
    DropTable = 1006 "DropTable" -> Empty;
    GetMetadata = 1012 "GetMetadata" -> MetadataAnswer;
    ProduceLog = 1014 "ProduceLog" -> ProduceLogAnswer;
    FetchLog = 1015 "FetchLog" -> FetchLogAnswer;
    PutKv = 1016 "PutKv" -> PutKvAnswer;
    Lookup = 1017 "Lookup" -> LookupAnswer;
    ListOffsets = 1021 "ListOffsets" -> ListOffsetsAnswer;
    Rebalance = 1049 "Rebalance" -> RebalanceAnswer;
    GetClusterHealth = 1062 "GetClusterHealth" -> ClusterHealthAnswer;
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Empty {}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ErrorAnswer {
    #[prost(int32, required, tag = "1")]
    pub(super) code: i32,
    #[prost(string, optional, tag = "2")]
    pub(super) message: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ApiVersions {
    #[prost(string, required, tag = "1")]
    pub(super) name: String,
    #[prost(string, required, tag = "2")]
    pub(super) version: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ApiVersionsAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) versions: Vec<ApiVersion>,
    #[prost(int32, optional, tag = "2")]
    pub(super) server_type: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ApiVersion {
    #[prost(int32, required, tag = "1")]
    pub(super) key: i32,
    #[prost(int32, required, tag = "2")]
    pub(super) min: i32,
    #[prost(int32, required, tag = "3")]
    pub(super) max: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TablePath {
    #[prost(string, required, tag = "1")]
    pub(super) database: String,
    #[prost(string, required, tag = "2")]
    pub(super) table: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CreateDatabase {
    #[prost(string, required, tag = "1")]
    pub(super) name: String,
    #[prost(bool, required, tag = "2")]
    pub(super) ignore_if_exists: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct DropDatabase {
    #[prost(string, required, tag = "1")]
    pub(super) name: String,
    #[prost(bool, required, tag = "2")]
    pub(super) ignore_if_not_exists: bool,
    #[prost(bool, required, tag = "3")]
    pub(super) cascade: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CreateTable {
    #[prost(message, required, tag = "1")]
    pub(super) path: TablePath,
    #[prost(bytes = "vec", required, tag = "2")]
    pub(super) json: Vec<u8>,
    #[prost(bool, required, tag = "3")]
    pub(super) ignore_if_exists: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct DropTable {
    #[prost(message, required, tag = "1")]
    pub(super) path: TablePath,
    #[prost(bool, required, tag = "2")]
    pub(super) ignore_if_not_exists: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GetMetadata {
    #[prost(message, repeated, tag = "1")]
    pub(super) tables: Vec<TablePath>,
    #[prost(message, repeated, tag = "2")]
    pub(super) partitions: Vec<PartitionPath>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PartitionPath {
    #[prost(string, required, tag = "1")]
    pub(super) database: String,
    #[prost(string, required, tag = "2")]
    pub(super) table: String,
    #[prost(string, optional, tag = "3")]
    pub(super) partition: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MetadataAnswer {
    #[prost(message, optional, tag = "1")]
    pub(super) coordinator: Option<ServerNode>,
    #[prost(message, repeated, tag = "2")]
    pub(super) tablet_servers: Vec<ServerNode>,
    #[prost(message, repeated, tag = "3")]
    pub(super) tables: Vec<TableMetadata>,
    #[prost(message, repeated, tag = "4")]
    pub(super) partitions: Vec<PartitionMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ServerNode {
    #[prost(int32, required, tag = "1")]
    pub(super) id: i32,
    #[prost(string, required, tag = "2")]
    pub(super) host: String,
    #[prost(int32, required, tag = "3")]
    pub(super) port: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TableMetadata {
    #[prost(int64, required, tag = "2")]
    pub(super) id: i64,
    #[prost(int32, required, tag = "3")]
    pub(super) schema: i32,
    #[prost(message, repeated, tag = "5")]
    pub(super) buckets: Vec<BucketMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PartitionMetadata {
    #[prost(int64, required, tag = "1")]
    pub(super) table: i64,
    #[prost(int64, required, tag = "3")]
    pub(super) id: i64,
    #[prost(message, repeated, tag = "4")]
    pub(super) buckets: Vec<BucketMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct BucketMetadata {
    #[prost(int32, required, tag = "1")]
    pub(super) id: i32,
    #[prost(int32, optional, tag = "2")]
    pub(super) leader: Option<i32>,
    #[prost(int32, repeated, tag = "3")]
    pub(super) replicas: Vec<i32>,
    /// Since 0.7.
    #[prost(int32, optional, tag = "4")]
    pub(super) epoch: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ProduceLog {
    #[prost(int32, required, tag = "1")]
    pub(super) acks: i32,
    #[prost(int64, required, tag = "2")]
    pub(super) table: i64,
    #[prost(int32, required, tag = "3")]
    pub(super) timeout_ms: i32,
    #[prost(message, repeated, tag = "4")]
    pub(super) buckets: Vec<RecordsOfBucket>,
}

/// Of a log table or a primary key table: the same numbers in both.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RecordsOfBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(bytes = "vec", required, tag = "3")]
    pub(super) records: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ProduceLogAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) buckets: Vec<ProducedBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ProducedBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(int32, optional, tag = "3")]
    pub(super) error: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(super) message: Option<String>,
    #[prost(int64, optional, tag = "5")]
    pub(super) base_offset: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FetchLog {
    /// -1 for a client.
    #[prost(int32, required, tag = "1")]
    pub(super) follower: i32,
    #[prost(int32, required, tag = "2")]
    pub(super) max_bytes: i32,
    #[prost(message, repeated, tag = "3")]
    pub(super) tables: Vec<FetchTable>,
    #[prost(int32, optional, tag = "4")]
    pub(super) max_wait_ms: Option<i32>,
    #[prost(int32, optional, tag = "5")]
    pub(super) min_bytes: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FetchTable {
    #[prost(int64, required, tag = "1")]
    pub(super) id: i64,
    #[prost(bool, required, tag = "2")]
    pub(super) projection: bool,
    #[prost(message, repeated, tag = "4")]
    pub(super) buckets: Vec<FetchBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FetchBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(int64, required, tag = "3")]
    pub(super) offset: i64,
    #[prost(int32, required, tag = "4")]
    pub(super) max_bytes: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FetchLogAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) tables: Vec<FetchedTable>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FetchedTable {
    #[prost(message, repeated, tag = "2")]
    pub(super) buckets: Vec<FetchedBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FetchedBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(int32, optional, tag = "3")]
    pub(super) error: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(super) message: Option<String>,
    #[prost(bytes = "vec", optional, tag = "8")]
    pub(super) records: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PutKv {
    #[prost(int32, required, tag = "1")]
    pub(super) acks: i32,
    #[prost(int64, required, tag = "2")]
    pub(super) table: i64,
    #[prost(int32, required, tag = "3")]
    pub(super) timeout_ms: i32,
    #[prost(message, repeated, tag = "5")]
    pub(super) buckets: Vec<RecordsOfBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PutKvAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) buckets: Vec<PutBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PutBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(int32, optional, tag = "3")]
    pub(super) error: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(super) message: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Lookup {
    #[prost(int64, required, tag = "1")]
    pub(super) table: i64,
    #[prost(message, repeated, tag = "2")]
    pub(super) buckets: Vec<LookupBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LookupBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(super) keys: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LookupAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) buckets: Vec<FoundBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FoundBucket {
    #[prost(int32, required, tag = "2")]
    pub(super) id: i32,
    #[prost(int32, optional, tag = "3")]
    pub(super) error: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(super) message: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub(super) values: Vec<FoundValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FoundValue {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(super) bytes: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ListOffsets {
    /// -1 for a client, who is told what is committed; a replica's own number for where its log ends.
    #[prost(int32, required, tag = "1")]
    pub(super) follower: i32,
    #[prost(int32, required, tag = "2")]
    pub(super) kind: i32,
    #[prost(int64, required, tag = "3")]
    pub(super) table: i64,
    #[prost(int64, optional, tag = "4")]
    pub(super) partition: Option<i64>,
    #[prost(int32, repeated, tag = "5")]
    pub(super) buckets: Vec<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ListOffsetsAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(super) buckets: Vec<OffsetOfBucket>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct OffsetOfBucket {
    #[prost(int32, required, tag = "1")]
    pub(super) id: i32,
    #[prost(int32, optional, tag = "2")]
    pub(super) error: Option<i32>,
    #[prost(int64, optional, tag = "4")]
    pub(super) offset: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Rebalance {
    #[prost(int32, repeated, tag = "1")]
    pub(super) goals: Vec<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RebalanceAnswer {
    #[prost(string, required, tag = "1")]
    pub(super) id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GetClusterHealth {}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ClusterHealthAnswer {
    #[prost(int32, required, tag = "1")]
    pub(super) replicas: i32,
    #[prost(int32, required, tag = "2")]
    pub(super) in_sync: i32,
    #[prost(int32, required, tag = "3")]
    pub(super) leaders: i32,
    #[prost(int32, required, tag = "4")]
    pub(super) active: i32,
    #[prost(int32, required, tag = "5")]
    pub(super) status: i32,
}
