//! The cluster as it is, and what happens to it by itself as time passes.

use std::collections::{BTreeMap, BTreeSet};

use super::bucket::{Bucket, Table};
use super::epoch;
use super::server::{Process, Registration, Server};
use super::shape::Shape;

/// The number under which the coordinator is kept beside tablet servers.
pub const COORDINATOR: i32 = -1;

/// Its coordinator reads no later registration, and its leaders wait for ever for one that was replaced.
pub(super) const OLDEST: &str = "0.6.0";

/// A session without a word from its process ends after this.
const SESSION: i64 = 6_000;
/// Longer than any run.
const NEVER: i64 = i64::MAX;
/// A leader gives a follower this long: `log.replica.max-lag-time`.
const LAG: i64 = 30_000;
/// What a killed process had not written out.
const UNFLUSHED: i64 = 500;
/// What happened so shortly before nobody could know who asked.
const KNOWN_AFTER: i64 = 1_000;

/// Something that should not have been done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harm {
    /// When.
    pub at: i64,
    /// What.
    pub what: String,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct World {
    /// Its shape.
    pub shape: Shape,
    /// Servers by number.
    pub servers: BTreeMap<i32, Server>,
    /// Tables by number.
    pub tables: BTreeMap<i64, Table>,
    /// All buckets.
    pub buckets: Vec<Bucket>,
    /// Followers that have not noticed that their leader's connection is dead: until either starts anew.
    pub dead: BTreeSet<(i32, i32)>,
    /// Until when ZooKeeper does not answer.
    pub blind_until: i64,
    /// What `/coordinators/epoch` holds, once a coordinator of 1.0 has led.
    pub epoch: Option<i32>,
    /// The rebalance that was asked for last. It is over at once.
    pub rebalance: Option<String>,
    /// Copies of the metadata, by name.
    pub copies: BTreeSet<String>,
    /// What should not have been done.
    pub harm: Vec<Harm>,
    /// Records that were acknowledged and are gone.
    pub lost: i64,
    /// What was done, each with how often.
    pub done: BTreeMap<String, u64>,
    /// Starts by the mark of their try.
    pub(super) starts: BTreeSet<String>,
    pub(super) next_table: i64,
    next_pid: u32,
    at: i64,
}

impl World {
    /// A cluster that runs, all in sync.
    pub fn new(shape: &Shape, now: i64) -> Self {
        let release = shape.hop.releases().0;
        let mut world = Self {
            shape: shape.clone(),
            servers: BTreeMap::new(),
            tables: BTreeMap::new(),
            buckets: Vec::new(),
            dead: BTreeSet::new(),
            blind_until: 0,
            epoch: None,
            rebalance: None,
            copies: BTreeSet::new(),
            harm: Vec::new(),
            lost: 0,
            done: BTreeMap::new(),
            starts: BTreeSet::new(),
            next_table: 0,
            next_pid: 100,
            at: now,
        };
        for n in COORDINATOR..i32::from(shape.servers) {
            let pid = world.pid();
            let began = now - 3_600_000 + i64::from(n);
            let server = Server {
                process: Some(Process {
                    pid,
                    release: release.to_owned(),
                    registers_at: began,
                    ends_at: None,
                }),
                registration: Some(Registration {
                    at: began,
                    release: release.to_owned(),
                    until: None,
                }),
                release: release.to_owned(),
                ..Server::default()
            };
            world.servers.insert(n, server);
        }
        world.add_table("lab", "orders", shape.buckets, shape.replicas);
        world
    }

    pub(super) fn pid(&mut self) -> u32 {
        self.next_pid += 1;
        self.next_pid
    }

    /// The time up to which it has come.
    pub const fn now(&self) -> i64 {
        self.at
    }

    /// Numbers of the tablet servers.
    pub fn tablet_servers(&self) -> impl Iterator<Item = i32> + '_ {
        self.servers.keys().copied().filter(|n| *n != COORDINATOR)
    }

    /// Whether a server serves.
    pub fn serves(&self, n: i32) -> bool {
        self.servers.get(&n).is_some_and(Server::serves)
    }

    /// Whether a tablet server leads and follows what it is to.
    pub fn acts(&self, n: i32) -> bool {
        let acts = |server: &Server| server.serves() && !server.untold;
        self.servers.get(&n).is_some_and(acts)
    }

    /// Buckets with fewer replicas in sync than they have.
    pub fn short(&self) -> usize {
        let is_short = |bucket: &&Bucket| bucket.in_sync.len() < bucket.assigned.len();
        self.buckets.iter().filter(is_short).count()
    }

    pub(super) fn add_table(&mut self, database: &str, name: &str, buckets: u32, replicas: usize) {
        let id = self.next_table;
        self.next_table += 1;
        let table = Table {
            database: database.to_owned(),
            name: name.to_owned(),
            rows: BTreeMap::new(),
        };
        self.tables.insert(id, table);
        let servers: Vec<i32> = self.tablet_servers().filter(|n| self.serves(*n)).collect();
        let coordinator_epoch = self.leads_at();
        for number in 0..buckets {
            let first = usize::try_from(number).unwrap_or(0);
            let assigned = (0..replicas).map(|r| servers[(first + r) % servers.len()]);
            let bucket = Bucket::new(id, number, assigned.collect(), self.at);
            self.buckets.push(Bucket {
                coordinator_epoch,
                ..bucket
            });
        }
    }

    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.done.entry(what.into()).or_default() += 1;
    }

    pub(super) fn harmed(&mut self, what: String) {
        self.harm.push(Harm { at: self.at, what });
    }

    /// Lets the time pass, one event after the other.
    pub fn advance(&mut self, now: i64) {
        while let Some(at) = self.next_event().filter(|at| *at <= now) {
            let at = at.max(self.at);
            self.write_until(at);
            for n in self.servers.keys().copied().collect::<Vec<_>>() {
                self.happens_to(n, at);
            }
            self.settle(at);
        }
        self.write_until(now);
    }

    fn next_event(&self) -> Option<i64> {
        let servers = self.servers.values().filter_map(Server::next);
        let fenced = self.is_fenced();
        let buckets = self.buckets.iter();
        let buckets = buckets.flat_map(|bucket| self.next_of(bucket, fenced));
        servers.chain(buckets).min()
    }

    /// When replicas of a bucket come to be in sync, or are taken out.
    fn next_of(&self, bucket: &Bucket, fenced: bool) -> Vec<i64> {
        let takes_back = self.takes_back(bucket) && !fenced;
        let of = |server: &i32| {
            let is_in = bucket.in_sync.contains(server);
            match (bucket.fetches_since.get(server), bucket.stalled_since.get(server)) {
                (Some(since), _) if !is_in && takes_back => Some(since + self.shape.syncs_in),
                (None, Some(since)) if is_in && bucket.in_sync.len() > 1 => Some(since + LAG),
                _ => None,
            }
        };
        bucket.assigned.iter().filter_map(of).collect()
    }

    /// Whether the leader of a bucket takes replicas back.
    fn takes_back(&self, bucket: &Bucket) -> bool {
        let leader = bucket.leader.and_then(|leader| self.servers.get(&leader));
        leader.is_some_and(|leader| !leader.deaf)
    }

    fn happens_to(&mut self, n: i32, at: i64) {
        let Some(server) = self.servers.get_mut(&n) else {
            return;
        };
        if server
            .registration
            .as_ref()
            .and_then(|of| of.until)
            .is_some_and(|due| due <= at)
        {
            server.registration = None;
        }
        if server
            .process
            .as_ref()
            .and_then(|of| of.ends_at)
            .is_some_and(|due| due <= at)
        {
            server.process = None;
            server.registration = None;
            server.clean_mark = n != COORDINATOR;
        }
        if server.supervised.is_some_and(|due| due <= at) {
            // Up to 0.7 one that meets its own earlier registration gives up, and its supervisor tries again.
            let until = server.registration.as_ref().and_then(|of| of.until);
            let in_vain = until.filter(|_| n == COORDINATOR && is_old(&server.release));
            server.supervised = in_vain.map(|until| until + 1);
            if server.process.is_none() && in_vain.is_none() {
                let release = server.release.clone();
                self.comes_to_life(n, release, at);
            }
        }
        self.may_register(n, at);
    }

    pub(super) fn comes_to_life(&mut self, n: i32, release: String, at: i64) {
        let pid = self.pid();
        let takes = self.shape.takes.0;
        if let Some(server) = self.servers.get_mut(&n) {
            release.clone_into(&mut server.release);
            server.deaf = false;
            let never = std::mem::take(&mut server.mute);
            server.process = Some(Process {
                pid,
                release,
                registers_at: if never { NEVER } else { at + takes },
                ends_at: None,
            });
        }
    }

    fn may_register(&mut self, n: i32, at: i64) {
        let Some(server) = self.servers.get_mut(&n) else {
            return;
        };
        let is_known = server.serves();
        let Some(process) = server
            .process
            .as_mut()
            .filter(|of| !is_known && of.registers_at <= at)
        else {
            return;
        };
        if let Some(until) = server.registration.as_ref().and_then(|of| of.until) {
            // Up to 0.7 a coordinator that meets an older one's registration gives up; a tablet server waits.
            if n == COORDINATOR && is_old(&process.release) {
                server.process = None;
            } else {
                process.registers_at = until + 1;
            }
            return;
        }
        let registration = Registration {
            at: process.registers_at,
            release: process.release.clone(),
            until: None,
        };
        if n == COORDINATOR {
            self.epoch = epoch::after(self.epoch, &registration.release);
        }
        server.registration = Some(registration);
        server.clean_mark = false;
        server.untold = n != COORDINATOR;
        self.dead
            .retain(|(follower, leader)| *follower != n && *leader != n);
        let leads_at = self.leads_at();
        if n == COORDINATOR {
            self.are_replaced_beside();
        } else if self.serves(COORDINATOR) {
            for bucket in self.buckets.iter_mut().filter(|bucket| bucket.leader != Some(n)) {
                let before = bucket.written();
                bucket.falls_behind(n, at);
                epoch::sign(bucket, before, leads_at);
            }
        }
    }

    /// Tablet servers of 0.6 beside a coordinator of a later release.
    fn are_replaced_beside(&mut self) {
        let runs = |server: &Server, old: bool| {
            let process = server.process.as_ref();
            process.is_some_and(|process| (process.release == OLDEST) == old)
        };
        if self.servers.get(&COORDINATOR).is_some_and(|of| runs(of, false)) {
            let old = self.servers.values_mut().filter(|server| runs(server, true));
            old.for_each(|server| server.deaf = true);
        }
    }

    /// What coordinator and leaders make of what has happened.
    fn settle(&mut self, at: i64) {
        let (fenced, leads_at) = (self.is_fenced(), self.leads_at());
        let led = self.serves(COORDINATOR) && !fenced;
        if led {
            let all = self.servers.values_mut().filter(|server| server.serves());
            all.for_each(|server| server.untold = false);
        }
        let mut buckets = std::mem::take(&mut self.buckets);
        for bucket in &mut buckets {
            let before = bucket.written();
            if led {
                self.elects(bucket, at);
            }
            self.follows(bucket, fenced, at);
            epoch::sign(bucket, before, leads_at);
        }
        self.buckets = buckets;
    }

    fn elects(&mut self, bucket: &mut Bucket, at: i64) {
        let is_registered = |n: &i32| self.servers.get(n).is_some_and(Server::is_registered);
        let gone: Vec<i32> = bucket
            .in_sync
            .iter()
            .copied()
            .filter(|n| !is_registered(n))
            .collect();
        for n in gone {
            bucket.falls_behind(n, at);
        }
        if bucket.leader.is_none_or(|leader| !is_registered(&leader)) {
            let able = |n: &&i32| bucket.in_sync.contains(n) && self.serves(**n);
            let next = bucket.assigned.iter().find(able).copied();
            self.lost += bucket.is_led_by(next);
        }
    }

    fn follows(&self, bucket: &mut Bucket, fenced: bool, at: i64) {
        let leader = bucket.leader.filter(|leader| self.acts(*leader));
        let takes_back = self.takes_back(bucket) && !fenced;
        for n in bucket.assigned.clone() {
            if Some(n) == leader {
                continue;
            }
            let both = leader.filter(|_| self.acts(n) && self.is_understood(n));
            let dead = both.is_some_and(|leader| self.dead.contains(&(n, leader)));
            if both.is_some() && !dead {
                bucket.stalled_since.remove(&n);
                let since = *bucket.fetches_since.entry(n).or_insert(at);
                if takes_back && since + self.shape.syncs_in <= at && !bucket.in_sync.contains(&n) {
                    bucket.catches_up(n);
                }
                continue;
            }
            bucket.fetches_since.remove(&n);
            if !dead {
                bucket.stalled_since.remove(&n);
                continue;
            }
            let since = *bucket.stalled_since.entry(n).or_insert(at);
            if since + LAG <= at && bucket.in_sync.contains(&n) {
                bucket.falls_behind(n, at);
            }
        }
    }

    /// Whether the coordinator that leads reads what the tablet server registered: one of 0.6 does not read 0.7's.
    fn is_understood(&self, n: i32) -> bool {
        let release = |n: i32| {
            let registration = self.servers.get(&n)?.registration.as_ref()?;
            Some(registration.release.as_str())
        };
        !matches!((release(COORDINATOR), release(n)), (Some(OLDEST), Some(other)) if other != OLDEST)
    }

    fn write_until(&mut self, now: i64) {
        let passed = now - self.at;
        self.at = now;
        let mut buckets = std::mem::take(&mut self.buckets);
        for bucket in &mut buckets {
            let acts = bucket.leader.is_some_and(|leader| self.acts(leader));
            let has = |n: &i32| Some(*n) == bucket.leader || bucket.fetches_since.contains_key(n);
            if acts && bucket.in_sync.iter().all(has) {
                bucket.acknowledged += passed;
                for n in &bucket.in_sync {
                    bucket.logs.insert(*n, bucket.acknowledged);
                }
            }
        }
        self.buckets = buckets;
    }

    /// A server is killed by somebody else, and its supervisor starts it again.
    pub fn dies(&mut self, n: i32, back_in: i64) {
        let at = self.at;
        let Some(server) = self.servers.get_mut(&n).filter(|server| server.process.is_some()) else {
            return;
        };
        server.process = None;
        server.supervised = Some(at + back_in);
        if let Some(registration) = &mut server.registration {
            registration.until = Some(at + SESSION);
        }
        for bucket in self.buckets.iter_mut().filter(|bucket| bucket.leader == Some(n)) {
            if bucket.in_sync.len() == 1 {
                let has = bucket.logs.entry(n).or_default();
                *has = (*has - UNFLUSHED).max(0);
            }
        }
        self.settle(at);
    }

    /// What was known of a bucket's replicas when somebody asked.
    pub(super) fn was_short(bucket: &Bucket, asked: i64) -> bool {
        bucket
            .short_since
            .is_some_and(|since| since + KNOWN_AFTER <= asked)
    }

    /// Looks again at who leads and who follows.
    pub(super) fn looks_again(&mut self) {
        self.settle(self.at);
    }
}

fn is_old(release: &str) -> bool {
    matches!(release, "0.6.0" | "0.7.0")
}
