//! Where logs end, asked of each replica by itself: a server tells it of every replica that it holds, whether it leads
//! the bucket or follows. What that means is for others to judge.

use std::collections::BTreeMap;

use super::connection::{Connection, RpcError};
use super::messages::ListOffsets;

/// The newest offset, and none of a time.
const LATEST: i32 = 1;
/// Who asks as a client.
const CLIENT: i32 = -1;

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Of what every replica in sync has, as clients are told.
    Committed,
    /// Of the log of the server that is asked, by its number.
    OfReplica(i32),
}

/// Buckets of one table or of one of its partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    /// The table's number.
    pub table: i64,
    /// The partition's number.
    pub partition: Option<i64>,
    /// The buckets' numbers.
    pub buckets: Vec<u32>,
}

/// The ends of logs on one server; a bucket that it does not tell of is left out.
///
/// # Errors
/// When it does not answer.
pub async fn log_ends(
    server: &mut Connection,
    of: &Buckets,
    end: End,
) -> Result<BTreeMap<u32, i64>, RpcError> {
    let request = ListOffsets {
        follower: match end {
            End::Committed => CLIENT,
            End::OfReplica(id) => id,
        },
        kind: LATEST,
        table: of.table,
        partition: of.partition,
        buckets: of
            .buckets
            .iter()
            .filter_map(|id| i32::try_from(*id).ok())
            .collect(),
    };
    let answer = server.call(&request).await?;
    let told = answer.buckets.iter().filter_map(|bucket| {
        let offset = bucket
            .offset
            .filter(|_| bucket.error.is_none_or(|code| code == 0))?;
        Some((u32::try_from(bucket.id).ok()?, offset))
    });
    Ok(told.collect())
}
