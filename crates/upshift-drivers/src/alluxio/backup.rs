//! A backup in a file of this machine or in a store: read once, hashed meanwhile, and put into the words of the model.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use upshift_formats::alluxio::{self as format, BackupLimits, DefectKind, Place};
use upshift_model::alluxio::{
    Backup, CachedFile, Damage, DamageKind, EntryCount, Generators, Marker, Mount, Tally, Unchecked,
};
use upshift_model::digest::Digest;
use upshift_model::ids::Code;

use super::codes;
use crate::wire::objects::{ObjectError, Objects, Place as StorePlace, Presence, Why};
use crate::wire::redact_text;

/// Bytes of the file between two words of progress.
const STEP: u64 = 32 << 20;

/// Why a backup cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be read: {source}", path.display())]
pub struct BackupError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl BackupError {
    /// Its code.
    pub fn code(&self) -> Code {
        codes::BACKUP_UNREADABLE
    }
}

/// Reads a backup to its end; `progress` hears how many bytes of how many were read.
///
/// # Errors
/// When the file cannot be opened or a read fails. What is wrong with what was read is in the answer.
pub fn read_backup(path: &Path, progress: impl FnMut(u64, u64)) -> Result<Backup, BackupError> {
    let failed = |source: io::Error| BackupError {
        path: path.to_owned(),
        source,
    };
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no file")));
    }
    let file = File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    let marker = marker(path).map_err(failed)?;
    whole(path, file, (facts.len(), marker), progress).map_err(failed)
}

fn whole(
    path: &Path,
    from: impl Read,
    (size, marker): (u64, Marker),
    progress: impl FnMut(u64, u64),
) -> io::Result<Backup> {
    let mut input = Hashing {
        from,
        hash: Sha256::new(),
        read: 0,
        told: 0,
        of: size,
        progress,
    };
    let read = format::read_backup(&mut input, &BackupLimits::default())?;
    // A damaged stream ends the reading; the digest is of the whole file all the same.
    io::copy(&mut input, &mut io::sink())?;
    let sha256 = Digest::from_raw(&input.hash.finalize());
    Ok(told(path, input.read, sha256, marker, &read))
}

/// The same of a backup in a store, part by part and never whole in memory or on a disk.
///
/// # Errors
/// When it is not there, or the store does not give it.
pub async fn read_stored_backup(
    objects: &Objects,
    place: &StorePlace,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Backup, ObjectError> {
    let absent = |why: Why| ObjectError {
        place: place.to_string(),
        why,
        said: None,
    };
    let size = match objects.presence(place).await? {
        Presence::File(size) => size,
        Presence::Directory => return Err(absent(Why::NotAPlace("it names no one file"))),
        Presence::Nothing => return Err(absent(Why::Absent)),
    };
    let beside = place.parent().join(&format!("{}.complete", place.name()));
    let marker = match objects.presence(&beside).await? {
        Presence::File(_) => Marker::There,
        Presence::Directory | Presence::Nothing => Marker::Absent,
    };
    let failed = |said: String| ObjectError {
        said: Some(said),
        ..absent(Why::Failed)
    };
    let reader = objects.reader(place, size)?;
    let path = PathBuf::from(place.to_string());
    let read = tokio::task::spawn_blocking(move || whole(&path, reader, (size, marker), progress)).await;
    match read {
        Ok(read) => read.map_err(|error| failed(error.to_string())),
        Err(lost) => Err(failed(lost.to_string())),
    }
}

/// `FILE.complete`, which masters of 2.4 and later write when a backup is done.
fn marker(path: &Path) -> io::Result<Marker> {
    let mut name = path.as_os_str().to_owned();
    name.push(".complete");
    Ok(match Path::new(&name).try_exists()? {
        true => Marker::There,
        false => Marker::Absent,
    })
}

struct Hashing<R, P> {
    from: R,
    hash: Sha256,
    read: u64,
    told: u64,
    of: u64,
    progress: P,
}

impl<R: Read, P: FnMut(u64, u64)> Read for Hashing<R, P> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(to)?;
        self.hash.update(&to[..read]);
        self.read += read as u64;
        if self.read / STEP > self.told {
            self.told = self.read / STEP;
            (self.progress)(self.read, self.of);
        }
        Ok(read)
    }
}

fn told(path: &Path, bytes: u64, sha256: Digest, marker: Marker, read: &format::Backup) -> Backup {
    let kinds = read.kinds.iter().map(|(kind, count)| EntryCount {
        number: kind.0,
        name: kind.to_string(),
        count: *count,
    });
    Backup {
        path: path.display().to_string(),
        bytes,
        sha256,
        inflated: read.inflated,
        entries: read.entries,
        whole: read.whole,
        marker,
        kinds: kinds.collect(),
        tally: tally(&read.tally),
        generators: Generators {
            container: read.generators.container,
            directory: read.generators.directory,
        },
        cluster: read.cluster.clone(),
        mounts: read.mounts.iter().map(mount).collect(),
        cached_files: read.cached.files,
        cached_bytes: read.cached.bytes,
        cached: read.cached.named.iter().map(cached).collect(),
        damage: damage(&read.defects),
        unchecked: read.unchecked.iter().map(unchecked).collect(),
    }
}

fn tally(of: &format::Tally) -> Tally {
    Tally {
        directories: of.directories,
        files: of.files,
        file_bytes: of.file_bytes,
        incomplete: of.incomplete,
        to_be_persisted: of.to_be_persisted,
        lost: of.lost,
        pinned: of.pinned,
        with_ttl: of.with_ttl,
        with_acl: of.with_acl,
        with_attributes: of.with_attributes,
        old_fingerprints: of.old_fingerprints,
        blocks: of.blocks,
        block_bytes: of.block_bytes,
        unwritten_blocks: of.unwritten_blocks,
        orphan_blocks: of.orphan_blocks,
    }
}

fn mount(of: &format::Mount) -> Mount {
    Mount {
        path: of.path.clone(),
        ufs: redact_text(&of.ufs),
        read_only: of.read_only,
        shared: of.shared,
        options: of.options.clone(),
    }
}

fn cached(of: &format::CachedFile) -> CachedFile {
    CachedFile {
        path: of.path.clone(),
        bytes: of.bytes,
        blocks: of.blocks,
    }
}

fn unchecked(of: &format::Unchecked) -> Unchecked {
    match of {
        format::Unchecked::Blocks => Unchecked::Blocks,
        format::Unchecked::Inodes => Unchecked::Inodes,
        format::Unchecked::Names => Unchecked::Names,
        format::Unchecked::Mounts => Unchecked::Mounts,
    }
}

/// Kinds that mean the same to a person become one.
fn damage(of: &format::Defects) -> Vec<Damage> {
    let mut all: Vec<Damage> = Vec::new();
    for (kind, times, kept) in of.kinds() {
        let met = kept.iter().map(|defect| match defect.place {
            Place::Whole => defect.what.clone(),
            place => format!("{place}: {}", defect.what),
        });
        let kind = meant(kind);
        match all.iter_mut().find(|damage| damage.kind == kind) {
            Some(damage) => {
                damage.times += times;
                damage.met.extend(met);
            }
            None => all.push(Damage {
                kind,
                times,
                met: met.collect(),
            }),
        }
    }
    all
}

fn meant(kind: DefectKind) -> DamageKind {
    match kind {
        DefectKind::Empty => DamageKind::Empty,
        DefectKind::NotGzip => DamageKind::NotGzip,
        DefectKind::CutStream => DamageKind::CutStream,
        DefectKind::DamagedStream | DefectKind::WrongChecksum => DamageKind::DamagedStream,
        DefectKind::Beyond => DamageKind::Beyond,
        DefectKind::CutEntry => DamageKind::CutEntry,
        DefectKind::MalformedEntry | DefectKind::Payload | DefectKind::Sequenced => {
            DamageKind::MalformedEntry
        }
        DefectKind::ForeignEntry => DamageKind::ForeignEntry,
        DefectKind::Missing => DamageKind::Missing,
        DefectKind::Doubled | DefectKind::SameInode | DefectKind::SameName | DefectKind::SameBlock => {
            DamageKind::Doubled
        }
        DefectKind::NoParent => DamageKind::NoParent,
        DefectKind::UsedIds => DamageKind::UsedIds,
        DefectKind::Mounts => DamageKind::Mounts,
    }
}
