//! Who leads, as a server tells any client that asks: what it was last told by the coordinator, or, up to 0.6 and where
//! it knows a table not yet, what it reads in ZooKeeper itself. And what a coordinator of 1.0 counts of it.

use std::collections::BTreeMap;

use upshift_model::fluss::{BucketId, Facts, Led, OwnCount};

use super::connection::{Connection, RpcError};
use super::messages::{BucketMetadata, GetClusterHealth, GetMetadata, PartitionPath, TablePath};

/// So many tables or partitions are asked for at once: an answer has all of a table's descriptor.
const AT_ONCE: usize = 100;

/// Who leads each bucket of the tables and partitions that are registered, over a fresh connection. What the server does
/// not tell is left out.
///
/// # Errors
/// When it does not answer, or refuses: one that is dropped meanwhile makes it refuse all that was asked with it.
pub async fn who_leads(address: &str, facts: &Facts) -> Result<BTreeMap<BucketId, Led>, RpcError> {
    let mut open = Connection::open(address).await?;
    let mut all = BTreeMap::new();
    for request in requests(facts) {
        let answer = open.call(&request).await?;
        for table in &answer.tables {
            put(&mut all, (table.id, None), &table.buckets);
        }
        for partition in &answer.partitions {
            put(
                &mut all,
                (partition.table, Some(partition.id)),
                &partition.buckets,
            );
        }
    }
    Ok(all)
}

/// What the server counts; none where its release does not know the call.
///
/// # Errors
/// When it does not answer, or refuses.
pub async fn own_count(address: &str) -> Result<Option<OwnCount>, RpcError> {
    let mut open = Connection::open(address).await?;
    match open.call(&GetClusterHealth {}).await {
        Ok(told) => Ok(Some(OwnCount {
            replicas: told.replicas,
            in_sync: told.in_sync,
            leaders: told.leaders,
            active: told.active,
            status: told.status,
        })),
        Err(RpcError::NotKnown { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn requests(facts: &Facts) -> Vec<GetMetadata> {
    let (mut tables, mut partitions) = (Vec::new(), Vec::new());
    for of in facts.tables.values() {
        match of.partitions.known().filter(|all| !all.is_empty()) {
            None => tables.push(TablePath {
                database: of.database.clone(),
                table: of.name.clone(),
            }),
            Some(all) => partitions.extend(all.keys().map(|name| PartitionPath {
                database: of.database.clone(),
                table: of.name.clone(),
                partition: Some(name.clone()),
            })),
        }
    }
    let tables = tables.chunks(AT_ONCE).map(|some| GetMetadata {
        tables: some.to_vec(),
        partitions: Vec::new(),
    });
    let partitions = partitions.chunks(AT_ONCE).map(|some| GetMetadata {
        tables: Vec::new(),
        partitions: some.to_vec(),
    });
    tables.chain(partitions).collect()
}

fn put(
    all: &mut BTreeMap<BucketId, Led>,
    (table, partition): (i64, Option<i64>),
    buckets: &[BucketMetadata],
) {
    for told in buckets {
        let Ok(bucket) = u32::try_from(told.id) else {
            continue;
        };
        let mut assigned = told.replicas.clone();
        assigned.sort_unstable();
        let id = BucketId {
            table,
            partition,
            bucket,
        };
        let led = Led {
            // Servers write -1 for none.
            leader: told.leader.filter(|id| *id >= 0),
            epoch: told.epoch,
            assigned,
        };
        all.insert(id, led);
    }
}
