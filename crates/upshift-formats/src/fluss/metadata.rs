//! Nodes of tables: registrations, schemas, partitions, what a lake holds of them, dynamic options.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::ZnodeError;
use super::error::json;

/// A table: `/metadata/databases/DB/tables/T`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Table {
    /// Its number; a table that is made anew gets another.
    #[serde(rename = "table_id")]
    pub id: i64,
    /// Columns that it is partitioned by; none where it is not.
    #[serde(default)]
    pub partition_key: Vec<String>,
    /// Columns that rows are spread over buckets by.
    #[serde(default)]
    pub bucket_key: Vec<String>,
    /// Buckets of the table, or of each partition.
    pub bucket_count: u32,
    /// Properties that Fluss reads (`table.…`).
    pub properties: BTreeMap<String, String>,
    /// Where its tiered data lies; 1.0.
    pub remote_data_dir: Option<String>,
}

/// A schema: `…/schemas/N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Columns of the primary key; none for a log table.
    pub primary_key: Vec<String>,
    /// Whether a column counts by itself; 0.9.
    pub auto_increment: bool,
}

/// A partition: `…/partitions/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Partition {
    /// Its number.
    #[serde(rename = "partition_id")]
    pub id: i64,
    /// Its table.
    pub table_id: i64,
    /// Where its tiered data lies; 1.0.
    pub remote_data_dir: Option<String>,
}

/// What a lake holds of a table: `/tabletservers/tables/ID/laketable`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeTable {
    /// 1 up to 0.8, 2 from 0.9 on.
    pub format: u32,
    /// The newest snapshot in the lake; none where there is none yet.
    pub snapshot: Option<i64>,
}

/// Options that were set while the cluster ran: `/config/server/global`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Their names; values may be secrets and are left out.
    pub keys: Vec<String>,
}

impl Table {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        Ok(json::<Self>("a table's registration", 1, data)?.1)
    }
}

impl Schema {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(default)]
            primary_key: Vec<String>,
            #[serde(default)]
            auto_increment_column: Vec<Value>,
        }
        let (_, raw) = json::<Raw>("a schema", 1, data)?;
        Ok(Self {
            primary_key: raw.primary_key,
            auto_increment: !raw.auto_increment_column.is_empty(),
        })
    }
}

impl Partition {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        Ok(json::<Self>("a partition's registration", 1, data)?.1)
    }
}

impl LakeTable {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Snapshot {
            snapshot_id: i64,
        }
        #[derive(Deserialize)]
        struct Raw {
            snapshot_id: Option<i64>,
            #[serde(default)]
            lake_snapshots: Vec<Snapshot>,
        }
        let (format, raw) = json::<Raw>("what a lake holds of a table", 2, data)?;
        let listed = raw.lake_snapshots.iter().map(|one| one.snapshot_id).max();
        Ok(Self {
            format,
            snapshot: raw.snapshot_id.or(listed),
        })
    }
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(data: &[u8]) -> Result<Self, ZnodeError> {
        #[derive(Deserialize)]
        struct Raw {
            configs: BTreeMap<String, Value>,
        }
        let (_, raw) = json::<Raw>("dynamic options", 1, data)?;
        Ok(Self {
            keys: raw.configs.into_keys().collect(),
        })
    }
}
