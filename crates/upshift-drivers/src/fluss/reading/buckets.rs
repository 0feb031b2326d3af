//! Buckets with their leaders and snapshots, of tables and partitions that are still registered; the rest
//! was dropped.

use std::collections::{BTreeMap, BTreeSet};

use upshift_formats::fluss::{self as znode, Tree};
use upshift_model::fluss::{BucketFacts, BucketId, Dropped, KvSnapshot, Leadership, TableFacts};
use upshift_model::observed::{Gap, Observed};

use super::told::{node, unseen};

/// What is assigned to servers.
pub(super) struct Assigned {
    pub(super) buckets: Vec<BucketFacts>,
    pub(super) dropped: Vec<Dropped>,
}

/// All assignments; what could not be seen of them goes into `gaps`.
pub(super) fn assigned(tree: &Tree, tables: &BTreeMap<i64, TableFacts>, gaps: &mut Vec<Gap>) -> Assigned {
    let registered = Registered::of(tables, gaps.is_empty());
    let mut all = Assigned {
        buckets: Vec::new(),
        dropped: Vec::new(),
    };
    for kind in ["tables", "partitions"] {
        let base = format!("/tabletservers/{kind}");
        let names = match tree.children(&base) {
            Ok(names) => names,
            Err(unread) => {
                gaps.push(unseen(&format!("assignments of {kind}"), &unread));
                continue;
            }
        };
        for name in names {
            match assignment(tree, &format!("{base}/{name}"), name) {
                Ok(None) => {}
                Ok(Some((number, found))) => {
                    let partition = (kind == "partitions").then_some(number);
                    let table = found.table_id.or((kind == "tables").then_some(number));
                    all.put(
                        tree,
                        &format!("{base}/{name}"),
                        &registered,
                        (table, partition),
                        found,
                    );
                }
                Err(gap) => gaps.push(gap),
            }
        }
    }
    all.buckets.sort_by_key(|bucket| bucket.id);
    all
}

/// The assignment at a path with its number. A partitioned table has a node without one.
fn assignment(tree: &Tree, path: &str, name: &str) -> Result<Option<(i64, znode::Assignment)>, Gap> {
    let what = format!("the assignment at {path}");
    let Ok(number) = name.parse::<i64>() else {
        let reason = "its name is no number".to_owned();
        return Err(Gap { what, reason });
    };
    let is_empty = tree
        .get(path)
        .is_ok_and(|data| data.is_none_or(|data| data.bytes.is_empty()));
    if is_empty {
        return Ok(None);
    }
    match node(tree, path, &what, znode::Assignment::read) {
        Observed::Known(found) => Ok(found.map(|found| (number, found))),
        Observed::Unknown(gap) => Err(gap),
    }
}

/// Which tables and partitions are registered, and whether that list is whole: with a hole in it, one that is
/// not in it may be there all the same.
struct Registered<'a> {
    tables: &'a BTreeMap<i64, TableFacts>,
    tables_sure: bool,
    partitions: BTreeSet<i64>,
    partitions_sure: bool,
}

impl<'a> Registered<'a> {
    fn of(tables: &'a BTreeMap<i64, TableFacts>, sure: bool) -> Self {
        let known = tables.values().filter_map(|table| table.partitions.known());
        Self {
            tables,
            tables_sure: sure,
            partitions: known.flat_map(|all| all.values().copied()).collect(),
            partitions_sure: sure && tables.values().all(|table| table.partitions.known().is_some()),
        }
    }

    fn may_be(&self, table: i64, partition: Option<i64>) -> bool {
        match partition {
            None => !self.tables_sure || self.tables.contains_key(&table),
            Some(partition) => !self.partitions_sure || self.partitions.contains(&partition),
        }
    }
}

impl Assigned {
    fn put(
        &mut self,
        tree: &Tree,
        path: &str,
        registered: &Registered<'_>,
        (table, partition): (Option<i64>, Option<i64>),
        found: znode::Assignment,
    ) {
        match table.filter(|table| registered.may_be(*table, partition)) {
            Some(table) => {
                let id = |bucket| BucketId {
                    table,
                    partition,
                    bucket,
                };
                let buckets = found.buckets.into_iter();
                self.buckets
                    .extend(buckets.map(|(number, assigned)| bucket(tree, path, id(number), assigned)));
            }
            None => self.dropped.push(Dropped {
                table,
                partition,
                buckets: found.buckets.len(),
            }),
        }
    }
}

fn bucket(tree: &Tree, path: &str, id: BucketId, assigned: Vec<i32>) -> BucketFacts {
    let base = format!("{path}/buckets/{}", id.bucket);
    let what = format!("leader and replicas in sync of {base}");
    let leadership = node(
        tree,
        &format!("{base}/leader_isr"),
        &what,
        znode::LeaderAndIsr::read,
    );
    BucketFacts {
        id,
        assigned,
        leadership: leadership.map(|found| found.map(leadership_of)),
        kv_snapshot: newest_snapshot(tree, &base),
    }
}

fn leadership_of(found: znode::LeaderAndIsr) -> Leadership {
    Leadership {
        leader: found.leader,
        leader_epoch: found.leader_epoch,
        isr: found.isr,
        coordinator_epoch: found.coordinator_epoch,
        bucket_epoch: found.bucket_epoch,
        standby: found.standby,
    }
}

fn newest_snapshot(tree: &Tree, base: &str) -> Observed<Option<KvSnapshot>> {
    let what = format!("snapshots of {base}");
    let below = format!("{base}/snapshots");
    let names = match tree.children(&below) {
        Ok(names) => names,
        Err(unread) => return Observed::Unknown(unseen(&what, &unread)),
    };
    let Some(newest) = names.iter().filter_map(|name| name.parse::<i64>().ok()).max() else {
        return Observed::Known(None);
    };
    let path = format!("{below}/{newest}");
    let found = node(tree, &path, &what, znode::KvSnapshot::read);
    let written = tree.get(&path).ok().flatten().and_then(|data| data.written_ms);
    let written_at = written.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    found.map(|found| {
        found.map(|found| KvSnapshot {
            id: found.id,
            log_offset: found.log_offset,
            written_at,
        })
    })
}
