//! Which master leads, what it starts from, and what becomes of the others' journals.

use super::shape::Keeping;
use super::tree::{Backup, Journal, Tree, half};
use super::world::{Role, Server, World};

/// So long it takes until one of several leads, once enough of them are there.
const ELECTION: i64 = 3_000;

/// What a master came up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restored {
    /// Nothing was to be restored.
    #[default]
    Nothing,
    /// It was given a backup, and found a journal.
    Skipped,
    /// So many entries.
    Entries(u64),
}

/// What the master that leads knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// Since when its process is up.
    pub since: i64,
    /// Calls that changed the tree.
    pub writes: u64,
    /// What it restored.
    pub restored: Restored,
    /// When its worker was heard of last.
    pub heard: Option<i64>,
}

impl World {
    /// The name of a folder of journals: each host of an embedded journal has its own.
    pub fn journal_key(&self, host: usize, path: &str) -> String {
        match self.shape.keeping {
            Keeping::Embedded => format!("h{host}:{path}"),
            Keeping::Alone | Keeping::Shared => path.to_owned(),
        }
    }

    /// The name of a file on a master's host.
    pub fn file_key(&self, host: usize, path: &str) -> String {
        match self.shape.keeping {
            Keeping::Alone => path.to_owned(),
            Keeping::Shared | Keeping::Embedded => format!("h{host}:{path}"),
        }
    }

    /// The journal that a master writes into.
    pub fn journal_of(&self, host: usize) -> Option<&Journal> {
        self.journals.get(&self.journal_key(host, &self.journal))
    }

    /// A change of the tree is an entry.
    pub(super) fn writes_an_entry(&mut self, host: usize) {
        let key = self.journal_key(host, &self.journal);
        if let Some(journal) = self.journals.get_mut(&key) {
            journal.entries += 1;
        }
    }

    pub(super) fn tree_of(&mut self, host: usize) -> Option<&mut Tree> {
        let key = self.journal_key(host, &self.journal);
        self.journals.get_mut(&key)?.tree.as_mut()
    }

    /// The masters' processes that are up.
    fn masters_up(&self, at: i64) -> impl Iterator<Item = (usize, i64)> {
        let up = move |(server, process): (&Server, &super::world::Process)| {
            (server.0 == Role::Master && process.up_at <= at).then_some((server.1, process.up_at))
        };
        self.processes.iter().filter_map(up)
    }

    fn needed(&self) -> usize {
        match self.shape.keeping {
            Keeping::Embedded => self.shape.masters / 2 + 1,
            Keeping::Alone | Keeping::Shared => 1,
        }
    }

    /// When one of them will lead, as far as that is decided.
    pub(super) fn election(&self) -> Option<i64> {
        if self.leader.is_some() {
            return None;
        }
        let mut up: Vec<i64> = self.masters_up(i64::MAX).map(|(_, up)| up).collect();
        up.sort_unstable();
        let enough = *up.get(self.needed() - 1)?;
        Some(match self.shape.keeping {
            Keeping::Alone => enough,
            Keeping::Shared | Keeping::Embedded => enough.max(self.vacant_since) + ELECTION,
        })
    }

    /// One leads, where it is time.
    pub(super) fn elect(&mut self, at: i64) {
        if self.election().is_none_or(|due| due > at) {
            return;
        }
        let length = |host: usize| {
            self.journal_of(host)
                .and_then(|of| of.tree.as_ref())
                .map(Tree::len)
        };
        let best = self
            .masters_up(at)
            .max_by_key(|(host, _)| (length(*host), usize::MAX - host));
        if let Some((host, up_at)) = best {
            self.leads(host, up_at, at);
        }
    }

    /// A master reads its journal; one that was given a backup restores it, where the journal holds nothing. It counts
    /// what it reads, and asks for no more.
    fn leads(&mut self, host: usize, up_at: i64, at: i64) {
        let key = self.journal_key(host, &self.journal);
        if self.shape.keeping == Keeping::Embedded {
            self.journals.entry(key.clone()).or_default();
        }
        let process = self.processes.get(&(Role::Master, host)).cloned();
        let (Some(journal), Some(process)) = (self.journals.get(&key), process) else {
            return self.ends((Role::Master, host), at);
        };
        let mut memory = Memory {
            since: up_at,
            ..Memory::default()
        };
        match (&process.from, journal.tree.is_none()) {
            (None, false) => {}
            (Some(_), false) => memory.restored = Restored::Skipped,
            (None, true) => self.fill(host, &Tree::new()),
            (Some(from), true) => {
                let Some(backup) = self.backups.get(from).cloned() else {
                    return self.ends((Role::Master, host), at);
                };
                if backup.ends_masters {
                    self.fill(host, &half(&backup.tree));
                    return self.ends((Role::Master, host), at);
                }
                self.restores(host, &process.release, &backup);
                memory.restored = Restored::Entries(backup.tree.len() as u64);
            }
        }
        self.leader = Some(host);
        self.memory = Some(memory);
    }

    fn restores(&mut self, host: usize, release: &str, backup: &Backup) {
        self.fill(host, &backup.tree);
        if backup.old_fingerprints && release.starts_with('2') {
            let what = "files were restored with fingerprints of 1.x: they are listed and cannot be read";
            self.harm.push(what.to_owned());
        }
    }

    /// What a master writes is with the other members at once.
    fn fill(&mut self, host: usize, tree: &Tree) {
        let entries = self.journal_of(host).map_or(0, |journal| journal.entries);
        let mut hosts = vec![host];
        if self.shape.keeping == Keeping::Embedded {
            hosts.extend(self.masters_up(self.now()).map(|(host, _)| host));
        }
        for host in hosts {
            let key = self.journal_key(host, &self.journal);
            let journal = self.journals.entry(key).or_default();
            journal.tree = Some(tree.clone());
            journal.entries = entries;
        }
    }

    /// Members of an embedded journal get what the leader has.
    pub(super) fn replicate(&mut self) {
        let Some(leader) = self.leader.filter(|_| self.shape.keeping == Keeping::Embedded) else {
            return;
        };
        if let Some(tree) = self.tree_of(leader).cloned() {
            self.fill(leader, &tree);
        }
    }

    /// A process is gone.
    pub(super) fn ends(&mut self, server: Server, at: i64) {
        let Some(process) = self.processes.remove(&server) else {
            return;
        };
        if server.0 == Role::Worker {
            return;
        }
        self.dies_in_a_restore(server.1, &process);
        let left = self.masters_up(at).count();
        if self.leader == Some(server.1) || left < self.needed() {
            self.leader = None;
            self.memory = None;
            self.vacant_since = at;
        }
    }

    /// A master that was to restore and does not lead yet leaves a part of it.
    fn dies_in_a_restore(&mut self, host: usize, process: &super::world::Process) {
        let is_early = self.leader.is_none() && process.up_at > self.now();
        let empty = self
            .journal_of(host)
            .is_some_and(|journal| journal.tree.is_none());
        let backup = process.from.as_ref().and_then(|from| self.backups.get(from));
        if let Some(tree) = backup
            .filter(|_| is_early && empty)
            .map(|backup| half(&backup.tree))
        {
            self.fill(host, &tree);
        }
    }
}
