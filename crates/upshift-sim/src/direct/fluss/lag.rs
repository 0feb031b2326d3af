//! Replicas that stand still: known after half a minute of looks by one process, and told with who must be restarted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use upshift_model::fluss::BucketId;
use upshift_model::record::Failure;

use super::codes::{self, failure};
use super::observe::id;
use crate::fluss::World;

/// As the real driver waits.
const STUCK_AFTER: i64 = 30_000;

/// What earlier looks of this process saw.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<BTreeMap<(BucketId, i32), i64>>);

impl Watch {
    /// One look at followers that do not fetch; tells of one that stands still for too long.
    pub(super) fn look(&self, world: &World) -> Option<Failure> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = world.now();
        let mut next = BTreeMap::new();
        let mut stuck = None;
        for bucket in &world.buckets {
            for (server, _) in bucket.stalled_since.iter().filter(|(n, _)| world.serves(**n)) {
                let since = *memory.get(&(id(bucket), *server)).unwrap_or(&now);
                next.insert((id(bucket), *server), since);
                if now - since >= STUCK_AFTER {
                    stuck.get_or_insert(*server);
                }
            }
        }
        *memory = next;
        stuck.map(|server| {
            let what = format!(
                "tablet server {server} has fetched nothing from its leader; free it by: upshift restart tablet-server/{server}"
            );
            failure(codes::STUCK_REPLICA, what)
        })
    }
}
