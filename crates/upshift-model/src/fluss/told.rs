//! What servers tell clients of who leads, held against what the metadata says. A client connects to whom it is told of,
//! not to whom ZooKeeper names: where the two differ for longer than an election takes, it asks a server in vain.

use serde::{Deserialize, Serialize};

use super::facts::{BucketId, Facts};
use super::system::ServerId;
use crate::observed::{Gap, Observed};

/// What was asked of the servers beside the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BothSides {
    /// What every registered server tells of who leads.
    pub told: Vec<Told>,
    /// What the coordinator counts itself; none where its release counts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_count: Option<Observed<OwnCount>>,
}

/// What one server tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which server.
    pub server: ServerId,
    /// What it comes to beside the metadata.
    pub held: Observed<Held>,
}

/// What a server tells, held against the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Buckets of which it tells the same.
    pub same: usize,
    /// Buckets of which it tells nothing, though their tables were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silent: Vec<BucketId>,
    /// Buckets of which it told something else at two looks, while the metadata stood still.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Difference>,
}

/// A bucket of which two sides say different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which.
    pub bucket: BucketId,
    /// What ZooKeeper says.
    pub metadata: Led,
    /// What clients are told.
    pub told: Led,
}

/// Who leads a bucket and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Led {
    /// The leader; none where there is none.
    pub leader: Option<i32>,
    /// Counts leaders; no answer of 0.6 has it.
    pub epoch: Option<i32>,
    /// Servers that should hold it, in order of their numbers.
    pub assigned: Vec<i32>,
}

/// Replicas and leaders as a coordinator of 1.0 counts them itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCount {
    /// Replicas.
    pub replicas: i32,
    /// Of them in sync.
    pub in_sync: i32,
    /// Leaders.
    pub leaders: i32,
    /// Of them those that took over and said so.
    pub active: i32,
    /// 0 where it calls itself healthy.
    pub status: i32,
}

impl BothSides {
    /// Whether the coordinator says itself that the cluster is not well.
    pub fn calls_itself_ill(&self) -> bool {
        let count = self.own_count.as_ref().and_then(Observed::known);
        count.is_some_and(|count| count.status != 0)
    }

    /// Differences in words, both sides named.
    pub fn differences(&self, facts: &Facts) -> Vec<String> {
        self.told.iter().flat_map(|one| one.words(facts)).collect()
    }

    /// What was not told, or by whom; a server that is registered and was never asked among it.
    pub fn gaps(&self, facts: &Facts) -> Vec<Gap> {
        let registered = facts.tablet_servers.known().into_iter().flatten();
        let registered = registered.map(|(id, _)| ServerId::TabletServer(*id));
        let active = facts.active.known().and_then(Option::as_ref);
        let all = active
            .map(|_| ServerId::Coordinator)
            .into_iter()
            .chain(registered);
        let asked = |id: ServerId| self.told.iter().any(|one| one.server == id);
        let unasked = all.filter(|id| !asked(*id)).map(|id| Gap {
            what: format!("what {id} tells clients"),
            reason: "it was not asked".to_owned(),
        });
        let count = self.own_count.as_ref().and_then(Observed::gap).cloned();
        let told = self.told.iter().filter_map(|one| one.gap(facts));
        told.chain(unasked).chain(count).collect()
    }
}

impl OwnCount {
    /// In words.
    pub fn words(&self) -> String {
        let status = match self.status {
            0 => "green".to_owned(),
            1 => "yellow".to_owned(),
            2 => "red".to_owned(),
            3 => "unknown".to_owned(),
            other => format!("status {other}"),
        };
        format!(
            "{status}: {} of {} leaders active, {} of {} replicas in sync",
            self.active, self.leaders, self.in_sync, self.replicas
        )
    }
}

impl Led {
    /// Whether another one is the same as far as both tell.
    pub fn agrees(&self, other: &Self) -> bool {
        let epochs = self.epoch.is_none() || other.epoch.is_none() || self.epoch == other.epoch;
        // Without replicas told there is nothing to hold.
        let assigned =
            self.assigned.is_empty() || other.assigned.is_empty() || self.assigned == other.assigned;
        self.leader == other.leader && epochs && assigned
    }

    fn words(&self) -> String {
        let leader = self
            .leader
            .map_or("nobody leads".to_owned(), |id| format!("{id} leads"));
        let epoch = self.epoch.map(|epoch| format!(" with epoch {epoch}"));
        let ids: Vec<String> = self.assigned.iter().map(i32::to_string).collect();
        let replicas = match ids.is_empty() {
            true => String::new(),
            false => format!(", replicas on {}", ids.join(" ")),
        };
        format!("{leader}{}{replicas}", epoch.unwrap_or_default())
    }
}

impl Told {
    /// Differences in words, both sides named.
    fn words<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = String> + 'a {
        let others = self.held.known().into_iter().flat_map(|held| &held.others);
        others.map(|one| {
            format!(
                "{}: {} tells clients that {}; ZooKeeper says that {}",
                facts.bucket_name(one.bucket),
                self.server,
                one.told.words(),
                one.metadata.words()
            )
        })
    }

    fn gap(&self, facts: &Facts) -> Option<Gap> {
        let held = match self.held.as_result() {
            Ok(held) => held,
            Err(gap) => return Some(gap.clone()),
        };
        let first = held.silent.first()?;
        let more = match held.silent.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        Some(Gap {
            what: format!("what {} tells clients", self.server),
            reason: format!("it says nothing of {}{more}", facts.bucket_name(*first)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Led;

    fn led(leader: Option<i32>, epoch: Option<i32>, assigned: &[i32]) -> Led {
        Led {
            leader,
            epoch,
            assigned: assigned.to_vec(),
        }
    }

    #[test]
    fn what_one_side_does_not_tell_is_no_difference_and_what_both_tell_is_held() {
        let metadata = led(Some(1), Some(4), &[0, 1, 2]);
        assert!(metadata.agrees(&led(Some(1), Some(4), &[0, 1, 2])));
        assert!(metadata.agrees(&led(Some(1), None, &[])));
        assert!(!metadata.agrees(&led(Some(0), Some(4), &[0, 1, 2])));
        assert!(!metadata.agrees(&led(None, None, &[])));
        assert!(!metadata.agrees(&led(Some(1), Some(3), &[0, 1, 2])));
        assert!(!metadata.agrees(&led(Some(1), Some(4), &[0, 1])));
    }
}
