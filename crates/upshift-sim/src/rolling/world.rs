//! Servers, replicas and what is written to them: one record a millisecond and bucket, taken as written once
//! every replica in sync has it. A record that was taken and is in no leader's log any more is lost.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::Shape;

/// A server, or the coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The release it runs, or ran last.
    pub release: String,
    /// Counts up each time it is started.
    pub pid: u32,
    /// Since when it is up; none while it is down.
    pub up_since: Option<i64>,
    /// When it comes up, while it is starting.
    pub comes_up: Option<i64>,
    /// When it goes, once it was told to.
    pub goes_down: Option<i64>,
}

/// A bucket with its replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The record up to which each replica has it, by server.
    pub logs: BTreeMap<usize, i64>,
    /// Servers whose replica is in sync.
    pub in_sync: BTreeSet<usize>,
    /// Who leads; none while nobody can.
    pub leader: Option<usize>,
    /// The record up to which it was taken as written.
    pub taken: i64,
    /// Since when it has fewer replicas in sync than it should.
    pub short_since: Option<i64>,
}

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
    /// Servers by number; the last is the coordinator.
    pub servers: Vec<Server>,
    /// Buckets.
    pub buckets: Vec<Bucket>,
    /// What should not have been done.
    pub harm: Vec<Harm>,
    /// Records that were taken as written and are gone.
    pub lost: i64,
    /// What was asked of servers and done, each with how often.
    pub done: BTreeMap<String, u64>,
    /// Servers of which the next start dies.
    pub stillborn: BTreeSet<usize>,
    /// Servers of which the next start comes up with the release that it had.
    pub stuck: BTreeSet<usize>,
    at: i64,
}

/// In sync at least, or a stop is reckless. What happened so shortly before could not be known.
const KNOWN_AFTER: i64 = 1_000;

impl World {
    /// A system that runs, all in sync.
    pub fn new(shape: &Shape, release: &str, now: i64) -> Self {
        let server = |n: usize| Server {
            release: release.to_owned(),
            pid: 100 + u32::try_from(n).unwrap_or(0),
            up_since: Some(now),
            comes_up: None,
            goes_down: None,
        };
        let bucket = |b: usize| {
            let on: Vec<usize> = (0..shape.replicas).map(|r| (b + r) % shape.servers).collect();
            Bucket {
                logs: on.iter().map(|s| (*s, now)).collect(),
                in_sync: on.iter().copied().collect(),
                leader: on.first().copied(),
                taken: now,
                short_since: None,
            }
        };
        Self {
            shape: shape.clone(),
            servers: (0..=shape.servers).map(server).collect(),
            buckets: (0..shape.buckets).map(bucket).collect(),
            harm: Vec::new(),
            lost: 0,
            done: BTreeMap::new(),
            stillborn: BTreeSet::new(),
            stuck: BTreeSet::new(),
            at: now,
        }
    }

    /// The coordinator's number.
    pub fn coordinator(&self) -> usize {
        self.shape.servers
    }

    /// Whether the server answers.
    pub fn is_up(&self, n: usize) -> bool {
        self.servers.get(n).is_some_and(|s| s.up_since.is_some())
    }

    /// Buckets with fewer replicas in sync than they have.
    pub fn short(&self) -> Vec<usize> {
        let all = self.buckets.iter().enumerate();
        all.filter(|(_, b)| b.in_sync.len() < b.logs.len())
            .map(|(n, _)| n)
            .collect()
    }

    /// Lets the time pass, one event after the other.
    pub fn advance(&mut self, now: i64) {
        while let Some(at) = self.next_event(now) {
            self.write_until(at);
            self.happen(at);
        }
        self.write_until(now);
    }

    fn next_event(&self, now: i64) -> Option<i64> {
        let of = |s: &Server| [s.comes_up, s.goes_down].into_iter().flatten().min();
        let processes = self.servers.iter().filter_map(of);
        let syncs = self.buckets.iter().flat_map(|bucket| {
            let lagging = bucket.logs.keys().filter(|n| !bucket.in_sync.contains(n));
            lagging.filter_map(|n| Some(self.servers[*n].up_since? + self.shape.syncs_in))
        });
        let all = processes.chain(syncs.filter(|at| *at > self.at));
        all.filter(|at| *at <= now).min()
    }

    fn happen(&mut self, at: i64) {
        for n in 0..self.servers.len() {
            if self.servers[n].goes_down.is_some_and(|due| due <= at) {
                self.servers[n].goes_down = None;
                self.goes(n, at);
            }
            if self.servers[n].comes_up.is_some_and(|due| due <= at) {
                self.servers[n].comes_up = None;
                match self.stillborn.remove(&n) {
                    true => {}
                    false => self.servers[n].up_since = Some(at),
                }
            }
        }
        for n in 0..self.buckets.len() {
            self.sync(n, at);
        }
    }

    fn sync(&mut self, n: usize, at: i64) {
        let up: Vec<usize> = self.buckets[n]
            .logs
            .keys()
            .copied()
            .filter(|s| self.is_up(*s))
            .collect();
        let ready = |s: &usize| {
            let since = self.servers[*s].up_since;
            since.is_some_and(|since| since + self.shape.syncs_in <= at)
        };
        let caught_up: Vec<usize> = up.iter().copied().filter(ready).collect();
        let bucket = &mut self.buckets[n];
        if bucket.leader.is_none() {
            let clean = up.iter().find(|s| bucket.in_sync.contains(s)).copied();
            // Nobody in sync is left: whoever is there leads with what it has.
            bucket.leader = clean.or_else(|| up.first().copied());
            if let Some(leader) = bucket.leader {
                let has = bucket.logs[&leader];
                self.lost += (bucket.taken - has).max(0);
                bucket.taken = has;
                bucket.in_sync = [leader].into();
            }
        }
        if bucket.leader.is_some() {
            for s in caught_up {
                bucket.logs.insert(s, bucket.taken);
                bucket.in_sync.insert(s);
            }
        }
        bucket.short_since = match bucket.in_sync.len() < bucket.logs.len() {
            true => bucket.short_since.or(Some(at)),
            false => None,
        };
    }

    fn goes(&mut self, n: usize, at: i64) {
        self.servers[n].up_since = None;
        for at_bucket in 0..self.buckets.len() {
            let bucket = &mut self.buckets[at_bucket];
            if !bucket.logs.contains_key(&n) {
                continue;
            }
            // The last one in sync stays so: its log is the only whole one.
            if bucket.in_sync.len() > 1 {
                bucket.in_sync.remove(&n);
            }
            if bucket.leader == Some(n) {
                let next = bucket
                    .in_sync
                    .iter()
                    .find(|s| **s != n && self.servers[**s].up_since.is_some());
                bucket.leader = next.copied();
            }
            bucket.short_since = bucket.short_since.or(Some(at));
            if bucket.leader.is_none() {
                self.sync(at_bucket, at);
            }
        }
    }

    fn write_until(&mut self, now: i64) {
        for bucket in &mut self.buckets {
            if bucket.leader.is_some() {
                bucket.taken += now - self.at;
                for s in &bucket.in_sync {
                    if self.servers[*s].up_since.is_some() {
                        bucket.logs.insert(*s, bucket.taken);
                    }
                }
            }
        }
        self.at = now;
    }

    /// A server is told to go, by somebody who should have known what hangs on it when he asked. A request
    /// that hung takes effect later, and what went short in between nobody could know.
    pub fn stop(&mut self, n: usize, pid: u32, asked: i64, now: i64) {
        if self.servers[n].pid != pid || self.servers[n].up_since.is_none() {
            return;
        }
        let gone = now + self.shape.takes.1;
        if self.servers[n].goes_down.is_some() {
            return;
        }
        let known = |b: &Bucket| b.short_since.is_some_and(|since| since + KNOWN_AFTER <= asked);
        for (at, bucket) in self.buckets.iter().enumerate() {
            if bucket.in_sync.contains(&n) && known(bucket) {
                let what = format!(
                    "server {n} was stopped while bucket {at} had {} of {} replicas in sync",
                    bucket.in_sync.len(),
                    bucket.logs.len()
                );
                self.harm.push(Harm { at: now, what });
            }
        }
        if let Some(other) = self.going(n) {
            let what = format!("server {n} was stopped while server {other} was on its way down");
            self.harm.push(Harm { at: now, what });
        }
        self.servers[n].goes_down = Some(gone);
        self.count(format!("stop of server {n}"));
    }

    fn count(&mut self, what: String) {
        *self.done.entry(what).or_default() += 1;
    }

    fn going(&self, but: usize) -> Option<usize> {
        let all = self.servers.iter().enumerate();
        let mut going = all.filter(|(n, s)| *n != but && *n < self.shape.servers && s.goes_down.is_some());
        going.next().map(|(n, _)| n)
    }

    /// A server is started with a release, unless it runs or starts already.
    pub fn start(&mut self, n: usize, release: &str, now: i64) {
        let up_at = now + self.shape.takes.0;
        let server = &mut self.servers[n];
        if server.up_since.is_some() || server.comes_up.is_some() {
            return;
        }
        server.pid += 1_000;
        if !self.stuck.remove(&n) {
            release.clone_into(&mut server.release);
        }
        server.comes_up = Some(up_at);
        let what = format!("start of server {n} as {}", server.release);
        self.count(what);
    }

    /// A server dies by itself, and its supervisor starts it again.
    pub fn dies(&mut self, n: usize, back_in: i64, now: i64) {
        if self.is_up(n) {
            self.servers[n].goes_down = None;
            self.goes(n, now);
            self.servers[n].pid += 1_000;
            self.servers[n].comes_up = Some(now + back_in);
        }
    }
}
