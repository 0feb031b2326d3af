//! What was seen of a Fluss cluster. Nothing is judged here.
//!
//! A part of ZooKeeper's tree that could not be read, or a node that could not be understood, is a gap at
//! the place where it belongs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::observed::{Gap, Observed};

/// A Fluss cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Where its metadata was read: `127.0.0.1:2181/fluss`.
    pub metadata: String,
    /// The coordinator that leads; none where none is registered.
    pub active: Observed<Option<Coordinator>>,
    /// All coordinators, standbys too; empty up to 0.9, which do not list themselves.
    pub coordinators: Observed<Vec<Coordinator>>,
    /// `/coordinators/epoch`; none where no coordinator of 1.0 ever led.
    pub coordinator_epoch: Observed<Option<i64>>,
    /// Tablet servers that are registered.
    pub tablet_servers: Observed<BTreeMap<i32, Observed<TabletServer>>>,
    /// The number that the next table gets, so that every lower one was given away before; none where no table was ever made.
    #[serde(default = "no_sequence")]
    pub table_sequence: Observed<Option<i64>>,
    /// Tables by number.
    pub tables: BTreeMap<i64, TableFacts>,
    /// Buckets of tables and partitions that are registered, in order.
    pub buckets: Vec<BucketFacts>,
    /// Dropped, with replicas that are not deleted yet.
    pub dropped: Vec<Dropped>,
    /// Servers that are tagged to be emptied.
    pub tags: Observed<BTreeMap<i32, ServerTag>>,
    /// The rebalance that was asked for last.
    pub rebalance: Observed<Option<Rebalance>>,
    /// Names of options that were set while the cluster ran.
    pub dynamic_options: Observed<BTreeSet<String>>,
    /// Whether there are access control lists.
    pub acls: Observed<bool>,
    /// What else could not be seen: tables, assignments.
    pub gaps: Vec<Gap>,
}

/// Of a look that did not ask for it yet.
fn no_sequence() -> Observed<Option<i64>> {
    Observed::unknown("the number of the next table", "it was not looked at")
}

/// A registered coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coordinator {
    /// Made anew with every start.
    pub id: String,
    /// Format of its registration: 1 up to 0.6, 2 from 0.7 on.
    pub format: u32,
    /// Where it answers.
    pub listeners: Vec<Listener>,
}

/// A registered tablet server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabletServer {
    /// Format of its registration: 1 up to 0.6, 3 from 0.7 to 0.9, 4 in 1.0.
    pub format: u32,
    /// Where it answers.
    pub listeners: Vec<Listener>,
    /// When it registered, by its own clock: another time is another start.
    pub registered_at: jiff::Timestamp,
    /// Its rack.
    pub rack: Option<String>,
}

/// Where a server answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listener {
    /// Its name.
    pub name: String,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    /// Its database.
    pub database: String,
    /// Its name.
    pub name: String,
    /// Buckets of it, or of each partition.
    pub buckets: u32,
    /// Columns that it is partitioned by.
    pub partitioned_by: Vec<String>,
    /// Columns that rows are spread over buckets by.
    pub bucket_key: Vec<String>,
    /// Columns of its primary key; none for a log table.
    pub primary_key: Observed<Vec<String>>,
    /// Whether a column counts by itself.
    pub auto_increment: Observed<bool>,
    /// How many schemas it has had.
    pub schemas: Observed<usize>,
    /// Properties that Fluss reads; values of sensitive ones are left out.
    pub properties: BTreeMap<String, String>,
    /// Where its tiered data lies, where the registration says so.
    pub remote_data_dir: Option<String>,
    /// Its partitions, number by name.
    pub partitions: Observed<BTreeMap<String, i64>>,
    /// The lake behind it.
    pub lake: Lake,
}

/// The lake behind a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lake {
    /// Whether `table.datalake.enabled` is on.
    pub enabled: bool,
    /// `table.datalake.format`.
    pub format: Option<String>,
    /// What was tiered; none where nothing was.
    pub node: Observed<Option<LakeNode>>,
}

/// What was tiered of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeNode {
    /// Format of the node: 1 up to 0.8, 2 from 0.9 on.
    pub format: u32,
    /// The newest snapshot in the lake.
    pub snapshot: Option<i64>,
}

/// Which bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BucketId {
    /// The table's number.
    pub table: i64,
    /// The partition's number.
    pub partition: Option<i64>,
    /// The bucket's number.
    pub bucket: u32,
}

/// One bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketFacts {
    /// Which.
    pub id: BucketId,
    /// Servers that should hold it.
    pub assigned: Vec<i32>,
    /// Who leads and who is in sync; none where nobody was elected yet.
    pub leadership: Observed<Option<Leadership>>,
    /// The newest snapshot of its key-value store; none where there is none.
    pub kv_snapshot: Observed<Option<KvSnapshot>>,
}

/// Who leads a bucket and who is in sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leadership {
    /// The leader; none where there is none.
    pub leader: Option<i32>,
    /// Counts leaders.
    pub leader_epoch: i32,
    /// Replicas in sync, as written: a server that is gone may still be among them.
    pub isr: Vec<i32>,
    /// Epoch of the coordinator that wrote it.
    pub coordinator_epoch: i32,
    /// Counts changes.
    pub bucket_epoch: i32,
    /// Replicas with a warm copy of the key-value store.
    pub standby: Vec<i32>,
}

/// A snapshot of a bucket's key-value store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KvSnapshot {
    /// Its number.
    pub id: i64,
    /// The log is replayed from here.
    pub log_offset: i64,
    /// When it was made known, by ZooKeeper's clock; a dump does not tell.
    pub written_at: Option<jiff::Timestamp>,
}

/// A table or partition that was dropped and whose replicas are not all deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The table's number, where it is known.
    pub table: Option<i64>,
    /// The partition's number.
    pub partition: Option<i64>,
    /// How many buckets are assigned still.
    pub buckets: usize,
}

/// Why a server is to be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerTag {
    /// It goes for ever.
    PermanentOffline,
    /// It goes for a while.
    TemporaryOffline,
    /// A tag that upshift does not know.
    Other(i32),
}

/// A rebalance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebalance {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub status: RebalanceStatus,
}

/// How far a rebalance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebalanceStatus {
    /// It did not begin yet.
    NotStarted,
    /// It runs.
    Running,
    /// It failed.
    Failed,
    /// It is over.
    Completed,
    /// Somebody called it off.
    Cancelled,
    /// It took too long.
    TimedOut,
    /// A status that upshift does not know.
    Other(i32),
}

impl Rebalance {
    /// Whether replicas or leaders may still be moved by it; one of an unknown status may.
    pub const fn is_open(&self) -> bool {
        match self.status {
            RebalanceStatus::NotStarted | RebalanceStatus::Running | RebalanceStatus::Other(_) => true,
            RebalanceStatus::Failed
            | RebalanceStatus::Completed
            | RebalanceStatus::Cancelled
            | RebalanceStatus::TimedOut => false,
        }
    }
}

impl Facts {
    /// Whether a server is registered; none where the registrations could not be seen.
    pub fn is_registered(&self, server: i32) -> Option<bool> {
        self.tablet_servers.known().map(|all| all.contains_key(&server))
    }

    /// The newest snapshot in the lake of every table that has one behind it, by the table's number.
    ///
    /// # Errors
    /// With the gap, where one was not seen.
    pub fn lake_snapshots(&self) -> Result<BTreeMap<i64, Option<i64>>, Gap> {
        if let Some(gap) = self.gaps.first() {
            return Err(gap.clone());
        }
        let mut all = BTreeMap::new();
        for (id, table) in &self.tables {
            let node = table.lake.node.as_result().map_err(Gap::clone)?;
            if table.lake.enabled || node.is_some() {
                all.insert(*id, node.as_ref().and_then(|node| node.snapshot));
            }
        }
        Ok(all)
    }

    /// One digest of all that only a coordinator writes of who leads: where it is the same later on, none wrote meanwhile.
    ///
    /// # Errors
    /// With the gap, where a part of it was not seen.
    pub fn leadership(&self) -> Result<Digest, Gap> {
        if let Some(gap) = self.gaps.first() {
            return Err(gap.clone());
        }
        let epoch = self.coordinator_epoch.as_result().map_err(Gap::clone)?;
        let of_bucket = |bucket: &BucketFacts| {
            let leadership = bucket.leadership.as_result().map_err(Gap::clone)?;
            Ok((bucket.id, leadership.clone()))
        };
        let all = self
            .buckets
            .iter()
            .map(of_bucket)
            .collect::<Result<Vec<_>, Gap>>()?;
        Ok(Digest::of_document(&(epoch, all)))
    }

    /// The highest epoch of a coordinator that anything in the metadata bears: `/coordinators/epoch` and every
    /// bucket. Either alone misses cases.
    ///
    /// # Errors
    /// With the gap, where all that was seen is zero and something that may bear a higher one was not seen.
    pub fn highest_coordinator_epoch(&self) -> Result<i64, Gap> {
        let of_buckets = self
            .buckets
            .iter()
            .filter_map(|bucket| bucket.leadership.known()?.as_ref());
        let of_buckets = of_buckets.map(|leadership| i64::from(leadership.coordinator_epoch));
        let own = self.coordinator_epoch.known().copied().flatten();
        let highest = of_buckets.chain(own).max().unwrap_or(0).max(0);
        let unseen = self.buckets.iter().filter_map(|bucket| bucket.leadership.gap());
        let unseen = self
            .coordinator_epoch
            .gap()
            .into_iter()
            .chain(unseen)
            .chain(&self.gaps)
            .next();
        match unseen {
            Some(gap) if highest == 0 => Err(gap.clone()),
            _ => Ok(highest),
        }
    }
}
