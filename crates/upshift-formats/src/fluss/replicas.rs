//! Nodes of buckets: who should hold them, who leads, who is in sync, and their snapshots.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ZnodeError;
use super::error::json;

/// Who should hold the buckets of a table or partition: `/tabletservers/tables/ID`, `/tabletservers/partitions/ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The table, where it is the assignment of a partition.
    pub table_id: Option<i64>,
    /// Servers by bucket.
    pub buckets: BTreeMap<u32, Vec<i32>>,
}

/// Who leads a bucket and who is in sync: `…/buckets/N/leader_isr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaderAndIsr {
    /// 1 up to 0.9, 2 in 1.0.
    pub format: u32,
    /// The leader; none where there is none.
    pub leader: Option<i32>,
    /// Counts leaders.
    pub leader_epoch: i32,
    /// Replicas in sync.
    pub isr: Vec<i32>,
    /// Epoch of the coordinator that wrote it.
    pub coordinator_epoch: i32,
    /// Counts changes.
    pub bucket_epoch: i32,
    /// Replicas that keep a warm copy of the key-value store; 1.0.
    pub standby: Vec<i32>,
}

/// A snapshot of a bucket's key-value store: `…/buckets/N/snapshots/ID`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KvSnapshot {
    /// Its number.
    #[serde(rename = "snapshot_id")]
    pub id: i64,
    /// The log is replayed from here.
    pub log_offset: i64,
    /// Where its description lies.
    pub metadata_path: String,
}

impl Assignment {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            table_id: Option<i64>,
            buckets: BTreeMap<u32, Vec<i32>>,
        }
        let (_, raw) = json::<Raw>("the assignment of buckets", 1, data)?;
        Ok(Self {
            table_id: raw.table_id,
            buckets: raw.buckets,
        })
    }
}

impl LeaderAndIsr {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            leader: i32,
            leader_epoch: i32,
            isr: Vec<i32>,
            coordinator_epoch: i32,
            bucket_epoch: i32,
            #[serde(default)]
            standby_replicas: Vec<i32>,
        }
        let (format, raw) = json::<Raw>("leader and replicas in sync", 2, data)?;
        Ok(Self {
            format,
            leader: (raw.leader >= 0).then_some(raw.leader),
            leader_epoch: raw.leader_epoch,
            isr: raw.isr,
            coordinator_epoch: raw.coordinator_epoch,
            bucket_epoch: raw.bucket_epoch,
            standby: raw.standby_replicas,
        })
    }
}

impl KvSnapshot {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        Ok(json::<Self>("a snapshot of a bucket", 1, data)?.1)
    }
}
