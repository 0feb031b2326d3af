//! Leaders that take no replica back: every set of replicas in sync that one of them keeps is short, while those of all
//! others are whole. A follower that does not fetch looks the same in one bucket; in all buckets of one leader, and of
//! followers that were started after it, it is the leader.
//!
//! It goes by one look at the metadata. Whether it lasts, and whether followers fetch, others have to see.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{BucketFacts, BucketId, Facts, Leadership};

/// So many buckets are enough to speak of all.
const ENOUGH: usize = 2;
/// So many buckets are named.
const NAMED: usize = 3;

/// A leader, and what it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StuckLeader {
    /// Which tablet server.
    pub leader: i32,
    /// The buckets that it leads and that have replicas on other registered servers: all of them are short.
    pub buckets: Vec<BucketId>,
    /// Those of them in which no other replica counts.
    pub alone: Vec<BucketId>,
    /// Registered servers that it leaves out somewhere; each registered after it.
    pub left_out: BTreeSet<i32>,
}

/// One bucket as a leader keeps it.
struct Kept<'a> {
    id: BucketId,
    of: &'a Leadership,
    /// Followers whose servers are registered, each with whether it is in sync.
    followers: Vec<(i32, bool)>,
}

/// All of them; none where the registrations were not seen.
pub fn stuck_leaders(facts: &Facts) -> Vec<StuckLeader> {
    let Some(servers) = facts.tablet_servers.known() else {
        return Vec::new();
    };
    let mut by_leader: BTreeMap<i32, Vec<Kept<'_>>> = BTreeMap::new();
    for bucket in &facts.buckets {
        let Some((leader, kept)) = kept(bucket, |server| servers.contains_key(&server)) else {
            continue;
        };
        by_leader.entry(leader).or_default().push(kept);
    }
    let is_short = |kept: &Kept<'_>| kept.followers.iter().any(|(_, in_sync)| !in_sync);
    let (short, others): (BTreeMap<_, _>, BTreeMap<_, _>) = by_leader
        .into_iter()
        .partition(|(_, all)| all.len() >= ENOUGH && all.iter().all(is_short));
    // Where sets of others are short, too, or nobody else leads, nothing tells a leader from its followers.
    if others.is_empty() || others.values().flatten().any(is_short) {
        return Vec::new();
    }
    let registered_at = |server: i32| servers.get(&server)?.known().map(|one| one.registered_at);
    let is_younger = |server: i32, leader: i32| match (registered_at(server), registered_at(leader)) {
        (Some(server), Some(leader)) => server > leader,
        _ => false,
    };
    short
        .into_iter()
        .map(|(leader, all)| {
            let followers = all.iter().flat_map(|kept| &kept.followers);
            let left_out = followers
                .filter(|(_, in_sync)| !in_sync)
                .map(|(server, _)| *server);
            let alone = all
                .iter()
                .filter(|kept| !kept.of.isr.iter().any(|id| *id != leader));
            StuckLeader {
                leader,
                alone: alone.map(|kept| kept.id).collect(),
                left_out: left_out.collect(),
                buckets: all.iter().map(|kept| kept.id).collect(),
            }
        })
        // An older follower may keep a connection to a leader that is gone: then it is the follower.
        .filter(|one| one.left_out.iter().all(|server| is_younger(*server, one.leader)))
        .collect()
}

/// None where it is not led by a registered server, or has no other replica on one.
fn kept(bucket: &BucketFacts, is_registered: impl Fn(i32) -> bool) -> Option<(i32, Kept<'_>)> {
    let of = bucket.leadership.known()?.as_ref()?;
    let leader = of.leader.filter(|leader| is_registered(*leader))?;
    let others = bucket.assigned.iter().filter(|server| **server != leader);
    let followers: Vec<(i32, bool)> = others
        .filter(|server| is_registered(**server))
        .map(|server| (*server, of.isr.contains(server)))
        .collect();
    let kept = Kept {
        id: bucket.id,
        of,
        followers,
    };
    (!kept.followers.is_empty()).then_some((leader, kept))
}

impl StuckLeader {
    /// Who and what, in words.
    pub fn words(&self, facts: &Facts) -> String {
        let names: Vec<String> = self
            .buckets
            .iter()
            .take(NAMED)
            .map(|bucket| facts.bucket_name(*bucket))
            .collect();
        let more = match self.buckets.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let left_out: Vec<String> = self.left_out.iter().map(i32::to_string).collect();
        format!(
            "tablet server {} leaves tablet server {} out of every one of the {} buckets that it leads, while every bucket that others lead is whole: {}{more}",
            self.leader,
            left_out.join(" and "),
            self.buckets.len(),
            names.join(", ")
        )
    }
}
