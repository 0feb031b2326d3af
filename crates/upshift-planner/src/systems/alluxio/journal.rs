//! Whether the masters of a release read a journal folder, told from what is in it and not from what the configuration
//! says: a master that finds nothing of its kind starts with an empty tree, and says nothing.

use upshift_model::alluxio::{Journal, JournalKind};
use upshift_model::finding::Finding;
use upshift_model::topic::Topic;

use super::codes;
use crate::knowledge::Release;

const SOURCE: &str = "a start of 2.9.6 on a folder with the names of the old kind: an empty tree (measured); Alluxio \
                      documentation, 'Upgrading', second of the two cases";

/// Every finding, green ones included.
pub fn findings(journal: &Journal, target: Option<&Release>) -> Vec<Finding> {
    let mut found = vec![kind(journal, target)];
    if !journal.logs.is_empty() {
        found.push(logs(journal));
    }
    found
}

fn kind(journal: &Journal, target: Option<&Release>) -> Finding {
    let topic = Topic::new(codes::JOURNAL_KIND, format!("journal {}", journal.path)).source(SOURCE);
    let since_2_4 = target.map(|target| target.line() >= (2, 4));
    match (journal.kind, since_2_4) {
        (JournalKind::Foreign, _) => topic
            .saw_all(journal.foreign.iter().cloned())
            .fix("name the folder of alluxio.master.journal.folder itself, and move aside what is not of it")
            .refused("the folder holds more than a journal, or journals of two kinds"),
        (JournalKind::Copycat, Some(true)) => topic
            .saw("an embedded journal of 2.3 or earlier")
            .fix("back up with the old release, move the folder aside, and start from the backup")
            .refused("the wanted release starts beside this journal, with an empty tree"),
        (JournalKind::Ratis, Some(false)) => topic
            .saw("an embedded journal of 2.4 or later")
            .fix("start the old release on the journal that was kept from before")
            .refused("the wanted release does not read this journal"),
        (JournalKind::Empty, _) => topic.green("the folder is empty"),
        (JournalKind::Copycat, _) => topic.green("an embedded journal of 2.3 or earlier"),
        (JournalKind::Ratis, _) => topic.green("an embedded journal of 2.4 or later"),
        (JournalKind::UnderStore, _) => topic.green("a journal in the under-store"),
    }
}

fn logs(journal: &Journal) -> Finding {
    let topic = Topic::new(codes::JOURNAL_LOGS, format!("journal {}", journal.path))
        .source("UfsJournal and JournalEntryStreamReader of 1.8.1 to 2.9.6");
    let bad = journal.logs.iter().flat_map(|log| {
        let named = format!("{} {}", log.master, log.name);
        log.damage.iter().map(move |damage| format!("{named}: {damage}"))
    });
    let gaps = journal.logs.windows(2).filter_map(|pair| {
        let [before, after] = pair else { return None };
        let follows = after.start.is_none() || before.end == after.start;
        let same = before.master == after.master;
        (same && !follows).then(|| {
            format!(
                "{}: a gap between {} and {}",
                after.master, before.name, after.name
            )
        })
    });
    let all: Vec<String> = bad.chain(gaps).collect();
    match all.is_empty() {
        true => topic.green("its logs are whole and follow one another"),
        false => topic
            .saw_all(all)
            .fix("do not start a master on it; look for the rest of the folder, or start from a backup")
            .refused("its logs are not whole"),
    }
}
