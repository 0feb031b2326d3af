//! Folders of journals: moved, copied, put back, formatted. Nothing is ever formatted over, and nothing deleted.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::JournalKind;
use upshift_model::proof::Proof;
use upshift_model::record::Baseline;

use super::machine::{failure, refused};
use super::{codes, read_journal};

/// Whether anything lies in a folder; one that is not there is empty.
pub(super) fn holds_something(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn unseen(path: &Path) -> impl Fn(io::Error) -> Fault {
    let path = path.display().to_string();
    move |error| Fault::Transient(format!("{path}: {error}"))
}

/// Where a move or a copy stands.
pub(super) fn moved(from: &Path, to: &Path, keep: bool) -> Result<Standing, Fault> {
    let there = holds_something(from).map_err(unseen(from))?;
    let arrived = holds_something(to).map_err(unseen(to))?;
    let verb = if keep { "copied" } else { "moved" };
    let done = |what: String| Ok(Standing::Done(Proof::of([what])));
    match (there, arrived, keep) {
        (true, false, _) => Ok(Standing::Ready(Baseline::default())),
        (false, true, false) => done(format!("{} was {verb} to {}", from.display(), to.display())),
        (true, true, true) => {
            let bytes = size_of(to).map_err(unseen(to))?;
            done(format!(
                "{} was {verb} to {}, {bytes} bytes",
                from.display(),
                to.display()
            ))
        }
        (true, true, false) => Ok(Standing::Contradicted(failure(
            codes::FOLDER,
            format!("{} and {} both hold something", from.display(), to.display()),
        ))),
        (false, _, _) => Ok(Standing::Contradicted(failure(
            codes::FOLDER,
            format!("{} holds nothing", from.display()),
        ))),
    }
}

/// One move or copy. A copy appears whole or not at all.
pub(super) fn move_folder(from: &Path, to: &Path, keep: bool) -> Result<(), Fault> {
    let done = match keep {
        true => copied(from, to),
        false => renamed(from, to),
    };
    done.map_err(|error| {
        refused(
            codes::FOLDER,
            format!(
                "{} could not be brought to {}: {error}",
                from.display(),
                to.display()
            ),
        )
    })
}

fn renamed(from: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        // Fails where anything lies in it.
        fs::remove_dir(to)?;
    }
    fs::rename(from, to)?;
    synced(to)
}

fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let beside = beside(to, ".partial");
    if beside.is_dir() {
        // An earlier try's own half.
        fs::remove_dir_all(&beside)?;
    }
    copy_all(from, &beside)?;
    renamed(&beside, to)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    let facts = fs::metadata(from)?;
    fs::create_dir_all(to)?;
    fs::set_permissions(to, facts.permissions())?;
    chown(to, Some(facts.uid()), Some(facts.gid()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_all(&entry.path(), &target)?,
            false => {
                fs::copy(entry.path(), &target)?;
                let facts = entry.metadata()?;
                chown(&target, Some(facts.uid()), Some(facts.gid()))?;
                fs::File::open(&target)?.sync_all()?;
            }
        }
    }
    fs::File::open(to)?.sync_all()
}

fn synced(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn size_of(path: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => size_of(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(bytes)
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Where the old journal's return stands: over once nothing is kept any more.
pub(super) fn put_back(journal: &Path, kept: &Path) -> Result<Standing, Fault> {
    let is_kept = holds_something(kept).map_err(unseen(kept))?;
    let there = holds_something(journal).map_err(unseen(journal))?;
    match (is_kept, there) {
        (true, _) => Ok(Standing::Ready(Baseline::default())),
        (false, true) => Ok(Standing::Done(Proof::of([format!(
            "{} is the journal of before",
            journal.display()
        )]))),
        (false, false) => Ok(Standing::Contradicted(failure(
            codes::FOLDER,
            format!(
                "neither {} nor {} holds a journal",
                journal.display(),
                kept.display()
            ),
        ))),
    }
}

/// Puts the old journal back; what the new release wrote is kept beside it.
pub(super) fn return_journal(journal: &Path, kept: &Path, replaced: &Path) -> Result<(), Fault> {
    let done = || -> io::Result<()> {
        if holds_something(journal)? {
            fs::rename(journal, replaced)?;
        }
        renamed(kept, journal)
    };
    done().map_err(|error| {
        refused(
            codes::FOLDER,
            format!(
                "{} could not be put back as {}: {error}",
                kept.display(),
                journal.display()
            ),
        )
    })
}

/// Whether a journal was formatted and holds nothing else. An embedded one is empty then.
pub(super) fn is_fresh(journal: &Path, embedded: bool) -> Result<bool, Fault> {
    if !journal.is_dir() {
        return Ok(false);
    }
    let read = read_journal(journal).map_err(|error| Fault::Transient(error.to_string()))?;
    Ok(match read.kind {
        JournalKind::UnderStore => read.formatted && read.logs.is_empty() && !read.checkpoints,
        JournalKind::Empty => embedded,
        JournalKind::Ratis | JournalKind::Copycat | JournalKind::Foreign => false,
    })
}

/// An empty folder in place of a journal that was moved away, as its owner had it.
pub(super) fn make_folder(journal: &Path, like: &Path) -> io::Result<()> {
    if journal.is_dir() {
        return Ok(());
    }
    fs::create_dir(journal)?;
    if let Ok(facts) = fs::metadata(like) {
        fs::set_permissions(journal, facts.permissions())?;
        chown(journal, Some(facts.uid()), Some(facts.gid()))?;
    }
    Ok(())
}
