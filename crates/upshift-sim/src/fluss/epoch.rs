//! The coordinator's epoch: from 1.0 on each start counts, up to 0.9 it is always zero. Who leads at a lower one than
//! buckets and servers saw elects nobody. It does not say who may take over from whom.

use super::bucket::Bucket;
use super::world::{COORDINATOR, World};

impl World {
    /// The highest epoch of a coordinator that anything bears.
    pub fn highest_epoch(&self) -> i32 {
        let of_buckets = self.buckets.iter().map(|bucket| bucket.coordinator_epoch);
        of_buckets.chain(self.epoch).max().unwrap_or(0)
    }

    /// Whether a coordinator is registered that runs at epoch zero, where a higher one was seen: it elects nobody, and
    /// counts nobody in.
    pub fn is_fenced(&self) -> bool {
        self.registered().is_some_and(|release| !counts(release)) && self.highest_epoch() > 0
    }

    /// The epoch that the coordinator which leads writes.
    pub(super) fn leads_at(&self) -> i32 {
        let counted = self.epoch.filter(|_| self.registered().is_some_and(counts));
        counted.unwrap_or(0)
    }

    fn registered(&self) -> Option<&str> {
        let coordinator = self.servers.get(&COORDINATOR)?;
        coordinator.registration.as_ref().map(|of| of.release.as_str())
    }
}

/// What `/coordinators/epoch` holds once a coordinator of this release has come to lead.
pub(super) fn after(before: Option<i32>, release: &str) -> Option<i32> {
    match counts(release) {
        true => Some(before.map_or(0, |epoch| epoch + 1)),
        false => before,
    }
}

/// Whoever writes a change puts the coordinator's epoch beside it.
pub(super) fn sign(bucket: &mut Bucket, before: (i32, i32), epoch: i32) {
    if bucket.written() != before {
        bucket.coordinator_epoch = epoch;
    }
}

fn counts(release: &str) -> bool {
    !release.starts_with("0.")
}
