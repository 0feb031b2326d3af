//! What somebody changed between the backup and the masters' end, told from the journals that they left: the last
//! witness before one of them is replaced, and the only one of changes that need no worker.

use std::collections::BTreeMap;
use std::path::Path;

use upshift_engine::driver::{Fault, Standing};
use upshift_formats::alluxio::Change;
use upshift_model::ids::BindingName;
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::Failure;

use super::condition::Seen;
use super::{Look, source};
use crate::alluxio::codes;
use crate::alluxio::difference::{each, paths};
use crate::alluxio::fresh::journal_of;
use crate::alluxio::journal_end::{self, Ends};
use crate::alluxio::machine::{failure, refused};

/// So many changes are named.
const NAMED: usize = 10;
/// Directories that were made after the backup, one in the other.
const LEVELS: usize = 64;

impl Look<'_> {
    pub(super) async fn journals_end(&self, into: &BindingName) -> Result<Standing, Fault> {
        let mut ends: BTreeMap<&str, Ends> = BTreeMap::new();
        for place in self
            .driver
            .site
            .places
            .iter()
            .filter(|place| place.journal.is_some())
        {
            let folder = &journal_of(place)?.folder;
            match journal_end::end(self.driver.far(&place.host)?, folder).await? {
                Ok(end) => {
                    ends.insert(&place.host, end);
                }
                // Nothing is stopped yet.
                Err(why) => {
                    return Err(refused(
                        codes::JOURNAL_UNREADABLE,
                        format!("where the journal on {} ends cannot be seen: {why}", place.host),
                    ));
                }
            }
        }
        journal_end::same_index(&mut ends);
        let told = ends.iter().flat_map(|(host, ends)| {
            let one = move |(component, next): (&String, &u64)| format!("{component} on {host} at {next}");
            ends.iter().map(one)
        });
        let facts: Vec<String> = told.collect();
        let value = serde_json::to_string(&ends).expect("numbers always serialize");
        Ok(Standing::Done(Proof::of(facts).with(Binding::Value {
            name: into.clone(),
            value,
        })))
    }

    /// No change of the tree stands behind the ends that were noted.
    pub(super) async fn nothing_written(
        &self,
        since: &BindingName,
        of: &BindingName,
        bound: &Bindings,
    ) -> Result<Seen, Fault> {
        let noted = bound.value(since);
        let noted = noted.and_then(|text| serde_json::from_str::<BTreeMap<String, Ends>>(text).ok());
        let noted =
            noted.ok_or_else(|| refused(codes::NOT_IN_THE_PLAN, format!("no ends are bound as {since}")))?;
        let (mut changes, mut idle) = (Vec::new(), 0);
        for place in self
            .driver
            .site
            .places
            .iter()
            .filter(|place| place.journal.is_some())
        {
            let unseen = |why: String| {
                Ok(Seen::Bad(failure(
                    codes::LATE_UNSEEN,
                    format!(
                        "whether somebody changed the tree after the backup cannot be told on {}: {why}",
                        place.host
                    ),
                )))
            };
            let Some(since) = noted.get(&place.host) else {
                return unseen("where its journal ended was not noted".to_owned());
            };
            let far = self.driver.far(&place.host)?;
            match journal_end::behind(far, &journal_of(place)?.folder, since).await? {
                Ok(behind) => {
                    idle += behind.idle;
                    changes.extend(behind.changes);
                }
                Err(why) => return unseen(why),
            }
        }
        // Every master of an embedded journal has its own copy of the same change.
        changes.sort_by_key(order);
        changes.dedup();
        if changes.is_empty() {
            return Ok(Seen::Met(match idle {
                0 => "nothing stands behind the journals' ends".to_owned(),
                idle => format!("behind the journals' ends stand {idle} entries that change no file"),
            }));
        }
        let count = changes.len();
        changes.truncate(NAMED);
        let backup = source(bound, of)?.file;
        let named = tokio::task::spawn_blocking(move || told(&changes, &backup)).await;
        let mut named = match named {
            Ok(Ok(named)) => named,
            Ok(Err(error)) => return Err(Fault::Transient(error.to_string())),
            Err(error) => return Err(Fault::Transient(error.to_string())),
        };
        if count > named.len() {
            named.push(format!("and {} more", count - named.len()));
        }
        Ok(Seen::Bad(Failure {
            code: codes::LATE_CHANGES,
            what: format!(
                "the tree was changed after the backup, by somebody or by the master, which deletes what has expired: {count} \
                 changes stand in the old journal and not in it, and a restore loses them"
            ),
            far_side: Some(named.join("\n")),
        }))
    }
}

fn order(change: &Change) -> (u32, Option<u64>, Option<String>, Option<String>) {
    (change.kind.0, change.id, change.path.clone(), change.to.clone())
}

/// One line a change: what, and where. Releases before 2.2 tell ids, whose paths the backup knows.
fn told(changes: &[Change], backup: &Path) -> std::io::Result<Vec<String>> {
    let made: BTreeMap<u64, (u64, &str)> = changes
        .iter()
        .filter_map(|change| Some((change.id?, (change.parent?, change.name.as_deref()?))))
        .collect();
    let mut rows: Vec<(i64, String)> = Vec::new();
    let by_id = |change: &&Change| change.path.is_none() && change.name.is_none();
    let wanted: Vec<u64> = changes
        .iter()
        .filter(by_id)
        .filter_map(|change| change.id)
        .collect();
    let mut known: BTreeMap<u64, (i64, String)> = BTreeMap::new();
    if !wanted.is_empty() {
        each(backup, |inode| {
            if wanted.contains(&inode.id) {
                let name = String::from_utf8_lossy(inode.name).into_owned();
                known.insert(inode.id, (inode.parent, name));
            }
        })?;
    }
    for change in changes {
        rows.push(match (&change.name, change.id) {
            (Some(name), _) => above(&made, change.parent.unwrap_or(0), name),
            (None, Some(id)) => known.get(&id).cloned().unwrap_or((-1, String::new())),
            (None, None) => (-1, String::new()),
        });
    }
    let paths = paths(rows, backup)?;
    let one = |(change, path): (&Change, String)| {
        let path = match (&change.path, change.id, path.as_str()) {
            (Some(path), _, _) => path.clone(),
            (None, Some(id), "/") => format!("number {id}"),
            (None, None, "/") => String::new(),
            _ => path,
        };
        let to = change
            .to
            .as_ref()
            .map_or_else(String::new, |to| format!(" to {to}"));
        format!("{}: {path}{to}", words(change))
    };
    Ok(changes.iter().zip(paths).map(one).collect())
}

/// The nearest directory of the backup that something was made in, and the rest of the path.
fn above(made: &BTreeMap<u64, (u64, &str)>, mut parent: u64, name: &str) -> (i64, String) {
    let mut path = name.to_owned();
    for _ in 0..LEVELS {
        let Some((above, name)) = made.get(&parent) else {
            break;
        };
        path = format!("{name}/{path}");
        parent = *above;
    }
    (parent.cast_signed(), path)
}

fn words(change: &Change) -> String {
    match change.kind.0 {
        2 => "mounted".to_owned(),
        5 => "completed".to_owned(),
        6 => "deleted".to_owned(),
        8 => "unmounted".to_owned(),
        9 => "directory made".to_owned(),
        11 => "file made".to_owned(),
        19 => "renamed".to_owned(),
        12 | 27 | 35 | 36 | 37 => "changed".to_owned(),
        31 => "access list changed".to_owned(),
        38 => "block added".to_owned(),
        _ => change.kind.to_string(),
    }
}
