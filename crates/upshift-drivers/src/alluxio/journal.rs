//! A journal folder on this machine: what is in it by name, and what its logs hold. Only read.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use upshift_formats::alluxio::{BackupLimits, Flavour, LogName, flavour, read_log};
use upshift_model::alluxio::{Journal, JournalKind, JournalLog};
use upshift_model::ids::Code;

use super::codes;

/// Deeper folders belong to no journal.
const DEPTH: usize = 8;
const LOGS: &str = "/v1/logs/";

/// Why a journal folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be read: {source}", path.display())]
pub struct JournalError {
    /// Which file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl JournalError {
    /// Its code.
    pub fn code(&self) -> Code {
        codes::JOURNAL_UNREADABLE
    }
}

/// Looks through a journal folder.
///
/// # Errors
/// When a folder cannot be listed or a log cannot be read. What is wrong with what was read is in the answer.
pub fn read_journal(dir: &Path) -> Result<Journal, JournalError> {
    let mut names = Vec::new();
    list(dir, "", 0, &mut names)?;
    names.sort();
    let mut journal = Journal {
        path: dir.display().to_string(),
        kind: JournalKind::Empty,
        masters: Vec::new(),
        formatted: false,
        checkpoints: false,
        foreign: Vec::new(),
        logs: Vec::new(),
    };
    match flavour(names.iter().map(String::as_str)) {
        Flavour::Empty => {}
        Flavour::Ratis => journal.kind = JournalKind::Ratis,
        Flavour::Copycat => journal.kind = JournalKind::Copycat,
        Flavour::Foreign { names } => {
            journal.kind = JournalKind::Foreign;
            journal.foreign = names;
        }
        Flavour::UnderStore {
            masters,
            formatted,
            checkpoints,
        } => {
            journal.kind = JournalKind::UnderStore;
            journal.masters = masters.into_iter().collect();
            (journal.formatted, journal.checkpoints) = (formatted, checkpoints);
            journal.logs = logs(dir, &names)?;
        }
    }
    Ok(journal)
}

fn list(dir: &Path, below: &str, depth: usize, names: &mut Vec<String>) -> Result<(), JournalError> {
    let failed = |source: io::Error| JournalError {
        path: dir.to_owned(),
        source,
    };
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(failed)?.is_dir() && depth < DEPTH {
            list(&entry.path(), &format!("{name}/"), depth + 1, names)?;
        }
        names.push(name);
    }
    Ok(())
}

fn logs(dir: &Path, names: &[String]) -> Result<Vec<JournalLog>, JournalError> {
    let mut all = Vec::new();
    for name in names {
        let Some((master, log)) = name.split_once(LOGS) else {
            continue;
        };
        let path = dir.join(name);
        let failed = |source: io::Error| JournalError {
            path: path.clone(),
            source,
        };
        let file = BufReader::new(File::open(&path).map_err(failed)?);
        let read = read_log(file, BackupLimits::default().entry_bytes).map_err(failed)?;
        let kept = read.defects.kinds().flat_map(|(_, _, kept)| kept);
        let mut damage: Vec<String> = kept
            .map(|defect| format!("{}: {}", defect.place, defect.what))
            .collect();
        let named = LogName::read(log);
        match named {
            None => damage.push("its name tells no sequence numbers".to_owned()),
            Some(named) => {
                let starts = read.first.is_none_or(|first| first == named.start);
                let ends = named
                    .end
                    .is_none_or(|end| read.last.map_or(named.start, |last| last + 1) == end);
                if !starts || !ends {
                    damage.push("it does not hold the sequence numbers that its name tells".to_owned());
                }
            }
        }
        let log = JournalLog {
            master: master.to_owned(),
            name: log.to_owned(),
            start: named.map(|named| named.start),
            end: named.and_then(|named| named.end),
            entries: read.entries,
            first: read.first,
            last: read.last,
            damage,
        };
        all.push((master, named.map_or(u64::MAX, |named| named.start), log));
    }
    all.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    Ok(all.into_iter().map(|(_, _, log)| log).collect())
}
