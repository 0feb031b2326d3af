//! Where the journal of a master's host ends, and what changes of the tree stand behind a place in it. Only read; what
//! cannot be told is told as that.

use std::collections::BTreeMap;
use std::path::Path;

use upshift_engine::driver::Fault;
use upshift_formats::alluxio::{
    BackupLimits, Change, DefectKind, Flavour, Log, LogName, flavour, log_changes, segment_changes,
};

use super::far::Far;

/// More than so much is not read: somebody wrote all the time then.
const MOST: usize = 64 << 20;
/// The one component of an embedded journal.
const RAFT: &str = "raft";
const LOGS: &str = "/v1/logs/";
const CHECKPOINTS: &str = "/v1/checkpoints/";
const SEGMENTS: &str = "/current/";
const SNAPSHOTS: &str = "/sm/snapshot.";

/// The number of the entry that comes next, by component.
pub(super) type Ends = BTreeMap<String, u64>;

/// Changes behind a place.
#[derive(Debug, Default)]
pub(super) struct Behind {
    /// Those that make the tree another one.
    pub(super) changes: Vec<Change>,
    /// How many do not.
    pub(super) idle: u64,
}

/// What the names in a journal folder tell.
#[derive(Default)]
struct Listed {
    logs: BTreeMap<String, Vec<(LogName, String)>>,
    /// The number behind the newest checkpoint.
    kept: Ends,
}

impl Listed {
    fn of(names: &[String]) -> Result<Self, String> {
        match flavour(names.iter().map(String::as_str)) {
            Flavour::Empty => return Err("the journal folder is empty".to_owned()),
            Flavour::Copycat => return Err("an embedded journal of 2.3 or earlier is not read".to_owned()),
            Flavour::Foreign { names } => return Err(format!("the folder holds {}", names.join(", "))),
            Flavour::UnderStore { .. } | Flavour::Ratis => {}
        }
        let mut listed = Self::default();
        for name in names {
            let log = |component: &str, log: LogName| (component.to_owned(), log);
            let found = if let Some((master, last)) = name.split_once(LOGS) {
                LogName::read(last).map(|name| log(master, name))
            } else if let Some((_, last)) = name.split_once(SEGMENTS) {
                LogName::of_segment(last).map(|name| log(RAFT, name))
            } else {
                listed.keep(name);
                None
            };
            if let Some((component, log)) = found {
                listed
                    .logs
                    .entry(component)
                    .or_default()
                    .push((log, name.clone()));
            }
        }
        for logs in listed.logs.values_mut() {
            logs.sort();
        }
        Ok(listed)
    }

    /// `FileSystemMaster/v1/checkpoints/0x0-0x87`, `raft/GROUP/sm/snapshot.1_134`.
    fn keep(&mut self, name: &str) {
        let kept = if let Some((master, last)) = name.split_once(CHECKPOINTS) {
            LogName::read(last).and_then(|name| Some((master, name.end?)))
        } else if let Some((_, last)) = name.split_once(SNAPSHOTS) {
            let index = last
                .split_once('_')
                .and_then(|(_, index)| index.parse::<u64>().ok());
            index.and_then(|index| Some((RAFT, index.checked_add(1)?)))
        } else {
            None
        };
        if let Some((component, next)) = kept {
            let newest = self.kept.entry(component.to_owned()).or_default();
            *newest = next.max(*newest);
        }
    }

    fn components(&self) -> impl Iterator<Item = &String> {
        let only_kept = self.kept.keys().filter(|name| !self.logs.contains_key(*name));
        self.logs.keys().chain(only_kept)
    }

    fn logs_of(&self, component: &str) -> &[(LogName, String)] {
        self.logs.get(component).map_or(&[], Vec::as_slice)
    }
}

/// Told, or why it cannot be.
pub(super) type Told<T> = Result<Result<T, String>, Fault>;

async fn listed(far: Far<'_>, journal: &Path) -> Told<Listed> {
    Ok(match far.names(journal).await? {
        None => Err(format!("{} is not there", journal.display())),
        Some(names) => Listed::of(&names).map_err(|why| format!("{}: {why}", journal.display())),
    })
}

/// Where a journal ends now.
pub(super) async fn end(far: Far<'_>, journal: &Path) -> Told<Ends> {
    let listed = match listed(far, journal).await? {
        Ok(listed) => listed,
        Err(why) => return Ok(Err(why)),
    };
    let mut ends = Ends::new();
    for component in listed.components() {
        let kept = listed.kept.get(component).copied().unwrap_or(0);
        let next = match listed.logs_of(component).last() {
            None => 0,
            Some((LogName { end: Some(end), .. }, _)) => *end,
            Some((name, log)) => match read(far, journal, (name, log), u64::MAX, &mut |_| {}).await? {
                Ok(last) => last.map_or(name.start, |last| last + 1),
                Err(why) => return Ok(Err(why)),
            },
        };
        ends.insert(component.clone(), next.max(kept));
    }
    Ok(Ok(ends))
}

/// The index of an embedded journal is one for all masters, and some of them have written less of it than others.
pub(super) fn same_index(ends: &mut BTreeMap<&str, Ends>) {
    let newest = ends.values().filter_map(|ends| ends.get(RAFT)).max().copied();
    for end in ends.values_mut().filter_map(|ends| ends.get_mut(RAFT)) {
        *end = newest.unwrap_or(*end);
    }
}

/// The changes behind a place, each log of them read once. A part that is not there any more makes the rest unknown.
pub(super) async fn behind(far: Far<'_>, journal: &Path, since: &Ends) -> Told<Behind> {
    let listed = match listed(far, journal).await? {
        Ok(listed) => listed,
        Err(why) => return Ok(Err(why)),
    };
    let mut behind = Behind::default();
    for component in listed.components() {
        let from = since.get(component).copied().unwrap_or(0);
        let logs = listed.logs_of(component).iter();
        let younger = logs.filter(|(name, _)| name.end.is_none_or(|end| end > from));
        let mut next = from;
        for (name, log) in younger {
            if name.start > next {
                return Ok(Err(format!(
                    "the entries {next} to {} of {component} are not there",
                    name.start
                )));
            }
            let mut tell = |change: Change| match change.idle {
                true => behind.idle += 1,
                false => behind.changes.push(change),
            };
            match read(far, journal, (name, log), from, &mut tell).await? {
                Ok(last) => next = next.max(last.map_or(name.start, |last| last + 1)),
                Err(why) => return Ok(Err(why)),
            }
        }
        if listed.kept.get(component).is_some_and(|kept| *kept > next) {
            return Ok(Err(format!(
                "entries of {component} from {next} on are in a checkpoint only"
            )));
        }
    }
    Ok(Ok(behind))
}

/// Reads one log and tells the changes from a number on; gives the last number in it.
async fn read(
    far: Far<'_>,
    journal: &Path,
    (name, log): (&LogName, &str),
    from: u64,
    tell: &mut (dyn FnMut(Change) + Send),
) -> Told<Option<u64>> {
    let file = journal.join(log);
    let shown = file.display();
    let Some(bytes) = far.whole(&file, MOST).await? else {
        return Ok(Err(format!("{shown} has more than {MOST} bytes")));
    };
    if log.contains(SEGMENTS) {
        let segment = segment_changes(&bytes, from, tell);
        // What was being written when its master ended was promised to nobody.
        return Ok(match segment.damage {
            None if segment.cut && name.end.is_some() => Err(format!("{shown} ends inside an entry")),
            None => Ok(segment.last),
            Some(damage) => Err(format!("{shown}: {damage}")),
        });
    }
    let read = log_changes(&bytes[..], BackupLimits::default().entry_bytes, from, tell);
    let read = read.map_err(|error| Fault::Transient(format!("{shown}: {error}")))?;
    Ok(match damage(&read, name.end.is_none()) {
        None => Ok(read.last),
        Some(damage) => Err(format!("{shown}: {damage}")),
    })
}

/// The first thing that is wrong with a log; one that was being written may end inside an entry.
fn damage(log: &Log, open: bool) -> Option<String> {
    let kinds = log.defects.kinds();
    let mut weighty = kinds.filter(|(kind, _, _)| !(open && *kind == DefectKind::CutEntry));
    let (_, _, first) = weighty.next()?;
    first
        .first()
        .map(|defect| format!("{}: {}", defect.place, defect.what))
}
