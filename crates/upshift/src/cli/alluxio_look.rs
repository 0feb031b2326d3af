//! A look at an Alluxio cluster as a person reads it.

use upshift_model::alluxio::{Facts, HostFacts, JournalKind, Master};
use upshift_model::inventory::Inventory;
use upshift_model::observed::Observed;

use super::render::Paint;

/// So many files are named; the rest is counted.
const NAMED: usize = 10;

/// The tree of a look.
pub(super) fn tree(look: &Inventory, facts: &Facts, paint: Paint) -> String {
    let mut lines = vec![format!(
        "{}   seen {}",
        paint.bold(look.system.as_str()),
        look.taken_at
    )];
    for answer in &facts.masters {
        match &answer.told {
            Observed::Known(master) => leader(&mut lines, &answer.address, master, paint),
            // One that stands by gives no answer, and is told from one that is down by its process.
            Observed::Unknown(gap) => {
                let by = match facts.leader() {
                    Some(_) => "does not lead, or is down",
                    None => "gives no answer",
                };
                lines.push(format!(
                    "master at {}: {by}: {} {gap}",
                    answer.address,
                    paint.blue("unknown")
                ));
            }
        }
    }
    quorum(&mut lines, facts, paint);
    for host in &facts.hosts {
        self::host(&mut lines, host, paint);
    }
    for (path, there) in &facts.stores {
        let there = seen(there, paint, |there| {
            if *there { "there" } else { "nothing is there" }.to_owned()
        });
        lines.push(format!("store of {path}   {there}"));
    }
    match &facts.unpersisted {
        None => {}
        Some(Observed::Unknown(gap)) => lines.push(format!("{} {gap}", paint.blue("unknown"))),
        Some(Observed::Known(files)) => {
            let bytes: u64 = files.iter().map(|file| file.bytes).sum();
            lines.push(format!(
                "files in workers only   {} with {bytes} bytes",
                files.len()
            ));
            let named = files.iter().take(NAMED);
            lines.extend(named.map(|file| format!("  {:>12}  {}", file.bytes, file.path)));
        }
    }
    lines.join("\n")
}

/// The masters' quorum of an embedded journal.
fn quorum(lines: &mut Vec<String>, facts: &Facts, paint: Paint) {
    match &facts.quorum {
        None => {}
        Some(Observed::Unknown(gap)) => lines.push(format!("quorum   {} {gap}", paint.blue("unknown"))),
        Some(Observed::Known(members)) => {
            let members = members.iter();
            lines.extend(members.map(|member| format!("quorum   {} {}", member.address, member.state)));
        }
    }
}

fn leader(lines: &mut Vec<String>, address: &str, master: &Master, paint: Paint) {
    let paths = seen(&master.paths, paint, |paths| {
        format!("{paths} files and directories")
    });
    lines.push(format!(
        "{} of {} at {address}, {paths}",
        paint.bold("master"),
        master.version
    ));
    let option = |key: &str| master.options.get(key).map_or("unknown", String::as_str);
    lines.push(format!(
        "  journal  {} in {}",
        option("alluxio.master.journal.type"),
        option("alluxio.master.journal.folder")
    ));
    for (path, store) in &master.mounts {
        let only = if store.read_only { ", read only" } else { "" };
        lines.push(format!(
            "  mount    {path} → {} ({}{only})",
            store.ufs, store.kind
        ));
    }
    for worker in &master.workers {
        let tiers: Vec<String> = worker
            .tiers
            .iter()
            .map(|(medium, (used, capacity))| format!("{medium} {used} of {capacity} bytes"))
            .collect();
        let blocks = worker
            .blocks
            .map_or_else(String::new, |blocks| format!(", {blocks} blocks"));
        lines.push(format!(
            "  worker   {}:{} {}, {}{blocks}",
            worker.host,
            worker.port,
            worker.state,
            tiers.join(", ")
        ));
    }
    for lost in &master.lost_workers {
        lines.push(format!("  worker   {lost} {}", paint.red("lost")));
    }
}

fn host(lines: &mut Vec<String>, host: &HostFacts, paint: Paint) {
    lines.push(paint.bold(&format!("on {}", host.name)));
    match &host.processes {
        Observed::Unknown(gap) => lines.push(format!("  {} {gap}", paint.blue("unknown"))),
        Observed::Known(all) => {
            for process in all {
                let home = process
                    .home
                    .as_deref()
                    .map_or_else(|| "an unknown home".to_owned(), |home| home.display().to_string());
                lines.push(format!(
                    "  pid {}  {} of {home}",
                    process.pid,
                    process.role.words()
                ));
            }
        }
    }
    for client in host.clients.known().into_iter().flatten() {
        lines.push(format!("  pid {}  client, {}", client.pid, client.jar));
    }
    let plain = |text: &String| text.clone();
    lines.push(format!(
        "  release in its home    {}",
        seen(&host.home, paint, plain)
    ));
    lines.push(format!(
        "  wanted release         {}",
        seen(&host.target_home, paint, plain)
    ));
    lines.push(format!(
        "  its Java               {}",
        seen(&host.java, paint, ToString::to_string)
    ));
    lines.push(format!(
        "  journal on its disk    {}",
        seen(&host.journal, paint, |kind| kind_words(*kind).to_owned())
    ));
    journal_and_stores(lines, host, paint);
    lines.push(format!(
        "  room for backups       {}",
        seen(&host.room_kib, paint, |kib| format!("{} MiB", kib / 1024))
    ));
    for tier in host.tiers.known().into_iter().flatten() {
        lines.push(format!(
            "  tier                   {} ({}), {} files, {} KiB",
            tier.path.display(),
            tier.file_system,
            tier.blocks,
            tier.kib
        ));
    }
}

fn journal_and_stores(lines: &mut Vec<String>, host: &HostFacts, paint: Paint) {
    // A worker's host has no journal, and not every root is a folder.
    if let Observed::Known(kib) = &host.journal_kib {
        lines.push(format!("  size of the journal    {kib} KiB"));
    }
    if let Some(root) = &host.root_store {
        let root = seen(root, paint, |root| {
            format!("{}, {} names", root.path.display(), root.names)
        });
        lines.push(format!("  root store             {root}"));
    }
    match &host.stores {
        Observed::Unknown(gap) => lines.push(format!(
            "  mounted folders        {} {gap}",
            paint.blue("unknown")
        )),
        Observed::Known(stores) => lines.extend(stores.iter().map(|store| {
            let names = store
                .names
                .map_or_else(|| "not there".to_owned(), |names| format!("{names} names"));
            format!("  mounted folder         {}, {names}", store.path.display())
        })),
    }
}

const fn kind_words(kind: JournalKind) -> &'static str {
    match kind {
        JournalKind::Empty => "empty",
        JournalKind::UnderStore => "in the under-store",
        JournalKind::Ratis => "embedded, of 2.4 and later",
        JournalKind::Copycat => "embedded, of 2.3 and earlier",
        JournalKind::Foreign => "of several kinds, or of none",
    }
}

fn seen<T>(fact: &Observed<T>, paint: Paint, words: impl Fn(&T) -> String) -> String {
    match fact {
        Observed::Known(fact) => words(fact),
        Observed::Unknown(gap) => format!("{} {gap}", paint.blue("unknown")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use upshift_model::alluxio::{MasterAnswer, Member, RootStore, StoreFolder};

    use super::*;

    fn unknown<T>(why: &str) -> Observed<T> {
        Observed::unknown("it", why)
    }

    /// What a person looks for who stands before several masters and several stores.
    #[test]
    fn the_quorum_masters_without_an_answer_the_journal_and_stores_are_told() {
        let one = HostFacts {
            name: "m1".to_owned(),
            processes: Observed::Known(Vec::new()),
            clients: Observed::Known(Vec::new()),
            home: unknown("closed"),
            target_home: unknown("closed"),
            java: unknown("closed"),
            site: unknown("closed"),
            target_site: unknown("closed"),
            site_sha256: unknown("closed"),
            other_secrets: BTreeSet::new(),
            journal: Observed::Known(JournalKind::Ratis),
            journal_kib: Observed::Known(17),
            journal_place: unknown("closed"),
            conf: unknown("closed"),
            target_conf: unknown("closed"),
            room_kib: unknown("closed"),
            tiers: Observed::Known(Vec::new()),
            root_store: Some(Observed::Known(RootStore {
                path: "/srv/ufs".into(),
                device: 1,
                names: 5,
            })),
            stores: Observed::Known(vec![StoreFolder {
                path: "/srv/other".into(),
                names: None,
            }]),
        };
        let facts = Facts {
            masters: vec![MasterAnswer {
                address: "http://m2:19999".to_owned(),
                told: unknown("connection reset"),
            }],
            hosts: vec![one],
            quorum: Some(Observed::Known(vec![Member {
                address: "m1:19200".to_owned(),
                state: "AVAILABLE".to_owned(),
            }])),
            unpersisted: None,
            stores: BTreeMap::from([("/s3".to_owned(), Observed::Known(false))]),
        };
        let look = Inventory {
            format: upshift_model::inventory::INVENTORY_FORMAT,
            system: "lake".into(),
            taken_at: jiff::Timestamp::UNIX_EPOCH,
            facts: upshift_model::inventory::Facts::Alluxio(Box::new(facts.clone())),
            gaps: Vec::new(),
        };
        let told = tree(&look, &facts, Paint(false));
        for line in [
            "master at http://m2:19999: gives no answer",
            "quorum   m1:19200 AVAILABLE",
            "  size of the journal    17 KiB",
            "  root store             /srv/ufs, 5 names",
            "  mounted folder         /srv/other, not there",
            "store of /s3   nothing is there",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
    }
}
