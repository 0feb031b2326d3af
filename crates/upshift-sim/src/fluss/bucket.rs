//! Buckets with their replicas, and tables of them.

use std::collections::{BTreeMap, BTreeSet};

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its database.
    pub database: String,
    /// Its name.
    pub name: String,
    /// Rows of a canary that were written into every bucket, each with when.
    pub rows: BTreeMap<i64, i64>,
}

/// A bucket. One record a millisecond is written to it, acknowledged once every replica in sync has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its table.
    pub table: i64,
    /// Its number.
    pub number: u32,
    /// Servers that should hold it.
    pub assigned: Vec<i32>,
    /// Who leads, as ZooKeeper has it.
    pub leader: Option<i32>,
    /// Counts leaders.
    pub leader_epoch: i32,
    /// Replicas in sync, as ZooKeeper has it.
    pub in_sync: BTreeSet<i32>,
    /// Counts changes.
    pub epoch: i32,
    /// The epoch of the coordinator that wrote the last change.
    pub coordinator_epoch: i32,
    /// How many records each replica has.
    pub logs: BTreeMap<i32, i64>,
    /// How many records were acknowledged.
    pub acknowledged: i64,
    /// Since when a replica fetches from its leader.
    pub fetches_since: BTreeMap<i32, i64>,
    /// Since when a replica that should fetch does not.
    pub stalled_since: BTreeMap<i32, i64>,
    /// Since when fewer replicas are in sync than there are.
    pub short_since: Option<i64>,
}

impl Bucket {
    pub(super) fn new(table: i64, number: u32, assigned: Vec<i32>, now: i64) -> Self {
        Self {
            table,
            number,
            leader: assigned.first().copied(),
            leader_epoch: 0,
            in_sync: assigned.iter().copied().collect(),
            epoch: 0,
            coordinator_epoch: 0,
            logs: assigned.iter().map(|server| (*server, 0)).collect(),
            acknowledged: 0,
            fetches_since: assigned.iter().map(|server| (*server, now)).collect(),
            stalled_since: BTreeMap::new(),
            short_since: None,
            assigned,
        }
    }

    /// By what one tells that something was written.
    pub(super) const fn written(&self) -> (i32, i32) {
        (self.leader_epoch, self.epoch)
    }

    /// A replica is not in sync any more. The last one stays so: its log is the only whole one.
    pub(super) fn falls_behind(&mut self, server: i32, at: i64) {
        self.fetches_since.remove(&server);
        if self.in_sync.len() > 1 && self.in_sync.remove(&server) {
            self.epoch += 1;
        }
        if self.assigned.contains(&server) {
            self.short_since = self.short_since.or(Some(at));
        }
    }

    /// A replica has all that is acknowledged, and is counted in.
    pub(super) fn catches_up(&mut self, server: i32) {
        self.logs.insert(server, self.acknowledged);
        if self.in_sync.insert(server) {
            self.epoch += 1;
        }
        if self.in_sync.len() == self.assigned.len() {
            self.short_since = None;
        }
    }

    /// Another leader; gives how many acknowledged records it does not have.
    pub(super) fn is_led_by(&mut self, leader: Option<i32>) -> i64 {
        if self.leader == leader {
            return 0;
        }
        self.leader = leader;
        let Some(leader) = leader else { return 0 };
        self.leader_epoch += 1;
        let has = self.logs.get(&leader).copied().unwrap_or(0);
        let lost = (self.acknowledged - has).max(0);
        self.acknowledged = has;
        lost
    }
}
