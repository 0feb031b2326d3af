//! The cluster as it is, and what happens to it by itself as time passes.

use std::collections::{BTreeMap, BTreeSet};

use super::masters::Memory;
use super::shape::Shape;
use super::tree::{Backup, Journal, Tree};

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Keeps the tree.
    Master,
    /// Keeps blocks.
    Worker,
}

/// A server: what it is, and the number of its host.
pub type Server = (Role, usize);
/// The only master, or the first.
pub const MASTER: Server = (Role::Master, 0);
/// The only worker.
pub const WORKER: Server = (Role::Worker, 0);

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// The release that it runs.
    pub release: String,
    /// When it answers.
    pub up_at: i64,
    /// When it ends, once it was told to.
    pub ends_at: Option<i64>,
    /// The backup that it starts from.
    pub(super) from: Option<String>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct World {
    /// Its shape.
    pub shape: Shape,
    /// What runs.
    pub processes: BTreeMap<Server, Process>,
    /// The master that leads.
    pub leader: Option<usize>,
    /// What it knows.
    pub memory: Option<Memory>,
    /// Folders of journals, by what they are called.
    pub journals: BTreeMap<String, Journal>,
    /// The folder that masters write into.
    pub journal: String,
    /// Backups, by what their files are called.
    pub backups: BTreeMap<String, Backup>,
    /// Files that their master cannot read, and until when.
    pub closed: BTreeMap<String, i64>,
    /// Lists of blocks, by path.
    pub lists: BTreeMap<String, BTreeSet<u64>>,
    /// Blocks that were younger than the backup when they were listed, by the list's path.
    pub late: BTreeMap<String, BTreeSet<u64>>,
    /// Blocks in the worker's tier.
    pub tier: BTreeSet<u64>,
    /// The copy of the tier, where one was made.
    pub saved: Option<BTreeSet<u64>>,
    /// Files that expire, and when.
    pub mortal: BTreeMap<u64, i64>,
    /// Files that somebody was told are written.
    pub acknowledged: Tree,
    /// Since when those who write are stopped.
    pub writers_stopped: bool,
    /// Somebody else writes from then until then.
    pub stranger: Option<(i64, i64)>,
    /// When something was written last.
    pub written_at: i64,
    /// When the master that led was told to end last.
    pub master_told_at: i64,
    /// The newest file when those who write were started again first.
    pub files_at_restart: Option<u64>,
    /// The next backup lacks its last entry, and its master does not say so.
    pub cut_next: bool,
    /// The next copy cannot be read by its master for a while.
    pub closed_next: bool,
    /// The next program ends with 0 and has done nothing.
    pub stillborn: bool,
    /// Hosts whose wanted release has its configuration.
    pub configured: BTreeSet<usize>,
    /// What should not have been done.
    pub harm: Vec<String>,
    /// What was done, each with how often.
    pub done: BTreeMap<String, u64>,
    pub(super) begun: BTreeSet<String>,
    pub(super) last_file: u64,
    pub(super) vacant_since: i64,
    next_pid: u32,
    supervised: BTreeMap<Server, (i64, String)>,
    at: i64,
}

/// One file is written so often.
const WRITES_EVERY: i64 = 500;
/// After so many files one is deleted.
const DELETES_EVERY: u64 = 4;
/// The first file expires after so long, the next ones later by this.
const EXPIRES_AFTER: i64 = 15_000;
const EXPIRES_LATER: i64 = 7_000;

impl World {
    /// A cluster that runs. Every third file is in the worker only.
    pub fn new(shape: &Shape, journal: &str, now: i64) -> Self {
        let tree: Tree = (1..=shape.files).map(|file| (file, file % 3 != 0)).collect();
        let mortal = tree
            .keys()
            .filter(|file| shape.mortal > 0 && **file % shape.mortal == 0);
        let mortal = mortal
            .zip(0..)
            .map(|(file, nth)| (*file, now + EXPIRES_AFTER + nth * EXPIRES_LATER));
        let mut world = Self {
            shape: shape.clone(),
            processes: BTreeMap::new(),
            leader: None,
            memory: None,
            journals: BTreeMap::new(),
            journal: journal.to_owned(),
            backups: BTreeMap::new(),
            closed: BTreeMap::new(),
            lists: BTreeMap::new(),
            late: BTreeMap::new(),
            tier: tree.keys().copied().collect(),
            saved: None,
            mortal: mortal.collect(),
            acknowledged: tree.clone(),
            writers_stopped: false,
            stranger: None,
            written_at: now,
            master_told_at: now,
            files_at_restart: None,
            cut_next: false,
            closed_next: false,
            stillborn: false,
            configured: BTreeSet::new(),
            harm: Vec::new(),
            done: BTreeMap::new(),
            begun: BTreeSet::new(),
            last_file: shape.files,
            vacant_since: now - 60_000 - shape.takes.0,
            next_pid: 10,
            supervised: BTreeMap::new(),
            at: now,
        };
        // It has led for a while.
        let long_ago = now - shape.takes.0 - 60_000;
        for host in 0..shape.masters {
            let key = world.journal_key(host, journal);
            world.journals.insert(
                key,
                Journal {
                    tree: Some(tree.clone()),
                    entries: shape.files,
                },
            );
            world.spawn((Role::Master, host), shape.releases.0, None, long_ago);
        }
        world.spawn(WORKER, shape.releases.0, None, long_ago);
        world.elect(now);
        world.advance(now);
        world
    }

    /// The time up to which it has come.
    pub const fn now(&self) -> i64 {
        self.at
    }

    pub(super) fn spawn(&mut self, server: Server, release: &str, from: Option<String>, at: i64) {
        self.next_pid += 1;
        let process = Process {
            pid: self.next_pid,
            release: release.to_owned(),
            up_at: at + self.shape.takes.0,
            ends_at: None,
            from,
        };
        self.processes.insert(server, process);
    }

    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.done.entry(what.into()).or_default() += 1;
    }

    /// The tree of the journal in use: that of the master that leads, or the longest.
    pub fn tree(&self) -> Option<&Tree> {
        let hosts = match self.leader {
            Some(leader) => leader..leader + 1,
            None => 0..self.shape.masters,
        };
        let trees = hosts.filter_map(|host| self.journal_of(host)?.tree.as_ref());
        trees.max_by_key(|tree| tree.len())
    }

    /// How many entries stand in the journal in use.
    pub fn entries(&self) -> Option<u64> {
        let hosts = match self.leader {
            Some(leader) => leader..leader + 1,
            None => 0..self.shape.masters,
        };
        hosts
            .filter_map(|host| Some(self.journal_of(host)?.entries))
            .max()
    }

    /// Whether a file has expired by now.
    pub fn has_expired(&self, file: u64) -> bool {
        self.mortal.get(&file).is_some_and(|at| *at <= self.at)
    }

    /// Whether a server's process is up.
    pub fn is_up(&self, server: Server) -> bool {
        self.processes
            .get(&server)
            .is_some_and(|process| process.up_at <= self.at)
    }

    /// Whether a master leads.
    pub const fn serves(&self) -> bool {
        self.memory.is_some()
    }

    /// Lets the time pass, one event after the other.
    pub fn advance(&mut self, now: i64) {
        while let Some(at) = self.next_event().filter(|at| *at <= now) {
            self.write_until(at);
            let ended = |process: &Process| process.ends_at.is_some_and(|due| due <= at);
            let over = self.processes.iter().filter(|(_, process)| ended(process));
            let over: Vec<Server> = over.map(|(server, _)| *server).collect();
            over.into_iter().for_each(|server| self.ends(server, at));
            self.supervise(at);
            self.elect(at);
            self.report(at);
        }
        self.write_until(now);
        self.report(now);
    }

    /// Whoever watches over servers starts those that died.
    fn supervise(&mut self, at: i64) {
        let due = self.supervised.iter().filter(|(_, (due, _))| *due <= at);
        let due: Vec<Server> = due.map(|(server, _)| *server).collect();
        for server in due {
            if let Some((_, release)) = self.supervised.remove(&server)
                && !self.processes.contains_key(&server)
            {
                self.spawn(server, &release, None, at);
            }
        }
    }

    fn next_event(&self) -> Option<i64> {
        let of = |process: &Process| {
            let comes = (process.up_at > self.at).then_some(process.up_at);
            [comes, process.ends_at].into_iter().flatten().min()
        };
        let due = self.supervised.values().map(|(due, _)| *due);
        self.processes
            .values()
            .filter_map(of)
            .chain(due)
            .chain(self.election())
            .min()
    }

    /// The leader deletes what has expired; a worker is heard of, and deletes blocks that its master does not know.
    fn report(&mut self, at: i64) {
        let Some(leader) = self.leader else { return };
        let over: Vec<u64> = self
            .mortal
            .keys()
            .copied()
            .filter(|file| self.has_expired(*file))
            .collect();
        if let Some(tree) = self.tree_of(leader) {
            tree.retain(|file, _| !over.contains(file));
        }
        self.replicate();
        let worker = self
            .processes
            .get(&WORKER)
            .is_some_and(|process| process.up_at <= at);
        if !worker {
            return;
        }
        if let Some(memory) = &mut self.memory {
            memory.heard = Some(at);
        }
        if let Some(known) = self.tree_of(leader).cloned() {
            self.tier.retain(|block| known.contains_key(block));
        }
    }

    fn write_until(&mut self, now: i64) {
        let begun = self.at;
        self.at = now;
        let stranger = self.stranger.filter(|(_, until)| begun < *until);
        let writing = !self.writers_stopped || stranger.is_some();
        let is_up = self.is_up(WORKER);
        let until = match stranger.filter(|_| self.writers_stopped) {
            Some((_, until)) => now.min(until),
            None => now,
        };
        let files = (until.div_euclid(WRITES_EVERY) - begun.div_euclid(WRITES_EVERY)).max(0);
        let Some(leader) = self.leader.filter(|_| writing && files > 0) else {
            return;
        };
        self.written_at = until.div_euclid(WRITES_EVERY) * WRITES_EVERY;
        // A run that stands for days is not followed by as many files.
        for _ in 0..files.min(20) {
            self.last_file += 1;
            let file = self.last_file;
            // Without a worker only what needs no block is made: a directory.
            let persisted = !is_up || !file.is_multiple_of(3);
            let Some(tree) = self.tree_of(leader) else { return };
            tree.insert(file, persisted);
            self.acknowledged.insert(file, persisted);
            if is_up {
                self.tier.insert(file);
            }
            if let Some(memory) = &mut self.memory {
                memory.writes += 1;
            }
            self.writes_an_entry(leader);
            self.delete_the_oldest(leader, file);
        }
        self.replicate();
    }

    /// Those who write delete, too, once in a while.
    fn delete_the_oldest(&mut self, leader: usize, written: u64) {
        if !written.is_multiple_of(DELETES_EVERY) || self.stranger.is_some() {
            return;
        }
        let oldest = self.tree_of(leader).and_then(|tree| Some(tree.pop_first()?.0));
        if let Some(oldest) = oldest {
            self.acknowledged.remove(&oldest);
            self.tier.remove(&oldest);
            self.writes_an_entry(leader);
        }
    }

    /// A server is killed by somebody else, and its supervisor starts it again.
    pub fn dies(&mut self, server: Server, back_in: i64) {
        if let Some(process) = self.processes.get(&server) {
            let release = process.release.clone();
            self.supervised.insert(server, (self.at + back_in, release));
            self.ends(server, self.at);
        }
    }

    /// A server is killed, and nobody starts it again.
    pub fn is_killed(&mut self, server: Server) {
        self.ends(server, self.at);
    }

    /// The release with which somebody starts a server again soon.
    pub fn comes_back_as(&self, server: Server) -> Option<&str> {
        self.supervised.get(&server).map(|(_, release)| release.as_str())
    }

    /// The host of the stopped worker starts anew once its tier is copied: what the tier held in memory is gone.
    pub fn loses_its_tier(&mut self) {
        if !self.processes.contains_key(&WORKER) && self.saved.as_ref() == Some(&self.tier) {
            self.tier.clear();
        }
    }

    /// Nobody starts a server again that upshift has in hand.
    pub(super) fn forget_supervised(&mut self, server: Server) {
        self.supervised.remove(&server);
    }
}
