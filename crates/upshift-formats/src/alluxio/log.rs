//! Logs of a journal in the under-store: entries behind their lengths, not compressed, each with its sequence number.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::defect::{DefectKind, Defects};
use super::entry::Entry;
use super::frames::{Broken, Frames, Plain};
use super::kind::EntryKind;

/// The end of a log that is being written.
const OPEN: u64 = 0x7fff_ffff_ffff_ffff;

/// The name of a log: the sequence numbers that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogName {
    /// The first.
    pub start: u64,
    /// The one behind the last; none while it is being written.
    pub end: Option<u64>,
}

impl LogName {
    /// Reads `0x0-0x87`.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let (start, end) = name.split_once('-')?;
        let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x")?, 16).ok();
        let (start, end) = (number(start)?, number(end)?);
        (start <= end).then_some(Self {
            start,
            end: (end != OPEN).then_some(end),
        })
    }
}

/// What a log holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// Entries.
    pub entries: u64,
    /// The first sequence number.
    pub first: Option<u64>,
    /// The last.
    pub last: Option<u64>,
    /// Entries of every type.
    pub kinds: BTreeMap<EntryKind, u64>,
    /// What is wrong.
    pub defects: Defects,
}

/// Reads a log. Whatever is wrong with it is in the answer.
///
/// # Errors
/// When the input itself fails.
pub fn read_log(input: impl Read, entry_bytes: u32) -> io::Result<Log> {
    walk(input, entry_bytes, |_| {})
}

/// The same, with a look at every entry as it comes.
pub(super) fn walk(input: impl Read, entry_bytes: u32, mut visit: impl FnMut(&Entry<'_>)) -> io::Result<Log> {
    let mut log = Log::default();
    let mut frames = Frames::new(entry_bytes);
    let mut source = Plain(input);
    loop {
        match frames.next(&mut source) {
            Ok(None) => return Ok(log),
            Ok(Some((place, message))) => {
                log.entries += 1;
                let Ok(entry) = Entry::read(message) else {
                    let what = || format!("{} bytes that are no journal entry", message.len());
                    log.defects.add(DefectKind::MalformedEntry, place, what);
                    continue;
                };
                if entry.payloads != 1 {
                    let what = || format!("{} payloads where one belongs", entry.payloads);
                    log.defects.add(DefectKind::Payload, place, what);
                } else {
                    *log.kinds.entry(entry.kind).or_default() += 1;
                }
                visit(&entry);
                let expected = log.last.map(|last| last.wrapping_add(1));
                match entry.sequence {
                    Some(found) if expected.is_none_or(|expected| expected == found) => {
                        log.first.get_or_insert(found);
                        log.last = Some(found);
                    }
                    found => {
                        let what = || {
                            let found = found.map_or("none".to_owned(), |found| found.to_string());
                            let expected = expected.unwrap_or(0);
                            format!("its sequence number is {found}, expected {expected}")
                        };
                        log.defects.add(DefectKind::Sequenced, place, what);
                        log.last = found.or(log.last);
                    }
                }
            }
            Err(Broken::Io(error)) => return Err(error),
            Err(Broken::Damage(defect)) => {
                let what = defect.what;
                log.defects.add(defect.kind, defect.place, || what);
                return Ok(log);
            }
        }
    }
}
