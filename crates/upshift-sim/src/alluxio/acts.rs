//! What can be done to a cluster, and what should have been known by whoever does it.

use std::collections::BTreeSet;

use super::tree::{Backup, Journal};
use super::world::{Role, World};

/// A file of somebody else's is seen in the counts by then.
const KNOWN_AFTER: i64 = 2_000;

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The master does not answer.
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

    /// The master writes a backup.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn back_up(&mut self, file: &str) -> Result<(), Gone> {
        if self.backups.contains_key(file) {
            return Ok(());
        }
        let tree = self.tree().filter(|_| self.is_up(Role::Master)).cloned();
        let mut tree = tree.ok_or(Gone::Master)?;
        let release = self
            .processes
            .get(&Role::Master)
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
        };
        self.backups.insert(file.to_owned(), backup);
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

    /// SIGTERM to a process.
    pub fn terminate(&mut self, role: Role, pid: u32, asked: i64) {
        let ends = self.now() + self.shape.takes.1;
        let process = self.processes.get_mut(&role);
        let Some(process) = process.filter(|process| process.pid == pid && process.ends_at.is_none()) else {
            return;
        };
        process.ends_at = Some(ends);
        if role == Role::Master {
            self.master_told_at = asked;
        }
        self.forget_supervised();
        self.count(format!("stop of the {role:?}"));
    }

    /// What starts a server is begun, once for a mark.
    pub fn start(&mut self, role: Role, release: &str, from: Option<&str>, mark: &str) {
        if !self.begun.insert(mark.to_owned()) {
            return;
        }
        if self.processes.contains_key(&role) {
            self.harm.push(format!("the {role:?} was started beside itself"));
            return;
        }
        self.forget_supervised();
        self.count(format!("start of the {role:?} as {release}"));
        if !std::mem::take(&mut self.stillborn) {
            self.spawn(role, release, from.map(str::to_owned), self.now());
        }
    }

    /// Blocks in the tier of the stopped worker are listed, those of which a backup knows; and which are younger.
    pub fn list_blocks(&mut self, file: &str, backup: &str) {
        let backup = self.backups.get(backup);
        let is_known = |block: &u64| backup.is_some_and(|of| of.tree.contains_key(block));
        let list: BTreeSet<u64> = self.tier.iter().copied().filter(is_known).collect();
        let newest = backup.and_then(|of| of.tree.keys().next_back().copied());
        let is_late = |block: &u64| newest.is_some_and(|newest| *block > newest);
        let late = self.tier.iter().copied().filter(is_late).collect();
        self.late.insert(file.to_owned(), late);
        if self.lists.insert(file.to_owned(), list).is_none() {
            self.count("list of blocks");
        }
    }

    /// A folder is moved or copied; nothing may be there.
    ///
    /// # Errors
    /// When something is.
    pub fn move_journal(&mut self, from: &str, to: &str, keep: bool) -> Result<(), Gone> {
        if self.journals.contains_key(to) {
            return match self.journals.contains_key(from) == keep {
                true => Ok(()),
                false => Err(Gone::Folder),
            };
        }
        let journal = match keep {
            true => self.journals.get(from).cloned(),
            false => self.journals.remove(from),
        };
        if !keep && self.processes.contains_key(&Role::Master) {
            self.harm
                .push("the journal was moved from under a master".to_owned());
        }
        let journal = journal.ok_or(Gone::Folder)?;
        let is_held = |backup: &Backup| Some(&backup.tree) == journal.tree.as_ref() && backup.is_whole();
        let is_replaced = !keep && from == self.journal && self.shape.by_backup;
        let known = self.written_at + KNOWN_AFTER <= self.master_told_at;
        if is_replaced && known && !self.backups.values().any(is_held) {
            self.harm
                .push("the journal was moved away, and no whole backup holds what it holds".to_owned());
        }
        self.journals.insert(to.to_owned(), journal);
        self.count("journal kept");
        Ok(())
    }

    /// The journal of before is put back; what lies there is moved aside.
    ///
    /// # Errors
    /// When it was not kept.
    pub fn put_back(&mut self, kept: &str, replaced: &str) -> Result<(), Gone> {
        let Some(journal) = self.journals.remove(kept) else {
            return Ok(());
        };
        if let Some(new) = self.journals.remove(&self.journal) {
            self.journals.insert(replaced.to_owned(), new);
        }
        self.journals.insert(self.journal.clone(), journal);
        self.count("journal put back");
        Ok(())
    }

    /// A journal is formatted.
    pub fn format(&mut self, mark: &str) {
        if !self.begun.insert(mark.to_owned()) {
            return;
        }
        let holds = self.tree().is_some_and(|tree| !tree.is_empty());
        if holds {
            self.harm
                .push("a journal that holds something was formatted".to_owned());
        }
        let journal = self.journal.clone();
        if self.journals.insert(journal, Journal::default()) != Some(Journal::default()) {
            self.count("format");
        }
    }

    /// The configuration is carried over.
    pub fn configure(&mut self) {
        if !std::mem::replace(&mut self.configured, true) {
            self.count("configuration");
        }
    }
}
