//! One pass over a backup: what it holds, and whether its entries belong together.

mod ids;
mod names;
mod paths;

use std::collections::BTreeMap;
use std::io::{self, Read};

use self::ids::{Ids, container, directory_id};
use self::names::{Names, Twin};
use self::paths::Paths;
use super::backup::{Backup, CachedFile, Unchecked};
use super::defect::{DefectKind, Place};
use super::entry::{self, Entry};
use super::frames::{Broken, Frames};
use super::gzip::Member;
use super::inode::{Inode, Persistence};
use super::kind::{EntryKind, JOURNAL_ENTRIES};
use super::limits::BackupLimits;
use super::wire::Malformed;

const ADD_MOUNT_POINT: u32 = 2;
const CONTAINER_GENERATOR: u32 = 3;
const BLOCK_INFO: u32 = 4;
const INODE_DIRECTORY: u32 = 9;
const DIRECTORY_GENERATOR: u32 = 10;
const INODE_FILE: u32 = 11;
const CLUSTER_INFO: u32 = 42;
const ROOT: u64 = 0;

/// Reads a backup in one pass. Whatever is wrong with it is in the answer.
///
/// # Errors
/// When the input itself fails.
pub fn read_backup(input: impl Read, limits: &BackupLimits) -> io::Result<Backup> {
    read_backup_with(input, limits, |_| {})
}

/// The same, with a look at every file and directory as it comes.
///
/// # Errors
/// When the input itself fails.
pub fn read_backup_with(
    input: impl Read,
    limits: &BackupLimits,
    mut visit: impl FnMut(&Inode<'_>),
) -> io::Result<Backup> {
    let mut survey = Survey::new(limits);
    let ended = survey.run(input, limits, &mut visit);
    match ended {
        Ok(()) => {}
        Err(Broken::Io(error)) => return Err(error),
        Err(Broken::Damage(defect)) => {
            survey.backup.whole = false;
            let what = defect.what;
            survey.backup.defects.add(defect.kind, defect.place, || what);
        }
    }
    Ok(survey.end())
}

struct Survey {
    backup: Backup,
    ids: Ids,
    names: Names,
    paths: Paths,
    twins: Vec<Twin>,
    /// By number of the type; every type that is known is below this.
    counts: [u64; 64],
    other: BTreeMap<u32, u64>,
    highest_container: Option<u64>,
    highest_directory: Option<u64>,
    /// Names of directories at which something is mounted.
    mount_points: Vec<String>,
    named_files: usize,
    mounts: usize,
}

impl Survey {
    fn new(limits: &BackupLimits) -> Self {
        Self {
            backup: Backup::default(),
            ids: Ids::new(limits.id_bytes),
            names: Names::new(limits.names),
            paths: Paths::new(limits.path_bytes),
            twins: Vec::new(),
            counts: [0; 64],
            other: BTreeMap::new(),
            highest_container: None,
            highest_directory: None,
            mount_points: Vec::new(),
            named_files: limits.named_files,
            mounts: limits.mounts,
        }
    }

    fn run(
        &mut self,
        input: impl Read,
        limits: &BackupLimits,
        visit: &mut impl FnMut(&Inode<'_>),
    ) -> Result<(), Broken> {
        let mut member = Member::open(input)?;
        let mut frames = Frames::new(limits.entry_bytes);
        let read = loop {
            match frames.next(&mut member) {
                Ok(Some((place, message))) => self.entry(place, message, visit),
                Ok(None) => break Ok(()),
                Err(broken) => break Err(broken),
            }
            self.backup.entries += 1;
        };
        self.backup.inflated = frames.at();
        self.backup.bytes = member.at();
        read?;
        self.backup.whole = true;
        if let Some(beyond) = member.beyond()? {
            self.backup.bytes = member.at();
            let what = match beyond.gzip {
                true => format!(
                    "{} bytes follow, and they begin as a second gzip stream: no master reads it",
                    beyond.bytes
                ),
                false => format!(
                    "{} bytes follow that belong to nothing: no master reads them",
                    beyond.bytes
                ),
            };
            let place = Place::File(beyond.at);
            self.backup.defects.add(DefectKind::Beyond, place, || what);
        }
        Ok(())
    }

    fn entry(&mut self, place: Place, message: &[u8], visit: &mut impl FnMut(&Inode<'_>)) {
        let read = Entry::read(message).and_then(|entry| self.judged(place, entry, visit));
        if read == Err(Malformed) {
            let what = || format!("{} bytes that are no journal entry", message.len());
            self.backup.defects.add(DefectKind::MalformedEntry, place, what);
        }
    }

    fn judged(
        &mut self,
        place: Place,
        entry: Entry<'_>,
        visit: &mut impl FnMut(&Inode<'_>),
    ) -> Result<(), Malformed> {
        if entry.sequence.is_some() {
            self.backup.tally.sequenced += 1;
            let what = || "a sequence number: entries of a backup have none".to_owned();
            self.backup.defects.add(DefectKind::Sequenced, place, what);
        }
        if entry.payloads != 1 {
            let what = || format!("{} payloads where one belongs", entry.payloads);
            self.backup.defects.add(DefectKind::Payload, place, what);
            return Ok(());
        }
        match self.counts.get_mut(entry.kind.0 as usize) {
            Some(count) => *count += 1,
            None => *self.other.entry(entry.kind.0).or_default() += 1,
        }
        self.payload(place, entry, visit)
    }

    fn payload(
        &mut self,
        place: Place,
        entry: Entry<'_>,
        visit: &mut impl FnMut(&Inode<'_>),
    ) -> Result<(), Malformed> {
        match entry.kind.0 {
            INODE_FILE => {
                let file = Inode::file(entry.payload)?;
                visit(&file);
                self.file(place, &file);
            }
            INODE_DIRECTORY => {
                let directory = Inode::directory(entry.payload)?;
                visit(&directory);
                self.directory(place, &directory);
            }
            BLOCK_INFO => self.block(place, entry::pair(entry.payload)?),
            CONTAINER_GENERATOR => {
                let next = entry::pair(entry.payload)?.0;
                let before = self.backup.generators.container.replace(next);
                self.once(place, before.is_none(), "the generator of containers");
            }
            DIRECTORY_GENERATOR => {
                let next = entry::pair(entry.payload)?;
                let before = self.backup.generators.directory.replace(next);
                self.once(place, before.is_none(), "the generator of directories");
            }
            CLUSTER_INFO => {
                let before = self.backup.cluster.replace(entry::text(entry.payload)?);
                self.once(place, before.is_none(), "the id of the cluster");
            }
            ADD_MOUNT_POINT if self.backup.mounts.len() < self.mounts => {
                self.backup.mounts.push(entry::mount(entry.payload)?);
            }
            JOURNAL_ENTRIES => {
                let what = || "entries in an entry: live journals hold those, backups do not".to_owned();
                self.backup.defects.add(DefectKind::ForeignEntry, place, what);
            }
            _ if entry.kind.name().is_none() => {
                let what = || format!("type {} is of no public release", entry.kind.0);
                self.backup.defects.add(DefectKind::ForeignEntry, place, what);
            }
            _ => {}
        }
        Ok(())
    }

    fn once(&mut self, place: Place, first: bool, what: &str) {
        if !first {
            let what = || format!("{what} is there again");
            self.backup.defects.add(DefectKind::Doubled, place, what);
        }
    }

    fn block(&mut self, place: Place, (id, length): (u64, u64)) {
        self.backup.tally.blocks += 1;
        self.backup.tally.block_bytes = self.backup.tally.block_bytes.saturating_add(length);
        self.highest_container = self.highest_container.max(Some(container(id)));
        if !self.ids.block(id) {
            let what = || format!("block {id} is recorded again");
            self.backup.defects.add(DefectKind::SameBlock, place, what);
        }
    }

    fn directory(&mut self, place: Place, directory: &Inode<'_>) {
        self.backup.tally.directories += 1;
        self.highest_directory = self.highest_directory.max(Some(directory.id));
        let new = self.ids.directory(directory.id);
        self.inode(place, directory, new);
        let name = directory.name;
        if directory.id != ROOT {
            self.paths.directory(directory.id, directory.parent, name);
        }
        if directory.mount_point {
            self.backup.tally.mount_points += 1;
            if self.mount_points.len() < self.mounts {
                self.mount_points.push(String::from_utf8_lossy(name).into_owned());
            }
        }
    }

    fn file(&mut self, place: Place, file: &Inode<'_>) {
        let tally = &mut self.backup.tally;
        tally.files += 1;
        tally.file_bytes = tally.file_bytes.saturating_add(file.length);
        tally.incomplete += u64::from(!file.completed);
        tally.to_be_persisted += u64::from(file.persistence == Persistence::ToBePersisted);
        tally.lost += u64::from(file.persistence == Persistence::Lost);
        tally.old_fingerprints += u64::from(file.has_old_fingerprint());
        self.highest_container = self.highest_container.max(Some(container(file.id)));
        let new = self.ids.file(file.id);
        self.inode(place, file, new);
        let mut blocks = 0;
        for block in file.blocks() {
            blocks += 1;
            self.backup.tally.unwritten_blocks += u64::from(!self.ids.claim(block));
        }
        if file.is_only_cached() {
            let cached = &mut self.backup.cached;
            cached.files += 1;
            cached.bytes = cached.bytes.saturating_add(file.length);
            if cached.named.len() < self.named_files {
                cached.named.push(CachedFile {
                    path: self.paths.path(file.parent, file.name),
                    bytes: file.length,
                    blocks,
                });
            }
        }
    }

    fn inode(&mut self, place: Place, inode: &Inode<'_>, new: bool) {
        let tally = &mut self.backup.tally;
        tally.pinned += u64::from(inode.pinned);
        tally.with_ttl += u64::from(inode.ttl >= 0);
        tally.with_acl += u64::from(inode.has_acl());
        tally.with_attributes += u64::from(inode.attributes > 0);
        if !new {
            let what = || format!("inode {} ({}) is there again", inode.id, name_of(inode));
            self.backup.defects.add(DefectKind::SameInode, place, what);
        }
        let known = match u64::try_from(inode.parent) {
            Ok(parent) => self.ids.is_parent(parent) && inode.id != parent,
            Err(_) => inode.id == ROOT && inode.directory,
        };
        if !known {
            let what = || {
                format!(
                    "inode {} ({}) has the parent {}, which does not come before it",
                    inode.id,
                    name_of(inode),
                    inode.parent
                )
            };
            self.backup.defects.add(DefectKind::NoParent, place, what);
        }
        self.names.take(inode.parent, inode.name, &mut self.twins);
        self.tell_twins();
    }

    fn tell_twins(&mut self) {
        for twin in self.twins.drain(..) {
            let what = || {
                let path = self.paths.path(twin.parent, b"");
                format!(
                    "two children of {path} (inode {}) have the same name",
                    twin.parent
                )
            };
            self.backup.defects.add(DefectKind::SameName, Place::Whole, what);
        }
    }

    /// What can be told only after the last entry.
    fn end(mut self) -> Backup {
        let names = std::mem::replace(&mut self.names, Names::new(0));
        let late = names.end(&mut self.twins);
        self.tell_twins();
        let known = self.counts.iter().enumerate();
        let known = known.filter_map(|(number, count)| Some((u32::try_from(number).ok()?, *count)));
        let other = self.other.iter().map(|(number, count)| (*number, *count));
        let kinds = known.chain(other).filter(|(_, count)| *count > 0);
        self.backup.kinds = kinds.map(|(number, count)| (EntryKind(number), count)).collect();
        self.backup.unchecked.extend(self.ids.dropped());
        if late > 0 {
            self.backup.unchecked.push(Unchecked::Names);
        }
        if self.backup.whole {
            self.backup.tally.orphan_blocks = self.ids.unclaimed();
            self.holds_everything();
            self.gives_no_used_ids();
            self.mounts_belong_together();
        }
        self.backup
    }

    fn holds_everything(&mut self) {
        let root = self.backup.tally.directories > 0;
        for (there, what) in [
            (
                self.backup.generators.container.is_some(),
                "the generator of containers",
            ),
            (root, "the root directory"),
            (
                self.backup.generators.directory.is_some(),
                "the generator of directories",
            ),
        ] {
            if !there {
                let what = || format!("{what} is not there: the entries end early, or this is no backup");
                self.backup.defects.add(DefectKind::Missing, Place::Whole, what);
            }
        }
    }

    fn gives_no_used_ids(&mut self) {
        if let (Some(next), Some(highest)) = (self.backup.generators.container, self.highest_container)
            && highest >= next
        {
            let what = || format!("container {highest} is in use, and the generator goes on with {next}");
            self.backup.defects.add(DefectKind::UsedIds, Place::Whole, what);
        }
        if let (Some((container, sequence)), Some(highest)) =
            (self.backup.generators.directory, self.highest_directory)
            && highest >= directory_id(container, sequence)
        {
            let what = || {
                let next = directory_id(container, sequence);
                format!("directory {highest} is in use, and the generator goes on with {next}")
            };
            self.backup.defects.add(DefectKind::UsedIds, Place::Whole, what);
        }
    }

    fn mounts_belong_together(&mut self) {
        if self.counts.get(ADD_MOUNT_POINT as usize) != Some(&(self.backup.mounts.len() as u64))
            || self.backup.tally.mount_points != self.mount_points.len() as u64
        {
            self.backup.unchecked.push(Unchecked::Mounts);
            return;
        }
        let mut open = std::mem::take(&mut self.mount_points);
        for mount in &self.backup.mounts {
            let name = mount.path.rsplit('/').next().unwrap_or_default();
            match open.iter().position(|point| point == name) {
                Some(at) => drop(open.swap_remove(at)),
                None => {
                    let what = || format!("{} is mounted, and no directory says so", mount.path);
                    self.backup.defects.add(DefectKind::Mounts, Place::Whole, what);
                }
            }
        }
        for point in open {
            let what = || format!("the directory {point} is a mount point, and nothing is mounted there");
            self.backup.defects.add(DefectKind::Mounts, Place::Whole, what);
        }
    }
}

fn name_of(inode: &Inode<'_>) -> String {
    match inode.name {
        [] => "without a name".to_owned(),
        name => String::from_utf8_lossy(name).into_owned(),
    }
}
