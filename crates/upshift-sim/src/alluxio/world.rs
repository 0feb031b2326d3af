//! The cluster as it is, and what happens to it by itself as time passes.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::Shape;
use super::tree::{Backup, Journal, Tree};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Keeps the tree.
    Master,
    /// Keeps blocks.
    Worker,
}

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

/// What a master that is up knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// Since when.
    pub since: i64,
    /// Calls that changed the tree.
    pub writes: u64,
    /// Entries that it restored; none where it passed the backup over.
    pub restored: Option<u64>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct World {
    /// Its shape.
    pub shape: Shape,
    /// What runs.
    pub processes: BTreeMap<Role, Process>,
    /// What the master knows, while it is up.
    pub memory: Option<Memory>,
    /// Folders of journals, by path.
    pub journals: BTreeMap<String, Journal>,
    /// The folder that masters write into.
    pub journal: String,
    /// Backups, by path.
    pub backups: BTreeMap<String, Backup>,
    /// Lists of blocks, by path.
    pub lists: BTreeMap<String, BTreeSet<u64>>,
    /// Blocks that were younger than the backup when they were listed, by the list's path.
    pub late: BTreeMap<String, BTreeSet<u64>>,
    /// Blocks in the worker's tier.
    pub tier: BTreeSet<u64>,
    /// Files that somebody was told are written.
    pub acknowledged: Tree,
    /// Since when those who write are stopped.
    pub writers_stopped: bool,
    /// Somebody else writes from then until then.
    pub stranger: Option<(i64, i64)>,
    /// When something was written last.
    pub written_at: i64,
    /// When the master was told to end last.
    pub master_told_at: i64,
    /// The newest file when those who write were started again first.
    pub files_at_restart: Option<u64>,
    /// The next backup lacks its last entry, and its master does not say so.
    pub cut_next: bool,
    /// The next start of a server dies.
    pub stillborn: bool,
    /// Whether the wanted release has its configuration.
    pub configured: bool,
    /// What should not have been done.
    pub harm: Vec<String>,
    /// What was done, each with how often.
    pub done: BTreeMap<String, u64>,
    pub(super) begun: BTreeSet<String>,
    pub(super) last_file: u64,
    next_pid: u32,
    supervised: Option<(Role, i64, String)>,
    at: i64,
}

/// One file is written so often.
const WRITES_EVERY: i64 = 500;

impl World {
    /// A cluster that runs. Every third file is in the worker only.
    pub fn new(shape: &Shape, journal: &str, now: i64) -> Self {
        let tree: Tree = (1..=shape.files).map(|file| (file, file % 3 != 0)).collect();
        let mut world = Self {
            shape: shape.clone(),
            processes: BTreeMap::new(),
            memory: None,
            journals: BTreeMap::new(),
            journal: journal.to_owned(),
            backups: BTreeMap::new(),
            lists: BTreeMap::new(),
            late: BTreeMap::new(),
            tier: tree.keys().copied().collect(),
            acknowledged: tree.clone(),
            writers_stopped: false,
            stranger: None,
            written_at: now,
            master_told_at: now,
            files_at_restart: None,
            cut_next: false,
            stillborn: false,
            configured: false,
            harm: Vec::new(),
            done: BTreeMap::new(),
            begun: BTreeSet::new(),
            last_file: shape.files,
            next_pid: 10,
            supervised: None,
            at: now,
        };
        world.journals.insert(
            journal.to_owned(),
            Journal {
                tree: Some(tree),
                entries: shape.files,
            },
        );
        for role in [Role::Master, Role::Worker] {
            let takes = world.shape.takes.0;
            world.spawn(role, shape.releases.0, None, now - takes);
        }
        world.advance(now);
        world
    }

    /// The time up to which it has come.
    pub const fn now(&self) -> i64 {
        self.at
    }

    pub(super) fn spawn(&mut self, role: Role, release: &str, from: Option<String>, at: i64) {
        self.next_pid += 1;
        let process = Process {
            pid: self.next_pid,
            release: release.to_owned(),
            up_at: at + self.shape.takes.0,
            ends_at: None,
            from,
        };
        self.processes.insert(role, process);
    }

    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.done.entry(what.into()).or_default() += 1;
    }

    /// The tree of the journal in use.
    pub fn tree(&self) -> Option<&Tree> {
        self.journals.get(&self.journal)?.tree.as_ref()
    }

    /// How many entries stand in the journal in use.
    pub fn entries(&self) -> Option<u64> {
        Some(self.journals.get(&self.journal)?.entries)
    }

    /// Whether a server answers.
    pub fn is_up(&self, role: Role) -> bool {
        let up = self
            .processes
            .get(&role)
            .is_some_and(|process| process.up_at <= self.at);
        up && (role == Role::Worker || self.memory.is_some())
    }

    /// Lets the time pass, one event after the other.
    pub fn advance(&mut self, now: i64) {
        while let Some(at) = self.next_event().filter(|at| *at <= now) {
            self.write_until(at);
            for role in [Role::Master, Role::Worker] {
                self.happens_to(role, at);
            }
            if let Some((role, _, release)) = self.supervised.take_if(|(_, due, _)| *due <= at)
                && !self.processes.contains_key(&role)
            {
                self.spawn(role, &release, None, at);
            }
            self.report(at);
        }
        self.write_until(now);
        self.report(now);
    }

    fn next_event(&self) -> Option<i64> {
        let of = |(role, process): (&Role, &Process)| {
            let comes = (*role == Role::Master && self.memory.is_none()).then_some(process.up_at);
            let comes = comes.or_else(|| (process.up_at > self.at).then_some(process.up_at));
            [comes, process.ends_at].into_iter().flatten().min()
        };
        let due = self.supervised.as_ref().map(|(_, due, _)| *due);
        self.processes.iter().filter_map(of).chain(due).min()
    }

    fn happens_to(&mut self, role: Role, at: i64) {
        let Some(process) = self.processes.get(&role).cloned() else {
            return;
        };
        if process.ends_at.is_some_and(|due| due <= at) {
            self.processes.remove(&role);
            if role == Role::Master {
                self.memory = None;
            }
            return;
        }
        if role == Role::Master && self.memory.is_none() && process.up_at <= at {
            self.master_comes_up(&process, at);
        }
    }

    /// A master reads its journal; one that was given a backup restores it, where the journal holds nothing. It counts
    /// what it reads, and asks for no more.
    fn master_comes_up(&mut self, process: &Process, at: i64) {
        let backup = process
            .from
            .as_ref()
            .and_then(|file| self.backups.get(file))
            .cloned();
        let reads_old =
            !(process.release.starts_with('2') && backup.as_ref().is_some_and(|of| of.old_fingerprints));
        let Some(journal) = self.journals.get_mut(&self.journal).filter(|_| reads_old) else {
            self.processes.remove(&Role::Master);
            return;
        };
        let mut memory = Memory {
            since: at,
            ..Memory::default()
        };
        if journal.tree.is_none() {
            memory.restored = backup.as_ref().and_then(|of| u64::try_from(of.tree.len()).ok());
            journal.tree = Some(backup.map(|of| of.tree).unwrap_or_else(Tree::new));
        }
        self.memory = Some(memory);
    }

    /// A worker whose master does not know a block deletes it.
    fn report(&mut self, at: i64) {
        let worker = self
            .processes
            .get(&Role::Worker)
            .is_some_and(|process| process.up_at <= at);
        if worker && self.memory.is_some() {
            let known = self
                .journals
                .get(&self.journal)
                .and_then(|journal| journal.tree.clone());
            if let Some(known) = known {
                self.tier.retain(|block| known.contains_key(block));
            }
        }
    }

    fn write_until(&mut self, now: i64) {
        let begun = self.at;
        self.at = now;
        let stranger = self.stranger.filter(|(_, until)| begun < *until);
        let writing = !self.writers_stopped || stranger.is_some();
        let is_up = self.is_up(Role::Worker);
        let until = match stranger.filter(|_| self.writers_stopped) {
            Some((_, until)) => now.min(until),
            None => now,
        };
        let files = (until.div_euclid(WRITES_EVERY) - begun.div_euclid(WRITES_EVERY)).max(0);
        let Some(memory) = self.memory.as_mut().filter(|_| writing && files > 0) else {
            return;
        };
        let Some(journal) = self.journals.get_mut(&self.journal) else {
            return;
        };
        let (Some(tree), entries) = (journal.tree.as_mut(), &mut journal.entries) else {
            return;
        };
        self.written_at = until.div_euclid(WRITES_EVERY) * WRITES_EVERY;
        // A run that stands for days is not followed by as many files.
        for _ in 0..files.min(20) {
            self.last_file += 1;
            // Without a worker only what needs no block is made: a directory.
            let persisted = !is_up || !self.last_file.is_multiple_of(3);
            tree.insert(self.last_file, persisted);
            self.acknowledged.insert(self.last_file, persisted);
            if is_up {
                self.tier.insert(self.last_file);
            }
            memory.writes += 1;
            *entries += 1;
        }
    }

    /// A server is killed by somebody else, and its supervisor starts it again.
    pub fn dies(&mut self, role: Role, back_in: i64) {
        if let Some(process) = self.processes.remove(&role) {
            if role == Role::Master {
                self.memory = None;
            }
            self.supervised = Some((role, self.at + back_in, process.release));
        }
    }

    /// Nobody starts a server again that upshift has in hand.
    pub(super) fn forget_supervised(&mut self) {
        self.supervised = None;
    }
}
