//! What can be done to a cluster, and what should have been known by whoever does it.

use std::collections::BTreeSet;

use super::shape::Keeping;
use super::tree::{Backup, Journal};
use super::world::{Role, Server, World};

/// A file of somebody else's is seen in the counts by then.
const KNOWN_AFTER: i64 = 2_000;
/// So long a copy cannot be read, where nobody sees to it.
const CLOSED_FOR: i64 = 60_000;

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// No master leads.
    Master,
    /// A folder holds something, or is not there.
    Folder,
    /// The backup is not there.
    Backup,
}

impl World {
    /// Those who write are stopped or started, once for a mark.
    pub fn writers(&mut self, stopped: bool, mark: &str) {
        if self.begun.insert(mark.to_owned()) {
            self.writers_stopped = stopped;
            if !stopped {
                self.files_at_restart.get_or_insert(self.last_file);
            }
            self.count(if stopped {
                "stop of writers"
            } else {
                "start of writers"
            });
        }
    }

    /// Whether something was begun under a mark.
    pub fn is_begun(&self, mark: &str) -> bool {
        self.begun.contains(mark)
    }

    /// The master's host that writes backups: of one that stands by, where there is one.
    fn writes_backups(&self) -> Option<usize> {
        let leader = self.leader?;
        let stands_by =
            (0..self.shape.masters).find(|host| *host != leader && self.is_up((Role::Master, *host)));
        Some(stands_by.unwrap_or(leader))
    }

    /// The host on which a backup lies, and what it is called.
    pub fn lies(&self, path: &str) -> Option<(usize, String)> {
        let all = (0..self.shape.masters).map(|host| (host, self.file_key(host, path)));
        all.into_iter().find(|(_, key)| self.backups.contains_key(key))
    }

    /// A master writes a backup.
    ///
    /// # Errors
    /// When none leads.
    pub fn back_up(&mut self, path: &str) -> Result<(), Gone> {
        if self.lies(path).is_some() || std::mem::take(&mut self.stillborn) {
            return Ok(());
        }
        let host = self.writes_backups().ok_or(Gone::Master)?;
        let mut tree = self.tree().cloned().ok_or(Gone::Master)?;
        let release = self
            .processes
            .get(&(Role::Master, host))
            .map(|process| process.release.clone());
        let told = u64::try_from(tree.len()).unwrap_or(u64::MAX);
        if std::mem::take(&mut self.cut_next) {
            tree.pop_last();
        }
        let backup = Backup {
            tree,
            told,
            version: 0,
            done_at: self.now() + self.shape.backup_takes,
            old_fingerprints: release.is_some_and(|release| release.starts_with('1')),
            ends_masters: false,
        };
        let key = self.file_key(host, path);
        self.backups.insert(key, backup);
        self.count("backup");
        Ok(())
    }

    /// What a try wrote, or did not write, is all that comes of it.
    pub fn writes_nothing_more(&mut self, mark: &str) {
        self.begun.insert(mark.to_owned());
    }

    /// A backup is written again without what the wanted release does not understand.
    ///
    /// # Errors
    /// When it is not there.
    pub fn rewrite(&mut self, file: &str, to: &str) -> Result<(), Gone> {
        let backup = self.backups.get(file).cloned().ok_or(Gone::Backup)?;
        let new = Backup {
            old_fingerprints: false,
            ..backup
        };
        if self.backups.insert(to.to_owned(), new).is_none() {
            self.count("backup written again");
        }
        Ok(())
    }

    /// A backup is brought to another place as it is.
    ///
    /// # Errors
    /// When it is not there.
    pub fn bring(&mut self, file: &str, to: &str) -> Result<(), Gone> {
        let backup = self.backups.get(file).cloned().ok_or(Gone::Backup)?;
        if std::mem::take(&mut self.closed_next) {
            self.closed.insert(to.to_owned(), self.now() + CLOSED_FOR);
        }
        if self.backups.insert(to.to_owned(), backup).is_none() {
            self.count("backup brought");
        }
        Ok(())
    }

    /// Whether the master that is to read a file cannot.
    pub fn is_closed(&self, file: &str) -> bool {
        self.closed.get(file).is_some_and(|until| self.now() < *until)
    }

    /// SIGTERM to a process.
    pub fn terminate(&mut self, server: Server, pid: u32, asked: i64) {
        let ends = self.now() + self.shape.takes.1;
        let leads = server == (Role::Master, self.leader.unwrap_or(usize::MAX));
        let process = self.processes.get_mut(&server);
        let Some(process) = process.filter(|process| process.pid == pid && process.ends_at.is_none()) else {
            return;
        };
        process.ends_at = Some(ends);
        if leads {
            self.master_told_at = asked;
        }
        self.forget_supervised(server);
        self.count(format!("stop of the {:?}", server.0));
    }

    /// What starts a server is begun, once for a mark.
    pub fn start(&mut self, server: Server, release: &str, from: Option<&str>, mark: &str) {
        if !self.begun.insert(mark.to_owned()) {
            return;
        }
        if self.processes.contains_key(&server) {
            self.harm
                .push(format!("the {:?} was started beside itself", server.0));
            return;
        }
        self.forget_supervised(server);
        self.count(format!("start of the {:?} as {release}", server.0));
        if from.is_some_and(|file| self.is_closed(file)) {
            self.harm
                .push("a master was started with a backup that it cannot read".to_owned());
        }
        if !std::mem::take(&mut self.stillborn) {
            self.spawn(server, release, from.map(str::to_owned), self.now());
        }
    }

    /// Blocks in the tier of the stopped worker are listed, those of which a backup knows; and which are younger.
    pub fn list_blocks(&mut self, file: &str, backup: &str) {
        let backup = self.backups.get(backup);
        // Blocks of files that expire are not held: nobody can say how long they are there.
        let is_known = |block: &u64| {
            backup.is_some_and(|of| of.tree.contains_key(block)) && !self.mortal.contains_key(block)
        };
        let list: BTreeSet<u64> = self.tier.iter().copied().filter(is_known).collect();
        let newest = backup.and_then(|of| of.tree.keys().next_back().copied());
        let is_late = |block: &u64| newest.is_some_and(|newest| *block > newest);
        let late = self.tier.iter().copied().filter(is_late).collect();
        self.late.insert(file.to_owned(), late);
        if self.lists.insert(file.to_owned(), list).is_none() {
            self.count("list of blocks");
        }
    }

    /// The tier of the stopped worker is copied.
    pub fn save_tier(&mut self) {
        if self.processes.contains_key(&super::world::WORKER) {
            self.harm
                .push("a tier was copied while its worker writes".to_owned());
        }
        if self.saved.replace(self.tier.clone()).is_none() {
            self.count("copy of the tier");
        }
    }

    /// What is gone from the tier since then is put back.
    pub fn return_tier(&mut self) {
        let Some(saved) = self.saved.clone() else {
            return;
        };
        if !saved.is_subset(&self.tier) {
            self.tier.extend(saved);
            self.count("tier put back");
        }
    }

    /// A folder is moved or copied; nothing may be there.
    ///
    /// # Errors
    /// When something is.
    pub fn move_journal(&mut self, host: usize, from: &str, to: &str, keep: bool) -> Result<(), Gone> {
        let is_in_use = from == self.journal;
        let (from, to) = (self.journal_key(host, from), self.journal_key(host, to));
        if self.journals.contains_key(&to) {
            return match self.journals.contains_key(&from) == keep {
                true => Ok(()),
                false => Err(Gone::Folder),
            };
        }
        let journal = match keep {
            true => self.journals.get(&from).cloned(),
            false => self.journals.remove(&from),
        };
        if !keep && is_in_use && self.is_written_by_a_master(host) {
            self.harm
                .push("the journal was moved from under a master".to_owned());
        }
        let journal = journal.ok_or(Gone::Folder)?;
        let is_replaced = !keep && is_in_use && self.shape.by_backup;
        let known = self.written_at + KNOWN_AFTER <= self.master_told_at;
        if is_replaced && known && !self.is_held(&journal) {
            self.harm
                .push("the journal was moved away, and no whole backup holds what it holds".to_owned());
        }
        self.journals.insert(to, journal);
        self.count("journal kept");
        Ok(())
    }

    fn is_written_by_a_master(&self, host: usize) -> bool {
        let masters = self.processes.keys().filter(|(role, _)| *role == Role::Master);
        masters
            .into_iter()
            .any(|(_, on)| self.shape.keeping != Keeping::Embedded || *on == host)
    }

    /// Whether a whole backup holds all of a journal that has not expired.
    fn is_held(&self, journal: &Journal) -> bool {
        let Some(tree) = &journal.tree else { return true };
        let is_in = |backup: &Backup| {
            let mut all = tree.iter();
            all.all(|(file, persisted)| backup.tree.get(file) == Some(persisted) || self.has_expired(*file))
        };
        self.backups
            .values()
            .any(|backup| backup.is_whole() && is_in(backup))
    }

    /// The journal of before is put back; what lies there is moved aside.
    pub fn put_back(&mut self, host: usize, kept: &str, replaced: &str) {
        let [kept, replaced] = [kept, replaced].map(|path| self.journal_key(host, path));
        let place = self.journal_key(host, &self.journal);
        let Some(journal) = self.journals.remove(&kept) else {
            return;
        };
        if let Some(new) = self.journals.remove(&place) {
            self.journals.insert(replaced, new);
        }
        self.journals.insert(place, journal);
        self.count("journal put back");
    }

    /// A journal is formatted.
    pub fn format(&mut self, host: usize, mark: &str) {
        if !self.begun.insert(mark.to_owned()) || std::mem::take(&mut self.stillborn) {
            return;
        }
        let key = self.journal_key(host, &self.journal);
        let holds = self.journals.get(&key).and_then(|journal| journal.tree.as_ref());
        if holds.is_some_and(|tree| !tree.is_empty()) {
            self.harm
                .push("a journal that holds something was formatted".to_owned());
        }
        if self.journals.insert(key, Journal::default()) != Some(Journal::default()) {
            self.count("format");
        }
    }

    /// The configuration is carried over.
    pub fn configure(&mut self, host: usize) {
        if self.configured.insert(host) {
            self.count("configuration");
        }
    }
}
