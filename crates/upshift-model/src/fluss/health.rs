//! What the health of a cluster comes to, as the server's own API of 1.0 means it, and stricter where that
//! one looks away: the coordinator counts, a leader outside of its own replicas in sync is no health, and
//! a replica of a server that is not registered is not in sync whatever is written.
//!
//! It sees what ZooKeeper tells. Whether a leader that was elected answers already it cannot tell.

use std::collections::BTreeSet;

use super::facts::{BucketFacts, BucketId, Facts, Leadership};
use crate::observed::Gap;

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// Every replica of every bucket is in sync, each with an active leader, and a coordinator leads.
    Green,
    /// Every bucket is led; some replicas are not in sync.
    Yellow,
    /// Something that decides it was not seen.
    Unknown,
    /// A bucket or the whole cluster is not led.
    Red,
}

/// Why it is not green.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No coordinator is registered.
    NoCoordinator,
    /// No tablet server is registered.
    NoTabletServer,
    /// A bucket has no leader.
    NoLeader {
        /// Which.
        bucket: BucketId,
    },
    /// The leader of a bucket is not registered.
    LeaderGone {
        /// Which.
        bucket: BucketId,
        /// The leader.
        leader: i32,
    },
    /// The leader of a bucket is not among its own replicas in sync.
    LeaderOutside {
        /// Which.
        bucket: BucketId,
        /// The leader.
        leader: i32,
    },
    /// Replicas of a bucket are not in sync.
    Short(Short),
    /// It was not seen.
    Unseen(Gap),
}

/// A bucket with replicas that are not in sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Which.
    pub bucket: BucketId,
    /// Replicas whose servers are not registered.
    pub away: Vec<i32>,
    /// Replicas whose servers are registered and that are not in sync all the same.
    pub behind: Vec<i32>,
}

/// Numbers of buckets and replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Buckets.
    pub buckets: usize,
    /// Buckets with a leader that is registered and in sync.
    pub led: usize,
    /// Replicas.
    pub replicas: usize,
    /// Replicas in sync on registered servers.
    pub in_sync: usize,
    /// Buckets with one replica.
    pub single: usize,
}

/// The health of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What it comes to.
    pub light: Light,
    /// Why, the gravest first.
    pub reasons: Vec<Reason>,
    /// Numbers.
    pub counts: Counts,
}

impl Reason {
    /// How grave it is by itself.
    pub const fn light(&self) -> Light {
        match self {
            Self::NoCoordinator
            | Self::NoTabletServer
            | Self::NoLeader { .. }
            | Self::LeaderGone { .. }
            | Self::LeaderOutside { .. } => Light::Red,
            Self::Unseen(_) => Light::Unknown,
            Self::Short(_) => Light::Yellow,
        }
    }

    /// In words.
    pub fn words(&self, facts: &Facts) -> String {
        let name = |bucket: &BucketId| facts.bucket_name(*bucket);
        match self {
            Self::NoCoordinator => {
                "no coordinator is registered: tables cannot be made, leaders not be moved".to_owned()
            }
            Self::NoTabletServer => "no tablet server is registered".to_owned(),
            Self::NoLeader { bucket } => format!("{} has no leader", name(bucket)),
            Self::LeaderGone { bucket, leader } => {
                format!(
                    "{} is led by tablet server {leader}, which is not registered",
                    name(bucket)
                )
            }
            Self::LeaderOutside { bucket, leader } => format!(
                "{} is led by tablet server {leader}, which is not among its own replicas in sync",
                name(bucket)
            ),
            Self::Short(short) => short.words(facts),
            Self::Unseen(gap) => format!("not seen: {gap}"),
        }
    }
}

impl Short {
    fn words(&self, facts: &Facts) -> String {
        let servers = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        parts.extend((!self.away.is_empty()).then(|| format!("{} not registered", servers(&self.away))));
        parts.extend(
            (!self.behind.is_empty()).then(|| format!("{} registered and behind", servers(&self.behind))),
        );
        let bucket = facts.bucket_name(self.bucket);
        format!("{bucket} has replicas that are not in sync: {}", parts.join("; "))
    }
}

impl Light {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Unknown => "unknown",
            Self::Red => "red",
        }
    }
}

/// Judges what was seen.
pub fn health(facts: &Facts) -> Health {
    let mut reasons: Vec<Reason> = facts.gaps.iter().cloned().map(Reason::Unseen).collect();
    match facts.active.as_result() {
        Ok(Some(_)) => {}
        Ok(None) => reasons.push(Reason::NoCoordinator),
        Err(gap) => reasons.push(Reason::Unseen(gap.clone())),
    }
    let registered: Option<BTreeSet<i32>> = match facts.tablet_servers.as_result() {
        Ok(servers) => Some(servers.keys().copied().collect()),
        Err(gap) => {
            reasons.push(Reason::Unseen(gap.clone()));
            None
        }
    };
    if registered.as_ref().is_some_and(BTreeSet::is_empty) {
        reasons.push(Reason::NoTabletServer);
    }
    let mut counts = Counts::default();
    for bucket in &facts.buckets {
        counts.buckets += 1;
        counts.replicas += bucket.assigned.len();
        counts.single += usize::from(bucket.assigned.len() < 2);
        if let Some(registered) = &registered {
            judge(bucket, registered, &mut counts, &mut reasons);
        }
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.light()));
    let light = reasons.first().map_or(Light::Green, Reason::light);
    Health {
        light,
        reasons,
        counts,
    }
}

fn judge(bucket: &BucketFacts, registered: &BTreeSet<i32>, counts: &mut Counts, reasons: &mut Vec<Reason>) {
    let id = bucket.id;
    let leadership = match bucket.leadership.as_result() {
        Ok(leadership) => leadership.as_ref(),
        Err(gap) => return reasons.push(Reason::Unseen(gap.clone())),
    };
    let isr: &[i32] = leadership.map_or(&[], |leadership| &leadership.isr);
    let in_sync = |server: &i32| isr.contains(server) && registered.contains(server);
    let (good, bad): (Vec<i32>, Vec<i32>) = bucket.assigned.iter().partition(|server| in_sync(server));
    counts.in_sync += good.len();
    if !bad.is_empty() {
        let (behind, away) = bad.into_iter().partition(|server| registered.contains(server));
        reasons.push(Reason::Short(Short {
            bucket: id,
            away,
            behind,
        }));
    }
    match leader(leadership, registered) {
        Ok(()) => counts.led += 1,
        Err(None) => reasons.push(Reason::NoLeader { bucket: id }),
        Err(Some((leader, true))) => reasons.push(Reason::LeaderOutside { bucket: id, leader }),
        Err(Some((leader, false))) => reasons.push(Reason::LeaderGone { bucket: id, leader }),
    }
}

/// Whether a bucket is led; if not, by whom all the same and whether that one is registered.
fn leader(leadership: Option<&Leadership>, registered: &BTreeSet<i32>) -> Result<(), Option<(i32, bool)>> {
    let leadership = leadership.ok_or(None)?;
    let leader = leadership.leader.ok_or(None)?;
    match (registered.contains(&leader), leadership.isr.contains(&leader)) {
        (true, true) => Ok(()),
        (is_registered, _) => Err(Some((leader, is_registered))),
    }
}
