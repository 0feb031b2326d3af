//! A canary: one row written into and read from every bucket of a primary key table and of a log table of its own,
//! each over a fresh connection. It is tried once; whoever waits for a leader asks again.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use serde_json::json;

use super::batch;
use super::connection::{Connection, RpcError, first_line};
use super::messages::{
    CreateDatabase, CreateTable, DropDatabase, DropTable, FetchBucket, FetchLog, FetchTable, GetMetadata,
    Lookup, LookupBucket, ProduceLog, PutKv, RecordsOfBucket, TableMetadata, TablePath,
};

/// All replicas in sync have it.
const ACKS_ALL: i32 = -1;
/// A server gives up on its followers after this.
const SERVER_LIMIT_MS: i32 = 8_000;
const KV_TABLE: &str = "canary_kv";
const LOG_TABLE: &str = "canary_log";
const MOST_BYTES: i32 = 1 << 20;
/// So many buckets are written to at once.
const AT_ONCE: usize = 16;

/// Where a canary lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// The coordinator's address.
    pub coordinator: String,
    /// The database that is made for it, and for nothing else.
    pub database: String,
    /// Buckets of each of its tables.
    pub buckets: u32,
    /// Replicas of each bucket.
    pub replicas: u32,
}

/// What was written and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Buckets of both tables that were written to and read from.
    pub buckets: usize,
    /// Servers that led one of them.
    pub leaders: Vec<i32>,
}

/// Why a canary did not come through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanaryError {
    /// A call came to nothing.
    #[error(transparent)]
    Call(#[from] RpcError),
    /// A bucket has no leader that clients are told of yet.
    #[error("{table} bucket {bucket} has no leader yet")]
    NoLeader {
        /// The table.
        table: &'static str,
        /// The bucket.
        bucket: i32,
    },
    /// The table is not there yet as far as servers tell.
    #[error("{table} is not known yet")]
    NoTable {
        /// The table.
        table: &'static str,
    },
    /// A server refused a row, or does not give it back.
    #[error("{table} bucket {bucket} on tablet server {server}: {why}")]
    Lost {
        /// The table.
        table: &'static str,
        /// The bucket.
        bucket: i32,
        /// Its leader.
        server: i32,
        /// What happened.
        why: String,
    },
}

struct Place {
    table: &'static str,
    id: i64,
    schema: i16,
    bucket: i32,
    server: i32,
    address: String,
}

/// Writes and reads `number` in tables that were made before.
///
/// # Errors
/// When any of it does not come through.
pub async fn prove(canary: &Canary, number: i64) -> Result<Proved, CanaryError> {
    // All of the log first: where the rows of the other table are found later, everything before them went well.
    let places = places(canary).await?;
    let (mut logged, mut keyed) = (Vec::new(), Vec::new());
    for place in &places {
        match place.table {
            KV_TABLE => keyed.push(kv(place, number).boxed()),
            _ => logged.push(log(place, number).boxed()),
        }
    }
    each(logged).await?;
    each(keyed).await?;
    let mut leaders: Vec<i32> = places.iter().map(|place| place.server).collect();
    leaders.sort_unstable();
    leaders.dedup();
    Ok(Proved {
        buckets: places.len(),
        leaders,
    })
}

/// Some buckets at a time: each waits for its own followers, and none for the others.
async fn each<T>(of: Vec<BoxFuture<'_, Result<T, CanaryError>>>) -> Result<Vec<T>, CanaryError> {
    futures::stream::iter(of)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// What is found of a number that may have been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is in every bucket of the primary key table, and so was written into the log before.
    Whole {
        /// Buckets of both tables.
        buckets: usize,
        /// Servers that lead one of them.
        leaders: Vec<i32>,
    },
    /// It is not in every bucket.
    Missing,
}

/// Looks for a number over fresh connections. Writes nothing.
///
/// # Errors
/// When a bucket has no leader, or a call came to nothing.
pub async fn seen(canary: &Canary, number: i64) -> Result<Seen, CanaryError> {
    let places = places(canary).await?;
    let mut keyed = Vec::new();
    for place in places.iter().filter(|place| place.table == KV_TABLE) {
        keyed.push(is_there(place, number).boxed());
    }
    if each(keyed).await?.contains(&false) {
        return Ok(Seen::Missing);
    }
    let mut leaders: Vec<i32> = places.iter().map(|place| place.server).collect();
    leaders.sort_unstable();
    leaders.dedup();
    Ok(Seen::Whole {
        buckets: places.len(),
        leaders,
    })
}

async fn is_there(place: &Place, number: i64) -> Result<bool, CanaryError> {
    match found(place, number).await? {
        Some(value) if value == batch::found(place.schema, number, number) => Ok(true),
        Some(_) => Err(place.lost("the row that is looked up is another than was written")),
        None => Ok(false),
    }
}

impl Canary {
    /// Makes the database and the tables where they are not there. While a server is away this is refused where
    /// they want as many replicas as there are servers, even when they are there already.
    ///
    /// # Errors
    /// When the coordinator does not do it.
    pub async fn make(&self) -> Result<(), CanaryError> {
        let mut coordinator = Connection::open(&self.coordinator).await?;
        coordinator
            .call(&CreateDatabase {
                name: self.database.clone(),
                ignore_if_exists: true,
            })
            .await?;
        for table in [KV_TABLE, LOG_TABLE] {
            let request = CreateTable {
                path: self.path(table),
                json: descriptor(table, self).into_bytes(),
                ignore_if_exists: true,
            };
            coordinator.call(&request).await?;
        }
        Ok(())
    }

    /// Takes the tables and the database away again.
    ///
    /// # Errors
    /// When the coordinator does not do it.
    pub async fn remove(&self) -> Result<(), CanaryError> {
        let mut coordinator = Connection::open(&self.coordinator).await?;
        for table in [KV_TABLE, LOG_TABLE] {
            let path = self.path(table);
            coordinator
                .call(&DropTable {
                    path,
                    ignore_if_not_exists: true,
                })
                .await?;
        }
        let name = self.database.clone();
        coordinator
            .call(&DropDatabase {
                name,
                ignore_if_not_exists: true,
                cascade: false,
            })
            .await?;
        Ok(())
    }

    fn path(&self, table: &str) -> TablePath {
        TablePath {
            database: self.database.clone(),
            table: table.to_owned(),
        }
    }
}

fn descriptor(table: &str, canary: &Canary) -> String {
    let number = |name: &str, nullable: bool| json!({ "name": name, "data_type": { "type": "BIGINT", "nullable": nullable } });
    let (schema, bucket_key) = match table {
        KV_TABLE => (
            json!({ "version": 1, "columns": [number("k", false), number("v", false)], "primary_key": ["k"] }),
            json!(["k"]),
        ),
        _ => (
            json!({ "version": 1, "columns": [number("v", false)] }),
            json!([]),
        ),
    };
    let replicas = canary.replicas.to_string();
    let mut properties = json!({ "table.replication.factor": replicas });
    if table == LOG_TABLE {
        properties["table.log.format"] = json!("INDEXED");
    }
    json!({
        "version": 1, "schema": schema, "comment": "written and read by upshift", "partition_key": [],
        "bucket_key": bucket_key, "bucket_count": canary.buckets, "properties": properties, "custom_properties": {},
    })
    .to_string()
}

/// Every bucket of both tables with its leader, as a client learns it.
async fn places(canary: &Canary) -> Result<Vec<Place>, CanaryError> {
    let mut coordinator = Connection::open(&canary.coordinator).await?;
    let mut all = Vec::new();
    for table in [KV_TABLE, LOG_TABLE] {
        let tables = vec![canary.path(table)];
        let request = GetMetadata {
            tables,
            partitions: Vec::new(),
        };
        let answer = coordinator.call(&request).await?;
        let servers = answer.tablet_servers.iter();
        let servers: BTreeMap<i32, String> = servers
            .map(|one| (one.id, format!("{}:{}", one.host, one.port)))
            .collect();
        let told = answer.tables.first().ok_or(CanaryError::NoTable { table })?;
        all.extend(places_of(table, told, &servers, canary.buckets)?);
    }
    Ok(all)
}

fn places_of(
    table: &'static str,
    told: &TableMetadata,
    servers: &BTreeMap<i32, String>,
    buckets: u32,
) -> Result<Vec<Place>, CanaryError> {
    let schema = i16::try_from(told.schema).map_err(|_| CanaryError::NoTable { table })?;
    (0..i32::try_from(buckets).map_err(|_| CanaryError::NoTable { table })?)
        .map(|bucket| {
            let leader = told
                .buckets
                .iter()
                .find(|one| one.id == bucket)
                .and_then(|one| one.leader);
            let leader = leader.and_then(|server| Some((server, servers.get(&server)?.clone())));
            let (server, address) = leader.ok_or(CanaryError::NoLeader { table, bucket })?;
            Ok(Place {
                table,
                id: told.id,
                schema,
                bucket,
                server,
                address,
            })
        })
        .collect()
}

async fn kv(place: &Place, number: i64) -> Result<(), CanaryError> {
    let request = PutKv {
        acks: ACKS_ALL,
        table: place.id,
        timeout_ms: SERVER_LIMIT_MS,
        buckets: vec![RecordsOfBucket {
            id: place.bucket,
            records: batch::kv_batch(place.schema, number, number),
        }],
    };
    let answer = Connection::open(&place.address).await?.call(&request).await?;
    let bucket = answer
        .buckets
        .first()
        .ok_or_else(|| place.lost("no word of the row that was written"))?;
    place.accepted(bucket.error, bucket.message.as_deref())?;

    match found(place, number).await? {
        Some(value) if value == batch::found(place.schema, number, number) => Ok(()),
        Some(_) => Err(place.lost("the row that is looked up is another than was written")),
        None => Err(place.lost("the row that was written is not there")),
    }
}

/// What is looked up under a number.
async fn found(place: &Place, number: i64) -> Result<Option<Vec<u8>>, CanaryError> {
    let request = Lookup {
        table: place.id,
        buckets: vec![LookupBucket {
            id: place.bucket,
            keys: vec![batch::key(number)],
        }],
    };
    let answer = Connection::open(&place.address).await?.call(&request).await?;
    let bucket = answer
        .buckets
        .first()
        .ok_or_else(|| place.lost("no word of the row that was looked up"))?;
    place.accepted(bucket.error, bucket.message.as_deref())?;
    let value = bucket.values.first().and_then(|value| value.bytes.as_ref());
    Ok(value.map(|value| value.to_vec()))
}

async fn log(place: &Place, number: i64) -> Result<(), CanaryError> {
    let request = ProduceLog {
        acks: ACKS_ALL,
        table: place.id,
        timeout_ms: SERVER_LIMIT_MS,
        buckets: vec![RecordsOfBucket {
            id: place.bucket,
            records: batch::log_batch(place.schema, number),
        }],
    };
    let answer = Connection::open(&place.address).await?.call(&request).await?;
    let bucket = answer
        .buckets
        .first()
        .ok_or_else(|| place.lost("no word of the record that was written"))?;
    place.accepted(bucket.error, bucket.message.as_deref())?;
    let offset = bucket
        .base_offset
        .ok_or_else(|| place.lost("no offset of the record that was written"))?;

    let request = FetchLog {
        follower: -1,
        max_bytes: MOST_BYTES,
        tables: vec![FetchTable {
            id: place.id,
            projection: false,
            buckets: vec![FetchBucket {
                id: place.bucket,
                offset,
                max_bytes: MOST_BYTES,
            }],
        }],
        max_wait_ms: Some(SERVER_LIMIT_MS),
        min_bytes: Some(1),
    };
    let answer = Connection::open(&place.address).await?.call(&request).await?;
    let bucket = answer.tables.first().and_then(|table| table.buckets.first());
    let bucket = bucket.ok_or_else(|| place.lost("no word of the record that was fetched"))?;
    place.accepted(bucket.error, bucket.message.as_deref())?;
    match bucket
        .records
        .as_ref()
        .and_then(|records| batch::number_at(records, offset))
    {
        Some(found) if found == number => Ok(()),
        Some(found) => Err(place.lost(&format!(
            "{found} is at offset {offset} where {number} was written"
        ))),
        None => Err(place.lost(&format!(
            "nothing is at offset {offset} where {number} was written"
        ))),
    }
}

impl Place {
    fn lost(&self, why: &str) -> CanaryError {
        CanaryError::Lost {
            table: self.table,
            bucket: self.bucket,
            server: self.server,
            why: why.to_owned(),
        }
    }

    /// An error of one bucket comes inside an answer that is none.
    fn accepted(&self, code: Option<i32>, message: Option<&str>) -> Result<(), CanaryError> {
        match code {
            None | Some(0) => Ok(()),
            Some(code) => Err(self.lost(&format!("error {code}: {}", first_line(message)))),
        }
    }
}
