//! What one look after the other shows of replicas: since when, as far as this process has watched.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use upshift_model::fluss::BucketId;
use upshift_model::span::Millis;

use super::lag::STUCK_AFTER;

/// A replica: its bucket and its server.
pub(super) type Replica = (BucketId, i32);

/// Each since when, from look to look.
#[derive(Debug, Default)]
pub(super) struct Lasting(Mutex<BTreeMap<Replica, Timestamp>>);

impl Lasting {
    /// Takes in those of a look; gives the one that is so for longest, where that is long enough to be stuck.
    pub(super) fn take(
        &self,
        now: Timestamp,
        seen: impl Iterator<Item = Replica>,
    ) -> Option<(Replica, Millis)> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |key: &Replica| memory.get(key).copied().unwrap_or(now);
        let next = seen.map(|key| (key, since(&key))).collect();
        *memory = next;
        let (key, since) = memory.iter().min_by_key(|(_, since)| **since)?;
        let time = Millis::between(*since, now);
        (time >= STUCK_AFTER).then_some((*key, time))
    }
}
