//! The backup: whether one can be taken, where it lies, who can read it, and what 2.9 does after a restore.

use std::path::Path;

use upshift_model::alluxio::{Role, TierFolder, Way};
use upshift_model::finding::{Finding, Severity};
use upshift_model::host::Reach;
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::kept::runs;
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::{JOURNAL_FOLDER, Situation};
use crate::systems::alluxio::way::way;

/// The property that keeps a restored tree from being compared with the under-store at the first access.
pub(in crate::systems::alluxio) const SYNC_KEY: &str =
    "alluxio.master.journal.sync.root.after.init.from.backup";

pub(super) fn backed_up(s: &Situation<'_>) -> Option<Finding> {
    let row = s.row("before-1.8.1");
    let topic = Topic::new(codes::BACKED_UP, s.from.to_string()).source(row.source);
    let number = (s.from.number(0), s.from.number(1), s.from.number(2));
    Some(match number < (1, 8, 1) {
        true => topic
            .saw(row.text)
            .fix(row.advice)
            .refused("the release that runs takes no backup that can be restored"),
        false => topic.green("the release that runs takes backups"),
    })
}

/// Twice the journal is more than any backup of it takes.
pub(super) fn folder(s: &Situation<'_>) -> Finding {
    let folder = &s.declaration.backups;
    let row = s.row("backup-names");
    let topic = Topic::new(codes::BACKUPS, folder.display().to_string()).source(row.source);
    let tiers = s
        .facts
        .hosts
        .iter()
        .filter_map(|host| host.tiers.known())
        .flatten();
    let on_disk = |key: &str| {
        let said = s.facts.option(key)?;
        Some(Path::new(said.strip_prefix("file://").unwrap_or(said)))
    };
    let journal = on_disk(JOURNAL_FOLDER);
    let daily = on_disk("alluxio.master.backup.directory");
    let mut inside = tiers.filter_map(|tier| in_tier(folder, tier)).collect::<Vec<_>>();
    if journal.is_some_and(|journal| folder.starts_with(journal)) {
        inside.push("it lies in the journal folder: formatting empties it".to_owned());
    }
    if daily.is_some_and(|daily| folder == daily) {
        inside.push("daily backups are kept there, and older files of that name are deleted".to_owned());
    }
    if !inside.is_empty() {
        return topic
            .saw_all(inside)
            .fix("backups = a folder of its own in the system file")
            .refused("the folder for backups is not its own");
    }
    let mut gap: Option<Gap> = None;
    // A worker's host has no journal, and gets no backup.
    for host in s.facts.hosts.iter().filter(|host| runs(host, Role::Master)) {
        match (host.room_kib.as_result(), host.journal_kib.as_result()) {
            (Ok(room), Ok(journal)) if *room < journal.saturating_mul(2) => {
                return topic
                    .saw(format!("{} MiB are free on {}", room / 1024, host.name))
                    .saw(format!("the journal has {} MiB", journal / 1024))
                    .fix("make room, or name another folder")
                    .red("there is not room enough for backups");
            }
            (Ok(_), Ok(_)) => {}
            (Err(why), _) | (_, Err(why)) => gap = gap.or_else(|| Some(why.clone())),
        }
    }
    let root = s
        .facts
        .hosts
        .iter()
        .find_map(|host| host.root_store.as_ref()?.known());
    if let Some(root) = root.filter(|root| folder.starts_with(&root.path)) {
        return topic
            .saw(format!("{} is the root store", root.path.display()))
            .saw("every master sees it, and Alluxio lists what is in it as files: with the credentials that a backup holds")
            .fix("backups = a folder outside of the root store")
            .yellow("the folder for backups is a part of the tree that is backed up");
    }
    match gap {
        Some(gap) => topic.unknown(
            &gap,
            Severity::Yellow,
            "whether there is room for backups is not known",
        ),
        None => topic.green("the folder for backups is its own, and there is room"),
    }
}

/// A worker keeps its blocks in a folder of its own below the configured one, which is the RAM disk itself for memory.
fn in_tier(folder: &Path, tier: &TierFolder) -> Option<String> {
    let is_ram = matches!(tier.file_system.as_str(), "tmpfs" | "ramfs");
    let disk = tier.path.parent().filter(|_| is_ram);
    match (folder.starts_with(&tier.path), disk) {
        (true, _) => Some(format!("it lies in the tier {}", tier.path.display())),
        (false, Some(disk)) if folder.starts_with(disk) => Some(format!(
            "it lies on the RAM disk of the tier {}: mounting it anew empties it",
            tier.path.display()
        )),
        (false, _) => None,
    }
}

/// A backup is restored from the disk of the master that comes to lead, under one path; or from the root store.
pub(super) fn readable(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::READABLE, s.declaration.backups.display().to_string())
        .source("AlluxioMasterProcess of 1.8.1 to 2.9.6: a path without a scheme is of the primary's disk; issue 9969");
    let local = s.declaration.hosts.iter().all(|host| host.reach == Reach::Local);
    match (s.declaration.masters.len(), local) {
        (1, true) => topic.green("the master reads the folder for backups on its own disk"),
        (masters, _) => topic
            .saw(format!(
                "{masters} masters: each gets the file under this path, compared by its digest"
            ))
            .saw("each is seen to be able to read it before anything is stopped")
            .green("the backup is copied to every master"),
    }
}

pub(super) fn rewritten(s: &Situation<'_>) -> Option<Finding> {
    let row = s.row("fingerprints-of-1.8");
    s.leaves_1x().then(|| {
        Topic::new(codes::REWRITE, "fingerprints of 1.x")
            .source(row.source)
            .saw(row.text)
            .saw("the backup is written again without them, proven to hold the same otherwise; the original is kept")
            .yellow("the backup is written again for the wanted release")
    })
}

/// What the vendor's page does not say: the first access after a restore changes the tree.
pub(super) fn root_sync(s: &Situation<'_>) -> Option<Finding> {
    if way(s).way != Way::Backup || s.to.line() < (2, 9) {
        return None;
    }
    let row = s.row("root-sync-after-restore");
    let topic = Topic::new(codes::ROOT_SYNC, SYNC_KEY).source(row.source);
    let set = s
        .facts
        .hosts
        .iter()
        .find_map(|host| host.target_site.known()?.get(SYNC_KEY));
    Some(match set {
        Some(line) if line.value.trim() == "false" => topic.green("the sync of the root is off"),
        Some(line) => topic
            .saw(format!("{SYNC_KEY}={} in line {}", line.value, line.line))
            .saw(row.text)
            .fix(format!("{SYNC_KEY}=false: upshift sets it before the first start"))
            .yellow("the sync of the root after a restore is on, and is set off"),
        None => topic
            .saw(row.text)
            .fix("upshift sets it before the first start; a later sync is your decision: alluxio fs ls -R -Dalluxio.user.file.metadata.sync.interval=0 PATH")
            .yellow("the sync of the root after a restore is on by default, and is set off"),
    })
}
