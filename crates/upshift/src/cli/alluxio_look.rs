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
            Observed::Unknown(gap) => {
                lines.push(format!(
                    "master at {}: {} {gap}",
                    answer.address,
                    paint.blue("unknown")
                ));
            }
        }
    }
    for host in &facts.hosts {
        self::host(&mut lines, host, paint);
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
