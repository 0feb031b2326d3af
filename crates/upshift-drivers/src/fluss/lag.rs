//! Replicas that are not in sync: whether they come nearer, by where their logs end on the servers themselves. One that
//! stands still while its server and its leader's answer is stuck, and by how it stands it is told who must be restarted.
//!
//! It remembers what earlier looks of this process saw, and nothing beyond them: a process that takes over watches anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use upshift_model::fluss::{BucketFacts, BucketId, Facts, StuckLeader, is_own_database, stuck_leaders};
use upshift_model::record::Failure;
use upshift_model::span::Millis;

use super::leader_outside::Outside;
use super::rpc::{Buckets, Connection, End, RpcError, log_ends};
use super::standing::reachable;
use super::untold::Untold;
use super::{codes, expectation};

/// Leaders give a follower `log.replica.max-lag-time`, 30 s by default; it fetches several times a second.
pub(super) const STUCK_AFTER: Millis = Millis::from_secs(30);
/// So many replicas are asked about in one look.
const ASKED: usize = 64;

/// A replica that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Follower {
    pub(super) bucket: BucketId,
    pub(super) leader: i32,
    pub(super) server: i32,
    pub(super) in_sync: bool,
}

/// Followers on registered servers whose leaders are registered, those that are wanted.
pub(super) fn followers(facts: &Facts, wanted: impl Fn(&Follower) -> bool) -> Vec<Follower> {
    let is_registered = |server: i32| facts.listeners_of(server).is_some();
    let of_bucket = |bucket: &BucketFacts| {
        let leadership = bucket.leadership.known().and_then(Option::as_ref);
        let led = leadership.and_then(|of| Some((of.leader?, of.isr.clone())));
        let led = led.filter(|(leader, _)| is_registered(*leader));
        let (id, assigned) = (bucket.id, bucket.assigned.clone());
        led.into_iter().flat_map(move |(leader, isr)| {
            let others = assigned
                .clone()
                .into_iter()
                .filter(move |server| *server != leader);
            others.map(move |server| Follower {
                bucket: id,
                leader,
                server,
                in_sync: isr.contains(&server),
            })
        })
    };
    let all = facts.buckets.iter().flat_map(of_bucket);
    all.filter(|of| is_registered(of.server) && wanted(of)).collect()
}

/// What one look saw of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample {
    of: Follower,
    /// Where its own log ends.
    end: i64,
    /// Where its leader's ended just before.
    leader_end: i64,
    /// What was committed just before.
    committed: i64,
}

/// How a replica is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Its server does not fetch from its leader.
    FetchesNothing,
    /// It comes to have all that is committed, and its leader does not count it in.
    NotTakenBack,
    /// It has all that is committed and is not counted in; nothing was written that would tell whether it fetches.
    NothingToFetch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memory {
    leader: i32,
    end: i64,
    still_since: Timestamp,
    caught_up_since: Option<Timestamp>,
    /// Whether it came to have more since then.
    fetches: bool,
}

/// What was seen of replicas that lag, from look to look.
#[derive(Debug, Default)]
pub(super) struct Watch {
    followers: Mutex<BTreeMap<(BucketId, i32), Memory>>,
    outside: Outside,
    untold: Untold,
}

/// What a look at replicas that lag came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lag {
    /// They may still come; how far they are, in words, where there is something to tell.
    Coming(Option<String>),
    /// One never will by itself.
    Stuck(Failure),
}

impl Watch {
    /// Takes in a look, and tells of the replicas that are stuck, the one that is for longest first.
    fn take(&self, now: Timestamp, samples: &[Sample]) -> Vec<(Sample, How, Millis)> {
        let mut memory = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = BTreeMap::new();
        let mut stuck = Vec::new();
        for sample in samples {
            let key = (sample.of.bucket, sample.of.server);
            let seen = remembered(memory.get(&key).copied(), sample, now);
            next.insert(key, seen);
            let still = (sample.end < sample.leader_end)
                .then(|| (How::FetchesNothing, Millis::between(seen.still_since, now)));
            let left_out = seen
                .caught_up_since
                .map(|since| (how_left_out(seen.fetches), Millis::between(since, now)));
            let long = still.into_iter().chain(left_out);
            let long = long.filter(|(_, time)| *time >= STUCK_AFTER);
            stuck.extend(long.map(|(how, time)| (*sample, how, time)));
        }
        *memory = next;
        stuck.sort_by_key(|(_, _, time)| std::cmp::Reverse(*time));
        stuck
    }

    /// Asks servers where the logs of these replicas end. Replicas beyond the first few dozen are asked about when those
    /// are in sync: one that is stuck is enough to stop.
    pub(super) async fn look(&self, now: Timestamp, facts: &Facts, followers: &[Follower]) -> Lag {
        if let Some(failure) = self.outside.take(now, facts) {
            return Lag::Stuck(failure);
        }
        let followers = &followers[..followers.len().min(ASKED)];
        let mut asked = Asked::default();
        let mut samples = Vec::new();
        let (mut silent, mut untold) = (None, Vec::new());
        for follower in followers {
            match asked.about(facts, *follower).await {
                Ok(Some(sample)) => samples.push(sample),
                Ok(None) if asked.holds_it_without(*follower) => untold.push(*follower),
                Ok(None) => {}
                Err(error) => silent = Some(error.to_string()),
            }
        }
        if let Some(failure) = self.untold.take(now, facts, &untold) {
            return Lag::Stuck(failure);
        }
        if let [worst, others @ ..] = &self.take(now, &samples)[..] {
            return Lag::Stuck(failure(facts, worst, others));
        }
        let behind = samples.iter().find(|sample| sample.end < sample.leader_end);
        let words = behind.map(|sample| {
            format!(
                "{}: tablet server {} has {} of {} records of its leader, tablet server {}",
                facts.bucket_name(sample.of.bucket),
                sample.of.server,
                sample.end,
                sample.leader_end,
                sample.of.leader
            )
        });
        Lag::Coming(words.or(silent))
    }
}

fn remembered(before: Option<Memory>, sample: &Sample, now: Timestamp) -> Memory {
    let before = before.filter(|before| before.leader == sample.of.leader);
    let is_still = before.is_some_and(|before| before.end == sample.end) && sample.end < sample.leader_end;
    let is_left_out = !sample.of.in_sync && sample.end >= sample.committed;
    let caught_up_before = before.filter(|before| before.caught_up_since.is_some());
    Memory {
        leader: sample.of.leader,
        end: sample.end,
        still_since: before
            .filter(|_| is_still)
            .map_or(now, |before| before.still_since),
        caught_up_since: is_left_out.then(|| before.and_then(|before| before.caught_up_since).unwrap_or(now)),
        fetches: is_left_out
            && caught_up_before.is_some_and(|before| before.fetches || before.end < sample.end),
    }
}

const fn how_left_out(fetches: bool) -> How {
    match fetches {
        true => How::NotTakenBack,
        false => How::NothingToFetch,
    }
}

fn failure(facts: &Facts, worst: &(Sample, How, Millis), others: &[(Sample, How, Millis)]) -> Failure {
    let of_leader = |(sample, how, _): &(Sample, How, Millis)| match how {
        How::FetchesNothing => None,
        How::NotTakenBack | How::NothingToFetch => Some(sample.of.leader),
    };
    let leaders = stuck_leaders(facts);
    let leader = std::iter::once(worst)
        .chain(others)
        .find_map(|stuck| leaders.iter().find(|one| of_leader(stuck) == Some(one.leader)));
    match leader {
        Some(leader) => of_leader_failure(facts, leader, worst, others),
        None => of_replica(facts, worst, others),
    }
}

/// One leader takes nobody back: it is named with all that it leads, and not a follower of one of them.
fn of_leader_failure(
    facts: &Facts,
    stuck: &StuckLeader,
    worst: &(Sample, How, Millis),
    others: &[(Sample, How, Millis)],
) -> Failure {
    let its: Vec<&Sample> = std::iter::once(worst)
        .chain(others)
        .map(|(sample, ..)| sample)
        .filter(|sample| sample.of.leader == stuck.leader)
        .collect();
    let leader = stuck.leader;
    let mut what = format!(
        "{}, for {} now; it takes nobody back before it starts anew",
        stuck.words(facts),
        worst.2
    );
    let alone = stuck
        .alone
        .iter()
        .filter(|bucket| !is_own(facts, **bucket))
        .count();
    if alone == 0 {
        what += &format!(
            ", and every bucket has another replica in sync meanwhile; free it by: upshift restart tablet-server/{leader}"
        );
        return expectation::failure(codes::STUCK_REPLICA, what);
    }
    let behind = its.iter().find(|sample| sample.end < sample.leader_end);
    let ends = match behind {
        Some(sample) => format!(
            "not so now: {}: tablet server {} has {} of {} records",
            facts.bucket_name(sample.of.bucket),
            sample.of.server,
            sample.end,
            sample.leader_end
        ),
        None => format!("so for the {} replicas that were asked just now", its.len()),
    };
    what += &format!(
        "; in {alone} of them no other replica counts: those are away while it restarts, and it is not safe before another log of each ends where its own does ({ends}): stop those who write. It is waited for that; free it by: upshift restart tablet-server/{leader}"
    );
    expectation::failure(codes::STUCK_REPLICA, what)
}

/// Tables of upshift's own hold nothing that anybody misses.
fn is_own(facts: &Facts, bucket: BucketId) -> bool {
    let table = facts.tables.get(&bucket.table);
    table.is_some_and(|table| is_own_database(&table.database))
}

/// Whether every record of buckets in which only this leader counts lies on another registered server, too. Said of a
/// moment in which nothing was written: the leader's log is asked about before and after.
///
/// # Errors
/// With what speaks against it, or was not seen.
pub(super) async fn held_elsewhere(facts: &Facts, leader: i32, buckets: &[BucketId]) -> Result<(), String> {
    if buckets.len() > ASKED {
        return Err(format!("{} buckets are more than are asked about", buckets.len()));
    }
    let its = |of: &Follower| of.leader == leader && buckets.contains(&of.bucket);
    let mut asked = Asked::default();
    let mut has: BTreeMap<BucketId, i64> = BTreeMap::new();
    for follower in followers(facts, its) {
        let sample = asked
            .about(facts, follower)
            .await
            .map_err(|error| error.to_string())?;
        let end = sample.map_or(0, |sample| sample.end);
        let most = has.entry(follower.bucket).or_insert(end);
        *most = end.max(*most);
    }
    let mut again = Asked::default();
    for bucket in buckets {
        let name = facts.bucket_name(*bucket);
        let end = again
            .end(facts, leader, *bucket)
            .await
            .map_err(|error| error.to_string())?;
        let end = end.ok_or_else(|| format!("{name}: where its log ends was not told"))?;
        match has.get(bucket) {
            Some(has) if *has >= end => {}
            Some(has) => {
                return Err(format!(
                    "{name}: the longest other log has {has} of {end} records"
                ));
            }
            None => return Err(format!("{name}: no other replica is on a registered server")),
        }
    }
    Ok(())
}

fn of_replica(facts: &Facts, worst: &(Sample, How, Millis), others: &[(Sample, How, Millis)]) -> Failure {
    let (sample, how, time) = worst;
    let Follower {
        bucket,
        leader,
        server,
        ..
    } = sample.of;
    let name = facts.bucket_name(bucket);
    let mut what = match how {
        How::FetchesNothing => format!(
            "{name}: tablet server {server} has fetched nothing from its leader, tablet server {leader}, for {time} and has {} of {} records, though both are registered and answer",
            sample.end, sample.leader_end
        ),
        How::NotTakenBack => format!(
            "{name}: tablet server {server} fetches and has all {} records for {time}, and its leader, tablet server {leader}, does not count it as in sync, though both are registered and answer",
            sample.committed
        ),
        How::NothingToFetch => format!(
            "{name}: tablet server {server} has all {} records and has not been in sync with its leader, tablet server {leader}, for {time}, though both are registered and answer and nothing was written",
            sample.committed
        ),
    };
    let free = at_fault(worst);
    let too: BTreeSet<i32> = others.iter().map(at_fault).filter(|who| *who != free).collect();
    if !too.is_empty() {
        let too: Vec<String> = too.iter().map(ToString::to_string).collect();
        what += &format!(
            "; others wait for a restart of tablet server {}, too, one after the other",
            too.join(" and ")
        );
    }
    what += &format!("; free it by: upshift restart tablet-server/{free}");
    expectation::failure(codes::STUCK_REPLICA, what)
}

/// The server whose restart frees a replica that is stuck.
const fn at_fault((sample, how, _): &(Sample, How, Millis)) -> i32 {
    match how {
        How::FetchesNothing | How::NothingToFetch => sample.of.server,
        How::NotTakenBack => sample.of.leader,
    }
}

/// One connection to each server of a look, and what each said.
#[derive(Default)]
struct Asked {
    connections: BTreeMap<i32, Connection>,
    ends: BTreeMap<(i32, BucketId), i64>,
    committed: BTreeMap<BucketId, i64>,
}

impl Asked {
    /// None where one of the two does not hold the bucket yet.
    async fn about(&mut self, facts: &Facts, of: Follower) -> Result<Option<Sample>, RpcError> {
        // The leader first: what it has by then a follower that fetches has a moment later.
        let leader_end = self.end(facts, of.leader, of.bucket).await?;
        let committed = self.committed(facts, of.leader, of.bucket).await?;
        let end = self.end(facts, of.server, of.bucket).await?;
        Ok(match (end, leader_end, committed) {
            (Some(end), Some(leader_end), Some(committed)) => Some(Sample {
                of,
                end,
                leader_end,
                committed,
            }),
            _ => None,
        })
    }

    /// Whether the leader holds the bucket and the follower, which answered, does not.
    fn holds_it_without(&self, of: Follower) -> bool {
        self.ends.contains_key(&(of.leader, of.bucket))
            && self.connections.contains_key(&of.server)
            && !self.ends.contains_key(&(of.server, of.bucket))
    }

    async fn end(&mut self, facts: &Facts, server: i32, bucket: BucketId) -> Result<Option<i64>, RpcError> {
        if let Some(end) = self.ends.get(&(server, bucket)) {
            return Ok(Some(*end));
        }
        let told = self.ask(facts, server, bucket, End::OfReplica(server)).await?;
        self.ends.extend(told.map(|end| ((server, bucket), end)));
        Ok(told)
    }

    async fn committed(
        &mut self,
        facts: &Facts,
        leader: i32,
        bucket: BucketId,
    ) -> Result<Option<i64>, RpcError> {
        if let Some(end) = self.committed.get(&bucket) {
            return Ok(Some(*end));
        }
        let told = self.ask(facts, leader, bucket, End::Committed).await?;
        self.committed.extend(told.map(|end| (bucket, end)));
        Ok(told)
    }

    async fn ask(
        &mut self,
        facts: &Facts,
        server: i32,
        bucket: BucketId,
        end: End,
    ) -> Result<Option<i64>, RpcError> {
        let Some(listeners) = facts.listeners_of(server) else {
            return Ok(None);
        };
        let connection = match self.connections.entry(server) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(none) => {
                let Some(address) = reachable(listeners).await else {
                    return Ok(None);
                };
                none.insert(Connection::open(&address).await?)
            }
        };
        let of = Buckets {
            table: bucket.table,
            partition: bucket.partition,
            buckets: vec![bucket.bucket],
        };
        let told = log_ends(connection, &of, end).await;
        if told.is_err() {
            self.connections.remove(&server);
        }
        Ok(told?.get(&bucket.bucket).copied())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use upshift_model::observed::Observed;

    use super::*;

    const FOLLOWER: Follower = Follower {
        bucket: BucketId {
            table: 1,
            partition: None,
            bucket: 2,
        },
        leader: 0,
        server: 2,
        in_sync: false,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("a time")
    }

    fn sample(end: i64, leader_end: i64) -> Sample {
        Sample {
            of: FOLLOWER,
            end,
            leader_end,
            committed: leader_end,
        }
    }

    #[test]
    fn a_replica_that_stands_still_behind_its_leader_is_stuck_after_half_a_minute() {
        let watch = Watch::default();
        assert_eq!(watch.take(at(0), &[sample(5, 9)]), []);
        assert_eq!(watch.take(at(29), &[sample(5, 12)]), []);
        let [(of, how, time)] = watch.take(at(30), &[sample(5, 12)])[..] else {
            panic!("stuck")
        };
        assert_eq!(
            (of.end, how, time),
            (5, How::FetchesNothing, Millis::from_secs(30))
        );
    }

    #[test]
    fn one_that_comes_nearer_is_waited_for_however_long_it_takes() {
        let watch = Watch::default();
        for second in 0..200 {
            assert_eq!(watch.take(at(second * 10), &[sample(second, 1_000)]), []);
        }
        // As far as its leader, and then behind again: that is not the same standing still.
        assert_eq!(watch.take(at(2_000), &[sample(1_000, 1_000)]), []);
        let mut late = sample(1_000, 1_001);
        late.of.in_sync = true;
        assert_eq!(watch.take(at(2_029), &[late]), []);
    }

    #[test]
    fn one_that_has_everything_and_is_not_counted_in_is_its_leader_s_fault() {
        let watch = Watch::default();
        let of = |end: i64| Sample {
            committed: end,
            ..sample(end, end)
        };
        assert_eq!(watch.take(at(0), &[of(5)]), []);
        assert_eq!(watch.take(at(20), &[of(8)]), []);
        let [(_, how, _)] = watch.take(at(31), &[of(11)])[..] else {
            panic!("stuck")
        };
        assert_eq!(how, How::NotTakenBack);
        let mut counted = of(12);
        counted.of.in_sync = true;
        assert_eq!(watch.take(at(32), &[counted]), []);
    }

    #[test]
    fn whose_fault_it_is_cannot_be_told_while_nothing_is_written() {
        let watch = Watch::default();
        let empty = sample(0, 0);
        assert_eq!(watch.take(at(0), &[empty]), []);
        let [worst @ (_, how, _)] = watch.take(at(31), &[empty])[..] else {
            panic!("stuck")
        };
        assert_eq!((how, at_fault(&worst)), (How::NothingToFetch, FOLLOWER.server));
        // What it has from before it was left out tells nothing of whether it fetches now.
        let watch = Watch::default();
        assert_eq!(watch.take(at(0), &[sample(3, 9)]), []);
        assert_eq!(watch.take(at(10), &[sample(9, 9)]), []);
        let [(_, how, _)] = watch.take(at(41), &[sample(9, 9)])[..] else {
            panic!("stuck")
        };
        assert_eq!(how, How::NothingToFetch);
    }

    #[test]
    fn another_leader_is_another_beginning() {
        let watch = Watch::default();
        assert_eq!(watch.take(at(0), &[sample(5, 9)]), []);
        let mut moved = sample(5, 9);
        moved.of.leader = 1;
        assert_eq!(watch.take(at(40), &[moved]), []);
        let mut other = moved;
        other.of.server = 3;
        let stuck = watch.take(at(70), &[other, moved]);
        assert_eq!(stuck.len(), 1, "{stuck:?}");
        assert_eq!(watch.take(at(101), &[other, moved]).len(), 2);
    }

    /// Three servers of 0.9.1 with six buckets, of which tablet server 1 was started first and leaves the others out of all
    /// that it leads.
    fn of_a_stuck_leader() -> Facts {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fluss/zk-0.9.1-healthy.json");
        let bytes = std::fs::read(file).expect("a fixture");
        let tree = upshift_formats::fluss::read_dump(&bytes).expect("a dump");
        let mut facts = crate::fluss::facts(&tree, "recorded".to_owned());
        for bucket in &mut facts.buckets {
            if let Observed::Known(Some(of)) = &mut bucket.leadership
                && of.leader == Some(1)
            {
                of.isr = vec![1];
            }
        }
        for server in [0, 2] {
            registered(&mut facts, server, 1_900_000_000);
        }
        facts
    }

    fn registered(facts: &mut Facts, server: i32, second: i64) {
        let Observed::Known(servers) = &mut facts.tablet_servers else {
            panic!("they are seen")
        };
        if let Some(Observed::Known(one)) = servers.get_mut(&server) {
            one.registered_at = Timestamp::from_second(second).expect("a time");
        }
    }

    /// All that lag, as a look at idle tables finds them.
    fn idle(facts: &Facts) -> Vec<(Sample, How, Millis)> {
        let all = followers(facts, |of| !of.in_sync).into_iter();
        all.map(|of| {
            let sample = Sample {
                of,
                end: 7,
                leader_end: 7,
                committed: 7,
            };
            (sample, How::NothingToFetch, Millis::from_secs(34))
        })
        .collect()
    }

    fn said(facts: &Facts, stuck: &[(Sample, How, Millis)]) -> String {
        failure(facts, &stuck[0], &stuck[1..]).what
    }

    #[test]
    fn a_leader_whose_every_bucket_is_short_is_named_with_all_of_them_and_when_it_may_be_restarted() {
        let facts = of_a_stuck_leader();
        let leads = facts.buckets.iter().filter(|bucket| {
            let of = bucket.leadership.known().and_then(Option::as_ref);
            of.is_some_and(|of| of.leader == Some(1))
        });
        let leads = leads.count();
        assert!(leads >= 2, "the fixture");
        let mut stuck = idle(&facts);
        let what = said(&facts, &stuck);
        assert!(
            what.contains("tablet server 1 leaves tablet server 0 and 2 out"),
            "{what}"
        );
        assert!(
            what.contains(&format!("in {leads} of them no other replica counts")),
            "{what}"
        );
        assert!(what.contains("so for the"), "{what}");
        assert!(
            what.ends_with("free it by: upshift restart tablet-server/1"),
            "{what}"
        );
        stuck[1].0.end = 5;
        let what = said(&facts, &stuck);
        assert!(
            what.contains("not so now") && what.contains("has 5 of 7 records"),
            "{what}"
        );

        // One replica beside it counts everywhere: nothing is away meanwhile.
        let mut facts = facts;
        for bucket in &mut facts.buckets {
            if let Observed::Known(Some(of)) = &mut bucket.leadership
                && of.leader == Some(1)
            {
                of.isr = vec![1, 2];
            }
        }
        let what = said(&facts, &idle(&facts));
        assert!(what.contains("another replica in sync meanwhile"), "{what}");
        assert!(!what.contains("safe before"), "{what}");
    }

    #[test]
    fn a_leader_is_not_accused_where_its_followers_or_others_may_be_the_cause() {
        // A follower that was there before its leader may keep a connection to one that is gone.
        let mut older = of_a_stuck_leader();
        registered(&mut older, 2, 1_000_000_000);
        let what = said(&older, &idle(&older));
        assert!(!what.contains("upshift restart tablet-server/1"), "{what}");
        // Somebody else's bucket is short, too.
        let mut others = of_a_stuck_leader();
        let other = others
            .buckets
            .iter_mut()
            .find_map(|bucket| match &mut bucket.leadership {
                Observed::Known(Some(of)) if of.leader != Some(1) => Some(of),
                _ => None,
            });
        let of = other.expect("others lead, too");
        of.isr = vec![of.leader.expect("a leader")];
        assert_eq!(stuck_leaders(&others), []);
        // One that fetches nothing is itself the cause.
        let facts = of_a_stuck_leader();
        let mut stuck = idle(&facts);
        stuck.truncate(1);
        stuck[0].1 = How::FetchesNothing;
        let what = said(&facts, &stuck);
        assert!(
            what.ends_with(&format!("tablet-server/{}", stuck[0].0.of.server)),
            "{what}"
        );
    }
}
