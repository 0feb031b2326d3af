//! What the wanted release makes of the backup.

use upshift_model::alluxio::{Backup, EntryCount};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::{Asked, subject};
use crate::knowledge::{Accepted, Known, Library, Release, SERIES_300};
use crate::systems::alluxio::codes;

const TYPES_SOURCE: &str =
    "journal.proto and the components that take its entries, at the tag of every release";
const SYNC: &str = "restores of 1.8.1, 2.1.0 and 2.7.3 into 2.9.6 with and without the setting (measured)";
/// The property that keeps a restored tree from being compared with the under-store at the first access.
const SYNC_KEY: &str = "alluxio.master.journal.sync.root.after.init.from.backup";

pub(super) fn findings(backup: &Backup, asked: &Asked, library: &Library) -> Vec<Finding> {
    let Some(target) = &asked.target else {
        return Vec::new();
    };
    let mut found = vec![types(backup, target, library)];
    found.extend(fingerprints(backup, target));
    found.extend(expiring(backup, target));
    found
}

fn types(backup: &Backup, target: &Release, library: &Library) -> Finding {
    let topic = Topic::new(codes::TYPES, subject(backup)).source(TYPES_SOURCE);
    if target.number(0) >= SERIES_300 {
        let rule = library.book(Known::Alluxio).rule("to-3xx");
        let rule = rule.expect("a row that checks name is in the catalogue: a test asks for it");
        let topic = topic.saw(rule.text.clone()).fix(rule.advice.clone());
        return topic.refused(format!("{target} restores no backup"));
    }
    let table = library.entry_types();
    let accepted = match table.of(target) {
        Accepted::Known(types) => types,
        Accepted::Unread => {
            let gap = Gap {
                what: format!("which types of entries {target} takes"),
                reason: "its classes were not read".to_owned(),
            };
            return topic
                .fix("upshift matrix alluxio lists the releases that are known")
                .unknown(
                    &gap,
                    Severity::Red,
                    format!("whether {target} takes every entry is not known"),
                );
        }
    };
    let refused: Vec<&EntryCount> = backup
        .kinds
        .iter()
        .filter(|kind| !accepted.contains(&kind.number))
        .collect();
    if refused.is_empty() {
        return topic.green(format!("{target} takes every type of entry in it"));
    }
    let said = refused
        .iter()
        .map(|kind| format!("{} entries of type {}", kind.count, kind.name));
    let numbers: Vec<u32> = backup.kinds.iter().map(|kind| kind.number).collect();
    let takers = table.takers(&numbers);
    let topic = topic.saw_all(said).saw(match takers.as_slice() {
        [] => "no release takes all that is in it".to_owned(),
        ranges => format!("these take all that is in it: {}", ranges.join(", ")),
    });
    topic
        .fix("take away what makes such entries on the old cluster, or choose another release")
        .refused(format!(
            "{target} does not take every entry: its master ends half-way through the restore"
        ))
}

/// Asked where the target reads fingerprints as 2.x writes them.
fn fingerprints(backup: &Backup, target: &Release) -> Option<Finding> {
    if target.line() < (2, 0) {
        return None;
    }
    let topic = Topic::new(codes::FINGERPRINTS, subject(backup))
        .source("restores of 1.8.1 into 2.9.6, with and without field 18 of the files (measured)");
    Some(match backup.tally.old_fingerprints {
        0 => topic.green("no fingerprint of 1.x is in it"),
        count => topic
            .saw(format!("{count} files have a fingerprint of the form of 1.x"))
            .saw("2.x lists such files and cannot read them once they are compared with the under-store")
            .fix(format!(
                "upshift inspect backup {} --target {target} --rewrite NEW writes a copy without them",
                backup.path
            ))
            .fix(format!(
                "{SYNC_KEY}=false before the first start keeps them readable until they are synced"
            ))
            .red("fingerprints of 1.x are not understood by 2.x: files could be listed and not read"),
    })
}

/// Asked where the target syncs the root after a restore.
fn expiring(backup: &Backup, target: &Release) -> Option<Finding> {
    if target.line() < (2, 9) {
        return None;
    }
    let topic = Topic::new(codes::EXPIRING, subject(backup)).source(SYNC);
    let count = backup.tally.with_ttl;
    let topic = topic
        .saw(format!("{count} files and directories expire"))
        .saw("after a restore the first access compares the tree with the root's under-store: whatever differs loses \
              its TTL, and with an empty or unmounted store the persisted tree is deleted")
        .fix(format!("{SYNC_KEY}=false in alluxio-site.properties of every master before the first start"));
    Some(topic.yellow("the first access after the restore would change the tree, unless a setting is made"))
}
